"""Lists of people known to be in the leak: each line as a key and as an address."""

from collections.abc import Sequence

import duckdb

from breachdesk.adapters import duckdb_lines
from breachdesk.adapters.duckdb_engine import Engine, unreadable
from breachdesk.adapters.duckdb_evidence import Read
from breachdesk.scoping import rules
from breachdesk.scoping.terms import File, PeopleList


def load_lists(engine: Engine, lists: Sequence[PeopleList]) -> Read:
    """Make the table `entries`: each line of the lists as key, trimmed key and address."""
    parts, unread = [], Read()
    engine.run(
        "CREATE TABLE entries "
        "(list INTEGER, file INTEGER, row BIGINT, exact VARCHAR, trimmed VARCHAR, "
        "email VARCHAR)"
    )
    for number, each in enumerate(lists):
        for position, file in enumerate(each.files):
            table = f"list_{number}_{position}"
            parts.append(table)
            unread += _load_list(engine, table, number, file)
    return unread


def _load_list(engine: Engine, table: str, number: int, file: File) -> Read:
    if file.path.stat().st_size == 0:
        return Read()
    relation = duckdb_lines.relation([file], f"{table}_rejects")
    try:
        engine.read(
            f"CREATE TABLE {table} AS SELECT rtrim(line, chr(13)) AS line FROM {relation}"
        )
    except duckdb.Error as error:
        raise unreadable(file.name, error) from None
    engine.lend(
        f"{table}_read",
        {"row": "BIGINT", "exact": "VARCHAR", "trimmed": "VARCHAR", "email": "VARCHAR"},
        (
            (
                row + 1,
                line.lstrip("\ufeff"),
                line.lstrip("\ufeff").strip(),
                rules.email(line.lstrip("\ufeff")),
            )
            for row, line in engine.stream(
                f"SELECT rowid, line FROM {table} WHERE line IS NOT NULL"
            )
            if line.strip("\ufeff \t\r\n")
        ),
    )
    engine.run(
        f"INSERT INTO entries SELECT {number}, {engine.number([file])}, row, exact, trimmed, "
        f"email FROM {table}_read"
    )
    engine.run(f"DROP TABLE {table}")
    lost = engine.one(f"SELECT count(DISTINCT line) FROM {table}_rejects")[0]
    return Read(unread=int(lost))
