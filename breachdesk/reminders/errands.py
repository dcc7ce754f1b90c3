"""Gives what is due: claim, post, write down; and finds out about those that died half way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery.ports import Mailer
from breachdesk.delivery.terms import Outcome, Parcel, Recipient, Sender, Slip
from breachdesk.law.terms import Law
from breachdesk.notices.ports import Renderer
from breachdesk.reminders import commands, queries, rules
from breachdesk.reminders.terms import WEBHOOK, Call, Message, Plan, Stage


@dataclass(frozen=True, slots=True)
class Carriers:
    """Who carries reminders: mail to members, and a call to a desk elsewhere, if any."""

    mailer: Mailer
    webhook: Mailer | None = None

    def of(self, call: Call) -> Mailer:
        """Return who carries `call`."""
        if call.person.id == WEBHOOK and self.webhook is not None:
            return self.webhook
        return self.mailer


def give(
    transactions: Transactions,
    carriers: Carriers,
    renderer: Renderer,
    actor: Actor,
    law: Law,
    plan: Plan,
    *,
    stopping: Callable[[], bool] = bool,
) -> int:
    """Give every reminder that is due now, each once; return how many left.

    Safe to run in several processes, and after any of them died. `stopping` is asked before
    each reminder whether to leave the rest for another time. Raises Unusable for a template
    that cannot be rendered, before anything is claimed for it.
    """
    sweep(transactions, carriers, actor)
    now = transactions.clock.now()
    webhook = carriers.webhook is not None
    with transactions.reading(actor.organisation_id) as session:
        calls, stale = queries.wanted(session, law, plan, now, webhook=webhook)
        senders = {call.person.id: queries.sender(session, call.person) for call in calls}
    for row in stale:
        try:
            with transactions.open(actor) as tx:
                commands.drop(tx, row.id)
        except commands.Taken:
            continue  # another scheduler was faster
    given = 0
    for call in calls:
        if stopping():
            break
        sender = senders[call.person.id]
        given += _give_one(transactions, carriers.of(call), renderer, actor, call, sender)
    return given


def sweep(transactions: Transactions, carriers: Carriers, actor: Actor) -> int:
    """Ask the carrier about every attempt whose sender died; return how many were resolved.

    None is repeated before the carrier has recalled it or proved that it left.
    """
    now = transactions.clock.now()
    with transactions.reading(actor.organisation_id) as session:
        slips = [
            (carrier, slip)
            for carrier, webhook in ((carriers.mailer, False), (carriers.webhook, True))
            if carrier is not None
            for slip in queries.overdue(session, now, webhook=webhook)
        ]
    resolved = 0
    for carrier, slip in slips:
        finding = carrier.recall(slip)
        try:
            with transactions.open(actor) as tx:
                row = commands.resolve(tx, slip.chunk, slip.attempt, finding)
        except commands.Taken:
            continue  # its sender told after all, or another sweeper was faster
        resolved += row.stage != Stage.CLAIMED.value
    return resolved


def write(renderer: Renderer, call: Call, now: datetime) -> Message:
    """Return a reminder in the words of its reader's language."""
    folder = f"reminders/{call.person.language}"
    values = {"letter": rules.letter(call, now)}
    subject, text, html = (
        rules.harmless(renderer.render(f"{folder}/{name}", values))
        for name in ("subject.txt", "body.txt", "body.html")
    )
    return Message(rules.one_line(subject), text, html)


def _give_one(
    transactions: Transactions,
    carrier: Mailer,
    renderer: Renderer,
    actor: Actor,
    call: Call,
    sender: Sender,
) -> bool:
    message = write(renderer, call, transactions.clock.now())
    ticket = carrier.prepare()
    if isinstance(ticket, Outcome):
        return False  # the carrier takes nothing now; the reminder is still wanted
    try:
        with transactions.open(actor) as tx:
            row = commands.claim(tx, call, carrier.patience, ticket)
            at = tx.now
    except commands.Taken:
        return False
    slip = queries.slip(row)
    if call.person.id == WEBHOOK:
        message = replace(message, text=rules.announcement(call, at, slip.chunk))
    outcome = carrier.post(_parcel(slip, call, sender, message, at))
    with transactions.open(actor) as tx:
        row = commands.settle(tx, slip.chunk, slip.attempt, outcome)
    return row.stage == Stage.GIVEN.value


def _parcel(slip: Slip, call: Call, sender: Sender, message: Message, at: datetime) -> Parcel:
    """Return the parcel of one reminder; its message is named by the reminder's own id."""
    return Parcel(
        slip=slip,
        sender=sender,
        at=at,
        locale=call.person.language,
        subject=message.subject,
        text=message.text,
        html=message.html,
        recipients=(Recipient(slip.chunk.int, call.person.address),),
    )
