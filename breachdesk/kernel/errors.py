"""The tree of what can go wrong; each face maps it once.

::

    BreachDeskError
    ├── Unusable          the input cannot be understood: exit 2, HTTP 422
    │   └── Unknown       it names something that is not there: exit 2, HTTP 404
    ├── Unavailable       not now: database or disk do not answer: exit 1, HTTP 503
    └── Refused           understood, and not allowed in this state: exit 1, HTTP 409
        └── Forbidden     not permitted to this actor: exit 1, HTTP 403

A station's own refusals subclass one of these in the module that raises them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass


class BreachDeskError(Exception):
    """Something BreachDesk can say in one sentence. Never holds data of affected people."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input, and where.

    `line` counts from 1; `field` is a dotted path such as `stores[2].retention.keep`.
    """

    problem: str
    file: str | None = None
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        """Say where and what in one line."""
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        return ": ".join(part for part in (place, self.field, self.problem) if part)

    def as_json(self) -> dict[str, str | int | None]:
        """Return the four fields as the interfaces promise them."""
        return asdict(self)


class Unusable(BreachDeskError):
    """The input cannot be used. Carries every problem found, not only the first."""

    def __init__(self, problems: str | Problem | Sequence[Problem]) -> None:
        """Take one sentence, one problem or several."""
        if isinstance(problems, str):
            problems = Problem(problems)
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        more = len(self.problems) - 1
        first = str(self.problems[0])
        super().__init__(f"{first} (and {more} more)" if more else first)


class Unknown(Unusable):
    """The input names something that does not exist here."""


class Unavailable(BreachDeskError):
    """The database or the disk does not answer. Nothing was changed; try again later."""


class Refused(BreachDeskError):
    """Understood, and not allowed as things stand."""


class Forbidden(Refused):
    """The actor may not do this."""
