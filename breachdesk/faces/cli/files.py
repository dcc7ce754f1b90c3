"""Files that a command writes: whole, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from breachdesk.kernel.errors import Problem, Unusable


def write(path: Path, made: bytes) -> None:
    """Write `made` to `path`, whole or not at all. Raises Unusable where it cannot."""
    with writing(path) as out:
        out.write(made)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that is at `path` whole, or not at all. Raises Unusable where it cannot."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as out:
            yield out
        partial.replace(path)
    except OSError as error:
        raise Unusable(
            Problem(f"cannot be written: {error.strerror}", file=str(path))
        ) from None
    finally:
        partial.unlink(missing_ok=True)
