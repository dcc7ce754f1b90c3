"""What the world reports of messages, written down once, many at a time.

The strongest word heard of a message counts, so words may come twice and in any order. What is
written is the same; only the first of equal words is kept as evidence.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select, text

from breachdesk.access import queries as access
from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.moving import close, finish_if_done
from breachdesk.delivery.models import Campaign, Chunk
from breachdesk.delivery.terms import ChunkState, EventKind, Finding, Heard, Word
from breachdesk.kernel.states import advance

_DOUBTFUL = (ChunkState.UNKNOWN.value, ChunkState.DOUBT.value)


@command("delivery.hear")
def hear(tx: Transaction, words: Sequence[Word]) -> Heard:
    """Write down what was reported of this organisation's messages.

    A repeat changes nothing. A word about a message nobody knows is counted, not kept. A word
    that bears an attempt's own mark proves that the attempt was taken.
    """
    tx.hold("delivery.hear")  # two deliveries of the same words would wait for each other
    campaigns, found = _place(tx, words)
    new = _keep(tx, campaigns, found)
    _apply(tx, campaigns, found)
    _prove(tx, found)
    for name, campaign in campaigns.items():
        theirs = found.get(name)
        if not theirs:
            continue
        row = tx.session.get_one(Campaign, campaign.id)
        row.heard_at, row.alarmed_at = tx.now, None  # it may fall silent again
        sources = "\n".join(sorted(each.source for each in theirs))
        tx.record(
            row,
            words=len(theirs),
            new=new[name],
            sources=hashlib.sha256(sources.encode()).hexdigest(),
        )
    kept = sum(len(each) for each in found.values())
    if not kept:
        house = access.organisation_of(tx.session, tx.organisation_id)
        tx.record(house, words=len(words), new=0)
    return Heard(len(words), sum(new.values()), len(words) - kept)


def _place(
    tx: Transaction, words: Sequence[Word]
) -> tuple[dict[str, queries.Named], dict[str, list[Word]]]:
    """Return the campaigns that are spoken of, and each one's words with a message number."""
    nameless = [each for each in words if not (each.campaign and each.message)]
    placed = [each for each in words if each.campaign and each.message]
    if nameless:
        receipts = queries.by_receipt(
            tx.session, {each.receipt for each in nameless if each.receipt}
        )
        for word in nameless:
            named, chunk = receipts.get(word.receipt, (None, None))
            placed += _to_mailbox(tx, word, word.campaign or named, chunk)
    campaigns = queries.named(tx.session, {each.campaign for each in placed})
    found: dict[str, list[Word]] = defaultdict(list)
    for word in placed:
        campaign = campaigns.get(word.campaign)
        if campaign is not None and 1 <= (word.message or 0) <= campaign.messages:
            found[word.campaign].append(word)
    return campaigns, dict(found)


def _to_mailbox(
    tx: Transaction, word: Word, name: str | None, chunk: UUID | None
) -> list[Word]:
    """Return a word by address as one about a message, or none.

    Where a mailbox has several messages and nothing tells which is spoken of, that one arrived
    proves nothing of the others; that one came back speaks of the mailbox, and so of all.
    """
    if not word.address or (word.receipt and not name):
        return []  # about a message that others sent by the same account
    place = queries.by_address(tx.session, tx.vault, word.address, name, chunk)
    if place is None or (len(place[1]) > 1 and word.kind not in rules.FAILED):
        return []
    campaign, (first, *others) = place
    about = replace(word, campaign=campaign, message=first)
    return [
        about,
        *(replace(about, message=each, source=f"{word.source[:80]}:{each}") for each in others),
    ]


def _keep(
    tx: Transaction, campaigns: dict[str, queries.Named], found: dict[str, list[Word]]
) -> dict[str, int]:
    """Add what was not heard before; return how many words of each campaign were new."""
    connection, new = tx.session.connection(), {}
    for name, words in found.items():
        campaign_id = campaigns[name].id
        if connection.dialect.name == "postgresql":
            done = connection.execute(_ADD, _columns(tx, campaign_id, words))
        else:
            done = connection.exec_driver_sql(_ADD_ROWS, _rows(tx, campaign_id, words))
        new[name] = max(done.rowcount, 0)
    return new


def _rows(tx: Transaction, campaign_id: UUID, words: list[Word]) -> list[tuple[object, ...]]:
    """Return rows as SQLite keeps them: a thousand conversions by the ORM cost as much."""
    house, campaign, now = tx.organisation_id.hex, campaign_id.hex, _spelt(tx.now)
    instants = {at: _spelt(at) for at in {each.at for each in words}}
    return [
        (
            tx.new_id().hex, house, campaign, each.source, each.message, each.attempt,
            each.kind.value, instants[each.at], each.reason, now,
        )
        for each in words
    ]  # fmt: skip


