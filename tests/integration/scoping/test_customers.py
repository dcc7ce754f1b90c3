"""Whose people they are where we are a processor, and who of those who changed was told."""

from pathlib import Path

import duckdb
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import scoping_world as world
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.audit import queries as trail
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Unknown
from breachdesk.kernel.sealing import Tampered, unframed
from breachdesk.scoping import commands, errands, queries, reading
from breachdesk.scoping.reading.reasons import reason
from breachdesk.scoping.terms import Person, ReasonKind, Ring, Scope

CONTACTS = "contact_id,org\nc1,red\nc2,red\nc2,blue\nc3,blue\nc4,\n"
QUESTION = world.question(
    evidence=[
        {"files": ["log.ndjson"], "format": "ndjson",
         "map": {"at": "ts", "token": "t", "path": "p"}}
    ],
    directory=[
        {"files": ["contacts.csv"], "store": "contacts",
         "map": {"person": "contact_id", "customer": "org"}},
        {"files": ["accounts.csv"], "store": "accounts",
         "map": {"person": "user_id", "customer": "org"}},
    ],
    intruder={"token": ["tok"]},
)  # fmt: skip


@pytest.fixture
def population(tmp_path: Path) -> DuckDBPopulation:
    (tmp_path / "contacts.csv").write_text(CONTACTS)
    (tmp_path / "accounts.csv").write_text("user_id,org\nu1,red\nc3,red\n")
    return DuckDBPopulation(tmp_path / "scoping")


def measured(
    transactions: Transactions,
    actor: Actor,
    incident: Incident,
    population: DuckDBPopulation,
    folder: Path,
    *paths: str,
    text: str = QUESTION,
) -> Scope:
    rows = [{"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": path} for path in paths]
    world.ndjson(folder / "log.ndjson", rows)
    question = reading.parse(text, folder / "q.toml", world.datamap())
    return errands.measure(
        transactions, population, actor, incident.id, world.datamap(), question
    )


class TestCustomers:
    def test_have_their_own_numbers_and_lists(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        population: DuckDBPopulation,
        tmp_path: Path,
    ) -> None:
        paths = ("/contacts/c1", "/contacts/c2", "/users/u1")
        scope = measured(transactions, actor, incident, population, tmp_path, *paths)

        with transactions.open(actor) as tx:
            counted = queries.customers_of(tx.session, scope.id)
            listed = {
                customer: [
                    each.person_key
                    for each in commands.list_people(
                        tx, incident, scope, Ring.PROVEN, population, customer=customer
                    )
                ]
                for customer in ("red", "blue")
            }
            entry = None
        with transactions.reading(actor.organisation_id) as session:
            entry = trail.trail_of(session, [incident.id])[0]

        assert counted == {
            "red": {"proven": 2, "reachable": 2, "population": 2},
            "blue": {"proven": 1, "reachable": 1, "population": 2},
        }
        assert listed == {"red": ["c1", "c2"], "blue": ["c2"]}
        assert scope.counts["by_customer"] == {"count": 2, "largest": 2}
        assert (entry.details["customer"], entry.details["people"]) == ("blue", 1)

    def test_have_their_own_categories_and_not_those_of_other_stores(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        population: DuckDBPopulation,
        tmp_path: Path,
    ) -> None:
        """What was read of somebody in our own store says nothing of a customer's."""
        paths = ("/contacts/c1", "/contacts/c2", "/contacts/c3", "/users/c3", "/users/u1")
        scope = measured(transactions, actor, incident, population, tmp_path, *paths)
        with transactions.reading(actor.organisation_id) as session:
            found = {
                key: queries.categories_of(session, scope.id, key)
                for key in ("red", "blue", "green")
            }

        assert found == {
            "red": {
                "contact": {"proven": 0, "reachable": 0, "population": 2},
                "messages": {"proven": 2, "reachable": 2, "population": 2},
            },
            "blue": {
                "contact": {"proven": 0, "reachable": 0, "population": 2},
                "messages": {"proven": 2, "reachable": 2, "population": 2},
            },
            "green": {},
        }
        assert scope.counts["by_category"]["contact"]["proven"] == 2

    def test_are_alerted_of_a_key_that_only_their_store_has(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        population: DuckDBPopulation,
        tmp_path: Path,
    ) -> None:
        """The route's own store has no c1 and no c4: they are found where they are."""
        paths = ("/users/c1", "/users/c4", "/users/u1")
        scope = measured(transactions, actor, incident, population, tmp_path, *paths)

        with transactions.open(actor) as tx:
            own = queries.counted_by_customer(tx.session, scope)["red"]
            people = {
                each.person_key: each
                for each in commands.list_people(
                    tx, incident, scope, Ring.PROVEN, population, mixed=True
                )
            }
            [c1] = commands.list_people(
                tx, incident, scope, Ring.PROVEN, population, customer="red"
            )
        assert scope.counts["by_customer"] == {"count": 1, "largest": 1}
        assert scope.counts["without_customer"] == {
            "proven": 1, "reachable": 1, "population": 1,
        }  # fmt: skip
        assert (own["proven"], own["by_category"]["contact"]["proven"]) == (1, 1)
        assert own["first_touch"] == own["last_touch"] == "2026-11-19T12:00:00+00:00"
        assert {key: each.role for key, each in people.items()} == {
            "c1": "processor", "c4": "processor", "u1": "controller",
        }  # fmt: skip
        assert (c1.categories, c1.touches, len(c1.why)) == (("contact",), 1, 1)

    def test_are_not_named_to_each_other(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        population: DuckDBPopulation,
        tmp_path: Path,
    ) -> None:
        scope = measured(transactions, actor, incident, population, tmp_path, "/contacts/c1")

        with transactions.open(actor) as tx, pytest.raises(Unknown) as refusal:
            commands.list_people(tx, incident, scope, Ring.PROVEN, population, customer="green")
        assert "red" not in str(refusal.value)


