"""How far a measure is, told in a small file of the home: no trail entry for each second."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Progress:
    """About how many rows were read, of how many, in how many seconds."""

    rows: int
    of: int
    seconds: float

    @property
    def per_second(self) -> int:
        """Return how many rows a second were read."""
        return round(self.rows / self.seconds) if self.seconds else 0

    @property
    def left(self) -> int | None:
        """Return in about how many seconds all rows are read; None if nobody can tell yet."""
        if not self.rows or self.of <= self.rows:
            return None
        return round((self.of - self.rows) * self.seconds / self.rows)


def place(home: Path, request_id: UUID) -> Path:
    """Return where it is told how far a measure is."""
    return home / "measuring" / f"{request_id}.json"


def seen_of(home: Path, request_id: UUID) -> Progress | None:
    """Return how far a measure is; None if its maker has not said."""
    try:
        return Progress(**json.loads(place(home, request_id).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks on while a measure is made: tells how far it is, and asks whether to stop."""

    file: Path
    seconds: Callable[[], float]
    asked: Callable[[], bool]

    def seen(self, rows: int, of: int) -> None:
        """Tell it to whoever looks at the page."""
        told = self.file.with_suffix(".next")
        told.write_text(json.dumps(asdict(Progress(rows, of, self.seconds()))), "utf-8")
        told.replace(self.file)

    def stopping(self) -> bool:
        """Tell whether to break off."""
        return self.asked()
