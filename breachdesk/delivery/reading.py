"""A CSV file of postal addresses into terms: it is read for one print, and never kept."""

from pathlib import Path

from breachdesk.delivery.terms import Postal
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.notices.reading import read_table, text_of

NEEDED = ("person", "name", "line1", "postcode", "city")
KNOWN = (*NEEDED, "line2", "line3", "country")


def read_postal(path: Path) -> dict[str, Postal]:
    """Return where letters go, by the person's key in the directories.

    Raises Unusable naming each line and column that cannot be used.
    """
    found: dict[str, Postal] = {}
    problems = []
    for line, said in read_table(text_of(path), str(path), NEEDED, KNOWN):
        missing = [name for name in NEEDED if not said.get(name)]
        problems += [Problem("is empty", str(path), line, name) for name in missing]
        key = said.get("person", "")
        if key in found and not missing:
            problems.append(Problem("stands twice", str(path), line, "person"))
        elif not missing:
            town = f"{said['postcode']} {said['city']}"
            lines = (said["name"], said["line1"], said.get("line2", ""), said.get("line3", ""))
            every = (*lines, town, said.get("country", ""))
            found[key] = Postal(tuple(each for each in every if each))
    if problems:
        raise Unusable(problems)
    return found
