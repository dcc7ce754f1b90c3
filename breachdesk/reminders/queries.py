"""Which clocks run, which reminders are to be given, and what was given."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.access import queries as access
from breachdesk.access.queries import readers as may_read
from breachdesk.access.queries import sessions
from breachdesk.audit.terms import Actor
from breachdesk.datamap import queries as datamap
from breachdesk.delivery import rules as delivery
from breachdesk.delivery.terms import Folder, Sender, Slip, Ticket
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.law.terms import Law
from breachdesk.obligations import queries as obligations
from breachdesk.reminders import rules
from breachdesk.reminders.models import CalendarFeed, Reminder
from breachdesk.reminders.terms import (
    WEBHOOK,
    Call,
    Clock,
    Kept,
    Key,
    Person,
    Plan,
    Stage,
)

ELSEWHERE = Person(WEBHOOK, "", "webhook", "en", "UTC", ())


def clocks(session: Session, law: Law) -> tuple[Clock, ...]:
    """Return every obligation that is still to be met of every open incident.

    The soonest due comes first, those without an hour last. The number of statements does not
    grow with the incidents.
    """
    found = incidents.open_ones(session)
    owed = obligations.of_many(session, law, found)
    every = [
        Clock(each.id, each.reference, each.title, each.drill, obligation)
        for each in found
        for obligation in owed[each.id]
        if obligation.waits
    ]
    return tuple(sorted(every, key=_soonest))


def wanted(
    session: Session, law: Law, plan: Plan, now: datetime, *, webhook: bool = False
) -> tuple[tuple[Call, ...], tuple[Reminder, ...]]:
    """Return the reminders to give at `now`, and the waiting rows that no longer hold.

    With `webhook` a desk elsewhere is called too.
    """
    running = [each for each in clocks(session, law) if each.obligation.due is not None]
    rows = of_incidents(session, {each.incident_id for each in running})
    readers = (*people(session), ELSEWHERE) if webhook else people(session)
    confined = may_read.confined(session)
    calls = tuple(
        each
        for each in rules.wanted(running, map(kept, rows), readers, plan, now)
        if each.key.member_id in confined.get(each.key.incident_id, {each.key.member_id})
    )
    waiting = session.scalars(select(Reminder).where(Reminder.stage == Stage.WAITING.value))
    keys = {call.key for call in calls}
    return calls, tuple(
        row
        for row in waiting
        if kept(row).key not in keys and (row.not_before is None or row.not_before <= now)
    )


def of_incidents(session: Session, ids: Iterable[UUID]) -> Sequence[Reminder]:
    """Return every reminder of these incidents, the earliest first."""
    return session.scalars(
        select(Reminder).where(Reminder.incident_id.in_(list(ids))).order_by(Reminder.id)
    ).all()


def unacknowledged(
    session: Session, shown: Sequence[Clock]
) -> dict[tuple[UUID, str], tuple[Reminder, ...]]:
    """Return the reminders that nobody acknowledged, by incident and duty of `shown`.

    Those for a deadline that was corrected since are not among them.
    """
    due = {(each.incident_id, each.obligation.duty): each.obligation.due for each in shown}
    found: dict[tuple[UUID, str], tuple[Reminder, ...]] = {}
    for row in of_incidents(session, {each.incident_id for each in shown}):
        which = (row.incident_id, row.duty)
        if row.given_at and not row.acknowledged_at and due.get(which) == row.due:
            found[which] = (*found.get(which, ()), row)
    return found


def waiting_for_word(session: Session, incident: Incident, duty: str) -> Sequence[Reminder]:
    """Return the reminders of a duty that were given and that nobody acknowledged."""
    return session.scalars(
        select(Reminder).where(
            Reminder.incident_id == incident.id,
            Reminder.duty == duty,
            Reminder.given_at.is_not(None),
            Reminder.acknowledged_at.is_(None),
        )
    ).all()


def overdue(session: Session, now: datetime, *, webhook: bool) -> tuple[Slip, ...]:
    """Return the attempts whose sender should have told by now what became of them.

    With `webhook` those that a desk elsewhere was to hear, else those by mail.
    """
    rows = session.scalars(
        select(Reminder)
        .where(
            Reminder.stage == Stage.CLAIMED.value,
            Reminder.lease_until <= now,
            Reminder.member_id == WEBHOOK if webhook else Reminder.member_id != WEBHOOK,
        )
        .order_by(Reminder.id)
    )
    return tuple(slip(row) for row in rows)


def people(session: Session) -> tuple[Person, ...]:
    """Return everyone who may be reminded, the first invited first."""
    return tuple(
        Person(each.id, each.email, each.name, each.language, each.zone, tuple(each.roles))
        for each in access.members(session)
        if delivery.usable(each.email)
    )


def sender(session: Session, person: Person) -> Sender:
    """Return who a reminder comes from: as the notices do.

    Before there is a data map nobody is named, and it comes from the reader's own address.
    """
    if datamap.current_version(session) is None:
        return Sender("BreachDesk", person.address, person.address)
    return delivery.sender_of(datamap.current(session).organisation)


def feed_behind(session: Session, token: str) -> tuple[CalendarFeed, Person] | None:
    """Return the live feed behind a token, and whose it is; None for any other token.

    `session` must see every organisation: nobody has said yet who asks.
    """
    feed = session.scalars(
        select(CalendarFeed).where(
            CalendarFeed.token_digest == access.digest(token),
            CalendarFeed.revoked_at.is_(None),
        )
    ).first()
    whose = [] if feed is None else [p for p in people(session) if p.id == feed.member_id]
    return (feed, whose[0]) if feed is not None and whose else None


def reader_of(session: Session, feed: CalendarFeed, now: datetime) -> Actor | None:
    """Return whose eyes a feed has: its member's, as long as they have a place there."""
    member = access.by_id(session, feed.member_id)
    if member.organisation_id == feed.organisation_id:
        return access.remote_actor(member, proved_at=None, now=now)
    seat = sessions.seat_in(session, member.id, feed.organisation_id)
    if seat is None:
        return None
    return access.remote_actor(member, proved_at=None, now=now, seat=seat)


def live_feeds(session: Session, member_id: UUID) -> Sequence[CalendarFeed]:
    """Return the addresses of a member that nobody revoked."""
    return session.scalars(
        select(CalendarFeed).where(
            CalendarFeed.member_id == member_id, CalendarFeed.revoked_at.is_(None)
        )
    ).all()


def kept(row: Reminder) -> Kept:
    """Return what a row says."""
    return Kept(
        Key(row.incident_id, row.duty, row.due, row.step, row.member_id),
        Stage(row.stage),
        row.given_at,
        row.acknowledged_at,
        row.not_before,
        row.claimed_at,
    )


def slip(row: Reminder) -> Slip:
    """Return under what name the present attempt of a reminder is posted."""
    ticket = Ticket(row.ticket or "", row.leaves_at)
    return Slip(row.campaign, Folder.STAFF, row.id, row.attempts, ticket)


def _soonest(clock: Clock) -> tuple[bool, float, str, str]:
    due = clock.obligation.due
    at = 0.0 if due is None else due.timestamp()
    return due is None, at, clock.reference, clock.obligation.duty
