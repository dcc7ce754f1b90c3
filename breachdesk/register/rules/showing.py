"""Lines of the register as a person reads them: a workbook, a document on paper."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from breachdesk.filings.terms import Sheet, SheetCell
from breachdesk.kernel.cells import safe
from breachdesk.register.rules.charting import year_on_paper
from breachdesk.register.rules.wording import INSTANTS, local, moment, said
from breachdesk.register.rules.yearly import yearly
from breachdesk.register.terms import CODES, COLUMNS, Cell, Column, Reader, Row

_SHORT = (
    "number", "title", "aware_at", "natures", "people_count", "risk_conclusion",
    "sa_decision", "subjects_decision", "status",
)  # fmt: skip
_PARTS = (
    ("Ce qui s’est passé", "number"),
    ("Étendue", "systems_and_locations"),
    ("Conséquences, risque et mesures", "consequences"),
    ("Notification et information", "sa_decision"),
    ("Enseignements et journal", "lessons"),
)
"""The parts of a line on paper, each with the column that it begins at."""
_WIDE = frozenset(
    {"title", "facts", "discovery_source", "risk_reasoning", "measures_before",
     "measures_after", "sa_filings", "communications", "processor_chain", "complaint",
     "other_regulators", "lessons", "journal"}
)  # fmt: skip
_TITLE = "Registre des violations de données"
_ABOUT = "Article 33, paragraphe 5, du RGPD"


def sheets(rows: Iterable[Row], reader: Reader) -> tuple[Sheet, Sheet]:
    """Return the register as a table with words and dates, and what each column is."""
    return (
        Sheet(
            name="Registre",
            header=[_named(column, reader) for column in COLUMNS],
            rows=_cells(rows, reader),
            widths=[60 if column.code in _WIDE else 22 for column in COLUMNS],
        ),
        Sheet(
            name="Colonnes",
            header=["Code", "Français", "English"],
            rows=[(column.code, column.fr, column.en) for column in COLUMNS],
            widths=[28, 40, 40],
        ),
    )


def paper(rows: Sequence[Row], reader: Reader, at: datetime, digest: str) -> dict[str, Any]:
    """Return what a paper register is set from: a table, the years, then each line whole."""
    by_code = {column.code: column for column in COLUMNS}
    when, on = moment(at.isoformat(), reader), at.astimezone(UTC)
    return {
        "title": " – ".join(filter(None, (_TITLE, reader.house))),
        "author": reader.house,
        "date": [on.year, on.month, on.day, on.hour, on.minute, on.second],
        "about": f"{_ABOUT}. Édité le {when} ({reader.clock})\u00a0: {_counted(len(rows))}.",
        "foot": f"Registre des violations, édité le {when}",
        "digest": digest,
        "columns": [_named(by_code[code], reader) for code in _SHORT],
        "years": [year_on_paper(each, reader) for each in yearly(rows)],
        "rows": [[said(code, row.get(code), reader) for code in _SHORT] for row in rows],
        "lines": [
            {"title": f"{row['number']}\u00a0– {row['title']}", "parts": _parts(row, reader)}
            for row in rows
        ],
    }


def _parts(row: Row, reader: Reader) -> list[dict[str, Any]]:
    codes = [column.code for column in COLUMNS]
    starts = [codes.index(code) for _, code in _PARTS]
    return [
        {
            "title": title,
            "cells": [
                [_named(column, reader), said(column.code, row.get(column.code), reader)]
                for column in COLUMNS[start:end]
            ],
        }
        for (title, _), start, end in zip(
            _PARTS, starts, [*starts[1:], len(COLUMNS)], strict=True
        )
    ]


def _named(column: Column, reader: Reader) -> str:
    return f"{column.fr} ({reader.clock})" if column.code in INSTANTS else column.fr


def _counted(lines: int) -> str:
    return f"{lines} violation{'s' * (lines > 1)}"


def _cells(rows: Iterable[Row], reader: Reader) -> Iterator[list[SheetCell]]:
    """Yield the cells of each line, made when they are asked for."""
    for row in rows:
        yield [_cell(code, row.get(code), reader) for code in CODES]


def _cell(code: str, cell: Cell, reader: Reader) -> SheetCell:
    """Return a cell of the workbook: a date, a number, or a text that computes nothing."""
    if cell in (None, "", []):
        return None
    if code in INSTANTS:
        return local(str(cell), reader)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell
    return safe(said(code, cell, reader))
