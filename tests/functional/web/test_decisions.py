"""What a member decides at the desk: each decision is theirs, and no word is lost."""

from datetime import UTC, datetime

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.filings import queries as filings
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.obligations import queries as obligations
from breachdesk.risk import queries as risk
from web_face import Visit, log_breach


@pytest.fixture
def breach(desk: Desk, actor: Actor) -> str:
    return log_breach(desk, actor)


def now_known(desk: Desk, actor: Actor, breach: str) -> Incident:
    with desk.transactions.reading(actor.organisation_id) as session:
        return incidents.by_reference(session, breach)


class TestCorrect:
    def test_changes_only_what_was_changed_and_keeps_the_reason(
        self, awa: Visit, desk: Desk, actor: Actor, breach: str
    ) -> None:
        before = now_known(desk, actor, breach)
        page = awa.get(f"/incidents/{breach}/correct").text
        assert 'value="2026-11-20T09:10"' in page

        answer = awa.post(
            f"/incidents/{breach}/correct",
            {
                "title": before.title,
                "summary": before.summary,
                "started_at": "2026-11-18T22:00",
                "ended_at": "2026-11-20T06:00",
                "detected_at": "2026-11-20T07:40",
                "qualified_at": "2026-11-20T11:30",
                "aware_at": "2026-11-20T08:45",
                "reason": "Le mail était arrivé avant.",
            },
        )

        assert answer.status_code == 303
        with desk.transactions.reading(actor.organisation_id) as session:
            [correction] = incidents.corrections_of(session, before.id)
        assert correction.field == "aware_at"
        assert (correction.reason, correction.corrected_by) == (
            "Le mail était arrivé avant.",
            "Awa Ndiaye",
        )
        page = awa.get(f"/incidents/{breach}/part/corrections").text
        assert "Le mail était arrivé avant." in page

    def test_sees_no_change_in_how_a_browser_ends_lines(
        self, awa: Visit, desk: Desk, actor: Actor
    ) -> None:
        fields = {
            "title": "Deux lignes",
            "summary": "Une\r\ndeux",
            "aware_at": "2026-11-20T08:45",
        }
        reference = awa.post("/log", fields).location.rpartition("/")[2]
        assert now_known(desk, actor, reference).summary == "Une\ndeux"

        answer = awa.post(f"/incidents/{reference}/correct", {**fields, "reason": "Rien."})

        assert answer.status_code == 422
        assert "Rien ne changerait." in answer.text

    def test_keeps_every_word_without_a_reason(
        self, awa: Visit, desk: Desk, actor: Actor, breach: str
    ) -> None:
        answer = awa.post(
            f"/incidents/{breach}/correct",
            {"title": "Autre", "summary": "Tout <autre>", "aware_at": "2026-11-20T08:45"},
        )

        assert answer.status_code == 422
        assert "Tout &lt;autre&gt;</textarea>" in answer.text
        assert 'value="2026-11-20T08:45"' in answer.text
        assert 'lang="en"' not in answer.text
        assert now_known(desk, actor, breach).title != "Autre"


class TestTimeline:
    def test_is_written_in_the_zone_of_the_member(
        self, awa: Visit, desk: Desk, actor: Actor, breach: str
    ) -> None:
        awa.post(
            f"/incidents/{breach}/timeline",
            {"happened_at": "2026-11-20T10:00", "text": "Jeton révoqué."},
        )

        with desk.transactions.reading(actor.organisation_id) as session:
            [entry] = incidents.timeline_of(session, now_known(desk, actor, breach).id)
        assert entry.happened_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def test_hands_back_what_could_not_be_used(self, awa: Visit, breach: str) -> None:
        answer = awa.post(
            f"/incidents/{breach}/timeline", {"happened_at": "hier", "text": "Long récit."}
        )

        assert answer.status_code == 422
        assert "Long récit.</textarea>" in answer.text


class TestRisk:
    def test_is_signed_by_the_member(
        self, awa: Visit, desk: Desk, actor: Actor, breach: str
    ) -> None:
        assert awa.post(f"/incidents/{breach}/risk/sign").status_code == 303

        with desk.transactions.reading(actor.organisation_id) as session:
            signed = risk.latest(session, now_known(desk, actor, breach).id)
        assert signed is not None
        assert signed.signed_by == "Awa Ndiaye"


class TestObligation:
    @pytest.mark.parametrize(
        ("act", "fields"),
        [
            ("fulfil", {"text": "Accusé 123", "at": "2026-11-20T12:00"}),
            ("waive", {"text": "Données chiffrées."}),
            ("explain_delay", {"text": "Panne du portail."}),
        ],
    )
    def test_is_decided_in_words(
        self,
        awa: Visit,
        desk: Desk,
        actor: Actor,
        breach: str,
        act: str,
        fields: dict[str, str],
    ) -> None:
        path = f"/incidents/{breach}/obligations/gdpr.33.authority"
        assert "RGPD art. 33(1)" in awa.get(path).text

        assert awa.post(f"{path}/{act}", {**fields, "text": " "}).status_code == 422
        assert awa.post(f"{path}/{act}", fields).status_code == 303
        incident = now_known(desk, actor, breach)
        with desk.transactions.reading(actor.organisation_id) as session:
            [decision] = obligations.decisions_of(session, incident.id)
        assert (decision.act, decision.text) == (act, fields["text"])
        assert decision.decided_by == "Awa Ndiaye"

    def test_that_does_not_arise_is_not_there(self, awa: Visit, breach: str) -> None:
        assert awa.get(f"/incidents/{breach}/obligations/x.1.nothing").status_code == 404


class TestReceipt:
    def test_meets_the_duty_at_the_hour_it_names(
        self, awa: Visit, desk: Desk, actor: Actor, breach: str
    ) -> None:
        answer = awa.post(
            f"/incidents/{breach}/filings/cnil-2023/receipt",
            {"number": "CNIL-123", "filed_at": "2026-11-20T12:30"},
        )

        assert answer.status_code == 303
        incident = now_known(desk, actor, breach)
        with desk.transactions.reading(actor.organisation_id) as session:
            [receipt] = filings.receipts_of(session, incident.id)
            decided = obligations.decided(session, incident.id)
        assert receipt.filed_at == datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
        assert decided["gdpr.33.authority"].fulfilments[0].at == receipt.filed_at
        page = awa.get(f"/incidents/{breach}/filings/cnil-2023").text
        assert "complémentaire" in page


class TestPreferences:
    def test_change_the_language_and_the_zone(self, awa: Visit, breach: str) -> None:
        awa.post("/preferences", {"language": "en", "zone": "America/New_York"})

        page = awa.get(f"/incidents/{breach}").text
        assert '<html lang="en">' in page
        assert "03:10" in page
        assert "UTC\N{MINUS SIGN}5" in page

    def test_refuse_what_the_desk_does_not_speak(self, awa: Visit) -> None:
        answer = awa.post("/preferences", {"language": "de", "zone": "Europe/Berlin"})

        assert answer.status_code == 422
        assert "français et anglais" in answer.text
