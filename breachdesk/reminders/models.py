"""Tables of reminders: what was given to whom, and who reads deadlines in their calendar."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class Reminder(Owned, Table):
    """One reminder to one member: of which duty, for which deadline, at which step.

    It is kept before the first byte leaves, and its id names the message, so that whoever
    finds it can ask the mailer what became of it. `lease_until` is how long its sender may
    still be at work. `ticket` is the name by which its carrier can be told to hold it back,
    until `leaves_at`. `member_id` is `terms.WEBHOOK` where it goes to a desk elsewhere.
    """

    __tablename__ = "reminders"
    __table_args__ = (UniqueConstraint("incident_id", "duty", "due", "step", "member_id"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    duty: Mapped[str]
    due: Mapped[datetime]
    step: Mapped[str]
    member_id: Mapped[UUID]
    escalated: Mapped[bool]
    campaign: Mapped[str]
    stage: Mapped[str] = mapped_column(index=True)
    attempts: Mapped[int]
    claimed_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    given_at: Mapped[datetime | None]
    proof: Mapped[str]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    ticket: Mapped[str | None]
    leaves_at: Mapped[datetime | None]


class CalendarFeed(Owned, Table):
    """A secret address at which a member's calendar reads deadlines; here is its SHA-256."""

    __tablename__ = "calendar_feeds"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    titles: Mapped[bool]
    opened_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
