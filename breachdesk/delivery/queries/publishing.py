"""What everybody may read of a campaign, and whether a code was given with it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.delivery import rules
from breachdesk.delivery.models import Campaign, CampaignVariant, Published
from breachdesk.delivery.queries.ledger import secret
from breachdesk.delivery.terms import Publication
from breachdesk.kernel.vault import Purged, Vault


@dataclass(frozen=True, slots=True)
class Common:
    """What the readers of a campaign are told alike."""

    subjects: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, str]


def common(session: Session, campaign_id: UUID) -> Common:
    """Return subjects and text that everybody may read, by language."""
    frames: dict[str, list[CampaignVariant]] = defaultdict(list)
    for variant in session.scalars(
        select(CampaignVariant)
        .where(CampaignVariant.campaign_id == campaign_id)
        .order_by(CampaignVariant.id)
    ):
        frames[variant.locale].append(variant)
    return Common(
        subjects={
            language: rules.common_subject(each.subject for each in texts)
            for language, texts in sorted(frames.items())
        },
        texts={
            language: rules.common_text([each.text_frame for each in texts])
            for language, texts in sorted(frames.items())
        },
    )


def published(session: Session, campaign_id: UUID) -> Published | None:
    """Return what is published of a campaign, or that it was waived; None for neither."""
    return session.scalars(
        select(Published).where(Published.campaign_id == campaign_id)
    ).first()


def genuine(session: Session, vault: Vault, code: str) -> Publication | None:
    """Return what is published of the campaign that `code` was given with; None for no code.

    The session must see every organisation. Every published campaign is tried, whatever the
    code is, so the time tells nothing.
    """
    found: Published | None = None
    for row, campaign in _open(session):
        try:
            key = secret(vault, campaign.incident_id, session)
        except Purged:
            continue
        number = rules.message_of(key, campaign.name, code)
        if number is not None and 1 <= number <= campaign.messages + campaign.printed:
            found = row
    return None if found is None else _public(found)


def longest_publication(session: Session) -> Publication | None:
    """Return the longest of what is published: every answer is made as long as this one."""
    every = [_public(row) for row, _ in _open(session)]
    return max(every, key=_letters, default=None)


def _open(session: Session) -> Sequence[tuple[Published, Campaign]]:
    rows = session.execute(
        select(Published, Campaign)
        .join(Campaign, Campaign.id == Published.campaign_id)
        .where(Published.published_at.is_not(None), Published.withdrawn_at.is_(None))
        .order_by(Published.id)
    )
    return [(row, campaign) for row, campaign in rows]


def _public(row: Published) -> Publication:
    if row.published_at is None:
        raise LookupError("what was never published is shown")
    return Publication(
        sender=row.sender,
        subjects={key: tuple(value) for key, value in row.subjects.items()},
        texts=row.texts,
        digest=row.digest,
        published_at=row.published_at,
    )


def _letters(told: Publication) -> int:
    return sum(len(each) for each in told.texts.values())
