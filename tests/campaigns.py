"""A campaign frozen from readers of our own making, published and started."""

from collections.abc import Iterable, Mapping

from breachdesk.audit.transaction import Transaction
from breachdesk.delivery import commands, queries, rules
from breachdesk.delivery.commands.freezing import Freezing
from breachdesk.delivery.models import Campaign, CampaignVariant
from breachdesk.delivery.terms import CampaignState, Pace, Reader
from breachdesk.incidents.models import Incident
from breachdesk.notices.models import Notice
from breachdesk.notices.rules import variant_key
from fakes import LANGUAGES, SETS


def frozen(
    tx: Transaction,
    incident: Incident,
    people: Iterable[Reader],
    *,
    separate: bool = False,
    excluded: Mapping[str, str] | None = None,
    pace: Pace | None = None,
    by_zone: bool = False,
    start: bool = True,
) -> Campaign:
    """Freeze readers into a campaign, and let it be sent."""
    campaign, texts = _prepared(tx, incident)
    freezing = Freezing(
        tx,
        campaign,
        texts,
        LANGUAGES,
        excluded=excluded or {},
        separate=separate,
        clocks=rules.Clocks(tx.now) if by_zone else None,
    )
    freezing.fill(people)
    campaign.state = CampaignState.FROZEN.value
    commands.publish(tx, campaign)
    if pace is not None:
        commands.set_pace(tx, campaign, pace)
    if start:
        commands.start(tx, campaign)
    return campaign


def _prepared(
    tx: Transaction, incident: Incident
) -> tuple[Campaign, dict[str, CampaignVariant]]:
    number = len(queries.campaigns_of(tx.session, incident.id)) + 1
    notice = _notice(tx, incident, number)
    tx.session.add(notice)
    tx.session.flush()  # the campaign refers to it
    campaign = Campaign(
        id=tx.new_id(),
        incident_id=incident.id,
        notice_id=notice.id,
        letter=queries.PEOPLE,
        number=number,
        name=f"{incident.reference}-{number}",
        folder="people",
        state=CampaignState.DRAFT.value,
        content_digest="sha256:0",
        sender_name="Leadjet",
        sender_address="dpo@leadjet.example",
        reply_to="dpo@leadjet.example",
        people=0,
        messages=0,
        frozen_at=tx.now,
        frozen_by=tx.actor.name,
        why="",
    )
    tx.session.add(campaign)
    tx.session.flush()  # its texts refer to it
    texts = {
        variant_key(locale, "controller", categories, LANGUAGES): CampaignVariant(
            id=tx.new_id(),
            campaign_id=campaign.id,
            locale=locale,
            role="controller",
            categories=list(categories),
            subject=f"Sécurité de vos données ({locale})",
            text_frame=f"Données : {', '.join(categories)}\nFrom here\ncode -bdt.code-\n",
            html_frame=f"<p>{', '.join(categories)}</p>\n<p>-bdh.code-</p>\n",
            digest="sha256:0",
        )
        for locale in LANGUAGES
        for categories in SETS
    }
    tx.session.add_all(texts.values())
    tx.session.flush()  # chunks refer to them
    return campaign, texts


def _notice(tx: Transaction, incident: Incident, version: int) -> Notice:
    return Notice(
        id=tx.new_id(),
        incident_id=incident.id,
        obligation="gdpr.34.people",
        kind="first",
        version=version,
        stage="frozen",
        ring="proven",
        scope_version=1,
        scope_digest="sha256:0",
        template_version="1",
        languages=list(LANGUAGES),
        told={},
        facts_digest="sha256:0",
        content_digest="sha256:0",
        drafted_at=tx.now,
        drafted_by=tx.actor.name,
    )
