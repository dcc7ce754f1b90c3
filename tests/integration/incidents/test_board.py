"""The board finds, filters and turns its pages, on both databases."""

from datetime import timedelta

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents import commands, queries
from breachdesk.incidents.queries import Place
from breachdesk.incidents.terms import Asked, IncidentDraft
from breachdesk.kernel.errors import Refused, Unknown, Unusable

TITLES = ("Ordinateur oublié", "Jeton VOLÉ", "100 % perdu", "Fichier_envoyé")


@pytest.fixture
def many(transactions: Transactions, actor: Actor) -> list[str]:
    """Log incidents of two stages, some aware at the very same instant."""
    references = []
    for number in range(13):
        with transactions.open(actor) as tx:
            draft = IncidentDraft(
                title=f"{TITLES[number % 4]} {number}",
                aware_at=tx.now - timedelta(hours=number // 3),
                summary="Vu à Genève",
                drill=number % 5 == 0,
            )
            logged = commands.log(tx, draft)
            references.append(logged.reference)
            if number % 2:
                commands.close(tx, logged)
    return references


class TestPages:
    def test_hold_every_incident_once_and_in_order(
        self, transactions: Transactions, actor: Actor, many: list[str]
    ) -> None:
        with transactions.reading(actor.organisation_id) as session:
            whole = [each.reference for each in queries.board(session, limit=100)]
            walked: list[str] = []
            after: Place | None = None
            while page := queries.board(session, limit=4, after=after):
                walked += [each.reference for each in page]
                after = Place.read(str(Place.of(page[-1])))
            stages = [each.stage for each in queries.board(session, limit=100)]

        assert sorted(whole) == sorted(many)
        assert walked == whole
        assert stages == sorted(stages, reverse=True)  # the open ones first

    @pytest.mark.parametrize("text", ["", "x", "open~yesterday~1", "gone~2026-01-01T00:00Z~x"])
    def test_begin_at_the_first_for_a_place_that_is_none(self, text: str) -> None:
        assert Place.read(text) is None


class TestSearch:
    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            (Asked(q="vole"), 3),
            (Asked(q="VOLÉ jeton"), 3),
            (Asked(q="geneve"), 13),
            (Asked(q="100 % perdu"), 3),
            (Asked(q="%"), 3),
            (Asked(q="_"), 3),
            (Asked(q="0002"), 1),
            (Asked(q="nothing of that"), 0),
            (Asked(stage="closed"), 6),
            (Asked(drill="yes"), 3),
            (Asked(stage="open", drill="no"), 5),
            (Asked(year="2026"), 13),
            (Asked(year="1999"), 0),
            (Asked(stage="lost", drill="perhaps", year="x"), 13),
        ],
    )
    @pytest.mark.usefixtures("many")
    def test_finds(
        self, transactions: Transactions, actor: Actor, asked: Asked, found: int
    ) -> None:
        with transactions.reading(actor.organisation_id) as session:
            assert queries.count(session, asked) == found
            assert len(queries.board(session, asked, limit=100)) == found

    @pytest.mark.usefixtures("many")
    def test_follows_a_corrected_title(self, transactions: Transactions, actor: Actor) -> None:
        with transactions.open(actor) as tx:
            [corrected] = queries.board(tx.session, Asked(q="0003"))
            commands.correct(tx, corrected, {"title": "Clé égarée"}, "Vu de plus près.")

        with transactions.reading(actor.organisation_id) as session:
            [found] = queries.board(session, Asked(q="cle egaree"))
        assert found.reference == corrected.reference


class TestViews:
    def test_are_each_members_own_and_written_over_by_name(
        self, transactions: Transactions, actor: Actor, second_actor: Actor
    ) -> None:
        for asked in (Asked(q="old"), Asked(stage="open")):
            with transactions.open(actor) as tx:
                commands.save_view(tx, "  Mine  now ", asked)

        with transactions.reading(actor.organisation_id) as session:
            [view] = queries.views_of(session, actor.member_id)
            assert queries.views_of(session, second_actor.member_id) == []
        assert (view.name, view.asked) == ("Mine now", {"stage": "open"})
        with transactions.open(second_actor) as tx, pytest.raises(Unknown):
            commands.drop_view(tx, "Mine now")
        with transactions.open(actor) as tx:
            commands.drop_view(tx, "Mine now")

    def test_are_not_without_end_nor_without_a_name(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        with transactions.open(actor) as tx:
            for number in range(20):
                commands.save_view(tx, f"View {number}", Asked())
        with pytest.raises(Refused, match="drop one"), transactions.open(actor) as tx:
            commands.save_view(tx, "One more", Asked())
        with pytest.raises(Unusable, match="name"), transactions.open(actor) as tx:
            commands.save_view(tx, "  ", Asked())