def _spelt(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


_ADD_ROWS = (
    "INSERT OR IGNORE INTO delivery_events (id, organisation_id, campaign_id, source, message,"
    " attempt, kind, at, reason, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_CHANGE_ROWS = (
    "UPDATE deliveries SET outcome = ?, outcome_at = ? WHERE campaign_id = ? AND message = ?"
    " AND (outcome IS NULL OR instr(?, '|' || outcome || '|')"
    " OR (outcome = ? AND outcome_at > ?))"
)
"""SQLite takes rows."""


def _columns(tx: Transaction, campaign_id: UUID, words: list[Word]) -> dict[str, object]:
    return {
        "organisation": tx.organisation_id,
        "campaign": campaign_id,
        "now": tx.now,
        "ids": [tx.new_id() for _ in words],
        "sources": [each.source for each in words],
        "messages": [each.message for each in words],
        "attempts": [each.attempt for each in words],
        "kinds": [each.kind.value for each in words],
        "instants": [each.at for each in words],
        "reasons": [each.reason for each in words],
    }


_ADD = text(
    "INSERT INTO delivery_events (id, organisation_id, campaign_id, source, message, attempt,"
    " kind, at, reason, recorded_at) SELECT word.id, :organisation, :campaign, word.source,"
    " word.message, word.attempt, word.kind, word.at, word.reason, :now FROM unnest("
    "CAST(:ids AS uuid[]), CAST(:sources AS text[]), CAST(:messages AS integer[]),"
    " CAST(:attempts AS integer[]), CAST(:kinds AS text[]), CAST(:instants AS timestamptz[]),"
    " CAST(:reasons AS text[])) AS word (id, source, message, attempt, kind, at, reason)"
    " ON CONFLICT DO NOTHING"
)
_CHANGE = text(
    "UPDATE deliveries SET outcome = :kind, outcome_at = word.at FROM unnest("
    "CAST(:messages AS integer[]), CAST(:instants AS timestamptz[])) AS word (message, at)"
    " WHERE deliveries.campaign_id = :campaign AND deliveries.message = word.message"
    " AND (outcome IS NULL OR outcome = ANY(CAST(:weaker AS text[]))"
    " OR (outcome = :kind AND outcome_at > word.at))"
)
"""PostgreSQL takes columns: a thousand rows travel as seven values."""


def _apply(
    tx: Transaction, campaigns: dict[str, queries.Named], found: dict[str, list[Word]]
) -> None:
    """Let the strongest word stand on each person's row, with the earliest time it was said."""
    void = _void(tx, found)
    for name, words in found.items():
        ends: dict[EventKind, dict[int, datetime]] = {kind: {} for kind in rules.FINAL}
        for word in words:
            said = ends.get(word.kind)
            if said is None or word.message is None:
                continue
            if void and word.kind in rules.FAILED and (word.chunk, word.attempt) in void:
                continue
            said[word.message] = min(said.get(word.message, word.at), word.at)
        for kind, said in ends.items():
            if said:
                _write(tx, campaigns[name].id, kind, said)


def _write(
    tx: Transaction, campaign_id: UUID, kind: EventKind, said: dict[int, datetime]
) -> None:
    connection = tx.session.connection()
    weaker = [each.value for each in rules.weaker_than(kind)]
    if connection.dialect.name == "postgresql":
        connection.execute(
            _CHANGE,
            {
                "campaign": campaign_id,
                "kind": kind.value,
                "weaker": weaker,
                "messages": list(said),
                "instants": list(said.values()),
            },
        )
        return
    names, campaign = f"|{'|'.join(weaker)}|", campaign_id.hex
    stamps = {at: _spelt(at) for at in {*said.values()}}
    connection.exec_driver_sql(
        _CHANGE_ROWS,
        [
            (kind.value, stamp, campaign, number, names, kind.value, stamp)
            for number, stamp in ((number, stamps[at]) for number, at in said.items())
        ],
    )


def _void(tx: Transaction, found: dict[str, list[Word]]) -> set[tuple[UUID, int]]:
    """Return the attempts that were recalled: that one was dropped says nothing of a person."""
    failed = {
        (each.chunk, each.attempt)
        for words in found.values()
        for each in words
        if each.kind in rules.FAILED and each.chunk is not None and each.attempt is not None
    }
    return queries.recalled(tx.session, failed) if failed else set()


def _prove(tx: Transaction, found: dict[str, list[Word]]) -> None:
    """Let chunks whose outcome nobody knew be accepted: the world speaks of that attempt."""
    told = {
        (each.chunk, each.attempt)
        for words in found.values()
        for each in words
        if each.chunk is not None
    }
    for chunk in _doubtful(tx, {chunk for chunk, _ in told if chunk}) if told else ():
        if (chunk.id, chunk.attempts) not in told:
            continue
        chunk.state = advance(rules.CHUNK, ChunkState(chunk.state), ChunkState.ACCEPTED).value
        chunk.settled_at, chunk.unknown_since = tx.now, None
        close(tx, chunk, Finding.PROVED.value, "reported")
        campaign = tx.session.get_one(Campaign, chunk.campaign_id)
        finish_if_done(tx, campaign)
        tx.record(chunk, attempt=chunk.attempts, finding=Finding.PROVED.value)


def _doubtful(tx: Transaction, chunks: Collection[UUID]) -> Sequence[Chunk]:
    return tx.session.scalars(
        select(Chunk)
        .where(Chunk.id.in_(chunks), Chunk.state.in_(_DOUBTFUL))
        .order_by(Chunk.id)
        .with_for_update()
    ).all()
