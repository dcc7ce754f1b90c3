"""Scopes as they are recorded, listed and compared, on both databases."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

import scoping_world as world
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.audit import queries as trail
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Forbidden, Unknown
from breachdesk.kernel.vault import Purged, Vault
from breachdesk.scoping import commands, errands, queries, reading
from breachdesk.scoping.commands import TooManyUnread
from breachdesk.scoping.terms import Comparison, Ring, Scope

ROW = {"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": "/users/u1"}
LOG = {
    "files": ["log.ndjson"],
    "format": "ndjson",
    "map": {"at": "ts", "token": "t", "path": "p"},
}
PEOPLE = {
    "files": ["people.csv"],
    "store": "accounts",
    "map": {"person": "user_id", "email": "mail"},
}


class Case:
    """An incident whose evidence may grow between two measures."""

    def __init__(
        self, transactions: Transactions, actor: Actor, incident: Incident, folder: Path
    ) -> None:
        self.transactions, self.actor, self.incident = transactions, actor, incident
        self.folder = folder
        self.population = DuckDBPopulation(folder / "scoping")
        (folder / "people.csv").write_text(
            "user_id,mail\n" + "".join(f"u{n},secret-{n}@x.fr\n" for n in range(5))
        )

    def measure(
        self, *rows: object, actor: Actor | None = None, accept_unread: bool = False
    ) -> Scope:
        world.ndjson(self.folder / "log.ndjson", rows)  # type: ignore[arg-type]  # rows or lines
        asked = world.question(evidence=[LOG], directory=[PEOPLE], intruder={"token": ["tok"]})
        return errands.measure(
            self.transactions,
            self.population,
            actor or self.actor,
            self.incident.id,
            world.datamap(),
            reading.parse(asked, self.folder / "q.toml", world.datamap()),
            accept_unread=accept_unread,
        )

    def compare(self, earlier: Scope, later: Scope) -> Comparison:
        with self.transactions.open(self.actor) as tx:
            return commands.compare(
                tx, self.incident, (earlier, later), Ring.PROVEN, self.population
            )


@pytest.fixture
def case(
    transactions: Transactions, actor: Actor, incident: Incident, tmp_path: Path
) -> Iterator[Case]:
    made = Case(transactions, actor, incident, tmp_path)
    yield made
    left = list((tmp_path / "scoping").glob("*")) if (tmp_path / "scoping").exists() else []
    assert left == []


class TestMeasure:
    def test_keeps_a_version_each_time(self, case: Case) -> None:
        first = case.measure(ROW)
        again = case.measure(ROW)

        assert (first.version, again.version) == (1, 2)
        assert first.counts["rings"] == {"proven": 1, "reachable": 1, "population": 5}
        with case.transactions.reading(case.actor.organisation_id) as session:
            assert queries.latest(session, case.incident.id) == again
            assert queries.version(session, case.incident.id, 1) == first
            assert queries.versions(session, case.incident.id) == [first, again]
            with pytest.raises(Unknown):
                queries.version(session, case.incident.id, 3)

    def test_answers_what_the_interfaces_promise(self, case: Case) -> None:
        counts = case.measure(ROW).counts

        assert {
            "scope", "version", "digest", "rings", "by_category", "by_country", "by_locale",
            "by_customer", "records", "first_touch", "last_touch", "excluded",
            "held_past_retention", "unmatched", "rows_read", "seconds", "rows_per_second",
        } <= set(counts)  # fmt: skip
        assert counts["first_touch"] == "2026-11-19T12:00:00+00:00"
        assert json.loads(json.dumps(counts)) == counts

    def test_has_equal_digests_for_equal_measures(self, case: Case) -> None:
        first, again = case.measure(ROW), case.measure(ROW)
        other = case.measure({**ROW, "p": "/users/u2"})

        assert first.digest == again.digest != other.digest

    def test_has_the_same_digest_in_another_folder(self, case: Case) -> None:
        first = case.measure(ROW)
        case.folder = case.folder / "elsewhere"
        case.folder.mkdir()
        (case.folder / "people.csv").write_bytes(
            (case.folder.parent / "people.csv").read_bytes()
        )

        assert case.measure(ROW).digest == first.digest

    def test_is_refused_when_too_much_is_unread(self, case: Case) -> None:
        with pytest.raises(TooManyUnread, match=r"1 of 2 lines .*\(as log.ndjson row 2\)"):
            case.measure(ROW, "{")

        with case.transactions.reading(case.actor.organisation_id) as session:
            assert queries.latest(session, case.incident.id) is None
        assert case.measure(ROW, "{", accept_unread=True).version == 1

    def test_is_refused_to_who_may_not(self, case: Case) -> None:
        nobody = replace(case.actor, permits=frozenset())

        with pytest.raises(Forbidden):
            case.measure(ROW, actor=nobody)

    def test_keeps_no_person_in_the_database(self, case: Case) -> None:
        case.measure(ROW)

        with case.transactions.open(case.actor) as tx:
            rows = [
                str(row)
                for table in ("scoping_scopes", "audit_entries")
                for row in tx.session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608  (two names of ours)
            ]
        assert rows
        assert not any("secret-" in row or "u1" in row for row in rows)


class TestListPeople:
    def test_yields_them_by_key_and_leaves_a_trail(self, case: Case) -> None:
        scope = case.measure(ROW, {**ROW, "p": "/users/u3"})
        with case.transactions.open(case.actor) as tx:
            listed = commands.list_people(
                tx, case.incident, scope, Ring.PROVEN, case.population
            )

        assert [(each.person_key, each.email) for each in listed] == [
            ("u1", "secret-1@x.fr"),
            ("u3", "secret-3@x.fr"),
        ]
        with case.transactions.reading(case.actor.organisation_id) as session:
            entry = trail.trail_of(session, [case.incident.id])[0]
        assert entry.action == "scoping.list_people"
        assert entry.details["people"] == 2

    def test_is_refused_to_who_may_not(self, case: Case) -> None:
        scope = case.measure(ROW)
        nobody = replace(case.actor, permits=frozenset())

        with pytest.raises(Forbidden), case.transactions.open(nobody) as tx:
            commands.list_people(tx, case.incident, scope, Ring.PROVEN, case.population)

    def test_is_over_once_the_key_is_destroyed(self, case: Case, vault: Vault) -> None:
        scope = case.measure(ROW)
        vault.destroy_key(case.incident.id)

        with case.transactions.open(case.actor) as tx:
            listed = commands.list_people(
                tx, case.incident, scope, Ring.PROVEN, case.population
            )
        with pytest.raises(Purged):
            list(listed)

    def test_says_why_of_one(self, case: Case) -> None:
        scope = case.measure(ROW)

        with case.transactions.open(case.actor) as tx:
            found = commands.look_up(tx, case.incident, scope, "u1", case.population)
            other = commands.look_up(tx, case.incident, scope, "u4", case.population)
            nobody = commands.look_up(tx, case.incident, scope, "zz", case.population)

        assert found is not None
        assert found[0] is Ring.PROVEN
        assert "log.ndjson row 1" in found[1].why[0]
        assert other is not None
        assert other[0] is Ring.POPULATION
        assert nobody is None


class TestCompare:
    def test_counts_who_came_and_who_went(self, case: Case) -> None:
        earlier = case.measure(ROW, {**ROW, "p": "/users/u2"}, {**ROW, "p": "/users/u3"})
        later = case.measure(ROW, {**ROW, "p": "/users/u2/bills/1"}, {**ROW, "p": "/users/u4"})

        assert case.compare(earlier, later) == Comparison(
            added=1, removed=1, unchanged=1, changed_categories=1
        )
        assert case.compare(later, later) == Comparison(
            added=0, removed=0, unchanged=3, changed_categories=0
        )
