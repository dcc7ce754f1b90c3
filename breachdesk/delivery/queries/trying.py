"""What was tried of a notice before it was approved."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from breachdesk.audit import queries as trail
from breachdesk.delivery.terms import Result
from breachdesk.notices import queries as notices

TRIAL, REHEARSAL = "delivery.note_trial", "rehearsal"


def rehearsed_at(session: Session, notice_id: UUID) -> datetime | None:
    """Return when exactly these texts passed the carrier's sandbox; None if they did not."""
    content = notices.by_id(session, notice_id).content_digest
    for entry in trail.trail_of(session, [notice_id]):
        if entry.action != TRIAL or entry.details.get("how") != REHEARSAL:
            continue
        results = entry.details.get("results", {}).values()
        passed = all(each == Result.ACCEPTED.value for each in results)
        return entry.at if passed and entry.details.get("content") == content else None
    return None
