"""What the application was built with: frozen, typed, handed to every face."""

from dataclasses import dataclass
from pathlib import Path

from breachdesk.audit.transaction import Transactions
from breachdesk.delivery.ports import Mailer
from breachdesk.filings.ports import Writers
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
    writers: Writers
    templates: Path
    runbooks: Path
    samples: Path
