"""The fields of a log, and where a row of it lies."""

from collections.abc import Sequence

import duckdb

from breachdesk.adapters import duckdb_lines
from breachdesk.adapters.duckdb_engine import text
from breachdesk.adapters.duckdb_files import Source
from breachdesk.scoping.terms import File

FIELDS = (
    "at", "ip", "status", "token", "account", "user_agent", "method", "path", "person",
    "email", "session",
)  # fmt: skip
COLUMNS = {field: "said_at" if field == "at" else field for field in FIELDS}


def texts(source: Source) -> str:
    """Return the texts of a source as columns, empty ones as they are."""
    return ", ".join(
        f"{source.fields.get(field, 'CAST(NULL AS VARCHAR)')} AS {column}"
        for field, column in COLUMNS.items()
    )


def said(source: Source) -> str:
    """Return the texts of a source, and its values where it has types, as columns."""
    filled = [
        f"nullif({source.fields[field]}, '') AS {column}"
        if field in source.fields
        else f"CAST(NULL AS VARCHAR) AS {column}"
        for field, column in COLUMNS.items()
    ]
    typed = [
        f"{expression} AS {field}"
        for field, expression in source.fields.items()
        if field.endswith("_typed")
    ]
    return ", ".join((*filled, *typed))


def which(files: Sequence[File], path: str = duckdb_lines.WHICH) -> str:
    """Return the place of a row's file among some files."""
    if len(files) == 1:
        return "0"
    paths = dict.fromkeys(text(str(file.path)) for file in files)
    return f"CAST(enum_code(CAST({path} AS ENUM ({', '.join(paths)}))) AS INTEGER)"


def culprit(files: Sequence[File], error: duckdb.Error) -> str:
    """Return the name of the file that an error speaks of, else of the first."""
    return next((each.name for each in files if str(each.path) in str(error)), files[0].name)
