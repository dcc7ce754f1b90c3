"""What the application was built with: frozen, typed, handed to every face."""

from dataclasses import dataclass, field
from pathlib import Path

from breachdesk.access.ports import Elsewhere, LeakedPasswords, Passkeys
from breachdesk.access.terms import FIRST_PASSWORD
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery.ports import Ear, Mailer, Names, Witness
from breachdesk.filings.ports import Writers
from breachdesk.keeping.errands.anchoring import Anchoring
from breachdesk.keeping.terms import Retention
from breachdesk.law.terms import Law
from breachdesk.notices.ports import Renderer
from breachdesk.scoping.ports import Population


@dataclass(frozen=True, slots=True)
class Desk:
    """The pieces a face needs to run commands, queries and errands."""

    home: Path
    transactions: Transactions
    law: Law
    population: Population
    renderer: Renderer
    mailer: Mailer
    passkeys: Passkeys
    leaked: LeakedPasswords
    elsewhere: Elsewhere | None
    writers: Writers
    templates: Path
    runbooks: Path
    samples: Path
    retention: Retention = field(default_factory=Retention)
    anchoring: Anchoring = field(default_factory=Anchoring)
    ear: Ear | None = None
    witness: Witness | None = None
    names: Names | None = None
    mail_host: str = ""
    """Where the carrier of notices is found; empty where notices are put into a folder."""
    guests: tuple[str, ...] = ()
    first_password: str = FIRST_PASSWORD
    """How long a password of an invitation holds, an ISO 8601 period."""
    evidence: Path | None = None
    """A folder whose files a page may measure; None where none is named."""
    webhook: Mailer | None = None
    """Who calls a desk elsewhere when a clock reminds; None where none is named."""
