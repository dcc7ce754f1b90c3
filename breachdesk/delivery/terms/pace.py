"""Words for how fast a campaign goes, in which waves, and when it stops by itself."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from breachdesk.kernel.errors import Problem, Unusable

WHOLE = 1.0
WAVES = (0.01, 0.1, WHOLE)
"""One in a hundred, one in ten, the rest: a mistake in the text shows in the first."""
BOUNCE_RATE, COMPLAINT_RATE = 0.05, 0.003
"""Above these a campaign stops: mailbox providers refuse whoever goes on (mail.md §4)."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day in which no message leaves: from, until, and in which zone."""

    since: str
    until: str
    zone: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How a campaign is sent. The default is: all of it, at once.

    `hourly` is a cap in messages, `ramp` what it is multiplied by each hour; `waves` are
    shares of the whole, the last one all; the rates stop the campaign.
    """

    hourly: int | None = None
    ramp: float = 1.0
    waves: tuple[float, ...] = (WHOLE,)
    quiet: Quiet | None = None
    bounce_rate: float = BOUNCE_RATE
    complaint_rate: float = COMPLAINT_RATE

    def __post_init__(self) -> None:
        """Refuse a pace that stands still, or waves that do not grow to the whole."""
        if self.hourly is not None and self.hourly < 1:
            raise Unusable(Problem("is less than one message an hour", field="hourly"))
        if not 1.0 <= self.ramp <= 10.0:  # noqa: PLR2004  (ten times an hour is no ramp)
            raise Unusable(Problem("lies between 1 and 10", field="ramp"))
        grows = all(a < b for a, b in zip(self.waves, self.waves[1:], strict=False))
        if not self.waves or self.waves[-1] != WHOLE or self.waves[0] <= 0 or not grows:
            raise Unusable(Problem("grow from above 0 to 100 %", field="waves"))
        for name in ("bounce_rate", "complaint_rate"):
            if not 0 < getattr(self, name) <= 1:
                raise Unusable(Problem("lies above 0 and not above 100 %", field=name))

    def as_json(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return asdict(self)


def pace_of(kept: Mapping[str, Any] | None) -> Pace:
    """Return a pace as it was kept."""
    if not kept:
        return Pace()
    quiet = kept.get("quiet")
    given = {**kept, "waves": tuple(kept["waves"]), "quiet": Quiet(**quiet) if quiet else None}
    return Pace(**given)


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the last message of a campaign will have been handed over, as things go."""

    left: int
    hourly: int | None
    ends_at: datetime | None
