"""Gives what is due: claim, post, write down; and finds out about those that died half way."""

from collections.abc import Callable
from datetime import datetime

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery.ports import Mailer
from breachdesk.delivery.terms import Parcel, Recipient, Sender, Slip
from breachdesk.law.terms import Law
from breachdesk.notices.ports import Renderer
from breachdesk.reminders import commands, queries, rules
from breachdesk.reminders.terms import Call, Message, Plan, Stage


def give(
    transactions: Transactions,
    mailer: Mailer,
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
    sweep(transactions, mailer, actor)
    now = transactions.clock.now()
    with transactions.reading(actor.organisation_id) as session:
        calls, stale = queries.wanted(session, law, plan, now)
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
        given += _give_one(transactions, mailer, renderer, actor, call, sender)
    return given


def sweep(transactions: Transactions, mailer: Mailer, actor: Actor) -> int:
    """Ask the mailer about every attempt whose sender died; return how many were resolved.

    None is repeated before the mailer has recalled it or proved that it left.
    """
    with transactions.reading(actor.organisation_id) as session:
        slips = queries.overdue(session, transactions.clock.now())
    resolved = 0
    for slip in slips:
        finding = mailer.recall(slip)
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
    mailer: Mailer,
    renderer: Renderer,
    actor: Actor,
    call: Call,
    sender: Sender,
) -> bool:
    message = write(renderer, call, transactions.clock.now())
    try:
        with transactions.open(actor) as tx:
            row = commands.claim(tx, call, mailer.patience)
            at = tx.now
    except commands.Taken:
        return False
    slip = queries.slip(row)
    outcome = mailer.post(_parcel(slip, call, sender, message, at))
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
