"""Lists of people on disk: those of this release, and those that were kept in words."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

import scoping_world as world
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.scoping.terms import Comparison, Person, Ring

AT = "2026-11-19T12:00:00Z"
EARLIER = """COPY (SELECT * FROM (VALUES
  ('u1', 0, 'u1@x.fr', 'fr', 'FR', NULL, 'accounts', 'controller', 'contact', 'contact',
   'billing|contact|secrets', TIMESTAMP '2026-11-19 12:00:00', TIMESTAMP '2026-11-19 12:00:01',
   2, 'a.csv row 1' || chr(10) || 'a.csv row 2'),
  ('u2', 2, NULL, NULL, NULL, NULL, 'accounts', 'controller', '', '',
   'billing|contact|secrets', NULL, NULL, 0, 'in a store'))
AS t(person_key, ring, email, locale, country, customer, stores, role, categories_0,
  categories_1, categories_2, first_at, last_at, touches, why)) TO '{path}' (FORMAT parquet)"""


class TestEarlierLists:
    def test_are_still_read_and_compared(self, tmp_path: Path) -> None:
        earlier = tmp_path / "earlier.parquet"
        duckdb.execute(EARLIER.format(path=earlier))
        population = DuckDBPopulation(tmp_path / "scoping")

        [first] = population.people(earlier, Ring.PROVEN)

        assert first == Person(
            "u1", "u1@x.fr", "fr", "FR", None, ("accounts",), "controller", ("contact",),
            datetime(2026, 11, 19, 12, tzinfo=UTC),
            datetime(2026, 11, 19, 12, 0, 1, tzinfo=UTC), 2, ("a.csv row 1", "a.csv row 2"),
        )  # fmt: skip
        found = population.person(earlier, "u2")
        assert found is not None
        assert found[0] is Ring.POPULATION
        (tmp_path / "people.csv").write_text("user_id\nu1\nu3\n")
        world.ndjson(tmp_path / "a.ndjson", [{"ts": AT, "t": "tok", "p": "/users/u1"}])
        with world.measured(tmp_path, question()) as (later, _):
            assert population.compare(earlier, later.people, Ring.POPULATION) == Comparison(
                added=1, removed=1, unchanged=1, changed_categories=0
            )


class TestSecondAddresses:
    def test_of_a_directory_stand_on_the_list_and_the_order_can_be_mixed(
        self, tmp_path: Path
    ) -> None:
        rows = "".join(f"u{n},u{n}@x.fr,{'' if n else 'home@x.fr'}\n" for n in range(40))
        (tmp_path / "people.csv").write_text(f"user_id,mail,other_mail\n{rows}")
        world.ndjson(tmp_path / "a.ndjson", [{"ts": AT, "t": "tok", "p": "/users/u1"}])
        text = question().replace(
            'person = "user_id"',
            'person = "user_id", email = "mail", second_email = "other_mail"',
        )
        population = DuckDBPopulation(tmp_path / "scoping")

        with world.measured(tmp_path, text) as (found, _):
            listed = list(population.people(found.people, Ring.POPULATION))
            mixed = list(population.people(found.people, Ring.POPULATION, mixed=True))

        assert [each.person_key for each in listed if each.second_email] == ["u0"]
        assert listed[0].second_email == "home@x.fr"
        assert sorted(each.person_key for each in mixed) == [each.person_key for each in listed]
        assert mixed != listed


class TestRows:
    def test_of_csv_have_the_number_of_the_record_in_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "people.csv").write_text("user_id\nu1\nu2\nu3\n")
        (tmp_path / "a.csv").write_text(
            "ts,t,p\n"
            f"{AT},tok,/users/u1\n"
            f"{AT},tok\n"
            f"{AT},x,y,z,too many\n"
            f"{AT},tok,/users/u2\n"
            f"{AT}\n"
            f"{AT},tok,/users/u3\n"
        )

        text = question("a.csv")
        people = world.listed(tmp_path, text)
        found, again = world.measured_again(tmp_path, text)

        assert {key: each.why[0].split(",")[0] for key, each in people.items()} == {
            "u1": "a.csv row 1", "u2": "a.csv row 4", "u3": "a.csv row 6",
        }  # fmt: skip
        assert again == list(people.values())
        assert found.counts["rows_read"] == found.counts["unmatched"]["unread_rows"] == 3


def question(log: str = "a.ndjson") -> str:
    """Return a question about one log and three people."""
    columns = {"at": "ts", "token": "t", "path": "p"}
    return world.question(
        evidence=[{"files": [log], "format": log.rpartition(".")[2], "map": columns}],
        directory=[
            {"files": ["people.csv"], "store": "accounts", "map": {"person": "user_id"}}
        ],
        intruder={"token": ["tok"]},
    )
