"""Evidence that is converted once: kept sealed, asked again, gone with the incident's key."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import scoping_world as world
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Forbidden, Unusable
from breachdesk.kernel.vault import Vault
from breachdesk.scoping import errands, queries, reading, rules
from breachdesk.scoping.terms import File, Import, Log, Question, Scope

ROW = {"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": "/users/u1"}
ROWS: list[dict[str, Any] | str] = [
    ROW,
    *({"ts": "2026-11-19T12:00:01Z", "t": "other", "p": "/users/u1"} for _ in range(2000)),
    "{",
    {"ts": "1763553600", "t": "tok", "p": "/users/u2"},
    {"ts": "2025-11-19T13Z", "t": "tok", "p": "/users/u3"},
]
LOG = {
    "files": ["log.ndjson"],
    "format": "ndjson",
    "map": {"at": "ts", "token": "t", "path": "p"},
}
PEOPLE = {"files": ["people.csv"], "store": "accounts", "map": {"person": "user_id"}}


class Case:
    """An incident with a log."""

    def __init__(
        self, transactions: Transactions, actor: Actor, incident: Incident, folder: Path
    ) -> None:
        self.transactions, self.actor, self.incident = transactions, actor, incident
        self.folder, self.population = folder, DuckDBPopulation(folder / "scoping")
        (folder / "people.csv").write_text("user_id\n" + "".join(f"u{n}\n" for n in range(50)))
        world.ndjson(folder / "log.ndjson", ROWS)

    def question(self, known_by: str = "tok") -> Question:
        text = world.question(
            evidence=[LOG], directory=[PEOPLE], intruder={"token": [known_by]},
            window="[window]\nfrom = 2020-01-01T00:00:00Z\nuntil = 2030-01-01T00:00:00Z\n",
        )  # fmt: skip
        return reading.parse(text, self.folder / "q.toml", world.datamap())

    def convert(self, actor: Actor | None = None) -> list[tuple[int, int]]:
        made = errands.convert(
            self.transactions,
            self.population,
            actor or self.actor,
            self.incident.id,
            self.question(),
        )
        return [(each.rows, each.unread) for each in made]

    def measure(self, known_by: str = "tok") -> Scope:
        return errands.measure(
            self.transactions,
            self.population,
            self.actor,
            self.incident.id,
            world.datamap(),
            self.question(known_by),
        )


@pytest.fixture
def case(
    transactions: Transactions, actor: Actor, incident: Incident, tmp_path: Path
) -> Iterator[Case]:
    made = Case(transactions, actor, incident, tmp_path)
    yield made
    assert list((tmp_path / "scoping").glob("*")) == []


class TestImport:
    def test_answers_as_the_original_does(self, case: Case) -> None:
        first = case.measure()

        assert case.convert() == [(2003, 1)]
        assert case.convert() == []
        again = case.measure()

        assert again.digest == first.digest
        timed = {"seconds", "rows_per_second", "version", "scope"}
        assert {k: v for k, v in again.counts.items() if k not in timed} == {
            k: v for k, v in first.counts.items() if k not in timed
        }
        with case.transactions.reading(case.actor.organisation_id) as session:
            ran = [queries.measured(session, each.id).statements for each in (first, again)]
        assert ["log_0_imported_0" in each for each in ran] == [False, True]

    def test_is_not_asked_when_the_bytes_or_the_reading_changed(self, case: Case) -> None:
        case.convert()
        [log] = case.question().logs
        sha256 = rules.file_digest(case.folder / "log.ndjson")
        name = rules.import_name(log, sha256)

        assert case.transactions.vault.has_list(case.incident.id, name)
        assert rules.import_name(replace(log, zone="Europe/Paris"), sha256) != name
        world.ndjson(case.folder / "log.ndjson", [*ROWS, {**ROW, "p": "/users/u4"}])
        assert case.measure().counts["rings"]["proven"] == 4

    def test_is_not_kept_of_a_file_that_changes_meanwhile(self, case: Case) -> None:
        class Disturbed(DuckDBPopulation):
            """Somebody writes to the log as soon as it is converted."""

            def convert(
                self, log: Log, folder: Path, only: File | None = None
            ) -> Iterator[Import]:
                with (case.folder / "log.ndjson").open("a") as file:
                    file.write("{}\n")
                yield from super().convert(log, folder, only)

        case.population = Disturbed(case.folder / "scoping")

        with pytest.raises(Unusable, match=r"^log\.ndjson: was changed while it was read"):
            case.convert()
        assert case.transactions.vault.list_names(case.incident.id) == []

    def test_of_one_file_needs_no_column_that_another_has(self, case: Case) -> None:
        world.ndjson(case.folder / "other.ndjson", [{"t": "tok"}, {"t": "tok"}])
        files = {**LOG, "files": ["other.ndjson", "log.ndjson"]}
        text = world.question(evidence=[files], directory=[PEOPLE], intruder={"token": ["tok"]})
        lacking = text.replace('"ts"', '"tss"')

        question, typed = (
            reading.parse(each, case.folder / "q.toml", world.datamap())
            for each in (text, lacking)
        )
        given = (case.transactions, case.population, case.actor, case.incident.id)
        made = errands.convert(*given, question)

        assert [(each.rows, each.unread) for each in made] == [(0, 2), (2003, 1)]
        with pytest.raises(Unusable, match="has no column 'tss'; the nearest is 'ts'"):
            errands.convert(*given, typed)

    def test_is_gone_with_the_key(self, case: Case, vault: Vault) -> None:
        case.convert()

        vault.destroy_key(case.incident.id)

        assert vault.list_names(case.incident.id) == []

    def test_is_refused_to_who_may_not(self, case: Case) -> None:
        with pytest.raises(Forbidden):
            case.convert(replace(case.actor, permits=frozenset()))


class TestMeasure:
    def test_has_one_digest_in_any_order_on_any_number_of_processors(self, case: Case) -> None:
        results = set()
        for rows, people in ((ROWS, range(50)), (ROWS[::-1], range(49, -1, -1))):
            world.ndjson(case.folder / "log.ndjson", rows)
            (case.folder / "people.csv").write_text(
                "user_id\n" + "".join(f"u{n}\n" for n in people)
            )
            for processors in (os.sched_getaffinity(0), {min(os.sched_getaffinity(0))}):
                with bound_to(processors), case.population.workplace() as folder:
                    found = case.population.measure(
                        case.question(), world.datamap(), folder, lambda _done, _total: None
                    )
                    results.add(found.result)

        assert len(results) == 1

    def test_leaves_the_version_before_whole_when_the_disk_is_full(self, case: Case) -> None:
        first = case.measure()

        with full_disk(), pytest.raises(Unusable, match="room on the disk"):
            case.measure("other")

        with case.transactions.reading(case.actor.organisation_id) as session:
            assert queries.versions(session, case.incident.id) == [first]
        assert case.measure().digest == first.digest


@contextmanager
def bound_to(processors: set[int]) -> Iterator[None]:
    """Run on some processors alone."""
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors)
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file grow beyond a few bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
