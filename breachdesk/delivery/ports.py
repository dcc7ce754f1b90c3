"""What delivery needs from the outside world: someone who carries parcels."""

from datetime import timedelta
from typing import Protocol

from breachdesk.delivery.terms import Finding, Outcome, Parcel, Slip, Ticket


class Mailer(Protocol):
    """Carries parcels, and tells afterwards whether it did."""

    @property
    def name(self) -> str:
        """Return how this way of sending is called in the ledger."""

    @property
    def patience(self) -> timedelta:
        """Return how long a posting may take before its outcome counts as unknown."""

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
