"""Logs of well-known products, written by hand from their published formats."""

import gzip
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import scoping_world as world
from breachdesk.datamap.terms import DataMap, People, Route
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping import reading
from breachdesk.scoping.terms import Ring, Stopped
from product_rows import AUDIT, ENTRY, EVENT, READ, TRAIL


def routes(*several: Mapping[str, Any]) -> DataMap:
    made = tuple(
        Route(
            each["match"], People(each.get("people", "one")), "accounts", ("contact",),
            ("GET",), ("2xx",),
        )
        for each in several
    )  # fmt: skip
    return replace(world.datamap(), routes=made)


def asked(folder: Path, file: str, form: str, **intruder: list[str]) -> str:
    people = "".join(f"u{n},u{n}@x.fr\n" for n in range(5))
    (folder / "people.csv").write_text("user_id,mail\n" + people)
    return world.question(
        evidence=[{"files": [file], "format": form}],
        directory=[
            {"files": ["people.csv"], "store": "accounts",
             "map": {"person": "user_id", "email": "mail"}}
        ],
        intruder=intruder,
    )  # fmt: skip


def changed(row: Mapping[str, Any], **parts: Any) -> dict[str, Any]:
    """Return a copy of a row in which some values are others; a dot leads inside."""
    copy = json.loads(json.dumps(row))
    for place, value in parts.items():
        inner = copy
        *way, last = place.split("__")
        for step in way:
            inner = inner[step]
        inner[last] = value
    return dict(copy)


@dataclass(frozen=True)
class Looker:
    """Looks on, and says when to stop."""

    told: list[tuple[int, int]]
    asked: Callable[[], bool]

    def seen(self, rows: int, of: int) -> None:
        self.told.append((rows, of))

    def stopping(self) -> bool:
        return self.asked()


