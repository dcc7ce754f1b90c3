"""Measures that are asked for on a page, made in the background, on both databases."""

from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

import scoping_world as world
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import commands as datamaps
from breachdesk.datamap import reading as datamap_reading
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Forbidden, Refused, Unusable
from breachdesk.kernel.locks import exclusive
from breachdesk.scoping import commands, errands, queries, reading
from breachdesk.scoping.errands.standing import place
from breachdesk.scoping.terms import Inspection, Kind, RequestState, Stopped
from breachdesk.settings import shipped

ROW = {"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": "/api/v2/users/u1"}
QUESTION = world.question(
    evidence=[
        {"files": ["*.ndjson"], "format": "ndjson",
         "map": {"at": "ts", "token": "t", "path": "p"}}
    ],
    directory=[
        {"files": ["people.csv"], "store": "accounts",
         "map": {"person": "user_id", "email": "mail"}}
    ],
    intruder={"token": ["tok"]},
)  # fmt: skip


def seeming(name: str) -> Inspection:
    return Inspection(
        name, Kind.LOG, "ndjson", ("ts",), {}, None, (), 1, (), (), "[[evidence]]"
    )


class Case:
    """An incident with evidence brought on a page, and a maker of measures."""

    def __init__(
        self, transactions: Transactions, actor: Actor, incident: Incident, folder: Path
    ) -> None:
        self.transactions, self.actor, self.incident = transactions, actor, incident
        self.population = DuckDBPopulation(folder / "scoping")
        self.evidence = errands.Evidence(folder, folder / "shelf")
        self.maker = replace(actor, permits=errands.MAKER)
        (folder / "shelf").mkdir()
        (folder / "shelf" / "people.csv").write_text(
            "user_id,mail\n" + "".join(f"u{n},u{n}@x.fr\n" for n in range(5))
        )
        (folder / "shelf" / "out.csv").symlink_to(folder / "secret.csv")
        (folder / "secret.csv").write_text("user_id\n")
        world.ndjson(folder / "log.ndjson", [ROW])
        source = datamap_reading.source(shipped("samples") / "leadjet" / "datamap.toml")
        with transactions.open(actor) as tx:
            datamaps.import_map(tx, datamap_reading.parse(source, "datamap.toml"), source)
            commands.take_in(tx, incident, seeming("../x/log.ndjson"), folder / "log.ndjson")

    def ask(self, question: str = QUESTION) -> None:
        with self.transactions.open(self.actor) as tx:
            commands.ask(tx, self.incident, question, accept_unread=False)

    def make(self, *, stopping: bool = False) -> int:
        return errands.make_waiting(
            self.transactions, self.population, self.maker, self.evidence, lambda: stopping
        )

    @property
    def last(self) -> tuple[RequestState, int, int | None, list[str]]:
        """Return state, attempts, version and problems of the last request."""
        with self.transactions.reading(self.actor.organisation_id) as session:
            [row] = queries.requests_of(session, self.incident.id, 1)
            problems = [each["problem"] for each in row.problems]
            return RequestState(row.state), row.attempts, row.version, problems


@pytest.fixture
def case(transactions: Transactions, actor: Actor, incident: Incident, tmp_path: Path) -> Case:
    return Case(transactions, actor, incident, tmp_path)


class TestEvidence:
    def test_lies_sealed_under_a_name_without_a_path(self, case: Case, tmp_path: Path) -> None:
        with case.transactions.reading(case.actor.organisation_id) as session:
            [file] = queries.files_of(session, case.incident.id)
        sealed = tmp_path / "vault" / "lists" / str(case.incident.id)

        assert (file.name, file.size) == (
            "log.ndjson",
            (tmp_path / "log.ndjson").stat().st_size,
        )
        assert [each.name for each in sealed.iterdir()] == [f"evidence-{file.id}.sealed"]
        assert b"users" not in (sealed / f"evidence-{file.id}.sealed").read_bytes()
        with pytest.raises(Refused), case.transactions.open(case.actor) as tx:
            commands.take_in(tx, case.incident, seeming("log.ndjson"), tmp_path / "log.ndjson")

    @pytest.mark.parametrize("name", ["", "..", "/", "a" * 121])
    def test_needs_a_name(self, case: Case, tmp_path: Path, name: str) -> None:
        with pytest.raises(Unusable), case.transactions.open(case.actor) as tx:
            commands.take_in(tx, case.incident, seeming(name), tmp_path / "log.ndjson")

    def test_of_the_folder_leads_nowhere_else(self, case: Case) -> None:
        assert case.evidence.pointed().keys() == {"people.csv"}


