"""The errand of scoping: ask the engine while no transaction is open, then record."""

from uuid import UUID

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap.terms import DataMap
from breachdesk.kernel.errors import Forbidden
from breachdesk.scoping import commands
from breachdesk.scoping.errands.imports import with_imports
from breachdesk.scoping.ports import Population
from breachdesk.scoping.terms import Progress, Question, Scope, Watch


def measure(  # noqa: PLR0913  (three doors to the world, and what is asked)
    transactions: Transactions,
    population: Population,
    actor: Actor,
    incident_id: UUID,
    datamap: DataMap,
    question: Question,
    *,
    accept_unread: bool = False,
    progress: Progress = lambda _done, _total: None,
    watch: Watch | None = None,
) -> Scope:
    """Measure a question for an incident and keep the answer as its next version.

    Nothing is kept if it is stopped or refused on the way. Raises Unusable, TooManyUnread,
    Stopped.
    """
    with transactions.open(actor):  # a refusal is on the trail
        if not actor.may("scoping.record"):
            raise Forbidden(f"{actor.name} may not run scoping.record")
    with population.workplace() as folder:
        asked = with_imports(transactions.vault, incident_id, question, folder / "imports")
        measurement = population.measure(asked, datamap, folder, progress, watch)
        with transactions.open(actor) as tx:
            return commands.record(
                tx, incident_id, question, measurement, accept_unread=accept_unread
            )
