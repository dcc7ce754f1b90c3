"""What is kept of notices: their versions, their texts, and who approved."""

from collections.abc import Mapping, Sequence
from functools import cache
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from breachdesk.kernel.errors import Unknown
from breachdesk.notices import rules
from breachdesk.notices.models import Approval, Notice, NoticeVariant
from breachdesk.notices.terms import (
    FIRST,
    FOLLOW_UP,
    PEOPLE,
    Letter,
    Message,
    Stage,
    Story,
    Words,
)

NoticeRow = Notice
"""A notice, for those outside who hold one and never touch its table."""


def latest(
    session: Session, incident_id: UUID, obligation: str = PEOPLE, kind: str = FIRST
) -> Notice | None:
    """Return the latest version of the notice of a kind that answers `obligation`.

    Of follow-ups it is the last one's.
    """
    return session.scalars(
        select(Notice)
        .where(
            Notice.incident_id == incident_id,
            Notice.obligation == obligation,
            Notice.kind.startswith(kind, autoescape=True),
        )
        .order_by(func.length(Notice.kind).desc(), Notice.kind.desc(), Notice.version.desc())
        .limit(1)
    ).first()


def first_of(session: Session, incident_id: UUID, obligation: str) -> Notice | None:
    """Return the first notice that was handed to delivery; None while nobody was told."""
    return session.scalars(
        select(Notice)
        .where(
            Notice.incident_id == incident_id,
            Notice.obligation == obligation,
            Notice.kind == FIRST,
            Notice.stage == Stage.FROZEN.value,
        )
        .order_by(Notice.version)
        .limit(1)
    ).first()


def kind_to_write(session: Session, incident_id: UUID, obligation: str, kind: str) -> str:
    """Return the kind with its number: each follow-up that was handed over makes another."""
    if kind != FOLLOW_UP:
        return kind
    handed_over = session.scalars(
        select(func.count(distinct(Notice.kind))).where(
            Notice.incident_id == incident_id,
            Notice.obligation == obligation,
            Notice.kind.startswith(FOLLOW_UP, autoescape=True),
            Notice.stage == Stage.FROZEN.value,
        )
    ).one()
    return f"{FOLLOW_UP}_{handed_over + 1}" if handed_over else FOLLOW_UP


def by_id(session: Session, notice_id: UUID) -> Notice:
    """Return the notice of that id. Raises Unknown."""
    found = session.scalars(select(Notice).where(Notice.id == notice_id)).first()
    if found is None:
        raise Unknown(f"there is no notice {notice_id}")
    return found


def versions(session: Session, incident_id: UUID) -> Sequence[Notice]:
    """Return every version of every notice of an incident, the earliest first."""
    return session.scalars(
        select(Notice)
        .where(Notice.incident_id == incident_id)
        .order_by(Notice.obligation, Notice.version)
    ).all()


def variants_of(session: Session, notice_id: UUID) -> Sequence[NoticeVariant]:
    """Return the texts of a notice, by key."""
    return session.scalars(
        select(NoticeVariant)
        .where(NoticeVariant.notice_id == notice_id)
        .order_by(NoticeVariant.key)
    ).all()


def variant(
    session: Session, notice_id: UUID, *, key: str | None = None, language: str | None = None
) -> NoticeVariant:
    """Return the text of that key, else the one most people read, in `language` if given.

    Raises Unknown, naming the keys there are.
    """
    every = variants_of(session, notice_id)
    fitting = [
        each
        for each in every
        if (key is None or each.key == key)
        and (language is None or each.locale.lower() == language.lower())
    ]
    if not fitting:
        known = ", ".join(each.key for each in every)
        raise Unknown(f"the notice has no text {key or language!r}; these are: {known}")
    return max(fitting, key=lambda each: (each.people, each.key))


def approvals_of(session: Session, notice_id: UUID) -> Sequence[Approval]:
    """Return who approved, the earliest first."""
    return session.scalars(
        select(Approval).where(Approval.notice_id == notice_id).order_by(Approval.id)
    ).all()


def preview(
    session: Session,
    notice: Notice,
    variant: NoticeVariant,
    tags: Mapping[str, str] | None = None,
) -> Message:
    """Return the very message a reader of `variant` gets, with made-up values if none given."""
    del session, notice
    frame = frame_of(variant)
    values = tags or rules.sample_tags(letter_of(variant))
    return Message(
        subject=rules.fill(frame.subject, values),
        text=rules.fill(frame.text, values),
        html=rules.fill(frame.html, values),
    )


def frame_of(variant: NoticeVariant) -> Message:
    """Return a text with the tags still in it."""
    return Message(variant.subject, variant.text_frame, variant.html_frame)


def letter_of(variant: NoticeVariant) -> Letter:
    """Return what a text was laid out from."""
    return _letters().validate_python(variant.letter)


def told(notice: Notice) -> Story:
    """Return every fact that a notice was written from."""
    return _stories().validate_python(notice.told)


def words_of(notice: Notice | None) -> Mapping[str, Words]:
    """Return the words typed for a notice, by language; none where there is no notice."""
    return told(notice).words if notice is not None else {}


@cache
def _letters() -> TypeAdapter[Letter]:
    return TypeAdapter(Letter)


@cache
def _stories() -> TypeAdapter[Story]:
    return TypeAdapter(Story)
