"""The fields of a log."""

from collections.abc import Iterable

from breachdesk.adapters.duckdb_files import Source

FIELDS = (
    "at", "ip", "status", "token", "account", "user_agent", "method", "path", "person",
    "email", "session",
)  # fmt: skip
COLUMNS = {field: "said_at" if field == "at" else field for field in FIELDS}


def texts(source: Source, fields: Iterable[str]) -> str:
    """Return some texts of a source as columns, empty ones as they are."""
    return ", ".join(
        f"{source.fields.get(field, 'CAST(NULL AS VARCHAR)')} AS {COLUMNS[field]}"
        for field in fields
    )


def filled(source: Source) -> str:
    """Return all texts of a source as columns, NULL for an empty one."""
    return ", ".join(
        f"nullif({source.fields[field]}, '') AS {column}"
        if field in source.fields
        else f"CAST(NULL AS VARCHAR) AS {column}"
        for field, column in COLUMNS.items()
    )


def said(source: Source) -> str:
    """Return the texts of a source, and its values where it has types, as columns."""
    typed = [
        f"{expression} AS {field}"
        for field, expression in source.fields.items()
        if field.endswith("_typed")
    ]
    return ", ".join((filled(source), *typed))
