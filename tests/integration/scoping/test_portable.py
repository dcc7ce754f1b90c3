"""The statements of a measure, told to other engines: what reads files stays behind names."""

from pathlib import Path

import pytest
import sqlglot
from sqlglot.errors import ErrorLevel

import scoping_world as world
from breachdesk.adapters.duckdb_engine import INPUT

AT = "2026-11-19T12:00:00Z"
ROW = {
    "ts": AT, "auth": {"token": "tok", "login": "eve"}, "ua": "curl", "addr": "203.0.113.9",
    "method": "GET", "path": "/users/u1", "status": 200, "who": "u2", "sid": "s1",
    "mail": "u1@x.fr",
}  # fmt: skip
PATHS = ("/users/u1", "/users", "/export/accounts", "/contacts/c1", "/nothing", "/users/u%31")
OURS = ("read_", "parquet_kv_metadata", "COPY ", "GLOB")


def statements(folder: Path, *, twice: bool) -> list[str]:
    """Return the statements of a measure with everything in it."""
    world.ndjson(folder / "log.ndjson", [ROW | {"path": path} for path in PATHS])
    person = {
        "user_id": "u1", "mail": "u1@x.fr", "lang": "fr", "country": "FR", "org": "o1",
        "deleted_at": None, "closed_at": None,
    }  # fmt: skip
    contact = {
        "contact_id": "u1" if twice else "c1", "mail": "c@x.fr", "lang": "fr", "country": "FR",
        "org": "o", "synced_at": AT,
    }  # fmt: skip
    world.ndjson(folder / "accounts.ndjson", [person])
    world.ndjson(folder / "contacts.ndjson", [contact])
    session = {"session": "s1", "person": "u1", "ip": "203.0.113.9", "from": AT, "until": AT}
    world.ndjson(folder / "sessions.ndjson", [session])
    (folder / "taken.txt").write_text("/users/u1\n/users\n/export/contacts/\n/nothing\n")
    (folder / "leak.txt").write_text("u1\nu1@x.fr\nu9\n", "utf-8")
    log = {"files": ["log.ndjson"], "format": "ndjson"}
    text = world.question(
        evidence=[
            {**log, "map": {**world.LOG_MAP, "session": "sid", "email": "mail"}},
            {"people": "leak.txt", "categories": ["secrets"]},
            {"exported": "taken.txt"},
        ],
        directory=[
            {"files": ["accounts.ndjson"], "store": "accounts", "map": world.ACCOUNTS_MAP},
            {"files": ["contacts.ndjson"], "store": "contacts", "map": world.CONTACTS_MAP},
        ],
        sessions=[{"files": ["sessions.ndjson"], "map": {key: key for key in session}}],
        intruder={"token": ["tok"], "ip": ["203.0.113.0/24"], "user_agent": ["c*"]},
    )
    with world.measured(folder, text) as (found, _):
        return found.statements.split(";\n")


@pytest.mark.parametrize("twice", [False, True])
class TestStatements:
    @pytest.mark.parametrize("dialect", ["spark", "trino", "bigquery", "snowflake"])
    def test_are_said_in_other_dialects(
        self, tmp_path: Path, dialect: str, *, twice: bool
    ) -> None:
        portable = [
            each for each in statements(tmp_path, twice=twice) if not each.startswith(INPUT)
        ]

        said = [
            sqlglot.transpile(
                each, read="duckdb", write=dialect, unsupported_level=ErrorLevel.RAISE
            )[0]
            for each in portable
        ]

        assert len(portable) > 20
        for each in said:
            assert len(sqlglot.parse(each, read=dialect)) == 1

    def test_that_know_this_engine_alone_are_marked(
        self, tmp_path: Path, *, twice: bool
    ) -> None:
        portable = [
            each for each in statements(tmp_path, twice=twice) if not each.startswith(INPUT)
        ]

        assert not [each for each in portable for word in OURS if word in each]
        assert any("requests" in each for each in portable)
