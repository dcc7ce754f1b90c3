"""Directories and lists in workbooks, and in databases of both kinds."""

import logging
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it has no types
from sqlalchemy import create_engine, make_url, text

import scoping_world as world
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap.terms import Retention
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping import errands, reading, rules
from breachdesk.scoping.terms import Ring

LOG = {
    "files": ["log.ndjson"], "format": "ndjson",
    "map": {"at": "ts", "token": "t", "path": "p"},
}  # fmt: skip
COLUMNS = {"person": "id", "email": "mail", "erased_at": "gone"}
ROWS: list[tuple[Any, ...]] = [
    ("id", "mail", "gone"),
    ("u1", "u1@x.fr", None),
    (7, "seven@x.fr", None),
    ("u3", "u3@x.fr", datetime(2020, 1, 1)),  # noqa: DTZ001  (a cell has no offset)
]


def asked(folder: Path, **directory: Any) -> str:
    rows = [
        {"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": f"/users/{key}"}
        for key in ("u1", "7", "u3")
    ]
    world.ndjson(folder / "log.ndjson", rows)
    return world.question(
        evidence=[LOG],
        directory=[{"store": "accounts", "map": COLUMNS, **directory}],
        intruder={"token": ["tok"]},
    )


def workbook(path: Path, rows: list[tuple[Any, ...]], sheet: str = "Sheet1") -> None:
    with xlsxwriter.Workbook(path, {"remove_timezone": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        book.add_worksheet("Notes").write(0, 0, "nothing")
        kept = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                kept.write(number, column, value, day if isinstance(value, datetime) else None)


class TestWorkbooks:
    def test_are_read_sheet_by_sheet(self, tmp_path: Path) -> None:
        workbook(tmp_path / "people.xlsx", ROWS, "People")
        chosen = {"files": ["people.xlsx"], "sheet": "People", "zone": "Europe/Paris"}

        people = world.listed(tmp_path, asked(tmp_path, **chosen))

        assert people.keys() == {"u1", "7"}
        assert people["7"].email == "seven@x.fr"

    def test_say_which_sheets_there_are(self, tmp_path: Path) -> None:
        workbook(tmp_path / "people.xlsx", ROWS, "People")

        with pytest.raises(
            Unusable, match=r"people\.xlsx: has no sheet 'Peple'; the nearest is 'People'"
        ):
            world.counts(tmp_path, asked(tmp_path, files=["people.xlsx"], sheet="Peple"))

    def test_need_their_columns(self, tmp_path: Path) -> None:
        workbook(tmp_path / "people.xlsx", ROWS, "People")

        with pytest.raises(Unusable, match=r"people\.xlsx:1: does not name its columns"):
            world.counts(tmp_path, asked(tmp_path, files=["people.xlsx"]))

    @pytest.mark.parametrize("content", [b"no workbook", b"PK\x03\x04" + bytes(100)])
    def test_are_refused_when_they_are_none(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "people.xlsx").write_bytes(content)

        with pytest.raises(Unusable, match=r"people\.xlsx: is not a workbook"):
            world.counts(tmp_path, asked(tmp_path, files=["people.xlsx"]))

    def test_hold_lists_of_people_too(self, tmp_path: Path) -> None:
        (tmp_path / "people.csv").write_text("id,mail,gone\nu1,u1@x.fr,\n7,seven@x.fr,\n")
        workbook(tmp_path / "leak.xlsx", [("mail", "n"), ("U1@X.fr ", 1), ("no@x.fr", 2)], "L")
        listed = {
            "people": ["leak.xlsx"], "categories": ["contact"], "column": "mail", "sheet": "L",
        }  # fmt: skip
        text = world.question(
            evidence=[listed],
            directory=[{"files": ["people.csv"], "store": "accounts", "map": COLUMNS}],
        )

        with world.measured(tmp_path, text) as (found, population):
            [person] = population.people(found.people, Ring.PROVEN)

        assert person.person_key == "u1"
        assert person.why == ("leak.xlsx line 1: on the list",)
        assert found.counts["unmatched"]["unknown_people"] == 1


class TestDatabases:
    @pytest.fixture
    def address(self, database_url: str) -> str:
        """Return a database of both kinds with a table of people in it."""
        url = database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE crm (id TEXT, mail TEXT, gone TIMESTAMP)"))
            rows = [
                {"id": f"u{number}", "mail": f"u{number}@x.fr", "gone": None}
                for number in range(25_000)
            ]
            connection.execute(text("INSERT INTO crm VALUES (:id, :mail, :gone)"), rows)
            connection.execute(text("UPDATE crm SET gone = '2020-01-01' WHERE id = 'u3'"))
        engine.dispose()
        return database_url

    QUERY = "SELECT id, mail, gone FROM crm"

    def test_are_asked_and_streamed(self, tmp_path: Path, address: str) -> None:
        chosen = {"sql": address, "query": self.QUERY, "zone": "UTC"}

        with world.measured(tmp_path, asked(tmp_path, **chosen)) as (found, population):
            people = [each.person_key for each in population.people(found.people, Ring.PROVEN)]
        turned = {**chosen, "query": self.QUERY + " ORDER BY mail DESC"}
        with world.measured(tmp_path, asked(tmp_path, **turned)) as (again, _):
            pass

        assert people == ["u1"]
        assert found.counts["directory"] == 25_000
        assert found.counts["excluded"]["erased_before_window"] == 1
        [answer] = [each for each in found.files if each.part == "directory[0]"]
        assert answer.sha256 == again.files[-1].sha256
        assert not list((tmp_path / "scoping").glob("*"))

    def test_are_asked_as_it_is_written(self, tmp_path: Path, address: str) -> None:
        signs = self.QUERY + " WHERE id LIKE 'u%' AND ':id \\:x' <> mail AND '%(x)s::y' <> mail"

        counts = world.counts(tmp_path, asked(tmp_path, sql=address, query=signs, zone="UTC"))

        assert counts["directory"] == 25_000

    def test_are_never_written_to(self, tmp_path: Path, address: str) -> None:
        with pytest.raises(Unusable, match=r"directory\[0\]\.query: "):
            world.counts(tmp_path, asked(tmp_path, sql=address, query="DELETE FROM crm"))

        engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://", 1))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM crm")).scalar() == 25_000
        engine.dispose()

    def test_keep_their_password_to_themselves(
        self,
        tmp_path: Path,
        address: str,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        named = make_url(address).set(password="hunter-2")
        if named.get_backend_name() == "sqlite":  # it knows no passwords: it must be refused
            named = named.set(username="eve")
        secret = named.render_as_string(hide_password=False)
        question = reading.parse(
            asked(tmp_path, sql=secret, query=self.QUERY, zone="UTC"),
            tmp_path / "q.toml",
            world.datamap(),
        )
        assert "hunter-2" not in question.text
        assert "hunter-2" not in repr(question)
        population = DuckDBPopulation(tmp_path / "scoping")
        with (
            pytest.raises(Unusable, match=r"^((?!hunter-2).)*$")
            if named.get_backend_name() == "sqlite"
            else nullcontext()
        ):
            errands.measure(
                transactions, population, actor, incident.id, world.datamap(), question
            )
        with transactions.open(actor) as tx:
            kept = [
                str(row)
                for table in ("scoping_scopes", "audit_entries")
                for row in tx.session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608  (two names of ours)
            ]
        assert not any("hunter-2" in row for row in (*kept, caplog.text))

    @pytest.mark.parametrize(
        ("sql", "query", "said"),
        [
            ("nosuch://x/y", "SELECT 1", r"directory\[0\]\.sql: is no address"),
            ("sqlite://", "SELECT nothing", r"query: cannot be answered by the database"),
            ("sqlite://", "SELECT 1 AS other", r"has no column 'id'"),
            (
                "postgresql://eve:hunter-2@127.0.0.1:1/x", "SELECT 1",
                r"query: cannot be answered by the database \(OperationalError\)$",
            ),
        ],
    )  # fmt: skip
    def test_say_what_is_wrong(self, tmp_path: Path, sql: str, query: str, said: str) -> None:
        with pytest.raises(Unusable, match=said):
            world.counts(tmp_path, asked(tmp_path, sql=sql, query=query))


class TestLegalHold:
    """In a dispute everything about it is kept, whatever the periods say."""

    def asked(self, folder: Path, *, held: tuple[str, ...]) -> str:
        (folder / "c.csv").write_text("contact_id,synced_at\nc1,2026-01-01T00:00:00Z\n")
        (folder / "leak.txt").write_text("c1\n")
        text = world.question(
            evidence=[{"people": ["leak.txt"], "categories": ["contact"]}],
            directory=[
                {"files": ["c.csv"], "store": "contacts",
                 "map": {"person": "contact_id", "synced_at": "synced_at"}},
            ],
            readable=["contacts"],
        )  # fmt: skip
        return text.replace("schema = 1\n", f"schema = 1\nlegal_hold = {world.toml(held)}\n")

    @pytest.mark.parametrize(("held", "late"), [((), 1), (("contacts",), 0)])
    def test_keeps_whom_the_period_would_have_erased(
        self, tmp_path: Path, held: tuple[str, ...], late: int
    ) -> None:
        found = world.counts(tmp_path, self.asked(tmp_path, held=held))

        assert found["rings"]["proven"] == 1
        assert found["held_past_retention"] == late

    def test_is_part_of_what_was_asked_and_names_stores(self, tmp_path: Path) -> None:
        plain, held = (
            reading.parse(
                self.asked(tmp_path, held=stores), tmp_path / "q.toml", world.datamap()
            )
            for stores in ((), ("contacts",))
        )

        assert rules.digest(plain, (), "") != rules.digest(held, (), "")
        with pytest.raises(Unusable, match="the data map has no store 'contact'"):
            reading.parse(
                self.asked(tmp_path, held=("contact",)), tmp_path / "q.toml", world.datamap()
            )

    @pytest.mark.parametrize(("held", "there"), [((), 1), (("accounts",), 2)])
    def test_counts_them_among_the_population(
        self, tmp_path: Path, held: tuple[str, ...], there: int
    ) -> None:
        (tmp_path / "a.csv").write_text(
            "user_id,closed_at\nu1,2020-01-01T00:00:00Z\nu2,2026-01-01T00:00:00Z\n"
        )
        text = world.question(
            directory=[
                {"files": ["a.csv"], "store": "accounts",
                 "map": {"person": "user_id", "closed_at": "closed_at"}},
            ],
        )  # fmt: skip
        text = text.replace("schema = 1\n", f"schema = 1\nlegal_hold = {world.toml(held)}\n")

        found = world.counts(tmp_path, text)

        assert found["rings"]["population"] == there
        assert found["excluded"]["retention_over"] == 2 - there


PEOPLE = "('u1', 'u1@x.fr', NULL), ('7', '', '2020-01-01T00:00:00Z')"


def columns_of(path: Path, rows: str) -> None:
    """Write people as Parquet, their values not packed."""
    duckdb.execute(
        f"COPY (FROM (VALUES {rows}) AS v(id, mail, gone)) TO '{path}' "
        "(FORMAT parquet, COMPRESSION uncompressed)"
    )


class TestColumns:
    def test_of_several_files_are_read_where_they_lie(self, tmp_path: Path) -> None:
        columns_of(tmp_path / "a.parquet", PEOPLE)
        columns_of(tmp_path / "b.parquet", "('u3', 'u3@x.fr', NULL), ('u4', NULL, NULL)")

        text = asked(tmp_path, files=["a.parquet", "b.parquet"])

        assert set(world.listed(tmp_path, text)) == {"u1", "u3"}
        everyone = world.listed(tmp_path, text, Ring.POPULATION)
        assert {each.person_key: each.email for each in everyone.values()} == {
            "u1": "u1@x.fr", "u3": "u3@x.fr", "u4": None,
        }  # fmt: skip

    def test_are_one_directory_with_rows_of_text(self, tmp_path: Path) -> None:
        columns_of(tmp_path / "a.parquet", PEOPLE)
        (tmp_path / "b.csv").write_text("id,mail,gone\nu3,u3@x.fr,\nu1,,\n")

        text = asked(tmp_path, files=["a.parquet", "b.csv"])

        assert {key: each.email for key, each in world.listed(tmp_path, text).items()} == {
            "u1": "u1@x.fr", "u3": "u3@x.fr",
        }  # fmt: skip
        assert world.counts(tmp_path, text)["duplicates"] == 1

    def test_with_instants_of_rare_spelling_are_understood(self, tmp_path: Path) -> None:
        columns_of(tmp_path / "a.parquet", "('u1', '', NULL), ('u3', '', '1 January 2020')")
        columns_of(tmp_path / "b.parquet", "('u1', '', NULL), ('u3', '', '2020-01-01')")

        assert set(world.listed(tmp_path, asked(tmp_path, files=["b.parquet"]))) == {"u1"}
        with pytest.raises(Unusable, match=r"a\.parquet: gone: row 2 holds no instant"):
            world.counts(tmp_path, asked(tmp_path, files=["b.parquet", "a.parquet"]))

    def test_without_a_key_are_refused_by_file_and_row(self, tmp_path: Path) -> None:
        columns_of(tmp_path / "a.parquet", PEOPLE)
        columns_of(tmp_path / "b.parquet", "('u3', '', NULL), ('', 'u4@x.fr', NULL)")

        with pytest.raises(Unusable, match=r"b\.parquet: id: row 2 is broken or has no key"):
            world.counts(tmp_path, asked(tmp_path, files=["a.parquet", "b.parquet"]))

    def test_that_are_damaged_are_named(self, tmp_path: Path) -> None:
        columns_of(tmp_path / "a.parquet", PEOPLE)
        columns_of(tmp_path / "b.parquet", "('u3', 'u3@x.fr', NULL)")
        content = bytearray((tmp_path / "b.parquet").read_bytes())
        content[content.index(b"u3@x.fr") - 1] = 0xFF  # the length of the address
        (tmp_path / "b.parquet").write_bytes(content)

        with pytest.raises(Unusable, match=r"^b\.parquet: "):
            world.counts(tmp_path, asked(tmp_path, files=["a.parquet", "b.parquet"]))

    @pytest.mark.parametrize(
        "key", ["['7', '8']", "{'id': '7'}", "map {'id': '7'}", "[7, 8]::INTEGER[2]"]
    )
    def test_of_several_values_are_no_key(self, tmp_path: Path, key: str) -> None:
        columns_of(tmp_path / "a.parquet", f"({key}, 'seven@x.fr', NULL)")

        with pytest.raises(Unusable, match=r"a\.parquet: id: holds several values in one"):
            world.counts(tmp_path, asked(tmp_path, files=["a.parquet"]))

    def test_that_are_no_text_are_told_from_damaged_ones(self, tmp_path: Path) -> None:
        columns_of(tmp_path / "a.parquet", "('\\xFF'::BLOB, 'seven@x.fr', NULL)")

        with pytest.raises(Unusable, match=r"^a\.parquet: is not UTF-8"):
            world.counts(tmp_path, asked(tmp_path, files=["a.parquet"]))

    def test_are_found_by_their_names_to_the_letter(self, tmp_path: Path) -> None:
        duckdb.execute(
            "COPY (SELECT '7' AS ID, '' AS mail, NULL AS gone) "
            f"TO '{tmp_path / 'a.parquet'}' (FORMAT parquet)"
        )

        with pytest.raises(Unusable, match=r"a\.parquet: has no column 'id'.*'ID'"):
            world.counts(tmp_path, asked(tmp_path, files=["a.parquet"]))

    @pytest.mark.parametrize("ending", ["csv", "parquet"])
    @pytest.mark.parametrize(
        "after",
        ["of_all", "number", "after", "after_plain", "erased", "erased_plain", "said_after",
         "person_typed"],
    )  # fmt: skip
    def test_of_retention_may_have_any_name(
        self, tmp_path: Path, after: str, ending: str
    ) -> None:
        rows = "('u1', '2026-11-01T00:00:00Z'), ('u3', NULL), ('7', '2020-01-01T00:00:00Z')"
        duckdb.execute(
            f"COPY (FROM (VALUES {rows}) AS v(id, gone)) TO '{tmp_path / ('a.' + ending)}'"
        )
        held = world.datamap()
        stores = [
            replace(each, retention=Retention(keep="P30D", after=after)) for each in held.stores
        ]
        text = asked(tmp_path, files=[f"a.{ending}"], map={"person": "id", after: "gone"})

        with world.measured(tmp_path, text, replace(held, stores=tuple(stores))) as (found, _):
            assert found.counts["rings"]["proven"] == 3
            assert found.counts["held_past_retention"] == 1

    @pytest.mark.parametrize("kind", ["TIMESTAMPTZ", "TIMESTAMPTZ_NS"])
    def test_hold_instants_with_an_offset_however_fine(self, tmp_path: Path, kind: str) -> None:
        gone = "CAST('2026-11-19 {}:00+00' AS " + kind + ")"
        people = f"('u1', '', {gone.format('11:59')}), ('7', '', {gone.format('12:00')})"
        columns_of(tmp_path / "a.parquet", f"{people}, ('u3', '', NULL)")

        assert set(world.listed(tmp_path, asked(tmp_path, files=["a.parquet"]))) == {"7", "u3"}


class TestSessions:
    """Sessions in several files: what cannot be used is named by its file and row."""

    @pytest.mark.parametrize(
        ("rows", "says"),
        [
            ("('s1', 'u1', '', NULL), (NULL, 'u3', '', NULL)",
             "session: row 2 is broken or has no session"),
            ("('s1', 'u1', '', NULL), ('s2', '', '', NULL)",
             "person: row 2 is broken or has no person"),
            ("('s1', 'u1', '', 'soon'), ('s2', 'u3', '', 'later')",
             "from: row 1 holds no instant that can be understood"),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("ending", ["csv", "parquet"])
    def test_are_refused_by_file_and_row(
        self, tmp_path: Path, rows: str, says: str, ending: str
    ) -> None:
        with pytest.raises(Unusable, match=rf"^b\.{ending}: {says}"):
            world.counts(tmp_path, self.asked(tmp_path, ending, rows))

    def test_that_are_damaged_are_named(self, tmp_path: Path) -> None:
        text = self.asked(tmp_path, "parquet", "('s7', 'seven', '', NULL)")
        content = bytearray((tmp_path / "b.parquet").read_bytes())
        content[content.index(b"seven") - 1] = 0xFF  # the length of the key
        (tmp_path / "b.parquet").write_bytes(content)

        with pytest.raises(Unusable, match=r"^b\.parquet: "):
            world.counts(tmp_path, text)

    def asked(self, folder: Path, ending: str, rows: str) -> str:
        """Return a question with two files of sessions, the second of which has `rows`."""
        for name, several in (
            ("a", "('s0', 'u1', '', NULL), ('s9', 'u3', '', NULL)"),
            ("b", rows),
        ):
            duckdb.execute(
                f'COPY (FROM (VALUES {several}) AS v(session, person, ip, "from")) '
                f"TO '{folder / name}.{ending}'"
                + (" (FORMAT parquet, COMPRESSION uncompressed)" if ending != "csv" else "")
            )
        (folder / "people.csv").write_text("id,mail,gone\nu1,,\n")
        world.ndjson(folder / "log.ndjson", [
            {"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": "/users/u1", "s": "s0"},
        ])  # fmt: skip
        names = ("session", "person", "ip", "from")
        columns = {"at": "ts", "token": "t", "path": "p", "session": "s"}
        return world.question(
            evidence=[{**LOG, "map": columns}],
            directory=[{"store": "accounts", "files": ["people.csv"], "map": COLUMNS}],
            sessions=[
                {"files": [f"a.{ending}", f"b.{ending}"], "map": {n: n for n in names}},
            ],
            intruder={"token": ["tok"]},
        )
