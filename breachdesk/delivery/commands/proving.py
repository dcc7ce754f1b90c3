"""What is shown of a person, who was told by another way, and what remains after a purge."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from breachdesk.access.commands import limits
from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.workers import withdraw_all
from breachdesk.delivery.models import Chunk, ChunkPayload, Delivery, Telling
from breachdesk.delivery.terms import Breach, Channel, Proof
from breachdesk.kernel.errors import Refused, Unknown


@command("delivery.prove")
def prove(
    tx: Transaction,
    incident: Breach,
    person: str,
    *,
    reason: str | None = None,
    counted: bool = True,
) -> Proof:
    """Show all that the ledger holds of one person. Looking is recorded, by mark alone.

    Whoever looks says for what `reason`, and may not look too often (TooMany). Raises Unknown
    for somebody whom no letter of this incident was meant for.
    """
    why = limits.look(tx, reason, counted=counted)
    found = queries.proof(tx.session, tx.vault, incident.id, incident.reference, person)
    if not found.letters:
        raise Unknown(f"no letter of {incident.reference} was meant for that person")
    campaign = queries.campaigns_of(tx.session, incident.id)[0]
    key = queries.secret(tx.vault, incident.id, tx.session)
    mark = rules.mark(key, "person", person)
    tx.record(campaign, person=mark, letters=len(found.letters), **why)
    return found


@command("delivery.tell_otherwise")
def tell_otherwise(
    tx: Transaction,
    incident: Breach,
    people: Iterable[str],
    channel: Channel,
    told_at: datetime,
    evidence: str,
) -> int:
    """Record that people were told by letter, by telephone or in public, and what proves it.

    It counts for the letters that did not reach them; where each did, or is on its way, for
    all of them. Return how many people. Raises Refused without evidence, or for nobody;
    Unknown for strangers.
    """
    if not evidence.strip():
        raise Refused("say what proves it: a receipt, a list, an address of the publication")
    if told_at > tx.now:
        raise Refused("nobody was told in the future")
    if channel is Channel.EMAIL:
        raise Refused("what left by e-mail is recorded by who carried it")
    campaigns = queries.campaigns_of(tx.session, incident.id)
    key = queries.secret(tx.vault, incident.id, tx.session)
    told = 0
    for batch in rules.batches(people, 1000):
        marks = {rules.mark(key, "person", person) for person in batch}
        rows = tx.session.execute(
            select(Delivery, Chunk.state)
            .outerjoin(Chunk, Chunk.id == Delivery.chunk_id)
            .where(
                Delivery.incident_id == incident.id,
                Delivery.superseded.is_(False),
                Delivery.person_mark.in_(marks),
            )
        ).all()
        if {row.person_mark for row, _ in rows} != marks:
            raise Unknown("the list names somebody whom no letter was meant for")
        tx.session.add_all(
            Telling(
                id=tx.new_id(),
                delivery_id=row.id,
                channel=channel.value,
                told_at=told_at,
                evidence=evidence,
                recorded_at=tx.now,
                recorded_by=tx.actor.name,
            )
            for row in _told_now(rows)
        )
        told += len(marks)
    if not told:
        raise Refused("nobody is on the list")
    tx.record(campaigns[0], channel=channel.value, people=told, evidence=evidence)
    return told


def _told_now(rows: Sequence[Any]) -> list[Delivery]:
    """Return of each person the letters that did not reach them, else all of them."""
    every: dict[str, list[Delivery]] = defaultdict(list)
    missed: dict[str, list[Delivery]] = defaultdict(list)
    for row, state in rows:
        every[row.person_mark].append(row)
        if rules.missed(state, row.outcome, row.reason):
            missed[row.person_mark].append(row)
    return [row for mark, found in every.items() for row in missed.get(mark, found)]


@command("delivery.forget_addresses")
def forget_addresses(tx: Transaction, incident: Breach) -> int:
    """Keep the proof and forget every address: run before an incident's key is destroyed.

    What remains finds the row of a person whose key one knows, and nothing else. Return how
    many rows lost their address.
    """
    campaigns = queries.campaigns_of(tx.session, incident.id)
    if not campaigns:
        raise Refused(f"nothing was frozen for {incident.reference}")
    house = tx.organisation_id
    tx.vault.make_key(house)
    key = queries.secret(tx.vault, incident.id, tx.session)
    for campaign in campaigns:
        campaign.proof_key = tx.vault.seal(house, key, label=f"proof {campaign.incident_id}")
    done = tx.session.execute(
        update(Delivery)
        .where(Delivery.incident_id == incident.id)
        .values(address_mark=None)
        .execution_options(synchronize_session=False)
    )
    tx.session.execute(
        update(ChunkPayload)
        .where(
            ChunkPayload.id.in_(
                select(Chunk.id).where(Chunk.campaign_id.in_([each.id for each in campaigns]))
            )
        )
        .values(sealed=b"")
        .execution_options(synchronize_session=False)
    )
    withdraw_all(tx, incident.id)
    rows = int(getattr(done, "rowcount", 0))
    for campaign in campaigns:
        tx.record(campaign, rows=rows)
    return rows
