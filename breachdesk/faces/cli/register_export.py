"""Which lines of the register are asked for, and how they are written to a file."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from breachdesk.faces.cli.terminal import Terminal
from breachdesk.filings.terms import Form
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.register import rules
from breachdesk.register.terms import Reader, Row, Sought, Status

FORMATS = ("csv", "json", "xlsx", "pdf")
BINARY = ("xlsx", "pdf")
PAPER = "register/register.typ"
PAPER_LINES = 1000
"""Lines that a document on paper may hold: some two thousand pages."""
F = TypeVar("F", bound=Callable[..., Any])


def filters(function: F) -> F:
    """Add the options that say which lines are asked for."""
    for option in (
        click.option("--year", type=int, help="Lines of this year's numbers."),
        click.option(
            "--status",
            type=click.Choice([each.value for each in Status]),
            help="Frozen or not.",
        ),
        click.option("--cause", help="A code of the form's causes."),
        click.option("--notified/--not-notified", default=None, help="Whether filed."),
        click.option("--late/--on-time", default=None, help="Whether past the deadline."),
        click.option("--text", default="", help="Words in title, facts, reasons, lessons."),
        click.option("--drills", is_flag=True, help="Put drills in as well."),
    ):
        function = option(function)
    return function


def check(layout: str, output: Path | None, *, excel: bool) -> None:
    """Raise Unusable for a format that is not there, or that has nowhere to go."""
    if layout not in FORMATS:
        raise Unusable(
            Problem(
                f"{layout!r} is not available; the formats are {', '.join(FORMATS)}",
                field="format",
            )
        )
    if excel and layout != "csv":
        raise Unusable(Problem("goes with --format csv only", field="excel"))
    if layout in BINARY and output is None:
        raise Unusable(Problem(f"name the file that the {layout} goes to", field="output"))


def asked_for(form: Form, asked: Mapping[str, Any]) -> Sought:
    """Return which lines are asked for. Raises Unusable for a cause that is none."""
    causes = [choice.code for choice in form.lists.get("causes", ())]
    if asked["cause"] not in {None, *causes}:
        known = ", ".join(causes)
        raise Unusable(
            Problem(f"{asked['cause']!r} is no cause; these are: {known}", field="cause")
        )
    status = asked["status"] and Status(asked["status"])
    return Sought(**{**asked, "status": status})


def pieces(rows: Iterable[Row], layout: str, *, excel: bool) -> Iterator[str]:
    """Yield the register as text, a line at a time."""
    return rules.json_of(rows) if layout == "json" else rules.csv_of(rows, excel=excel)


def lay_out(
    terminal: Terminal,
    out: BinaryIO,
    rows: Iterable[Row],
    reader: Reader,
    how: tuple[str, bool, datetime],
) -> None:
    """Write the register to `out`: a line at a time, save on paper, which holds so many."""
    layout, excel, now = how
    if layout == "xlsx":
        terminal.desk.writers.xlsx.write(out, rules.sheets(rows, reader))
    elif layout == "pdf":
        out.write(_on_paper(terminal, rows, reader, now))
    else:
        out.writelines(each.encode() for each in pieces(rows, layout, excel=excel))


def _on_paper(terminal: Terminal, rows: Iterable[Row], reader: Reader, now: datetime) -> bytes:
    lines = [*islice(rows, PAPER_LINES + 1)]
    if len(lines) > PAPER_LINES:
        raise Unusable(
            Problem(
                f"pdf holds {PAPER_LINES} lines at most; ask for a --year, or another format",
                field="format",
            )
        )
    digest = rules.sha256("".join(rules.json_of(lines)).encode())
    return terminal.desk.writers.pdf.write(PAPER, rules.paper(lines, reader, now, digest))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
