"""Lists of files that were taken: each path is asked of the routes, and none is dropped."""

import gzip
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scoping_world as world
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping.reading.paths import resource
from breachdesk.scoping.reading.reasons import reason
from breachdesk.scoping.terms import ReasonKind, Ring

GONE = "2026-11-01T00:00:00Z"
LATER = "2026-11-19T00:00:00Z"
PEOPLE = f"user_id,mail,deleted_at\nu1,u1@x.fr,\nu2,u2@x.fr,{GONE}\nu3,u3@x.fr,{LATER}\nü 4,,\n"
CONTACTS = "contact_id,org\nc1,red\nc2,blue\nu1,blue\n"
DIRECTORIES: list[dict[str, Any]] = [
    {"files": ["people.csv"], "store": "accounts",
     "map": {"person": "user_id", "email": "mail", "erased_at": "deleted_at"}},
    {"files": ["contacts.csv"], "store": "contacts",
     "map": {"person": "contact_id", "customer": "org"}},
]  # fmt: skip
SEGMENTS = st.sampled_from(
    ("users", "u1", "u2", "u3", "%C3%BC%204", "u%31", "bills", "7", "contacts", "c1", "c9",
     "cards", "export", "accounts", "", "u1?x=1", "nothing")
)  # fmt: skip
PATHS = st.lists(SEGMENTS, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    (tmp_path / "contacts.csv").write_text(CONTACTS, "utf-8")
    return tmp_path


def asked(*evidence: dict[str, Any], **more: Any) -> str:
    return world.question(evidence=evidence, directory=DIRECTORIES, **more)


def proven(folder: Path, *evidence: dict[str, Any]) -> set[str]:
    return set(world.listed(folder, asked(*evidence)))


class TestPaths:
    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(paths=st.lists(PATHS, min_size=1, max_size=12))
    def test_reach_whom_rows_of_the_first_instant_reach(
        self, folder: Path, paths: list[str]
    ) -> None:
        (folder / "taken.txt").write_text("\n".join(paths))
        at = "2026-11-18T22:00:00+01:00"
        world.ndjson(folder / "log.ndjson", [{"t": "x", "ts": at, "p": p} for p in paths])
        log = {"files": ["log.ndjson"], "format": "ndjson",
               "map": {"at": "ts", "token": "t", "path": "p"}}  # fmt: skip

        expected = world.expected(folder, asked(log, intruder={"token": ["x"]}))
        with world.measured(folder, asked({"exported": "taken.txt"})) as (found, population):
            rings = {ring: list(population.people(found.people, ring)) for ring in Ring}

        counts = found.counts
        assert {
            each.person_key: set(each.categories) for each in rings[Ring.PROVEN]
        } == expected.proven
        assert {each.person_key for each in rings[Ring.REACHABLE]} == expected.reachable
        assert {each.person_key for each in rings[Ring.POPULATION]} == expected.population
        assert counts["by_customer"] == expected.counts["by_customer"]
        assert counts["exported"]["paths"] == len(paths)
        assert counts["exported"]["unmatched"] == expected.counts["unmatched"]["rows"]
        unknown = counts["unmatched"]["unknown_people"]
        assert unknown == expected.counts["unmatched"]["unknown_people"]
        assert (counts["first_touch"], counts["unmatched"]["rows"]) == (None, 0)

    def test_say_why_with_the_line_of_the_original(self, folder: Path) -> None:
        lines = b"\n/users/\xff\n/users/u1\n/users/u1?again\n/nowhere\n/export/contacts/\n"
        (folder / "taken.txt.gz").write_bytes(gzip.compress(lines))

        with world.measured(folder, asked({"exported": "taken.txt.gz"})) as (found, population):
            people = {e.person_key: e for e in population.people(found.people, Ring.PROVEN)}

        why = [reason(each) for each in people["u1"].why]
        assert [(e.kind, e.file, e.row, e.route, e.rule, e.rows) for e in why] == [
            (ReasonKind.EXPORTED, "taken.txt.gz", 3, "GET /users/{user_id}", "taken file", 2),
            (
                ReasonKind.EXPORTED,
                "taken.txt.gz",
                6,
                "GET /export/contacts/",
                "taken export",
                1,
            ),
        ]
        assert (people["u1"].touches, people["c1"].touches) == (3, 1)
        assert found.counts["exported"] == {
            "paths": 4, "unmatched": 1, "examples": [{"file": "taken.txt.gz", "row": 5}],
        }  # fmt: skip
        assert found.counts["unmatched"]["unread_rows"] == 1
        assert found.counts["unread_examples"] == [
            {"file": "taken.txt.gz", "row": 2, "reason": "row"}
        ]
        assert found.counts["records"] == 3

    def test_of_a_listing_open_the_store_and_say_which(self, folder: Path) -> None:
        (folder / "taken.txt").write_text("/contacts/7/cards\n")

        people = world.listed(folder, asked({"exported": "taken.txt"}), Ring.REACHABLE)

        assert set(people) == {"c1", "c2", "u1"}
        why = reason(people["c1"].why[0])
        assert (why.kind, why.file, why.row, why.at) == (
            ReasonKind.BROWSED, "taken.txt", 1, None,
        )  # fmt: skip

    def test_name_people_by_address_too(self, folder: Path) -> None:
        (folder / "taken.txt").write_text("/users/U1%40X.fr\n")

        assert proven(folder, {"exported": "taken.txt"}) == {"u1"}

    @pytest.mark.parametrize(
        ("line", "under", "path"),
        [
            ("exports/u1.pdf", None, "/exports/u1.pdf"),
            ("  /exports/u1.pdf\t", None, "/exports/u1.pdf"),
            ("./exports/u1.pdf", None, "/exports/u1.pdf"),
            ("https://files.example/exports/u1.pdf?sig=1", None, "/exports/u1.pdf?sig=1"),
            ("s3://bucket/a/100%?.csv", None, "/s3/bucket/a/100%25%3F.csv"),
            ("gs://bucket/a", "/elsewhere", "/storage/bucket/a"),
            ("a/b%.csv", "/s3/bucket/", "/s3/bucket/a/b%25.csv"),
            (r"C:\Exports\u1.pdf", None, "/C:/Exports/u1.pdf"),
            (r"\\share\exports\u1.pdf", None, "/share/exports/u1.pdf"),
            ("../../etc/passwd", None, "/../../etc/passwd"),
        ],
    )
    def test_are_understood_as_people_write_them(
        self, line: str, under: str | None, path: str
    ) -> None:
        assert resource(line, under) == path


class TestFiles:
    def test_of_rows_have_a_column(self, folder: Path) -> None:
        rows = "SELECT 'users/u1' AS \"Key\", 1 AS size UNION ALL SELECT NULL, 2"
        duckdb.execute(f"COPY ({rows}) TO '{folder / 'keys.parquet'}' (FORMAT parquet)")
        (folder / "keys.csv").write_text('Key,size\n"users/u3",1\n,3\n,\nusers/u1,2\n')
        keys = {"exported": ["keys.*"], "column": "Key", "under": "/"}

        counts = world.counts(folder, asked(keys))

        assert proven(folder, keys) == {"u1", "u3"}
        assert counts["exported"]["paths"] == 3
        assert [(e["file"], e["row"]) for e in counts["unread_examples"]] == [
            ("keys.csv", 2), ("keys.parquet", 2),
        ]  # fmt: skip

    def test_of_rows_are_refused_where_one_is_none(self, folder: Path) -> None:
        (folder / "keys.csv").write_text("Key,size\nusers/u3,1\nusers/u1\n")

        with pytest.raises(Unusable, match=r"keys\.csv:3: is not a row of the file"):
            proven(folder, {"exported": "keys.csv", "column": "Key"})

    @pytest.mark.parametrize(
        ("evidence", "problem"),
        [
            ({"under": "s3/bucket"}, "under: is 's3/bucket'"),
            ({"column": "Key"}, "column: is given, but taken.txt is a plain list"),
            ({"categories": ["secrets"]}, "categories"),
        ],
    )
    def test_are_refused_for_what_means_nothing(
        self, folder: Path, evidence: dict[str, Any], problem: str
    ) -> None:
        (folder / "taken.txt").write_text("/users/u1\n")

        with pytest.raises(Unusable, match=problem):
            proven(folder, {"exported": "taken.txt", **evidence})

    def test_are_no_way_into_a_statement(self, folder: Path) -> None:
        hostile = "/users/'; DROP TABLE people; --\n/users/$$\n" + "/users/" + "x" * (10 << 20)
        (folder / "taken.txt").write_text(hostile + "\n/users/u1\n")

        assert proven(folder, {"exported": "taken.txt"}) == {"u1"}
