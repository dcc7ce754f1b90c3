"""The two state machines, and what a mailer's word does to a chunk."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from breachdesk.delivery.terms import CampaignState, ChunkState, Finding, Result
from breachdesk.kernel.states import advance

CAMPAIGN: Mapping[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset({CampaignState.FROZEN}),
    CampaignState.FROZEN: frozenset(
        {CampaignState.APPROVED, CampaignState.PAUSED, CampaignState.CANCELLED}
    ),
    CampaignState.APPROVED: frozenset({CampaignState.SENDING, CampaignState.CANCELLED}),
    CampaignState.SENDING: frozenset(
        {CampaignState.PAUSED, CampaignState.FINISHED, CampaignState.CANCELLED}
    ),
    CampaignState.PAUSED: frozenset(
        {CampaignState.FROZEN, CampaignState.SENDING, CampaignState.CANCELLED}
    ),
    CampaignState.FINISHED: frozenset({CampaignState.CANCELLED}),  # and called back
    CampaignState.CANCELLED: frozenset(),
}

CHUNK: Mapping[ChunkState, frozenset[ChunkState]] = {
    ChunkState.READY: frozenset({ChunkState.CLAIMED, ChunkState.SPLIT, ChunkState.CANCELLED}),
    ChunkState.CLAIMED: frozenset({ChunkState.POSTING, ChunkState.READY}),
    ChunkState.POSTING: frozenset(
        {
            ChunkState.ACCEPTED,
            ChunkState.READY,
            ChunkState.SPLIT,
            ChunkState.REJECTED,
            ChunkState.BLOCKED,
            ChunkState.UNKNOWN,
        }
    ),
    ChunkState.UNKNOWN: frozenset({ChunkState.READY, ChunkState.ACCEPTED, ChunkState.DOUBT}),
    ChunkState.DOUBT: frozenset({ChunkState.READY, ChunkState.ACCEPTED, ChunkState.REJECTED}),
    ChunkState.BLOCKED: frozenset({ChunkState.READY, ChunkState.CANCELLED}),
    ChunkState.ACCEPTED: frozenset({ChunkState.CANCELLED}),  # where it was called back
    ChunkState.SPLIT: frozenset(),
    ChunkState.REJECTED: frozenset(),
    ChunkState.CANCELLED: frozenset(),
}

OPEN = frozenset(
    state
    for state, following in CHUNK.items()
    if following and state is not ChunkState.ACCEPTED
)
"""While a campaign has a chunk in one of these, it is not finished."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=1)
QUARANTINE = timedelta(hours=24)
"""So long evidence is waited for before a person must decide."""

_SETTLED = {
    Result.ACCEPTED: ChunkState.ACCEPTED,
    Result.RETRY: ChunkState.READY,
    Result.BLOCKED: ChunkState.BLOCKED,
    Result.UNKNOWN: ChunkState.UNKNOWN,
    Result.RECALLED: ChunkState.UNKNOWN,
    Result.PARTED: ChunkState.SPLIT,
}


def settled(result: Result, messages: int) -> ChunkState:
    """Return what a chunk in posting becomes. A refused one is halved until one is alone."""
    if result is Result.REFUSED:
        to = ChunkState.SPLIT if messages > 1 else ChunkState.REJECTED
    else:
        to = _SETTLED[result]
    return advance(CHUNK, ChunkState.POSTING, to)


def portions(result: Result, numbers: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the messages of one part of a parted chunk in the chunks they become.

    What was refused one by one stands alone already.
    """
    return [(number,) for number in numbers] if result is Result.REFUSED else [numbers]


def resolved(finding: Finding, *, since: datetime, now: datetime) -> ChunkState:
    """Return what a chunk in unknown becomes, given what the mailer says of it."""
    if finding is Finding.PROVED:
        return advance(CHUNK, ChunkState.UNKNOWN, ChunkState.ACCEPTED)
    if finding is Finding.ABSENT:
        return advance(CHUNK, ChunkState.UNKNOWN, ChunkState.READY)
    if now - since < QUARANTINE:
        return ChunkState.UNKNOWN
    return advance(CHUNK, ChunkState.UNKNOWN, ChunkState.DOUBT)


def wait_after(attempts: int) -> timedelta:
    """Return how long a chunk rests after `attempts` that were not taken."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 10)), LONGEST_WAIT)
