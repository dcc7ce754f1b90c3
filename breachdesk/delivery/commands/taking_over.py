"""An approved notice is taken over: who is sent which text is fixed, for good."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from breachdesk.audit.transaction import Transaction, command
from breachdesk.datamap import queries as datamap
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.freezing import Freezing, reader
from breachdesk.delivery.commands.moving import move
from breachdesk.delivery.commands.publishing import publish
from breachdesk.delivery.commands.second import at_second_addresses
from breachdesk.delivery.models import Campaign, CampaignVariant
from breachdesk.delivery.terms import Breach, CampaignState, Channel, Reader, Sender, ToTell
from breachdesk.kernel.errors import Refused
from breachdesk.law.terms import Law
from breachdesk.notices import commands as notices
from breachdesk.notices import queries as notice_queries
from breachdesk.notices import rules as notice_rules
from breachdesk.notices.terms import FIRST, FOLLOW_UP
from breachdesk.scoping.terms import Person


@command("delivery.freeze")
def freeze(  # noqa: PLR0913  (who, what, and how the list is cut)
    tx: Transaction,
    incident: Breach,
    notice: ToTell,
    people: Iterable[Person | Reader],
    law: Law,
    *,
    excluded: Mapping[str, str] | None = None,
    separate: bool = False,
    second: Mapping[str, str] | None = None,
    by_zone: bool = False,
) -> Campaign:
    """Fix who is sent which text, for good. Nothing is sent yet.

    A follow-up goes to those of the list whom the first notice reached or may have reached,
    and to the second address of the directories where it was there that it came; people found
    late count with the first notice, so that nobody has both.

    `excluded` gives a written reason by key of a person; `separate` gives each person a
    message of their own, also where people share a mailbox and a text. Whoever was, or may
    have been, sent this letter before is passed over. With `second`, addresses by key, it goes
    to whom it did not reach, at second addresses: these, else those of the directories.
    `by_zone` keeps readers apart whose clocks differ, so that quiet hours are theirs.

    Raises Refused for a notice that two did not approve, or whose facts have changed since,
    or that has no text for somebody.
    """
    _take_over(tx, notice, law)
    data = datamap.current(tx.session)
    sender = rules.sender_of(data.organisation)
    campaign = _new_campaign(tx, incident, notice, sender)
    if second is not None:
        campaign.channel = Channel.SECOND_ADDRESS.value
    texts = _texts(tx, campaign, notice)
    freezing = Freezing(
        tx,
        campaign,
        texts,
        tuple(notice.languages),
        excluded=excluded or {},
        separate=separate,
        after=queries.letter(notice.obligation, FIRST)
        if notice_rules.base_kind(notice.kind) == FOLLOW_UP
        else None,
        clocks=rules.Clocks(tx.now) if by_zone else None,
    )
    audience = notice_queries.audiences(data)
    readers = (reader(person, audience) for person in people)
    freezing.fill(
        readers if second is None else at_second_addresses(tx, campaign, readers, second)
    )
    if not campaign.people and second is not None:
        raise Refused(
            "nobody is left to freeze: of those whom the e-mail did not reach, nobody has a "
            "second address that was not written to"
        )
    if not campaign.people:
        raise Refused(
            f"nobody is left to freeze: all {freezing.skipped} people of the list are in the "
            "ledger already"
        )
    move(campaign, CampaignState.FROZEN)
    tx.record(
        campaign,
        notice=notice.id,
        people=campaign.people,
        messages=campaign.messages,
        passed_over=freezing.skipped,
        content=campaign.content_digest,
        channel=campaign.channel,
    )
    publish(tx, campaign)
    return campaign


def _new_campaign(
    tx: Transaction, incident: Breach, notice: ToTell, sender: Sender
) -> Campaign:
    id_ = tx.new_id()
    number = len(queries.campaigns_of(tx.session, incident.id)) + 1
    campaign = Campaign(
        id=id_,
        incident_id=incident.id,
        notice_id=notice.id,
        letter=queries.letter(notice.obligation, notice.kind),
        number=number,
        name=f"{incident.reference}-{number}-{id_.hex[-8:]}",
        folder=rules.folder(notice.obligation).value,
        state=CampaignState.DRAFT.value,
        content_digest=notice.content_digest,
        sender_name=sender.name,
        sender_address=sender.address,
        reply_to=sender.reply_to,
        people=0,
        messages=0,
        frozen_at=tx.now,
        frozen_by=tx.actor.name,
        why="",
    )
    tx.session.add(campaign)
    try:
        tx.session.flush()  # the rows written next, thousands at a time, refer to it
    except IntegrityError:
        raise Refused("somebody else is freezing for this incident; try again") from None
    return campaign


def _texts(tx: Transaction, campaign: Campaign, notice: ToTell) -> dict[str, CampaignVariant]:
    """Keep the approved texts with the campaign: what was sent is what was frozen."""
    texts = {
        variant.key: CampaignVariant(
            id=tx.new_id(),
            campaign_id=campaign.id,
            locale=variant.locale,
            role=variant.role,
            categories=variant.categories,
            subject=variant.subject,
            text_frame=variant.text_frame,
            html_frame=variant.html_frame,
            digest=variant.digest,
        )
        for variant in notice_queries.variants_of(tx.session, notice.id)
    }
    tx.session.add_all(texts.values())
    tx.session.flush()  # chunks refer to them, and are written past the session
    return texts


def _take_over(tx: Transaction, notice: ToTell, law: Law) -> None:
    """Take an approved notice over for good. Raises Refused if its facts have changed since."""
    approved = notice_queries.by_id(tx.session, notice.id)
    notices.freeze(tx, approved)
    must_be_true(tx, approved.id, law, "draft it again")


def must_be_true(tx: Transaction, notice_id: UUID, law: Law, instead: str) -> None:
    """Raise Refused where a fact that the notice tells, or its list, is another by now."""
    approved = notice_queries.by_id(tx.session, notice_id)
    changed = notice_queries.review(tx.session, law, approved).changed
    if changed:
        names = ", ".join(changed)
        raise Refused(f"the facts have changed since the approval ({names}); {instead}")
