"""Each sentence of what the words mean, in a case small enough to count by hand."""

from pathlib import Path
from typing import Any

import pytest

import scoping_world as world
from breachdesk.scoping.terms import Ring

NOON = "2026-11-19T12:00:00Z"
AT = "2026-11-19T12:00:00.000000Z"
ROW = {
    "ts": NOON, "auth": {"token": "tok", "login": "eve"}, "ua": "curl", "addr": "192.0.2.1",
    "method": "GET", "path": "/users/u1", "status": 200, "who": None,
}  # fmt: skip
PERSON = {
    "user_id": "u1", "mail": "u1@x.fr", "lang": "fr", "country": "FR", "org": "o1",
    "deleted_at": None, "closed_at": None,
}  # fmt: skip
CONTACT = {
    "contact_id": "c1", "mail": "c1@x.fr", "lang": "en", "country": "BE", "org": "o1",
    "synced_at": NOON,
}  # fmt: skip


class World:
    """A folder with a few rows, and the question about them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log: list[Any] = []
        self.accounts: list[dict[str, Any]] = [
            {**PERSON, "user_id": f"u{n}", "mail": f"u{n}@x.fr"} for n in range(4)
        ]
        self.contacts: list[dict[str, Any]] = []
        self.leaked: list[str] = []
        self.columns = dict(world.ACCOUNTS_MAP)
        self.readable: list[str] = []
        self.zone: str | None = None

    def text(self) -> str:
        """Write the files and return the question."""
        world.ndjson(
            self.folder / "log.ndjson", [ROW | {"ts": "2020-01-01T00:00:00Z"}, *self.log]
        )
        world.ndjson(self.folder / "accounts.ndjson", self.accounts)
        world.ndjson(self.folder / "contacts.ndjson", self.contacts)
        (self.folder / "leak.txt").write_text("\n".join(self.leaked), "utf-8")
        log: dict[str, Any] = {
            "files": ["log.ndjson"],
            "format": "ndjson",
            "map": world.LOG_MAP,
        }
        if self.zone:
            log["zone"] = self.zone
        return world.question(
            evidence=[log, {"people": "leak.txt", "categories": ["secrets"]}],
            directory=[
                {"files": ["accounts.ndjson"], "store": "accounts", "map": self.columns},
                {"files": ["contacts.ndjson"], "store": "contacts", "map": world.CONTACTS_MAP},
            ],
            intruder={"token": ["tok"]},
            readable=self.readable,
        )

    def counts(self) -> dict[str, Any]:
        """Return the counts of the question."""
        return world.counts(self.folder, self.text())

    def keys(self, ring: Ring = Ring.PROVEN) -> set[str]:
        """Return the keys of a ring."""
        return set(world.listed(self.folder, self.text(), ring))


@pytest.fixture
def made(tmp_path: Path) -> World:
    return World(tmp_path)


class TestProven:
    @pytest.mark.parametrize(
        ("at", "inside"),
        [
            ("2026-11-18T22:00:00+01:00", True),
            ("2026-11-18T20:59:59.999999Z", False),
            ("2026-11-20T05:29:59.999999Z", True),
            ("2026-11-20T06:30:00+01:00", False),
        ],
    )
    def test_from_the_first_instant_until_before_the_last(
        self, made: World, at: str, *, inside: bool
    ) -> None:
        made.log = [ROW | {"ts": at}]

        assert made.keys() == ({"u1"} if inside else set())

    @pytest.mark.parametrize(
        ("erased", "there"),
        [(None, True), (NOON, True), ("2026-11-19T11:59:59.999999Z", False)],
    )
    def test_if_not_erased_before_that_instant(
        self, made: World, erased: str | None, *, there: bool
    ) -> None:
        made.log = [ROW]
        made.accounts = [PERSON | {"deleted_at": erased}]

        assert made.keys() == ({"u1"} if there else set())
        assert made.keys(Ring.POPULATION) == {"u1"}

    def test_by_an_export_is_everyone_then_in_the_store(self, made: World) -> None:
        made.log = [ROW | {"path": "/export/accounts"}] * 3
        made.accounts[0]["deleted_at"] = "2026-11-19T11:00:00Z"

        counts = made.counts()

        assert counts["rings"]["proven"] == 3
        assert counts["records"] == 9

    def test_by_an_export_only_if_it_succeeded(self, made: World) -> None:
        made.log = [ROW | {"path": "/export/accounts", "status": 403}]

        assert made.counts()["rings"]["proven"] == 0

    def test_by_a_list_if_not_erased_before_the_window(self, made: World) -> None:
        made.leaked = ["u1", "u2", "u3"]
        made.accounts[1]["deleted_at"] = "2026-11-18T21:00:00Z"
        made.accounts[2]["deleted_at"] = "2026-11-18T20:59:59Z"

        assert made.keys() == {"u1", "u3"}
        assert made.counts()["records"] == 3


class TestReachable:
    def test_is_a_store_that_was_listed_in_part(self, made: World) -> None:
        made.log = [ROW | {"path": "/users"}]
        made.contacts = [CONTACT]
        made.accounts[0]["deleted_at"] = "2026-11-18T21:00:00Z"
        made.accounts[1]["deleted_at"] = "2026-11-18T20:59:59Z"

        assert made.keys(Ring.PROVEN) == set()
        assert made.keys(Ring.REACHABLE) == {"u0", "u2", "u3"}
        assert made.keys(Ring.POPULATION) == {"u0", "u2", "u3", "c1"}
        assert made.counts()["excluded"] == {"erased_before_window": 1, "retention_over": 0}

    def test_is_a_store_that_stood_open(self, made: World) -> None:
        made.contacts = [CONTACT]
        made.readable = ["contacts"]

        assert made.keys(Ring.REACHABLE) == {"c1"}

    def test_says_why_and_which_data(self, made: World) -> None:
        made.log = [ROW | {"path": "/users"}]

        person = world.listed(made.folder, made.text(), Ring.REACHABLE)["u2"]

        assert person.categories == ("contact",)
        assert person.why == (f"GET /users listed a part of the store: log.ndjson row 2, {AT}",)


class TestRetention:
    OVER = "2021-11-18T20:59:59Z"

    def test_decides_where_a_directory_has_no_erasures(self, made: World) -> None:
        del made.columns["erased_at"]
        made.accounts = [PERSON | {"closed_at": self.OVER}, PERSON | {"user_id": "u2"}]

        assert made.keys(Ring.POPULATION) == {"u2"}
        assert made.counts()["excluded"] == {"erased_before_window": 0, "retention_over": 1}

    def test_ends_after_the_whole_period(self, made: World) -> None:
        del made.columns["erased_at"]
        made.accounts = [PERSON | {"closed_at": "2021-11-18T21:00:00Z"}]

        assert made.keys(Ring.POPULATION) == {"u1"}

    def test_gives_way_to_evidence(self, made: World) -> None:
        del made.columns["erased_at"]
        made.accounts = [PERSON | {"closed_at": self.OVER}]
        made.log = [ROW]

        counts = made.counts()

        assert counts["rings"]["proven"] == counts["held_past_retention"] == 1
        assert counts["excluded"] == {"erased_before_window": 0, "retention_over": 0}

    @pytest.mark.parametrize("erasures", [True, False])
    def test_does_not_keep_anyone_out_of_an_export(
        self, made: World, *, erasures: bool
    ) -> None:
        if not erasures:
            del made.columns["erased_at"]
        made.accounts = [PERSON | {"closed_at": self.OVER}]
        made.log = [ROW | {"path": "/export/accounts.csv"}]

        counts = made.counts()

        assert counts["rings"]["proven"] == counts["held_past_retention"] == 1

    def test_counts_months_to_their_last_day(self, made: World) -> None:
        made.contacts = [
            CONTACT | {"synced_at": "2026-10-18T21:00:00Z"},
            CONTACT | {"contact_id": "c2", "synced_at": "2026-10-18T20:59:59Z"},
        ]

        assert made.keys(Ring.POPULATION) & {"c1", "c2"} == {"c1"}

    def test_of_a_day_lasts_until_its_end(self, made: World) -> None:
        made.contacts = [CONTACT | {"synced_at": "2026-10-18"}]

        assert "c1" in made.keys(Ring.POPULATION)


class TestPaths:
    @pytest.mark.parametrize(
        ("path", "key"),
        [
            ("/users/u1", "u1"),
            ("/users/u1/", "u1"),
            ("/users/u1//", None),
            ("/users/u1?x=/users/u2?y", "u1"),
            ("/users/u%31", "u1"),
            ("/users/u%2531", None),
            ("/users/U1", None),
            ("/users%2Fu1", None),
            ("/export/contacts/", "c1"),
            ("/export/contacts", None),
            ("/bills/u1/of/2020", None),
            ("/users/u1/bills/u2", "u1"),
        ],
    )
    def test_are_cut_trimmed_matched_and_then_decoded(
        self, made: World, path: str, key: str | None
    ) -> None:
        made.log = [ROW | {"path": path}]
        made.contacts = [CONTACT]

        assert made.keys() == ({key} if key else set())

    def test_that_fit_several_routes_touch_the_data_of_all(self, made: World) -> None:
        made.log = [ROW | {"path": "/export/accounts/u1"}]

        people = world.listed(made.folder, made.text())

        assert people["u1"].categories == ("billing", "contact", "secrets")
        assert people["u2"].categories == ("contact", "secrets")
        assert made.counts()["records"] == 4
        assert people["u1"].touches == 1

    @pytest.mark.parametrize(
        ("method", "status", "reached"),
        [
            ("GET", 200, True), ("POST", "204", True), ("GET", 304, True), ("GET", 301, False),
            ("PUT", 200, False), ("GET", 404, False),
        ],
    )  # fmt: skip
    def test_count_with_the_method_and_status_of_the_route(
        self, made: World, method: str, status: object, *, reached: bool
    ) -> None:
        made.log = [ROW | {"path": "/users/u1/bills/9", "method": method, "status": status}]

        counts = made.counts()

        assert counts["rings"]["proven"] == reached
        assert counts["unmatched"]["rows"] == 0


class TestKeys:
    def test_captured_and_logged_touch_both_when_they_differ(self, made: World) -> None:
        made.log = [ROW | {"who": "u2"}]

        assert made.keys() == {"u1", "u2"}
        assert made.counts()["records"] == 2

    def test_that_are_alike_touch_one(self, made: World) -> None:
        made.log = [ROW | {"who": "u1"}]

        assert made.counts()["records"] == 1

    def test_twice_in_a_store_are_one_person(self, made: World) -> None:
        made.accounts = [PERSON | {"mail": "old@x.fr"}, PERSON | {"mail": "new@x.fr"}, PERSON]
        made.leaked = ["NEW@x.fr"]

        counts = made.counts()

        assert counts["duplicates"] == 1
        assert counts["rings"] == {"proven": 1, "reachable": 1, "population": 1}

    def test_in_no_directory_are_unknown_people_once(self, made: World) -> None:
        made.log = [ROW | {"path": "/users/zz"}, ROW | {"path": "/users/zz", "who": "yy"}]
        made.leaked = ["zz", "nobody@x.fr", "", "  ", " Nobody@X.fr\t", " zz", "ZZ"]
        made.leaked += ["\u00e9cole@x.fr", " e\u0301cole@x.fr "]

        assert made.counts()["unmatched"] == {
            "rows": 0,
            "unknown_people": 5,
            "unread_rows": 0,
        }

    def test_that_are_missing_leave_a_row_unmatched(self, made: World) -> None:
        made.log = [ROW | {"path": "/bills/u1/of/2020"}, ROW | {"path": "/nowhere"}]

        assert made.counts()["unmatched"]["rows"] == 2


class TestLists:
    @pytest.mark.parametrize(
        "line", ["u1", "  u1\t", "U1@X.fr", " u1@x.fr ", "\ufeffu1", "u1@x.fr\r"]
    )
    def test_name_a_key_or_an_address(self, made: World, line: str) -> None:
        made.leaked = [line]

        assert made.keys() == {"u1"}

    def test_touch_everyone_at_a_shared_address(self, made: World) -> None:
        made.accounts = [PERSON | {"user_id": key, "mail": "e\u0301@x.fr"} for key in "ab"]
        made.leaked = ["\u00c9@X.FR"]

        assert made.keys() == {"a", "b"}
        assert made.counts()["records"] == 1

    def test_keep_dots_and_tags(self, made: World) -> None:
        made.leaked = ["u1+x@x.fr", "u.1@x.fr"]

        assert made.keys() == set()

    def test_believe_a_key_before_an_address(self, made: World) -> None:
        made.accounts = [PERSON | {"user_id": "b@x.fr", "mail": "a@x.fr"},
                         PERSON | {"user_id": "c", "mail": "b@x.fr"}]  # fmt: skip
        made.leaked = ["b@x.fr"]

        assert made.keys() == {"b@x.fr"}

    def test_say_which_line(self, made: World) -> None:
        made.leaked = ["zz", "", "u1"]

        person = world.listed(made.folder, made.text())["u1"]

        assert person.why == ("leak.txt line 3: on the list",)
        assert person.categories == ("secrets",)
        assert person.first_touch is None


class TestUnread:
    @pytest.mark.parametrize(
        "row",
        [
            "{", "[]", "null", "7", '"x"', '{"a": 1}', '{"ts": "x"} {"ts": "y"}',
            ROW | {"ts": None}, ROW | {"ts": "soon"}, ROW | {"ts": "2026-11-19T12:00:00"},
            ROW | {"status": None}, ROW | {"status": "OK"}, ROW | {"addr": "nowhere"},
            ROW | {"addr": "192.0.2.256"},
        ],
    )  # fmt: skip
    def test_is_what_cannot_be_understood(self, made: World, row: Any) -> None:
        made.log = [row, ROW]

        counts = made.counts()

        assert counts["unmatched"]["unread_rows"] == 1
        assert counts["rows_read"] == 2
        assert counts["rings"]["proven"] == 1

    @pytest.mark.parametrize("row", ["", "   ", "\t", ROW | {"addr": None}, ROW | {"ua": None}])
    def test_is_neither_a_blank_line_nor_a_missing_detail(self, made: World, row: Any) -> None:
        made.log = [row]

        assert made.counts()["unmatched"]["unread_rows"] == 0

    @pytest.mark.parametrize(
        ("at", "read"),
        [
            ("2026-11-19T13:00:00", True), ("2026-11-19 13:00:00.5", True),
            ("2026-11-19T13:00", True), ("2026-10-25T02:30:00", False),
            ("2026-10-25T03:00:00", True), ("2026-10-25T01:59:59.999", True),
            ("2026-03-29T02:30:00", False), ("2026-03-29T03:00:00", True),
            ("2026-03-29T02:30:00+01:00", True),
        ],
    )  # fmt: skip
    def test_is_a_local_time_that_comes_twice_or_never(
        self, made: World, at: str, *, read: bool
    ) -> None:
        made.zone = "Europe/Paris"
        made.log = [ROW | {"ts": at}]

        assert made.counts()["rows_read"] == 1 + read

    def test_is_named_by_file_number_and_reason(self, made: World) -> None:
        made.log = [ROW, "{", "", ROW | {"ts": "later"}, ROW | {"status": "2x0"}]
        made.log += [ROW | {"addr": "nowhere"}, ROW]

        counts = made.counts()

        assert counts["unmatched"]["unread_rows"] == 4
        assert [(each["row"], each["reason"]) for each in counts["unread_examples"]] == [
            (3, "row"), (4, "instant"), (5, "status"), (6, "address"),
        ]  # fmt: skip
        assert {each["file"] for each in counts["unread_examples"]} == {"log.ndjson"}

    def test_keeps_the_row_when_the_rest_can_be_told(self, made: World) -> None:
        made.log = [
            ROW | {"auth": "odd", "addr": "::1", "ts": "2026-11-19T13:00:00.123456789+0100"}
        ]

        assert made.counts()["rows_read"] == 2


class TestCustomers:
    def test_are_counted_for_stores_held_for_others(self, made: World) -> None:
        made.contacts = [
            CONTACT | {"contact_id": f"c{n}", "org": f"o{n // 2}"} for n in range(5)
        ]
        made.log = [ROW | {"path": f"/contacts/c{n}"} for n in range(4)] + [ROW]

        counts = made.counts()

        assert counts["by_customer"] == {"count": 2, "largest": 2}
        assert counts["by_country"] == {"BE": {"proven": 4}, "FR": {"proven": 1}}
        assert counts["by_locale"] == {"en": {"proven": 4}, "fr": {"proven": 1}}

    def test_have_the_role_of_the_store(self, made: World) -> None:
        made.contacts = [CONTACT]
        made.log = [ROW, ROW | {"path": "/contacts/c1"}]

        people = world.listed(made.folder, made.text())

        assert {key: each.role for key, each in people.items()} == {
            "u1": "controller",
            "c1": "processor",
        }


class TestWhy:
    def test_names_file_row_route_and_rule(self, made: World) -> None:
        made.log = [ROW | {"path": "/health"}, ROW, ROW]

        person = world.listed(made.folder, made.text())["u1"]

        assert person.why == (
            f"log.ndjson row 3, {AT}: GET /users/{{user_id}}, captured key (2 rows)",
        )
        assert person.touches == 2
