"""Who counts as told: sums in which each person stands once."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from breachdesk.datamap.terms import Organisation
from breachdesk.delivery.rules.hearing import FAILED, goes_elsewhere, said_by
from breachdesk.delivery.terms import (
    ChunkState,
    EventKind,
    Folder,
    Reason,
    Sender,
    Standing,
    Tally,
)

T = TypeVar("T")

_FOLDERS = {"gdpr.34.people": Folder.PEOPLE, "gdpr.33.controller": Folder.CUSTOMERS}

_STANDINGS = {
    ChunkState.ACCEPTED: Standing.ACCEPTED,
    ChunkState.POSTING: Standing.IN_DOUBT,
    ChunkState.UNKNOWN: Standing.IN_DOUBT,
    ChunkState.DOUBT: Standing.IN_DOUBT,
}

_REASONS = {
    ChunkState.READY: Reason.WAITING,
    ChunkState.CLAIMED: Reason.WAITING,
    ChunkState.CANCELLED: Reason.CANCELLED,
    ChunkState.REJECTED: Reason.REJECTED,
    ChunkState.BLOCKED: Reason.BLOCKED,
}


def standing(chunk: ChunkState | None, event: EventKind | None) -> Standing:
    """Return what can be proved of a person: a report of the world, else the chunk's state."""
    if event is not None:
        return said_by(event)
    if chunk is None:
        return Standing.NOT_INFORMED
    return _STANDINGS.get(chunk, Standing.NOT_INFORMED)


def reason(tally: Tally) -> Reason | None:
    """Return why these people are not informed; None if they are, or may be."""
    if standing(tally.chunk, tally.event) is not Standing.NOT_INFORMED:
        return None
    return tally.reason if tally.chunk is None else _REASONS.get(tally.chunk)


def missed(chunk: str | None, event: str | None, why: str | None) -> bool:
    """Tell of a row of the ledger whether its person must be told by another way."""
    tally = Tally(
        ChunkState(chunk) if chunk else None,
        EventKind(event) if event else None,
        Reason(why) if why else None,
        1,
    )
    return goes_elsewhere(standing(tally.chunk, tally.event), reason(tally))


def sums(tallies: Iterable[Tally]) -> tuple[dict[Standing, int], dict[Reason, int]]:
    """Count people by standing, every standing named, and the not informed by reason."""
    standings, reasons = dict.fromkeys(Standing, 0), dict[Reason, int]()
    for tally in tallies:
        standings[standing(tally.chunk, tally.event)] += tally.people
        why = reason(tally)
        if why is not None and tally.people:
            reasons[why] = reasons.get(why, 0) + tally.people
    return standings, reasons


def tell_again(
    chunk: ChunkState | None, event: EventKind | None, *, same_address: bool
) -> bool:
    """Tell whether a person of an earlier campaign may be written the same letter to.

    Only where it is certain that the letter did not reach them, and never again to an
    address that did not work.
    """
    if event is not None and event not in FAILED:
        return False
    if event is not None or chunk is ChunkState.REJECTED:
        return not same_address
    return chunk in {None, ChunkState.CANCELLED}


def folder(obligation: str) -> Folder:
    """Return whom a notice of `obligation` is for."""
    return _FOLDERS.get(obligation, Folder.STAFF)


def sender_of(organisation: Organisation) -> Sender:
    """Return who notices come from: the data protection officer, whom Art. 34(2) GDPR names.

    Answers reach a person, so the address is one that is read.
    """
    address = organisation.dpo.email or organisation.contact.email
    return Sender(organisation.name, address, address)


def batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield `things` in lists of at most `size`."""
    source = iter(things)
    while batch := list(islice(source, size)):
        yield batch
