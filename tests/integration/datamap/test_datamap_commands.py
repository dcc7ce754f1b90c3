from pathlib import Path

import pytest
from sqlalchemy import select

from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import commands, queries, reading
from breachdesk.datamap.models import DataMapVersion
from breachdesk.kernel.errors import Refused, Unknown

SAMPLE = Path(__file__).parents[3] / "samples" / "leadjet" / "datamap.toml"
SOURCE = SAMPLE.read_text(encoding="utf-8")


def put(transactions: Transactions, actor: Actor, source: str) -> DataMapVersion:
    with transactions.open(actor) as tx:
        return commands.import_map(tx, reading.parse(source), source)


class TestImportMap:
    def test_puts_the_map_in_force(self, transactions: Transactions, actor: Actor) -> None:
        version = put(transactions, actor, SOURCE)

        assert version.version == 1
        with transactions.reading(actor.organisation_id) as session:
            assert queries.current(session) == reading.read(SAMPLE)

    def test_makes_no_version_of_the_same_words(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        first = put(transactions, actor, SOURCE)
        again = put(transactions, actor, "# A comment more.\n" + SOURCE)

        assert again.id == first.id
        with transactions.reading(actor.organisation_id) as session:
            assert len(queries.versions(session)) == 1

    def test_keeps_the_earlier_version(self, transactions: Transactions, actor: Actor) -> None:
        put(transactions, actor, SOURCE)
        later = put(transactions, actor, SOURCE.replace("headcount = 14", "headcount = 15"))

        assert later.version == 2
        with transactions.reading(actor.organisation_id) as session:
            before = queries.parsed(queries.version(session, 1))
            assert before.organisation.headcount == 14
            assert queries.current(session).organisation.headcount == 15

    def test_tells_the_trail_what_changed(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        put(transactions, actor, SOURCE)
        put(transactions, actor, SOURCE)
        put(transactions, actor, SOURCE.replace("headcount = 14", "headcount = 15"))

        with transactions.reading(actor.organisation_id) as session:
            entries = session.scalars(
                select(AuditEntry)
                .where(AuditEntry.action == "datamap.import_map")
                .order_by(AuditEntry.sequence)
            ).all()
        assert [entry.details["version"] for entry in entries] == [1, 1, 2]
        assert entries[1].details["changes"] == {}
        assert entries[2].details["changes"] == {
            "added": {},
            "removed": {},
            "changed": {"organisation": ["headcount"]},
        }


class TestQueries:
    def test_say_what_to_do_when_there_is_no_map(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        with (
            transactions.reading(actor.organisation_id) as session,
            pytest.raises(Refused, match="no data map is imported yet"),
        ):
            queries.current(session)

    def test_know_no_version_that_was_never_imported(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        with (
            transactions.reading(actor.organisation_id) as session,
            pytest.raises(Unknown, match="version 3"),
        ):
            queries.version(session, 3)
