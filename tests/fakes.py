"""Stand-ins for the outside worlds, held to the same contracts as the real ones."""

import email
import email.policy
from collections.abc import Iterator, Sequence
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

from breachdesk.delivery.rules import Letters
from breachdesk.delivery.terms import (
    NO_TICKET,
    Finding,
    Folder,
    Outcome,
    Parcel,
    Reader,
    Recipient,
    Result,
    Sender,
    Slip,
    Ticket,
)
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping.terms import Person
from conftest import NOW

LANGUAGES = ("fr", "en")
SETS = (("identification_contact",), ("connection_logs", "identification_contact"))


def readers(number: int, *, start: int = 0) -> list[Reader]:
    """Return made-up readers with an address each, in two languages, with two sets of data."""
    return [
        Reader(
            key=f"usr_{n:06d}",
            address=f"person{n}@example.org",
            locale=LANGUAGES[n % 2],
            role="controller",
            categories=SETS[n // 2 % 2],
        )
        for n in range(start, start + number)
    ]


def persons(number: int, *, role: str = "controller") -> list[Person]:
    """Return people as a measured scope lists them."""
    return [
        Person(
            person_key=f"usr_{n:06d}",
            email=f"person{n}@example.org",
            locale="fr" if n % 2 else "en",
            country="FR",
            customer=None,
            stores=("accounts",),
            role=role,
            categories=SETS[1],
            first_touch=NOW,
            last_touch=NOW,
            touches=1,
            why=("read by the intruder",),
        )
        for n in range(number)
    ]


CHUNK = UUID("01900000-0000-7000-8000-000000000001")
SLIP = Slip("BD-2026-0001-1", Folder.PEOPLE, CHUNK, 1)
TEXT = "Bonjour,\n\nFrom the log:\n>From it\nVos données.\ncode -bdt.code-\n"
HTML = "<!doctype html>\n<p>Vos données.</p>\n<p>-bdh.code-</p>\n"


def parcel(
    *addresses: str, slip: Slip = SLIP, code: str = "K7M4-QD2X-9RC", text: str = TEXT
) -> Parcel:
    return Parcel(
        slip=slip,
        sender=Sender("Leadjet, équipe données", "dpo@leadjet.example", "dpo@leadjet.example"),
        at=NOW,
        locale="fr",
        subject="Sécurité de vos données : ce qui s’est passé",
        text=text,
        html=HTML,
        recipients=tuple(
            Recipient(number, address, {"code": code})
            for number, address in enumerate(addresses, start=1)
        ),
    )


def read(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


class NotedMailer:
    """Carries parcels into a list, and remembers which attempts were recalled."""

    name = "noted"
    together = 1
    patience = timedelta(seconds=90)

    def __init__(self) -> None:
        self.chunks: dict[UUID, list[tuple[str, bytes]]] = {}
        self.recalled: set[tuple[UUID, int]] = set()

    @property
    def messages(self) -> list[tuple[str, bytes]]:
        """Return address and content of every message that left."""
        return [message for chunk in self.chunks.values() for message in chunk]

    def has_room(self, out: Sequence[tuple[Ticket, bool]]) -> bool:
        del out
        return True

    def prepare(self) -> Ticket | Outcome:
        return NO_TICKET

    def post(self, parcel: Parcel) -> Outcome:
        slip = parcel.slip
        if slip.chunk in self.chunks:
            return Outcome(Result.ACCEPTED, proof=f"noted {slip.chunk}")
        if (slip.chunk, slip.attempt) in self.recalled:
            return Outcome(Result.RECALLED)
        try:
            letters = Letters(parcel)
            self.chunks[slip.chunk] = [
                (each.address, letters.message(each)) for each in parcel.recipients
            ]
        except Unusable as fault:
            return Outcome(Result.BLOCKED, why=str(fault))
        return Outcome(Result.ACCEPTED, proof=f"noted {slip.chunk}")

    def recall(self, slip: Slip) -> Finding:
        if slip.chunk in self.chunks:
            return Finding.PROVED
        self.recalled.add((slip.chunk, slip.attempt))
        return Finding.ABSENT


class FaultyMailer(NotedMailer):
    """Answers as it is told to, whatever it did; without orders it carries the parcel.

    Each order is a result, and whether the parcel leaves all the same.
    """

    def __init__(self, orders: list[tuple[Result, bool]]) -> None:
        super().__init__()
        self._orders = orders
        self.can_tell = True

    def post(self, parcel: Parcel) -> Outcome:
        if not self._orders:
            return super().post(parcel)
        result, leaves = self._orders.pop(0)
        if leaves:
            super().post(parcel)
        return Outcome(result, why="as ordered")

    def recall(self, slip: Slip) -> Finding:
        return super().recall(slip) if self.can_tell else Finding.CANNOT_TELL


class ChoosyMailer(NotedMailer):
    """Refuses any parcel that holds one of the addresses it dislikes."""

    def __init__(self, disliked: frozenset[str]) -> None:
        super().__init__()
        self._disliked = disliked
        self.sizes: list[int] = []

    def post(self, parcel: Parcel) -> Outcome:
        self.sizes.append(len(parcel.recipients))
        if self._disliked & {each.address for each in parcel.recipients}:
            return Outcome(Result.REFUSED)
        return super().post(parcel)


def addresses(mailer: NotedMailer) -> Iterator[str]:
    """Yield whom the messages went to."""
    for address, _ in mailer.messages:
        yield address