class TestOwnLists:
    """c2 is held for red and for blue; c3 for blue, and has an account with us."""

    @pytest.fixture
    def scope(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        population: DuckDBPopulation,
        tmp_path: Path,
    ) -> Scope:
        (tmp_path / "contacts.csv").write_text(
            "contact_id,mail,org\nc1,c1@red.example,red\nc2,c2@red.example,red\n"
            "c2,c2@blue.example,blue\nc3,c3@blue.example,blue\nc4,,\n"
        )
        (tmp_path / "accounts.csv").write_text("user_id,mail,org\nc3,c3@ours.example,red\n")
        paths = ("/contacts/c1", "/contacts/c2", "/users/c3", "/contacts/c3", "/users/c3")
        with_mail = QUESTION.replace('customer = "org"', 'customer = "org", email = "mail"')
        return measured(
            transactions, actor, incident, population, tmp_path, *paths, text=with_mail
        )

    def opened(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        population: DuckDBPopulation,
        scope: Scope,
        customer: str,
    ) -> dict[str, Person]:
        with transactions.open(actor) as tx:
            listed = commands.list_people(
                tx, incident, scope, Ring.POPULATION, population, customer=customer
            )
            return {each.person_key: each for each in listed}

    def test_have_a_customer_s_own_data_of_somebody_held_for_several(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        population: DuckDBPopulation,
        scope: Scope,
    ) -> None:
        given = (transactions, actor, incident, population, scope)
        red, blue = self.opened(*given, "red"), self.opened(*given, "blue")

        assert {key: (each.email, each.customer) for key, each in (red | blue).items()} == {
            "c1": ("c1@red.example", "red"),
            "c2": ("c2@blue.example", "blue"),
            "c3": ("c3@blue.example", "blue"),
        }
        assert red["c2"].email == "c2@red.example"
        c3 = blue["c3"]
        assert (c3.stores, c3.role, c3.categories) == (
            ("contacts",), "processor", ("contact", "messages"),
        )  # fmt: skip
        assert c3.touches == 1
        assert c3.first_touch == c3.last_touch is not None
        assert [reason(each).row for each in c3.why] == [4]

    def test_are_sealed_apart_and_no_key_opens_another_s(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        population: DuckDBPopulation,
        scope: Scope,
        tmp_path: Path,
    ) -> None:
        vault = transactions.vault
        given = (transactions, actor, incident, population, scope)
        whole = set(vault.list_names(incident.id))
        sealed = {}
        for customer in ("red", "blue"):
            before = set(vault.list_names(incident.id))
            self.opened(*given, customer)
            [sealed[customer]] = set(vault.list_names(incident.id)) - before
            self.opened(*given, customer)
        folder = vault.folder / "lists" / str(incident.id)
        red = AESGCM(vault.list_key(incident.id, "red"))

        def clear(name: str) -> bytes:
            with (folder / f"{name}.sealed").open("rb") as file:
                return b"".join(unframed(file, red, name))

        (tmp_path / "red.parquet").write_bytes(clear(sealed["red"]))
        said = duckdb.execute(f"FROM '{tmp_path / 'red.parquet'}'").fetchall()
        words = "SELECT decode(value) FROM parquet_kv_metadata(?)"
        kept = duckdb.execute(words, [str(tmp_path / "red.parquet")]).fetchall()
        assert [row[0] for row in sorted(said)] == ["c1", "c2"]
        assert not any(word in str((said, kept)) for word in ("blue", "c3", "ours"))
        for other in (sealed["blue"], scope.list_name):
            with pytest.raises(Tampered):
                clear(other)
        assert not any("red" in each or "blue" in each for each in sealed.values())
        vault.destroy_key(incident.id)
        assert whole
        assert vault.list_names(incident.id) == []