class TestCloudTrail:
    def held(self) -> DataMap:
        return routes(
            {"match": "/s3/backups/accounts/{user_id}"},
            {"match": "/s3/backups", "people": "some"},
        )

    def rows(self) -> list[dict[str, Any]]:
        read = changed(TRAIL, requestParameters__key="accounts/u1")
        return [
            read,
            changed(read, requestParameters__key="accounts/u2", errorCode="AccessDenied"),
            changed(read, requestParameters__key="accounts/u3", readOnly=False),
            changed(
                read, requestParameters__key="accounts/u4", userIdentity__accessKeyId="AKIAOWN"
            ),
            changed(read, sourceIPAddress="cloudtrail.amazonaws.com", requestParameters=None),
        ]

    @pytest.mark.parametrize("name", ["a.json.gz", "a.json", "a.ndjson", "a.jsonl.gz"])
    def test_reads_files_of_records_and_events_a_line(self, tmp_path: Path, name: str) -> None:
        whole = json.dumps({"Records": self.rows()})
        lines = "".join(json.dumps(row) + "\n" for row in self.rows())
        content = (whole if ".json." in f"{name}." and "l" not in name else lines).encode()
        packed = gzip.compress(content) if name.endswith(".gz") else content
        (tmp_path / name).write_bytes(packed)
        text = asked(tmp_path, name, "cloudtrail", token=["AKIAEXAMPLE"])

        with world.measured(tmp_path, text, self.held()) as (found, population):
            people = list(population.people(found.people, Ring.PROVEN))

        assert [each.person_key for each in people] == ["u1"]
        assert people[0].why[0].startswith(f"{name} row 1, 2026-11-19T12:00:00")
        assert found.counts["rows_read"] == 5
        assert found.counts["unmatched"] == {
            "rows": 1, "unknown_people": 0, "unread_rows": 0
        }  # fmt: skip
        assert [each.name for each in found.files] == [name, "people.csv"]

    def test_counts_what_is_no_event(self, tmp_path: Path) -> None:
        lines = ["{broken", *(json.dumps(row) for row in self.rows()), '{"eventTime": 3}']
        (tmp_path / "a.ndjson").write_text("\n".join(lines))
        text = asked(tmp_path, "a.ndjson", "cloudtrail", ip=["203.0.113.0/24"])

        with world.measured(tmp_path, text, self.held()) as (found, _):
            assert found.counts["rows_read"] == 5
            assert found.counts["unmatched"]["unread_rows"] == 2

    def test_passes_over_the_digests_beside_its_files(self, tmp_path: Path) -> None:
        digest = {
            "awsAccountId": "111122223333", "digestStartTime": "2026-11-19T12:01:31Z",
            "digestEndTime": "2026-11-19T13:01:31Z", "digestS3Bucket": "trails",
            "digestS3Object": "AWSLogs/111122223333/CloudTrail-Digest/a.json.gz",
            "logFiles": [{"s3Bucket": "trails", "s3Object": "a", "hashValue": "9bb6"}],
        }  # fmt: skip
        (tmp_path / "digest.json").write_text(json.dumps(digest))
        (tmp_path / "trail.json").write_text(json.dumps({"Records": self.rows()}))
        text = asked(tmp_path, "*.json", "cloudtrail", token=["AKIAEXAMPLE"])

        with world.measured(tmp_path, text, self.held()) as (found, _):
            assert found.counts["rows_read"] == 5
            assert found.counts["unmatched"]["unread_rows"] == 0

    def test_is_refused_when_it_is_cut_off(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text(json.dumps({"Records": self.rows()}, indent=1)[:-30])
        text = asked(tmp_path, "a.json", "cloudtrail", ip=["203.0.113.0/24"])

        with pytest.raises(Unusable, match=r"a\.json: is not whole JSON"):
            world.counts(tmp_path, text)


class TestLargeDocuments:
    """The engine takes room for a document before it reads it, and we say how much."""

    LARGE = 3 << 20
    """More than is tried first."""

    def read(self, folder: Path, name: str, content: bytes) -> list[str]:
        (folder / name).write_bytes(content)
        text = asked(folder, name, "cloudtrail", token=["AKIAEXAMPLE"])
        held = routes({"match": "/s3/backups/accounts/{user_id}"})
        with world.measured(folder, text, held) as (found, population):
            assert found.counts["unmatched"]["unread_rows"] == 0
            people = list(population.people(found.people, Ring.PROVEN))
        return [each.why[0].split(",")[0] for each in people]

    def events(self) -> list[dict[str, Any]]:
        several = [changed(TRAIL, requestParameters__key=f"accounts/u{n}") for n in range(3)]
        several[1]["additionalEventData"] = {"x": "y" * self.LARGE}
        return several

    def test_are_read_plain_and_packed(self, tmp_path: Path) -> None:
        content = json.dumps({"Records": self.events()}).encode()

        for name, written in (("a.json", content), ("b.json.gz", gzip.compress(content, 1))):
            rows = self.read(tmp_path, name, written)
            assert rows == [f"{name} row {number}" for number in (1, 2, 3)]

    def test_are_read_though_the_file_says_that_they_are_small(self, tmp_path: Path) -> None:
        dice = random.Random(3)  # noqa: S311  (no secret)
        noise = "".join(f"{dice.getrandbits(64):016x}" for _ in range(self.LARGE // 16))
        content = json.dumps({"Records": [{**each, "n": noise} for each in self.events()]})
        packed = gzip.compress(content.encode()) + gzip.compress(b"\n")

        assert self.read(tmp_path, "a.json.gz", packed) == [
            f"a.json.gz row {number}" for number in (1, 2, 3)
        ]

    def test_are_read_among_events_a_line(self, tmp_path: Path) -> None:
        small, large, last = self.events()
        lines = [small] * 300 + [large, last]
        content = "".join(json.dumps(each) + "\n" for each in lines).encode()

        assert self.read(tmp_path, "a.ndjson", content) == [
            f"a.ndjson row {number}" for number in (1, 301, 302)
        ]


class TestManyFiles:
    """A trail delivers a file every five minutes: thousands, for a month."""

    @pytest.fixture
    def text(self, tmp_path: Path) -> str:
        read = changed(TRAIL, requestParameters__key="accounts/u1")
        events = ",".join(json.dumps({**read, "requestID": str(n)}) for n in range(4000))
        for number in range(40):
            content = f'{{"Records": [{events}], "file": {number}}}'.encode()
            (tmp_path / f"{number:02}.json.gz").write_bytes(gzip.compress(content, 1))
        return asked(tmp_path, "*.json.gz", "cloudtrail", token=["AKIAEXAMPLE"])

    def held(self) -> DataMap:
        return routes({"match": "/s3/backups/accounts/{user_id}"})

    def test_are_each_read_and_said_to_be(self, tmp_path: Path, text: str) -> None:
        seen: list[tuple[int, int]] = []
        looker = Looker(seen, lambda: False)

        with world.measured(tmp_path, text, self.held(), looker) as (found, population):
            [person] = population.people(found.people, Ring.PROVEN)

        assert found.counts["rows_read"] == 160_000
        assert person.touches == 160_000
        assert person.why[0].startswith("00.json.gz row 1, ")
        rows = [rows for rows, _ in seen]
        assert rows == sorted(rows)
        assert any(0 < rows < whole / 2 for rows, whole in seen)
        assert all(rows <= whole for rows, whole in seen)

    def test_are_left_when_somebody_asks_for_that(self, tmp_path: Path, text: str) -> None:
        seen: list[tuple[int, int]] = []
        looker = Looker(seen, lambda: len(seen) > 1)

        with (
            pytest.raises(Stopped, match="cancelled"),
            world.measured(tmp_path, text, self.held(), looker),
        ):
            pass

        assert seen
        assert max(rows for rows, _ in seen) < 80_000
        assert list((tmp_path / "scoping").iterdir()) == []


class TestPgAudit:
    def test_reads_statements_by_their_object(self, tmp_path: Path) -> None:
        read = {"at": "2026-11-19 12:00:00.123 UTC", "address": "203.0.113.9:51512"}
        lines = [
            AUDIT.format(n=1, message=READ, **read),
            AUDIT.format(n=2, message="connection authorized: user=eve", **read),
            AUDIT.format(
                n=3, message=READ.replace("users", "papers"), at="2026-11-19 13:00:00 CET",
                address="[local]",
            ),
            AUDIT.format(n=4, message=READ.replace("READ", "WRITE"), **read),
            "a line, that is no row\n",
        ]  # fmt: skip
        (tmp_path / "postgresql.csv").write_text("".join(lines))
        held = routes({"match": "/pg/public.users", "people": "all"})
        text = asked(tmp_path, "postgresql.csv", "pgaudit", account=["eve"])

        with world.measured(tmp_path, text, held) as (found, population):
            [first, *others] = population.people(found.people, Ring.PROVEN)

        assert len(others) == 4
        assert first.touches == 1
        assert first.why == (
            (
                "postgresql.csv row 1, 2026-11-19T12:00:00.123000Z: GET /pg/public.users, "
                "whole store"
            ),
        )
        assert found.counts["rows_read"] == 4
        assert found.counts["unmatched"]["rows"] == 1
        assert found.counts["unmatched"]["unread_rows"] == 1

    @pytest.mark.parametrize(
        ("written", "zone", "unread"),
        [
            ("2026-11-19 12:00:00 GMT", None, 0),
            ("2026-11-19 12:00:00.5 CEST", None, 0),
            ("2026-11-19 17:00:00.25 +05", None, 0),
            ("2026-11-19 06:30:00 -0530", None, 0),
            ("2026-11-19 12:00:00 MSK", None, 1),
            ("2026-11-19 12:00:00 MSK", "Europe/Moscow", 0),
        ],
    )
    def test_knows_the_zones_that_are_sure(
        self, tmp_path: Path, written: str, zone: str | None, unread: int
    ) -> None:
        line = AUDIT.format(n=1, message=READ, at=written, address="203.0.113.9:1")
        (tmp_path / "a.csv").write_text(line)
        text = asked(tmp_path, "a.csv", "pgaudit", account=["eve"])
        if zone:
            text = text.replace('format = "pgaudit"', f'format = "pgaudit"\nzone = "{zone}"')

        with world.measured(tmp_path, text, routes()) as (found, _):
            assert found.counts["unmatched"]["unread_rows"] == unread
            assert found.counts["unmatched"]["rows"] == 1 - unread

    @pytest.mark.parametrize(
        ("logged", "held"),
        [
            ('""public.""""My Table""""""', "public.My Table"),
            ('""public.""""a,b""""""', "public.a,b"),
            ("public.users", "public.users"),
        ],
    )
    def test_knows_tables_whose_names_are_quoted(
        self, tmp_path: Path, logged: str, held: str
    ) -> None:
        line = AUDIT.format(
            n=1, message=READ.replace("public.users", logged), at="2026-11-19 12:00:00 UTC",
            address="[local]",
        )  # fmt: skip
        (tmp_path / "a.csv").write_text(line)
        text = asked(tmp_path, "a.csv", "pgaudit", account=["eve"])
        stores = routes({"match": f"/pg/{held}", "people": "some"})

        with world.measured(tmp_path, text, stores) as (found, _):
            assert found.counts["rings"]["reachable"] == 5

    def test_reads_what_older_servers_wrote(self, tmp_path: Path) -> None:
        line = AUDIT.format(
            n=1, message=READ, at="2026-11-19 12:00:00 UTC", address="2001:db8::1:51512"
        )
        (tmp_path / "a.csv").write_text(line.replace(',"client backend",,0', ""))
        held = routes({"match": "/pg/public.users", "people": "some"})
        text = asked(tmp_path, "a.csv", "pgaudit", ip=["2001:db8::/32"])

        with world.measured(tmp_path, text, held) as (found, _):
            assert found.counts["rings"]["reachable"] == 5

    @pytest.mark.parametrize(
        ("between", "unread"),
        [
            (b"", 0),
            (b"\n", 0),
            (b"   \n", 0),
            (b"a line, that is no row\n", 1),
            (b'2026-11-19 12:00:00 UTC,"never closed\n', 1),
            (b"\xff\xfe\n", 1),
            (AUDIT.format(n=1, message="\u00e9", at="", address="").encode("latin-1"), 1),
        ],
    )
    def test_loses_no_row_to_a_line_that_is_none(
        self, tmp_path: Path, between: bytes, unread: int
    ) -> None:
        read = {"message": READ, "at": "2026-11-19 12:00:00 UTC", "address": "203.0.113.9:1"}
        first, last = (
            AUDIT.format(n=n, **{**read, "message": READ.replace("users", f"u{n}")}).encode()
            for n in range(2)
        )
        (tmp_path / "a.csv").write_bytes(first + between + last)
        held = routes({"match": "/pg/public.{user_id}"})
        text = asked(tmp_path, "a.csv", "pgaudit", account=["eve"])

        with world.measured(tmp_path, text, held) as (found, population):
            people = list(population.people(found.people, Ring.PROVEN))

        rows = [each.why[0].split(",")[0] for each in people]
        assert rows == ["a.csv row 1", f"a.csv row {2 + unread}"]
        assert found.counts["rows_read"] == 2
        assert found.counts["unmatched"]["unread_rows"] == unread


class TestGoogleCloud:
    @pytest.mark.parametrize("listed", [True, False])
    def test_reads_entries_by_their_resource(self, tmp_path: Path, *, listed: bool) -> None:
        entry = changed(
            ENTRY, protoPayload__resourceName="projects/_/buckets/backups/objects/u2"
        )
        refused = changed(
            entry,
            protoPayload__resourceName="projects/_/buckets/backups/objects/u3",
            protoPayload__status={"code": 7, "message": "PERMISSION_DENIED"},
        )
        table = changed(
            entry,
            protoPayload__serviceName="bigquery.googleapis.com",
            protoPayload__methodName="google.cloud.bigquery.v2.JobService.InsertJob",
            protoPayload__authorizationInfo=[],
            protoPayload__resourceName="projects/example/datasets/crm/tables/users",
            protoPayload__requestMetadata__callerIp="gce-internal-ip",
        )
        rows = [entry, refused, table]
        (tmp_path / "a.json").write_text(
            json.dumps(rows, indent=2) if listed else "\n".join(json.dumps(row) for row in rows)
        )
        held = routes(
            {"match": "/storage/backups/{user_id}"},
            {"match": "/bigquery/crm.users", "people": "some"},
        )
        text = asked(tmp_path, "a.json", "gcp_audit", account=["eve@example.com"])

        with world.measured(tmp_path, text, held) as (found, _):
            assert found.counts["rings"] == {"proven": 1, "reachable": 5, "population": 5}
            assert found.counts["unmatched"]["rows"] == 0
            assert found.counts["rows_read"] == 3


class TestOkta:
    def test_touches_the_user_among_the_targets(self, tmp_path: Path) -> None:
        rows = [
            EVENT,
            changed(EVENT, outcome__result="DENY"),
            changed(EVENT, target=None, eventType="user.session.start"),
            changed(EVENT, authenticationContext__externalSessionId="other"),
        ]
        (tmp_path / "okta.json").write_text(json.dumps(rows))
        held = routes({"match": "/okta/User/{user_id}"})
        text = asked(tmp_path, "okta.json", "okta", token=["sid1"])

        with world.measured(tmp_path, text, held) as (found, population):
            [person] = population.people(found.people, Ring.PROVEN)

        assert (person.person_key, person.touches) == ("u3", 1)
        assert found.counts["unmatched"]["rows"] == 1

    def test_touches_both_users_of_a_row_and_reads_none_of_three(self, tmp_path: Path) -> None:
        users = [{"id": f"u{n}", "type": "User"} for n in range(3)]
        rows = [changed(EVENT, target=users[1:]), changed(EVENT, target=users)]
        (tmp_path / "okta.json").write_text(json.dumps(rows))
        text = asked(tmp_path, "okta.json", "okta", token=["sid1"])

        with world.measured(tmp_path, text, routes({"match": "/okta/User/{user_id}"})) as (
            found,
            population,
        ):
            people = list(population.people(found.people, Ring.PROVEN))

        assert [each.person_key for each in people] == ["u1", "u2"]
        assert found.counts["unmatched"]["unread_rows"] == 1

    @pytest.mark.parametrize("target", ["text", {"id": "u1", "type": "User"}, [3], 3])
    def test_is_read_though_a_row_holds_what_no_row_should(
        self, tmp_path: Path, target: object
    ) -> None:
        rows = [EVENT, changed(EVENT, target=target)]
        (tmp_path / "okta.ndjson").write_text("\n".join(json.dumps(row) for row in rows))
        text = asked(tmp_path, "okta.ndjson", "okta", token=["sid1"])

        with world.measured(tmp_path, text, routes({"match": "/okta/User/{user_id}"})) as (
            found,
            _,
        ):
            assert found.counts["rings"]["proven"] == 1
            assert found.counts["unmatched"]["rows"] == 1


class TestQuestions:
    def test_of_ready_made_formats_have_no_map(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text("[]")
        text = asked(tmp_path, "a.json", "okta", token=["x"]).replace(
            'format = "okta"', 'format = "okta"\nmap = {at = "published"}'
        )

        with pytest.raises(Unusable, match=r"evidence\[0\]\.map: is known in the format"):
            reading.parse(text, tmp_path / "q.toml", world.datamap())
