"""What can be done to reminders and feeds.

Errands claim, settle, resolve and drop; people acknowledge, open and revoke.
"""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from breachdesk.access import queries as access
from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import rules as delivery
from breachdesk.delivery.terms import NO_TICKET, Finding, Outcome, Result, Ticket
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Refused, Unknown
from breachdesk.kernel.states import advance
from breachdesk.law.terms import Law
from breachdesk.reminders import queries, rules
from breachdesk.reminders.models import CalendarFeed, Reminder
from breachdesk.reminders.terms import Call, Stage

LOOK_AGAIN = timedelta(minutes=15)
"""So long we wait before we ask a mailer again that could not tell."""
DOUBT_LASTS = timedelta(hours=6)
"""After so long nobody will tell any more whether a reminder left: the doubt is settled."""
TOKEN_BYTES = 32


class Taken(Refused):
    """Another scheduler gives this reminder, or has given it."""


class NothingToAcknowledge(Refused):
    """No reminder of this duty was given, or somebody has acknowledged them all."""


@command("reminders.claim")
def claim(
    tx: Transaction, call: Call, lease: timedelta, ticket: Ticket = NO_TICKET
) -> Reminder:
    """Take a reminder, for as long as `lease`: from now on no one else will give it.

    Must be kept before the first byte leaves, with the ticket by which its carrier can be told
    to hold it back. Raises Taken.
    """
    row = _row_of(tx, call)
    if row is None:
        row = _new_row(tx, call)
    elif not _free(tx, row):
        raise Taken(f"reminder {row.id} is {row.stage}")
    row.stage = advance(rules.STAGES, Stage(row.stage), Stage.CLAIMED).value
    row.attempts += 1
    row.claimed_at, row.lease_until, row.not_before = tx.now, tx.now + lease, None
    row.ticket, row.leaves_at = ticket.name or None, ticket.leaves_at
    try:
        with tx.session.begin_nested():
            tx.session.add(row)
    except IntegrityError:
        raise Taken("another scheduler was faster") from None
    tx.record(
        row,
        incident=row.incident_id,
        duty=row.duty,
        due=row.due,
        step=row.step,
        member=row.member_id,
        escalated=row.escalated,
        attempt=row.attempts,
    )
    return row


@command("reminders.settle")
def settle(tx: Transaction, reminder_id: UUID, attempt: int, outcome: Outcome) -> Reminder:
    """Write down what a mailer said of an attempt. A late word is kept, and changes nothing."""
    row = _held(tx, reminder_id)
    if (Stage(row.stage), row.attempts) != (Stage.CLAIMED, attempt):
        tx.record(row, late=outcome.result, attempt=attempt, proof=outcome.proof)
        return row
    to = rules.settled(outcome.result)
    if to is Stage.CLAIMED:
        row.lease_until = tx.now  # the next sweep asks the mailer
    else:
        _move(row, to)
    if to is Stage.GIVEN:
        row.given_at, row.proof = tx.now, outcome.proof
    elif to is Stage.WAITING and outcome.result is not Result.RECALLED:
        row.not_before = outcome.until or tx.now + delivery.wait_after(attempt)
    tx.record(
        row,
        attempt=attempt,
        result=outcome.result,
        stage=row.stage,
        proof=outcome.proof,
        why=outcome.why,
    )
    return row


@command("reminders.resolve")
def resolve(tx: Transaction, reminder_id: UUID, attempt: int, finding: Finding) -> Reminder:
    """Resolve an attempt whose sender never told by what the mailer found.

    What left counts as given when it was claimed. Where nobody can tell for so long that
    nobody will, it is doubtful: never repeated, but followed up if nobody acknowledges.
    Raises Taken if it has moved meanwhile.
    """
    row = _held(tx, reminder_id)
    if (Stage(row.stage), row.attempts) != (Stage.CLAIMED, attempt):
        raise Taken(f"reminder {row.id} is {row.stage} at attempt {row.attempts}")
    if finding is Finding.PROVED:
        _move(row, Stage.GIVEN)
        row.given_at = row.claimed_at
    elif finding is Finding.ABSENT:
        _move(row, Stage.WAITING)
    elif tx.now - row.claimed_at >= DOUBT_LASTS:
        _move(row, Stage.DOUBTFUL)
    else:
        row.lease_until = tx.now + LOOK_AGAIN
    tx.record(row, attempt=attempt, finding=finding, stage=row.stage)
    return row