class TestCompare:
    def test_says_who_of_them_was_told(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        population: DuckDBPopulation,
        tmp_path: Path,
    ) -> None:
        before = measured(
            transactions, actor, incident, population, tmp_path,
            "/contacts/c1", "/contacts/c2", "/users/u1",
        )  # fmt: skip
        after = measured(
            transactions, actor, incident, population, tmp_path,
            "/contacts/c2", "/contacts/c4", "/users/u1/bills/1", "/users/u1",
        )  # fmt: skip
        told = {"c1", "u1"}

        with transactions.open(actor) as tx:
            found = commands.compare(
                tx, incident, (before, after), Ring.PROVEN, population,
                told=lambda keys: (key in told for key in keys),
            )  # fmt: skip

        assert (found.added, found.removed, found.unchanged, found.changed_categories) == (
            1, 1, 1, 1,
        )  # fmt: skip
        assert found.told == {"added": 0, "removed": 1, "changed_categories": 1}


class TestReasons:
    @pytest.mark.parametrize(
        ("sentence", "kind", "place", "rows"),
        [
            (
                "a, b row 1.log row 7, 2026-11-19T12:00:00.000001Z: GET /u/{id}, key (3 rows)",
                ReasonKind.TOUCHED, ("a, b row 1.log", 7), 3,
            ),
            ("leak.txt line 4: on the list", ReasonKind.LISTED, ("leak.txt", 4), 1),
            ("the credential could read the store x", ReasonKind.READABLE, (None, None), 1),
            (
                "GET /u listed a part of the store: a row 2, 2026-11-19T12:00:00.000000Z",
                ReasonKind.BROWSED, ("a", 2), 1,
            ),
            ("in a store that the question asks about", ReasonKind.PRESENT, (None, None), 1),
        ],
    )  # fmt: skip
    def test_are_taken_apart(
        self, sentence: str, kind: ReasonKind, place: tuple[str | None, int | None], rows: int
    ) -> None:
        found = reason(sentence)

        assert (found.kind, (found.file, found.row), found.rows) == (kind, place, rows)

    def test_of_a_measure_are_all_taken_apart(self, tmp_path: Path) -> None:
        (tmp_path / "contacts.csv").write_text(CONTACTS)
        (tmp_path / "accounts.csv").write_text("user_id,org\nu1,red\n")
        paths = ("/contacts/c1", "/users", "/export/contacts/", "/users/u1")
        world.ndjson(
            tmp_path / "log.ndjson",
            [{"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": path} for path in paths],
        )

        everyone = world.listed(tmp_path, QUESTION, Ring.POPULATION)

        kinds = {reason(each).kind for person in everyone.values() for each in person.why}
        assert kinds == {ReasonKind.TOUCHED}
        assert reason(everyone["c1"].why[0]).rule == "captured key"
        assert reason(everyone["c1"].why[1]).rule == "whole store"
