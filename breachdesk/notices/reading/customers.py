"""A CSV file of customers into terms: whom to alert where we hold the data for them."""

from pathlib import Path

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.notices.reading.tables import read_table, text_of
from breachdesk.notices.terms import Addressee

NEEDED = ("customer", "email")
KNOWN = (*NEEDED, "name", "locale")


def read_customers(path: Path) -> tuple[Addressee, ...]:
    """Return the addressees in a file. Raises Unusable."""
    return customers_in(text_of(path), str(path))


def customers_in(text: str, source: str) -> tuple[Addressee, ...]:
    """Return one addressee a row: `customer` as the directory has it, `email`, and maybe more.

    `name` is what the customer is called, `locale` the language it reads. Raises Unusable
    naming each line and column that cannot be used.
    """
    found: dict[str, Addressee] = {}
    problems = []
    for line, said in read_table(text, source, NEEDED, KNOWN):
        missing = [name for name in NEEDED if not said.get(name)]
        key = said.get("customer", "")
        problems += [Problem("is empty", source, line, name) for name in missing]
        if key in found and not missing:
            problem = f"{key!r} stands twice; give each customer one address"
            problems.append(Problem(problem, source, line, "customer"))
        elif not missing:
            found[key] = Addressee(
                key, said.get("name") or key, said["email"], said.get("locale") or None
            )
    if problems:
        raise Unusable(problems)
    return tuple(found.values())