@command("reminders.drop")
def drop(tx: Transaction, reminder_id: UUID) -> Reminder:
    """Give up a reminder that never left: its duty was met, or its deadline is another now.

    Raises Taken if it no longer waits.
    """
    row = _held(tx, reminder_id)
    if row.stage != Stage.WAITING.value:
        raise Taken(f"reminder {row.id} is {row.stage}")
    _move(row, Stage.SUPERSEDED)
    row.not_before = None
    tx.record(row, stage=row.stage)
    return row


@command("reminders.acknowledge")
def acknowledge(
    tx: Transaction, incident: Incident, law: Law, duty: str
) -> tuple[Reminder, ...]:
    """Say that somebody has seen the reminders of a duty, so that they do not spread further.

    The duty stays open, and later steps remind again. Raises Unknown for a code that no pack
    has, NothingToAcknowledge where no reminder waits for a word.
    """
    law.values_of(duty)
    rows = tuple(queries.waiting_for_word(tx.session, incident, duty))
    if not rows:
        raise NothingToAcknowledge(f"no reminder of {duty} waits for a word")
    for row in rows:
        row.acknowledged_at, row.acknowledged_by = tx.now, tx.actor.name
    tx.record(incident, duty=duty, reminders=[str(row.id) for row in rows])
    return rows


@command("reminders.open_feed")
def open_feed(tx: Transaction, *, titles: bool = False) -> str:
    """Open the actor's calendar feed; return its token, to be shown once.

    An address given before stops working. With `titles` the calendar holds the titles of
    incidents, which its provider then reads.
    """
    for live in queries.live_feeds(tx.session, tx.actor.member_id):
        live.revoked_at = tx.now
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = CalendarFeed(
        id=tx.new_id(),
        member_id=tx.actor.member_id,
        token_digest=access.digest(token),
        titles=titles,
        opened_at=tx.now,
    )
    tx.session.add(feed)
    tx.record(feed, titles=titles)
    return token


@command("reminders.revoke_feed")
def revoke_feed(tx: Transaction) -> None:
    """Close the actor's calendar feed. Raises Refused where none is open."""
    live = queries.live_feeds(tx.session, tx.actor.member_id)
    if not live:
        raise Refused("no calendar feed is open")
    for feed in live:
        feed.revoked_at = tx.now
        tx.record(feed)


def _row_of(tx: Transaction, call: Call) -> Reminder | None:
    key = call.key
    return tx.session.scalars(
        select(Reminder)
        .where(
            Reminder.incident_id == key.incident_id,
            Reminder.duty == key.duty,
            Reminder.due == key.due,
            Reminder.step == key.step,
            Reminder.member_id == key.member_id,
        )
        .with_for_update()
    ).first()


def _new_row(tx: Transaction, call: Call) -> Reminder:
    key = call.key
    return Reminder(
        id=tx.new_id(),
        incident_id=key.incident_id,
        duty=key.duty,
        due=key.due,
        step=key.step,
        member_id=key.member_id,
        escalated=call.escalated,
        campaign=f"{call.clock.reference}-reminders-{key.incident_id.hex[-8:]}",
        stage=Stage.WAITING.value,
        attempts=0,
        proof="",
    )


def _free(tx: Transaction, row: Reminder) -> bool:
    waits = Stage(row.stage) in {Stage.WAITING, Stage.SUPERSEDED}
    return waits and (row.not_before is None or row.not_before <= tx.now)


def _held(tx: Transaction, reminder_id: UUID) -> Reminder:
    row = tx.session.scalars(
        select(Reminder).where(Reminder.id == reminder_id).with_for_update()
    ).first()
    if row is None:
        raise Unknown(f"there is no reminder {reminder_id}")
    return row


def _move(row: Reminder, to: Stage) -> None:
    row.stage = advance(rules.STAGES, Stage(row.stage), to).value
    row.lease_until = None
