"""An incident is logged from the form: in a minute, without losing a word."""

import re
from datetime import UTC, datetime

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.incidents import queries
from web_face import Visit, describe_data

TYPED = {
    "title": "Lost laptop",
    "aware_at": "2026-11-20T10:30",
    "zone": "Europe/Paris",
    "summary": "Left on a train <b>",
}


class TestLog:
    def test_asks_at_most_six_things(self, ben: Visit, desk: Desk, actor: Actor) -> None:
        describe_data(desk, actor)
        for path in ("/log", "/log?drill=on"):
            form = (
                ben.get(path).text.partition('data-keep-form="log"')[2].partition("</form>")[0]
            )
            asked = re.findall(r"<(?:input|select|textarea)[^>]*>", form)
            names = {
                name[1]
                for each in asked
                if 'type="hidden"' not in each and (name := re.search(r'name="(\w+)"', each))
            }
            assert len(names) <= 6, names
            assert ('name="drill" value="on"' in form) == ("drill" in path)

    def test_gives_local_times_the_zone_beside_them(
        self, awa: Visit, desk: Desk, actor: Actor
    ) -> None:
        answer = awa.post("/log", {**TYPED, "started_at": "2026-11-19T23:00", "drill": "on"})

        assert answer.status_code == 303
        with desk.transactions.reading(actor.organisation_id) as session:
            [logged] = queries.board(session)
        assert answer.location == f"/incidents/{logged.reference}"
        assert logged.aware_at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
        assert logged.started_at == datetime(2026, 11, 19, 22, 0, tzinfo=UTC)
        assert logged.drill
        assert logged.logged_by == "Awa Ndiaye"

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"title": "  "}, "title"),
            ({"title": ""}, "title"),
            ({"aware_at": ""}, "aware_at"),
            ({"aware_at": "yesterday"}, "aware_at"),
            ({"started_at": "soon"}, "started_at"),
        ],
    )
    def test_says_beside_the_field_what_is_wrong_and_keeps_every_word(
        self, awa: Visit, desk: Desk, actor: Actor, change: dict[str, str], field: str
    ) -> None:
        answer = awa.post("/log", TYPED | change)

        assert answer.status_code == 422
        assert f'id="{field}-problem"' in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert "Left on a train &lt;b&gt;</textarea>" in answer.text
        assert 'lang="en"' not in answer.text  # every sentence is in the reader's language
        with desk.transactions.reading(actor.organisation_id) as session:
            assert queries.count(session) == 0

    def test_says_that_a_zone_does_not_exist(self, awa: Visit) -> None:
        answer = awa.post("/log", {**TYPED, "zone": "Europe/Pariss"})

        assert answer.status_code == 422
        assert "Europe/Pariss\N{NO-BREAK SPACE}» n’est pas un fuseau" in answer.text

    @pytest.mark.parametrize("extra", ["stage", "facts", "ended_at", "organisation_id"])
    def test_refuses_a_field_that_the_form_does_not_have(self, awa: Visit, extra: str) -> None:
        assert awa.post("/log", {**TYPED, extra: "x"}).status_code == 422