class TestMaking:
    def test_keeps_a_version_in_the_name_of_who_asked(self, case: Case, tmp_path: Path) -> None:
        case.ask()

        assert case.make() == 1
        assert case.last == (RequestState.DONE, 1, 1, [])
        with case.transactions.reading(case.actor.organisation_id) as session:
            scope = queries.version(session, case.incident.id, 1)
            assert queries.hours_of(session, scope.id) == [("2026-11-19T12:00:00+00:00", 1, 1)]
        assert scope.counts["rings"]["proven"] == 1
        assert scope.measured_by == case.actor.name
        assert list((tmp_path / "measuring").iterdir()) == []
        assert list((tmp_path / "scoping").iterdir()) == []
        assert case.make() == 0

    def test_fails_with_the_list_of_problems(self, case: Case) -> None:
        case.ask(QUESTION.replace("*.ndjson", "nothing.ndjson"))

        assert case.make() == 0
        state, _, version, problems = case.last
        assert (state, version) == (RequestState.FAILED, None)
        assert problems == ["'nothing.ndjson': there is no such file"]

    def test_is_asked_for_one_at_a_time(self, case: Case) -> None:
        case.ask()
        with pytest.raises(Refused, match="under way"):
            case.ask()

    def test_is_cancelled_before_it_begins(self, case: Case) -> None:
        case.ask()
        with case.transactions.open(case.actor) as tx:
            request = queries.open_request(tx.session, case.incident.id)
            assert request is not None
            commands.cancel(tx, request.id)

        assert case.make() == 0
        assert case.last[0] is RequestState.CANCELLED

    def test_is_begun_again_when_its_maker_died(self, case: Case) -> None:
        case.ask()
        with case.transactions.open(case.maker) as tx:
            [identity] = queries.waiting(tx.session)
            commands.begin(tx, identity)  # and then its process was killed

        assert case.make() == 1
        assert case.last[:3] == (RequestState.DONE, 2, 1)

    def test_is_given_up_when_it_kills_its_maker_each_time(self, case: Case) -> None:
        case.ask()
        for _ in range(3):
            with case.transactions.open(case.maker) as tx:
                [identity] = queries.waiting(tx.session)
                commands.begin(tx, identity)

        assert case.make() == 0
        assert case.last[0] is RequestState.FAILED

    def test_is_left_to_who_makes_it(self, case: Case, tmp_path: Path) -> None:
        case.ask()
        with case.transactions.reading(case.actor.organisation_id) as session:
            [identity] = queries.waiting(session)
        with exclusive(place(tmp_path, identity).with_suffix(".lock"), wait=False):
            assert case.make() == 0
        assert case.last[0] is RequestState.REQUESTED

    def test_may_do_nothing_else(self, case: Case) -> None:
        case.ask()
        with pytest.raises(Forbidden), case.transactions.open(case.maker) as tx:
            request = queries.open_request(tx.session, case.incident.id)
            assert request is not None
            commands.cancel(tx, request.id)


class TestStopping:
    @pytest.fixture
    def large(self, tmp_path: Path) -> str:
        (tmp_path / "people.csv").write_text("user_id,mail\nu1,u1@x.fr\n")
        row = '{"ts": "2026-11-19T12:00:00Z", "t": "x", "p": "/users/u%d", "n": "%s"}\n'
        with (tmp_path / "large.ndjson").open("w") as sink:
            for number in range(1_500_000):
                sink.write(row % (number, "y" * 40))
        return QUESTION

    def test_breaks_off_what_is_being_read(self, tmp_path: Path, large: str) -> None:
        seen: list[tuple[int, int]] = []
        asked = Event()

        class Looker:
            def seen(self, rows: int, of: int) -> None:
                seen.append((rows, of))
                asked.set()

            def stopping(self) -> bool:
                return asked.is_set()

        population = DuckDBPopulation(tmp_path / "scoping")
        question = reading.parse(large, tmp_path / "q.toml", world.datamap())
        with population.workplace() as folder, pytest.raises(Stopped):
            population.measure(
                question, world.datamap(), folder, lambda _done, _total: None, Looker()
            )

        assert seen
        assert all(0 <= rows <= of for rows, of in seen)
        assert 1_000_000 < seen[-1][1] < 2_000_000
        assert list((tmp_path / "scoping").iterdir()) == []
