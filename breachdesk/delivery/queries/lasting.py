"""When the last notice of each incident left: from then on its lists of people may go."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.delivery.models import Campaign
from breachdesk.delivery.terms import CampaignState

_OVER = (CampaignState.FINISHED.value, CampaignState.CANCELLED.value)


@dataclass(frozen=True, slots=True)
class Last:
    """The last notice of an incident, and whether more are on their way."""

    at: datetime | None
    under_way: bool
    people: int


def last_notices(session: Session) -> dict[UUID, Last]:
    """Return the last notice of each incident that has a campaign."""
    over = Campaign.state.in_(_OVER)
    rows = session.execute(
        select(
            Campaign.incident_id,
            func.max(func.coalesce(Campaign.ended_at, Campaign.started_at)),
            func.count(Campaign.id),
            func.count(Campaign.id).filter(over),
            func.sum(Campaign.people),
        ).group_by(Campaign.incident_id)
    )
    return {
        incident: Last(at, ended < campaigns, int(people or 0))
        for incident, at, campaigns, ended, people in rows
    }
