"""What goes into every inspection pack as it lies among the templates."""

from pathlib import Path

from breachdesk.kernel.errors import Problem, Unknown

FILES = ("LISEZMOI.txt", "verify.py")


def stationery(templates: Path) -> dict[str, bytes]:
    """Return the note to the reader and the program that checks the pack. Raises Unknown."""
    found = {}
    for name in FILES:
        path = templates / "register" / name
        if not path.is_file():
            raise Unknown(Problem("there is no such file", str(path)))
        found[name] = path.read_bytes()
    return found
