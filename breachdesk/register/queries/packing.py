"""All that is kept of an incident, as plain documents. Counts and digests, nobody's address."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from breachdesk.audit import queries as audit
from breachdesk.delivery import queries as delivery
from breachdesk.delivery.queries.listing import parcels_of
from breachdesk.filings import queries as filings
from breachdesk.filings.queries import ReceiptRow
from breachdesk.filings.terms import Draft
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.cells import safe
from breachdesk.kernel.vault import Vault
from breachdesk.notices import queries as notices
from breachdesk.obligations import queries as obligations
from breachdesk.register.queries.deriving import WHOLE_TRAIL
from breachdesk.risk import queries as risk
from breachdesk.runbooks import queries as runbooks
from breachdesk.scoping import queries as scoping

_OWN = frozenset({"id", "organisation_id", "incident_id"})
"""Columns that say nothing to a reader."""


def papers_of(session: Session, incident: Incident) -> dict[str, Any]:
    """Return every document of the pack but the line, the drafts and the trail, by its path."""
    incident_id = incident.id
    return {
        "chronology.json": _chronology(session, incident),
        "decisions.json": {
            "risk": _plain(risk.versions(session, incident_id)),
            "obligations": _plain(obligations.decisions_of(session, incident_id)),
        },
        "scope.json": [
            {"version": each.version, "digest": each.digest, "counts": each.counts}
            for each in scoping.versions(session, incident_id)
        ],
        "filings/receipts.json": _plain(filings.receipts_of(session, incident_id)),
        "delivery.json": {
            letter: delivery.report(session, incident_id, letter).as_json()
            for letter in sorted(
                {each.letter for each in delivery.campaigns_of(session, incident_id)}
            )
        },
        "delivery/parcels.json": parcels_of(session, incident_id),
        "tasks.json": _plain(runbooks.tasks_of(session, incident_id)),
        "evidence.json": _plain(incidents.evidence_of(session, incident_id)),
        **_notices(session, incident_id),
    }


def receipt_papers_of(session: Session, vault: Vault, incident: Incident) -> dict[str, bytes]:
    """Return the authority's own papers as they came, by their place in the pack."""
    return {
        f"filings/{each.authority.replace(':', '-')}/receipt-{number:03}{_suffix(each)}": (
            filings.paper_of(each, vault)
        )
        for number, each in enumerate(filings.receipts_of(session, incident.id), start=1)
        if each.file_name
    }


def addresses_of(session: Session, vault: Vault, incident: Incident) -> tuple[bytes, int]:
    """Return as CSV which address each campaign wrote to, and how many. Raises Purged."""
    out = io.StringIO(newline="")
    writer, count = csv.writer(out, lineterminator="\r\n"), 0
    writer.writerow(("campaign", "address"))
    for campaign in delivery.campaigns_of(session, incident.id):
        for address in delivery.addresses_of(session, vault, campaign):
            writer.writerow((campaign.name, safe(address)))
            count += 1
    return out.getvalue().encode(), count


def _suffix(receipt: ReceiptRow) -> str:
    """Return the ending of a receipt's file, where it is an ordinary one."""
    ending = PurePath(receipt.file_name).suffix.lower()
    return ending if ending.removeprefix(".").isalnum() else ""


def drafts_of(session: Session, incident: Incident) -> tuple[Draft, ...]:
    """Return the drafts that were kept, the first first."""
    return tuple(
        filings.as_draft(incident, each) for each in filings.drafts_of(session, incident.id)
    )


def trail_of(session: Session, incident: Incident) -> list[dict[str, Any]]:
    """Return the trail of an incident and of what belongs to it, as it was digested."""
    subjects = [
        incident.id,
        *(each.id for each in notices.versions(session, incident.id)),
        *(each.id for each in runbooks.tasks_of(session, incident.id)),
        *(each.id for each in delivery.campaigns_of(session, incident.id)),
        *(each.id for each in scoping.versions(session, incident.id)),
    ]
    return [
        {
            "previous": each.previous,
            "chain": str(each.organisation_id),
            "sequence": each.sequence,
            "at": each.at.isoformat(),
            "actor": each.actor,
            "actor_id": str(each.actor_id),
            "action": each.action,
            "subject_type": each.subject_type,
            "subject_id": str(each.subject_id),
            "details": each.details,
            "digest": each.digest,
        }
        for each in reversed(audit.trail_of(session, subjects, limit=WHOLE_TRAIL))
    ]


def _chronology(session: Session, incident: Incident) -> dict[str, Any]:
    [known] = _plain([incident])
    return {
        "incident": known,
        "corrections": _plain(incidents.corrections_of(session, incident.id)),
        "timeline": _plain(incidents.timeline_of(session, incident.id)),
        "measures": _plain(incidents.measures_of(session, incident.id)),
    }


def _notices(session: Session, incident_id: UUID) -> dict[str, Any]:
    """Return each version's texts; tags stand where a reader's own values go."""
    found: dict[str, Any] = {}
    listed = []
    for notice in notices.versions(session, incident_id):
        place = f"notices/{notice.obligation}-{notice.kind}-{notice.version}"
        variants = notices.variants_of(session, notice.id)
        [told] = _plain([notice], besides={"told"})
        approvals = _plain(notices.approvals_of(session, notice.id), besides={"notice_id"})
        listed.append({**told, "approvals": approvals, "texts": len(variants)})
        for number, each in enumerate(variants, start=1):
            text = f"{each.subject}\n\n{each.text_frame}"
            found[f"{place}/{number:03}-{each.locale}.txt"] = text
            found[f"{place}/{number:03}-{each.locale}.html"] = each.html_frame
    return {"notices/notices.json": listed, **found}


def _plain(rows: Iterable[Any], besides: Iterable[str] = ()) -> list[Mapping[str, Any]]:
    """Return rows as documents, without the ids that only the database needs."""
    hidden = {*_OWN, *besides}
    return [
        {
            column.key: getattr(row, column.key)
            for column in row.__mapper__.column_attrs
            if column.key not in hidden
        }
        for row in rows
    ]
