"""A CSV file of customers into terms: whom to alert where we hold the data for them."""

import csv
from pathlib import Path

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.notices.terms import Addressee

NEEDED = ("customer", "email")
KNOWN = (*NEEDED, "name", "locale")


def read_customers(path: Path) -> tuple[Addressee, ...]:
    """Return one addressee a row: `customer` as the directory has it, `email`, and maybe more.

    `name` is what the customer is called, `locale` the language it reads. Columns are parted
    by commas or semicolons. Raises Unusable naming each line and column that cannot be used.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(Problem(f"is not UTF-8 at byte {error.start}", str(path))) from None
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise Unusable(Problem(f"cannot be read: {reason}", str(path))) from None
    head = text.partition("\n")[0]
    rows = csv.reader(
        text.splitlines(), delimiter=";" if head.count(";") > head.count(",") else ","
    )
    columns = [each.strip() for each in next(rows, [])]
    _check(columns, path)
    found: dict[str, Addressee] = {}
    problems = []
    for row in rows:
        if not any(each.strip() for each in row):
            continue
        said = dict(zip(columns, (each.strip() for each in row), strict=False))
        missing = [name for name in NEEDED if not said.get(name)]
        key = said.get("customer", "")
        problems += [
            Problem("is empty", str(path), line=rows.line_num, field=name) for name in missing
        ]
        if key in found and not missing:
            problem = f"{key!r} stands twice; give each customer one address"
            problems.append(Problem(problem, str(path), line=rows.line_num, field="customer"))
        elif not missing:
            found[key] = Addressee(
                key, said.get("name") or key, said["email"], said.get("locale") or None
            )
    if problems:
        raise Unusable(problems)
    return tuple(found.values())


def _check(columns: list[str], path: Path) -> None:
    problems = [
        Problem("the column is missing", str(path), line=1, field=name)
        for name in NEEDED
        if name not in columns
    ]
    problems += [
        Problem(f"is not a column; these are: {', '.join(KNOWN)}", str(path), 1, name)
        for name in columns
        if name not in KNOWN
    ]
    if problems:
        raise Unusable(problems)
