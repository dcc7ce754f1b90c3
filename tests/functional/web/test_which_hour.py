"""An hour that came twice, or never was, is asked: no deadline hangs on a guess."""

import re

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.incidents import queries as incidents
from web_face import Visit, log_breach

TWICE = {"title": "Nuit du changement", "aware_at": "2025-10-26T02:30", "zone": "Europe/Paris"}
NEVER = {**TWICE, "aware_at": "2026-03-29T02:30"}


def aware_at(desk: Desk, actor: Actor, reference: str) -> str:
    with desk.transactions.reading(actor.organisation_id) as session:
        return incidents.by_reference(session, reference).aware_at.isoformat()


class TestLog:
    @pytest.mark.parametrize(
        ("told", "choice", "instant"),
        [
            (TWICE, "earlier", "2025-10-26T00:30:00+00:00"),
            (TWICE, "later", "2025-10-26T01:30:00+00:00"),
            (NEVER, "earlier", "2026-03-29T00:30:00+00:00"),
            (NEVER, "later", "2026-03-29T01:30:00+00:00"),
        ],
    )
    def test_asks_which_hour_was_meant_and_hands_everything_on(
        self,
        awa: Visit,
        desk: Desk,
        actor: Actor,
        told: dict[str, str],
        choice: str,
        instant: str,
    ) -> None:
        asked = awa.post("/log", told)
        assert asked.status_code == 422
        assert "Quelle heure" in asked.text
        handed = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
        assert {**handed, **told} == handed

        fields = {each: text for each, text in handed.items() if each != "csrf_token"}
        answer = awa.post("/log", {**fields, "aware_at_reading": choice})

        assert answer.status_code == 303
        assert aware_at(desk, actor, answer.location.rpartition("/")[2]) == instant

    def test_shows_both_readings_with_their_offsets(self, ben: Visit) -> None:
        twice, never = ben.post("/log", TWICE).text, ben.post("/log", NEVER).text

        assert "02:30 (UTC+02:00)" in twice
        assert "02:30 (UTC+01:00)" in twice
        assert "01:30 (UTC+01:00)" in never
        assert "03:30 (UTC+02:00)" in never

    def test_counts_from_the_first_instant_of_a_day_whose_hour_nobody_knows(
        self, ben: Visit, desk: Desk, actor: Actor
    ) -> None:
        told = {"title": "Some day", "aware_at": "2026-11-19T14:00", "zone": "Europe/Paris"}
        answer = ben.post("/log", {**told, "aware_day_only": "on"})
        reference = answer.location.rpartition("/")[2]

        assert aware_at(desk, actor, reference) == "2026-11-18T23:00:00+00:00"
        page = ben.get(f"/incidents/{reference}/obligations/gdpr.33.authority").text
        assert "every clock counts from 00:00 of that day" in page
        assert "The hour is not known: 00:00 of that day is taken." in page

    def test_warns_of_an_odd_awareness_and_logs_it(self, ben: Visit) -> None:
        told = {"title": "Old", "aware_at": "2019-03-01T10:00", "zone": "Europe/Paris"}
        answer = ben.post("/log", told)

        assert answer.status_code == 303
        page = ben.get(answer.location + "/obligations/gdpr.33.authority").text
        assert "Awareness lies more than a year back. Is the date right?" in page


class TestFulfil:
    def test_asks_too(self, ben: Visit, desk: Desk, actor: Actor) -> None:
        reference = log_breach(desk, actor)
        path = f"/incidents/{reference}/obligations/gdpr.33.authority/fulfil"
        told = {"at": "2025-10-26T02:30", "text": "receipt 12"}

        assert ben.post(path, told).status_code == 422
        assert ben.post(path, {**told, "at_reading": "later"}).status_code == 303
