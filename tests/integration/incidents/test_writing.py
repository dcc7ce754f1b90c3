"""What somebody is writing is kept sealed, for them alone, until it is sent or purged."""

import pytest
from sqlalchemy import Engine, text

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents import commands, queries
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import Writing
from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.vault import Purged, Vault

SECRET = "Jeanne Martin, 12 rue des Lilas"


def keep(transactions: Transactions, actor: Actor, incident: Incident, words: str) -> None:
    with transactions.open(actor) as tx:
        writing = Writing(field="correct/summary", text=words, base="Avant.")
        commands.keep_text(tx, incident, writing)


def kept(
    transactions: Transactions, actor: Actor, vault: Vault, incident: Incident
) -> list[Writing]:
    with transactions.reading(actor.organisation_id) as session:
        found = queries.writings_of(session, vault, incident.id, actor.member_id)
        return [writing for _, writing in found]


class TestKeptText:
    def test_is_given_back_to_whoever_typed_it_and_to_nobody_else(
        self,
        transactions: Transactions,
        actor: Actor,
        second_actor: Actor,
        vault: Vault,
        incident: Incident,
    ) -> None:
        keep(transactions, actor, incident, "Un")
        keep(transactions, actor, incident, SECRET)

        [writing] = kept(transactions, actor, vault, incident)
        assert (writing.text, writing.base) == (SECRET, "Avant.")
        assert kept(transactions, second_actor, vault, incident) == []

    def test_lies_sealed_and_leaves_no_word_on_the_trail(
        self, transactions: Transactions, actor: Actor, engine: Engine, incident: Incident
    ) -> None:
        keep(transactions, actor, incident, SECRET)

        with engine.connect() as connection:
            sealed = connection.scalar(text("SELECT sealed FROM incident_kept_texts"))
            details = connection.execute(text("SELECT details FROM audit_entries")).all()
        assert b"Lilas" not in bytes(sealed)
        assert "Lilas" not in str(details)

    def test_is_gone_with_the_key_of_its_incident(
        self, transactions: Transactions, actor: Actor, vault: Vault, incident: Incident
    ) -> None:
        keep(transactions, actor, incident, SECRET)
        vault.destroy_key(incident.id)

        with pytest.raises(Purged):
            kept(transactions, actor, vault, incident)

    def test_is_dropped_once_it_was_sent_and_again_without_harm(
        self, transactions: Transactions, actor: Actor, vault: Vault, incident: Incident
    ) -> None:
        keep(transactions, actor, incident, SECRET)
        for _ in range(2):
            with transactions.open(actor) as tx:
                commands.drop_text(tx, incident, "correct/summary")

        assert kept(transactions, actor, vault, incident) == []

    @pytest.mark.parametrize("field", ["", "../x", "a b", "x" * 200])
    def test_has_a_field_that_can_be_one(self, field: str) -> None:
        with pytest.raises(Unusable, match="field"):
            Writing(field=field, text="")

    def test_is_not_without_end(self) -> None:
        with pytest.raises(Unusable, match="at most"):
            Writing(field="x", text="x" * 200_001)
