"""CSV files of addresses, postal and second ones, into terms: read once, and never kept."""

from pathlib import Path

from breachdesk.delivery import rules
from breachdesk.delivery.terms import Postal
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.notices.reading import read_table, rows_of, text_of

NEEDED = ("person", "name", "line1", "postcode", "city")
KNOWN = (*NEEDED, "line2", "line3", "country")
SECOND = ("person_key", "second_address")


def read_postal(path: Path) -> dict[str, Postal]:
    """Return where letters go, by the person's key in the directories.

    Raises Unusable naming each line and column that cannot be used.
    """
    return postal_in(text_of(path), str(path))


def postal_in(content: str, where: str) -> dict[str, Postal]:
    """Return where letters go, of a file that has been read. Raises Unusable."""
    found: dict[str, Postal] = {}
    problems = []
    for line, said in read_table(content, where, NEEDED, KNOWN):
        missing = [name for name in NEEDED if not said.get(name)]
        problems += [Problem("is empty", where, line, name) for name in missing]
        key = said.get("person", "")
        if key in found and not missing:
            problems.append(Problem("stands twice", where, line, "person"))
        elif not missing:
            town = f"{said['postcode']} {said['city']}"
            lines = (said["name"], said["line1"], said.get("line2", ""), said.get("line3", ""))
            every = (*lines, town, said.get("country", ""))
            found[key] = Postal(tuple(each for each in every if each))
    if problems:
        raise Unusable(problems)
    return found


def read_second(path: Path) -> dict[str, str]:
    """Return second addresses by the person's key in the directories; empty cells are none.

    Other columns, such as those of `delivery elsewhere`, are left alone. Raises Unusable
    naming each line whose address cannot be written to.
    """
    return second_in(text_of(path), str(path))


def second_in(content: str, where: str) -> dict[str, str]:
    """Return second addresses, of a file that has been read. Raises Unusable."""
    rows = rows_of(content, where)
    columns = next(rows, (1, []))[1]
    if not set(SECOND) <= set(columns):
        raise Unusable(Problem(f"the first line must name {' and '.join(SECOND)}", where, 1))
    found, problems = {}, []
    for line, row in rows:
        said = dict(zip(columns, row, strict=False))
        key, address = (said.get(name, "").strip() for name in SECOND)
        if address and not rules.usable(address):
            problems.append(Problem("is no e-mail address", where, line, SECOND[1]))
        elif address:
            found[key] = address
    if problems:
        raise Unusable(problems)
    return found
