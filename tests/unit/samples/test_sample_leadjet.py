import csv
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from breachdesk.datamap import reading
from breachdesk.datamap.terms import DataMap, People, Role
from breachdesk.kernel.times import utc

SAMPLE = Path(__file__).parents[3] / "samples" / "leadjet"
QUESTION = tomllib.loads((SAMPLE / "question.toml").read_text(encoding="utf-8"))
INCIDENT = tomllib.loads((SAMPLE / "incident.toml").read_text(encoding="utf-8"))


def logged() -> list[dict[str, Any]]:
    [evidence] = QUESTION["evidence"]
    paths = sorted(path for each in evidence["files"] for path in SAMPLE.glob(each))
    return [
        json.loads(line)
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def intruders() -> list[dict[str, Any]]:
    window, token = QUESTION["window"], QUESTION["intruder"]["token"][0]
    return [
        row
        for row in logged()
        if window["from"] <= datetime.fromisoformat(row["ts"]) < window["until"]
        and (row["auth"]["token_id"] == token or row["remote_addr"].startswith("203.0.113."))
    ]


def people(directory: dict[str, Any]) -> list[dict[str, str]]:
    [name] = directory["files"]
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def touched(datamap: DataMap) -> Iterator[tuple[str, str, People]]:
    """Yield store, key and kind of each route that an intruder's row reached."""
    for row in intruders():
        path = row["path"].split("?")[0]
        for route in datamap.routes:
            match = re.fullmatch(route.pattern.regex, path)
            if match and row["method"] in route.methods and row["status"] // 100 == 2:
                key = unquote(match[1]) if match.groups() else ""
                yield route.store or "", key, route.people


class TestDatamap:
    def test_has_neither_problem_nor_doubt(self) -> None:
        assert reading.check(SAMPLE / "datamap.toml") == ([], [])

    def test_keeps_to_the_published_policy(self) -> None:
        datamap = reading.read(SAMPLE / "datamap.toml")
        kept = {store.id: store.retention.keep for store in datamap.stores if store.retention}

        assert datamap.organisation.dpo.email == "dpo@leadjet.io"
        assert datamap.organisation.authority == "fr-cnil"
        assert kept["accounts"] == "P5Y"
        assert kept["newsletter"] == kept["prospects"] == "P3Y"
        assert kept["login_journal"] == "P1Y"
        assert kept["site_cookies"] == "P13M"
        assert [each.id for each in datamap.stores if each.role is Role.PROCESSOR] == [
            "passage"
        ]
        assert not any(population.minors for population in datamap.populations)
        assert datamap.not_held[0].what == "identity_document"

    def test_writes_french_as_the_french_do(self) -> None:
        datamap = reading.read(SAMPLE / "datamap.toml")
        labels = [each.label["fr"] for each in datamap.categories]
        labels += [each.label["fr"] for each in datamap.populations]
        labels += [each.why["fr"] for each in datamap.not_held]

        assert not [text for text in labels if "'" in text or re.search(r" [:;?!]", text)]


class TestQuestion:
    def test_names_what_the_map_and_the_files_have(self) -> None:
        datamap = reading.read(SAMPLE / "datamap.toml")

        for directory in QUESTION["directory"]:
            retention = datamap.store(directory["store"]).retention
            assert retention is not None
            assert retention.after in directory["map"]
            assert set(directory["map"].values()) <= set(people(directory)[0])

    def test_asks_about_the_incident(self) -> None:
        assert QUESTION["window"]["from"] == INCIDENT["started_at"]
        assert QUESTION["window"]["until"] == INCIDENT["ended_at"]
        hours = (INCIDENT["ended_at"] - INCIDENT["started_at"]).total_seconds() / 3600
        assert hours == 32


class TestIncident:
    def test_has_its_instants_in_order_each_with_its_offset(self) -> None:
        names = ("started_at", "ended_at", "detected_at", "aware_at", "qualified_at")
        instants = [utc(INCIDENT[name]) for name in names]

        assert instants == sorted(instants)

    def test_names_the_categories_that_the_touched_routes_show(self) -> None:
        datamap = reading.read(SAMPLE / "datamap.toml")
        shown = {
            category
            for row in intruders()
            for route in datamap.routes
            if re.fullmatch(route.pattern.regex, row["path"].split("?")[0])
            for category in route.categories
        }

        assert set(INCIDENT["data_categories"]) == shown


class TestFiles:
    def test_have_thirty_people_and_two_hundred_rows(self) -> None:
        keys = [
            {row[directory["map"]["person"]] for row in people(directory)}
            for directory in QUESTION["directory"]
        ]

        assert [len(each) for each in keys] == [21, 9]
        assert len(logged()) == 200

    def test_tell_the_story_of_the_read_me(self) -> None:
        found = list(touched(reading.read(SAMPLE / "datamap.toml")))
        accounts = {key for store, key, _ in found if store == "accounts"}
        contacts = {
            key for store, key, reach in found if store == "passage" and reach is People.ONE
        }

        assert len(accounts) == 9
        assert contacts == {"ctc_000003"}
        assert ("passage", "org_00000", People.SOME) in found
        assert not [each for each in found if each[2] is People.ALL]

    def test_have_no_mailbox_that_could_be_somebodys(self) -> None:
        mailboxes = [
            row["email"].lower() for each in QUESTION["directory"] for row in people(each)
        ]

        assert all(not mailbox or mailbox.endswith(".example") for mailbox in mailboxes)
        assert mailboxes.count("") == 2
