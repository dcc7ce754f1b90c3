"""Look after what left: hear what is reported, ask where all is silent, call back, watch."""

from collections.abc import Callable, Sequence
from uuid import UUID

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, queries, rules
from breachdesk.delivery.ports import Mailer, Witness
from breachdesk.delivery.terms import Finding, Heard, Word
from breachdesk.kernel.tables import EVERY_ORGANISATION

HEARERS = frozenset({"delivery.hear"})
"""All that a carrier may do when it reports."""
CARRIER = UUID(int=0)
"""A carrier is no member."""
PORTION = 2000
"""So many words are written down in one transaction."""


def hear(transactions: Transactions, carrier: str, words: Sequence[Word]) -> Heard:
    """Write down what a carrier reports, for whichever organisation each word is about.

    Words about nobody's messages are counted as strangers.
    """
    with transactions.reading(EVERY_ORGANISATION) as session:
        houses = queries.by_house(session, words)
    new, strangers = 0, len(words) - sum(len(each) for each in houses.values())
    for organisation_id, theirs in houses.items():
        speaker = Actor(CARRIER, carrier, organisation_id, HEARERS, sees_every_incident=True)
        for portion in rules.batches(theirs, PORTION):
            with transactions.open(speaker) as tx:
                heard = commands.hear(tx, portion)
            new, strangers = new + heard.new, strangers + heard.strangers
    return Heard(len(words), new, max(strangers, 0))


def watch(transactions: Transactions, actor: Actor, incident_id: UUID | None = None) -> int:
    """Halt what must be halted and let next waves begin; return how many campaigns moved."""
    with transactions.reading(actor.organisation_id) as session:
        now = transactions.clock.now()
        wanting = [
            each.id
            for each in queries.moving(session)
            if incident_id in {None, each.incident_id}
            and queries.needs_word(session, each, now)
        ]
    moved = 0
    for campaign_id in wanting:
        try:
            with transactions.open(actor) as tx:
                commands.watch(tx, campaign_id)
        except commands.NothingToNote:
            continue  # another process noted it first
        moved += 1
    return moved


def reconcile(
    transactions: Transactions, witness: Witness, actor: Actor, *, asked: bool = False
) -> int:
    """Ask the carrier's logs about campaigns that were not reported on for long.

    Return how many words were new. With `asked`, every campaign that left is asked about.
    """
    with transactions.reading(actor.organisation_id) as session:
        now = transactions.clock.now()
        silent = [
            (each.name, each.started_at)
            for each in queries.moving(session)
            if each.started_at is not None
            and queries.left_at(session, each.id, rules.REPORTING) is not None
            and (asked or queries.asks_logs(session, each, now))
        ]
    new = 0
    for name, since in silent:
        words = witness.said_of(name, since)
        for portion in rules.batches(words, PORTION):
            with transactions.open(actor) as tx:
                new += commands.hear(tx, portion).new
    return new


def call_back(
    transactions: Transactions,
    mailer: Mailer,
    actor: Actor,
    campaign_id: UUID,
    *,
    told: Callable[[int], object] = int,
) -> int:
    """Have a cancelled campaign's newest requests discarded; return how many people they held.

    Only what the carrier still holds for more than ten minutes can be, and only as much as it
    lets stand cancelled at once.
    """
    with transactions.reading(actor.organisation_id) as session:
        held = queries.callable_back(session, campaign_id, transactions.clock.now())
    people = 0
    for slip, theirs in held:
        if mailer.recall(slip) is not Finding.ABSENT:
            continue
        with transactions.open(actor) as tx:
            commands.take_back(tx, slip.chunk, slip.attempt)
        people += theirs
        told(theirs)
    return people
