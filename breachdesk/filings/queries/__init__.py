"""What a draft is written from, what was drafted, and what the authority answered."""

from datetime import datetime

from sqlalchemy.orm import Session

from breachdesk.filings import rules
from breachdesk.filings.queries.besides import customers_of
from breachdesk.filings.queries.gathering import (
    AUTHORITY_DUTY,
    PEOPLE_DUTY,
    Gathered,
    facts_of,
    gathered_of_many,
)
from breachdesk.filings.queries.kept import (
    BESIDE,
    PAPER,
    SEEN,
    ReceiptRow,
    answers_of,
    as_draft,
    beside_of,
    copies_of,
    draft,
    drafts_of,
    fields_in,
    filed_before,
    next_number,
    paper_of,
    receipt,
    receipts_of,
)
from breachdesk.filings.terms import Field, Form, Kind
from breachdesk.incidents.queries import Incident
from breachdesk.law.terms import Law

__all__ = [
    "AUTHORITY_DUTY",
    "BESIDE",
    "PAPER",
    "PEOPLE_DUTY",
    "SEEN",
    "Gathered",
    "ReceiptRow",
    "answers_of",
    "as_draft",
    "beside_of",
    "copies_of",
    "customers_of",
    "draft",
    "drafts_of",
    "facts_of",
    "fields_in",
    "filed_before",
    "filled",
    "gathered_of_many",
    "next_number",
    "paper_of",
    "receipt",
    "receipts_of",
]


def filled(
    session: Session, law: Law, incident: Incident, form: Form, kind: Kind, now: datetime
) -> tuple[Field, ...]:
    """Return the form filled in as it stands at `now`; nothing is kept."""
    return rules.fields(form, facts_of(session, law, incident, form, kind, now))
