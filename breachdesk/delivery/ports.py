"""What delivery needs from the outside world: someone who carries parcels."""

from datetime import timedelta
from typing import Protocol

from breachdesk.delivery.terms import Finding, Outcome, Parcel, Slip


class Mailer(Protocol):
    """Carries parcels, and tells afterwards whether it did."""

    @property
    def name(self) -> str:
        """Return how this way of sending is called in the ledger."""

    @property
    def patience(self) -> timedelta:
        """Return how long a posting may take before its outcome counts as unknown."""

    def post(self, parcel: Parcel) -> Outcome:
        """Post one message to each recipient, each alone in To; all of them or none.

        Never raises for a fault of the outside world, and says `unknown` where it cannot
        tell. A chunk that was posted before is accepted again without being posted again;
        an attempt that was recalled before is not posted.
        """

    def recall(self, slip: Slip) -> Finding:
        """Tell whether the chunk was posted, and see to it that this attempt never will be.

        After ABSENT a late `post` of the same attempt posts nothing.
        """
