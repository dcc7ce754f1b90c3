"""What is kept, under which hold, what went, and when the desk was last backed up."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.audit import queries as audit
from breachdesk.delivery import queries as delivery
from breachdesk.delivery.queries.lasting import last_notices
from breachdesk.incidents import queries as incidents
from breachdesk.keeping import rules
from breachdesk.keeping.models import LegalHold, Purge, Restore
from breachdesk.keeping.terms import Held, Hold, Kept, Retention
from breachdesk.kernel.vault import Vault
from breachdesk.register import queries as register
from breachdesk.scoping import queries as scoping

__all__ = ["Purge"]  # the row that queries return, for errands to name

NEVER = datetime.max.replace(tzinfo=UTC)
BACKED_UP = "keeping.note_backup"


def everything(
    session: Session, vault: Vault, retention: Retention, *, incident_id: UUID | None = None
) -> tuple[Kept, ...]:
    """Return all that is kept, what goes first first, and last what has no day yet."""
    last, holds = last_notices(session), _holds(session)
    found = [
        each
        for incident in incidents.board(session, limit=incidents.count(session))
        if incident_id in {None, incident.id}
        for each in rules.kept(
            Held(
                incident_id=incident.id,
                reference=incident.reference,
                title=incident.title,
                closed_at=incident.closed_at,
                last_notice_at=last[incident.id].at if incident.id in last else None,
                under_way=incident.id in last and last[incident.id].under_way,
                has_key=vault.has_key(incident.id),
                hold=holds.get(incident.id),
            ),
            retention,
        )
    ]
    return tuple(
        sorted(found, key=lambda each: (each.until or NEVER, each.reference, each.what.value))
    )


def standing_hold(session: Session, incident_id: UUID) -> LegalHold | None:
    """Return the hold under which an incident stands, if any."""
    return session.scalars(
        select(LegalHold).where(
            LegalHold.incident_id == incident_id, LegalHold.lifted_at.is_(None)
        )
    ).first()


def purges(session: Session) -> Sequence[Purge]:
    """Return what was purged, the latest first."""
    return session.scalars(select(Purge).order_by(Purge.id.desc())).all()


def unchecked_restore(session: Session) -> Restore | None:
    """Return the last restore after which no person has looked at what is to go."""
    last = session.scalars(select(Restore).order_by(Restore.id.desc()).limit(1)).first()
    return None if last is None or last.checked_at is not None else last


def last_backup(session: Session) -> datetime | None:
    """Return when the desk was last backed up."""
    entry = audit.last_of(session, BACKED_UP)
    return None if entry is None else entry.at


def backup_folders(session: Session) -> tuple[str, ...]:
    """Return every folder to which a backup was written."""
    found = {entry.details["folder"] for entry in audit.all_of(session, BACKED_UP)}
    return tuple(sorted(found))


def proof(session: Session, incident_id: UUID) -> dict[str, Any]:
    """Return the counts and digests that stay when an incident's people or all of it go."""
    lines = register.frozen_lines(session, incident_id)
    last = last_notices(session).get(incident_id)
    return {
        "scopes": [
            {
                "version": each.version,
                "digest": each.digest,
                "rings": each.counts.get("rings"),
            }
            for each in scoping.versions(session, incident_id)
        ],
        "campaigns": [each.name for each in delivery.campaigns_of(session, incident_id)],
        "people_told": 0 if last is None else last.people,
        "last_notice_at": None if last is None or last.at is None else last.at.isoformat(),
        "register_lines": [each.digest for each in lines],
        "closed_at": lines[-1].closed_at.isoformat() if lines else None,
    }


def _holds(session: Session) -> dict[UUID, Hold]:
    standing = session.scalars(select(LegalHold).where(LegalHold.lifted_at.is_(None)))
    return {each.incident_id: Hold(each.reason, each.set_at, each.set_by) for each in standing}
