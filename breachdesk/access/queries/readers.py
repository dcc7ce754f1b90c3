"""Who may see an incident that is for named members alone."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.access.models import IncidentReader, Member, Seat
from breachdesk.access.reading import read_roles


def readers_of(session: Session, incident_id: UUID) -> Sequence[IncidentReader]:
    """Return who may see an incident by name; nobody where it is for all."""
    return session.scalars(
        select(IncidentReader).where(
            IncidentReader.incident_id == incident_id, IncidentReader.left_at.is_(None)
        )
    ).all()


def every_reader(session: Session, incident_id: UUID) -> Sequence[IncidentReader]:
    """Return who may or could once see an incident by name."""
    return session.scalars(
        select(IncidentReader).where(IncidentReader.incident_id == incident_id)
    ).all()


def confined(session: Session) -> dict[UUID, set[UUID]]:
    """Return the members who may see each incident that is not for all."""
    rows = session.scalars(select(IncidentReader).where(IncidentReader.left_at.is_(None)))
    named: dict[UUID, set[UUID]] = {}
    for row in rows:
        named.setdefault(row.incident_id, set()).add(row.member_id)
    if named:
        members = session.scalars(select(Member).where(Member.left_at.is_(None)))
        everywhere = {each.id for each in members if sees_all(each)}
        named = {incident: who | everywhere for incident, who in named.items()}
    return named


def seated(session: Session) -> set[UUID]:
    """Return the members of other organisations who have a place in this one."""
    return set(session.scalars(select(Seat.member_id).where(Seat.left_at.is_(None))))


def sees_all(member: Member) -> bool:
    """Tell whether one of the member's roles sees every incident."""
    known = read_roles()
    return any(known[each].sees_every_incident for each in member.roles if each in known)
