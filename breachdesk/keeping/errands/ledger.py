"""The list of destroyed keys that lies beside backups: what it names never comes back."""

from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.sealing import write_whole

NAME = "purged.ledger"


def remember(folder: Path, destroyed: Collection[UUID]) -> None:
    """Add ids to the ledger of a folder; what it holds already stays."""
    known = recall(folder) | set(destroyed)
    write_whole(folder / NAME, "".join(f"{each}\n" for each in sorted(known)).encode())


def recall(folder: Path) -> frozenset[UUID]:
    """Return the ids in the ledger of a folder; none where there is none. Raises Unusable."""
    path = folder / NAME
    if not path.exists():
        return frozenset()
    found = set()
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
        try:
            found.add(UUID(line))
        except ValueError:
            raise Unusable(Problem("is no id of a key", file=str(path), line=number)) from None
    return frozenset(found)
