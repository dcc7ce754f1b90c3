"""What everybody may read of a campaign, before its first message leaves."""

import json
from collections.abc import Mapping

from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import queries, rules
from breachdesk.delivery.models import Campaign, Published
from breachdesk.delivery.terms import CampaignState
from breachdesk.kernel.errors import Refused


class NotPublished(Refused):
    """Readers could not check whether a message is genuine."""


@command("delivery.publish")
def publish(
    tx: Transaction, campaign: Campaign, texts: Mapping[str, str] | None = None
) -> Published:
    """Let whoever holds a code of this campaign read its sender, subjects and common text.

    `texts` by language take the place of what all readers are told alike.
    """
    found = queries.common(tx.session, campaign.id)
    shown = {**found.texts, **(texts or {})}
    sender = f"{campaign.sender_name} <{campaign.sender_address}>"
    document = rules.published_document(sender, found.subjects, shown)
    row = _row(tx, campaign)
    row.sender, row.texts = sender, dict(shown)
    row.subjects = {key: list(value) for key, value in found.subjects.items()}
    row.digest = rules.digest(json.dumps(document, ensure_ascii=False).encode())
    row.published_at, row.published_by = row.published_at or tx.now, tx.actor.name
    row.withdrawn_at, row.waived_why = None, ""
    tx.record(campaign, digest=row.digest, languages=sorted(shown))
    return row


@command("delivery.withdraw")
def withdraw(tx: Transaction, campaign: Campaign, why: str) -> Published:
    """Take back what is published, for a reason; before the first message it must be waived."""
    _in_words(why)
    row = queries.published(tx.session, campaign.id)
    if row is None or row.published_at is None or row.withdrawn_at is not None:
        raise Refused(f"nothing is published of {campaign.name}")
    row.withdrawn_at = tx.now
    tx.record(campaign, why=why)
    return row


@command("delivery.waive_page")
def waive_page(tx: Transaction, campaign: Campaign, why: str) -> Published:
    """Let a campaign be sent though nobody can check its codes, for a reason."""
    _in_words(why)
    row = _row(tx, campaign)
    row.waived_why = why
    tx.record(campaign, why=why)
    return row


def must_be_open(tx: Transaction, campaign: Campaign) -> None:
    """Raises NotPublished where neither a page is open nor somebody said why there is none."""
    row = queries.published(tx.session, campaign.id)
    is_open = row is not None and row.published_at is not None and row.withdrawn_at is None
    if not is_open and not (row is not None and row.waived_why):
        raise NotPublished(
            f"readers of {campaign.name} could not check that it is genuine; run: breachdesk "
            "delivery publish, or waive it with --waive and a reason"
        )


def _row(tx: Transaction, campaign: Campaign) -> Published:
    if campaign.state == CampaignState.DRAFT.value:
        raise Refused(f"{campaign.name} is not frozen yet")
    row = queries.published(tx.session, campaign.id)
    if row is None:
        row = Published(
            id=tx.new_id(), campaign_id=campaign.id, sender="", subjects={}, texts={},
            digest="", waived_why="",
        )  # fmt: skip
        tx.session.add(row)
    return row


def _in_words(why: str) -> None:
    if not why.strip():
        raise Refused("say why: whoever asks whether the message is genuine gets no answer")
