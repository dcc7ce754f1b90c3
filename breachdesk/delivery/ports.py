"""What delivery needs from outside: who carries parcels, who reports on them, who is asked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from breachdesk.delivery.terms import Check, Finding, Outcome, Parcel, Slip, Ticket, Word


class Mailer(Protocol):
    """Carries parcels, and tells afterwards whether it did."""

    @property
    def name(self) -> str:
        """Return how this way of sending is called in the ledger."""

    @property
    def together(self) -> int:
        """Return how many parcels may be posted at once, by as many threads."""

    @property
    def patience(self) -> timedelta:
        """Return how long a posting may take before its outcome counts as unknown."""

    def has_room(self, out: Sequence[tuple[Ticket, bool]]) -> bool:
        """Tell whether one more attempt could still be called back beside those that are out.

        `out` are the attempts, by whatever process, whose outcome is not known yet, and those
        that were called back (True) and may not be forgotten yet. Asks nobody outside: the
        ledger is held meanwhile.
        """

    def prepare(self) -> Ticket | Outcome:
        """Return what the ledger must keep before an attempt is posted; posts nothing.

        Where the outside world gives none, the outcome says so: later, or not before somebody
        acts. Never raises for a fault of the outside world.
        """

    def post(self, parcel: Parcel) -> Outcome:
        """Post one message to each recipient, each alone in To.

        All of them or none, or `parted` where messages travel one by one. Never raises for a
        fault of the outside world, and says `unknown` where it cannot tell. A mailer that
        keeps a record of its own accepts a chunk that it posted before without posting it
        again. An attempt of which `recall` said ABSENT reaches nobody.
        """

    def recall(self, slip: Slip) -> Finding:
        """Tell whether the chunk was posted, and see to it that this attempt never will be.

        After ABSENT no message of this attempt reaches anybody, were it taken before or
        posted late.
        """


class Ear(Protocol):
    """Reads what a carrier reports to us, once it is sure that the carrier did."""

    def hear(self, body: bytes, headers: Mapping[str, str]) -> list[Word]:
        """Return the words in the raw bytes of a report. Raises Forbidden or Unusable."""


class Witness(Protocol):
    """Can be asked afterwards what became of messages."""

    def said_of(self, campaign: str, since: datetime) -> Iterator[Word]:
        """Yield what the carrier's logs hold of a campaign's messages made after `since`."""

    def proves(self, slip: Slip, addresses: Sequence[str], since: datetime) -> Finding:
        """Tell whether an attempt left: PROVED, or ABSENT where it was taken and discarded.

        That nothing is found proves nothing: CANNOT_TELL.
        """

    def rehearse(self, parcel: Parcel) -> Outcome:
        """Have a parcel checked as if it were posted; nothing leaves, nobody is charged."""

    def account(self, messages: int) -> list[Check]:
        """Return what speaks against sending so many messages by this account."""

    def suppressed(self) -> Iterator[str]:
        """Yield the addresses that the carrier will not write to, from before."""


class Names(Protocol):
    """Looks names up in the domain name system."""

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return the TXT records of `name`; None where nobody can tell."""

    def takes_mail(self, domain: str) -> bool | None:
        """Tell whether a domain takes mail, by MX or address; None where nobody can tell."""
