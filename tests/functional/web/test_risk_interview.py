"""The risk page asks, says what follows and what would change it, and takes a signature."""

import re

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.risk import queries, rules
from breachdesk.risk.queries import SignedAssessment
from conftest import NOW
from web_face import Visit

ORDINARY = {
    "cause": "misdirected_email",
    "data_categories": ["identification_contact"],
    "recipient_kind": "known_untrusted",
    "exfiltration": "confirmed",
}


@pytest.fixture
def reference(desk: Desk, actor: Actor) -> str:
    draft = IncidentDraft(title="Letter astray", aware_at=NOW, facts=ORDINARY)
    with desk.transactions.open(actor) as tx:
        return incidents.log(tx, draft).reference


def signed(desk: Desk, actor: Actor, reference: str) -> tuple[SignedAssessment, ...]:
    with desk.transactions.reading(actor.organisation_id) as session:
        found = incident_queries.by_reference(session, reference)
        return queries.standing(session, found.id)


def facts(desk: Desk, actor: Actor, reference: str, data_set: str = "") -> dict[str, object]:
    with desk.transactions.reading(actor.organisation_id) as session:
        found = incident_queries.by_reference(session, reference)
        return dict(queries.facts_of(session, found, data_set))


def side(page: str, name: str) -> str:
    """Return the text of one panel of the page."""
    part = page.partition(f'id="{name}-title">')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


class TestInterview:
    def test_asks_every_fact_once_with_a_reason_and_a_source(
        self, ben: Visit, awa: Visit, reference: str
    ) -> None:
        asked = []
        for chapter in rules.interview():
            english = ben.get(f"/incidents/{reference}/risk/?chapter={chapter.id}").text
            french = awa.get(f"/incidents/{reference}/risk/?chapter={chapter.id}").text
            for question in chapter.questions:
                asked.append(question.field)
                assert question.why["en"] in english.replace("&#39;", "'")
                assert question.why["fr"] in french.replace("&#39;", "'")
                assert question.source["en"] in english
        assert sorted(asked) == sorted(rules.vocabulary())

    def test_says_what_follows_so_far_and_what_would_change_it(
        self, ben: Visit, reference: str
    ) -> None:
        page = ben.get(f"/incidents/{reference}/risk/?chapter=holder").text

        assert side(page, "so-far").startswith("The answer so far Risk ")
        assert "holder.at_large" in side(page, "so-far")
        turn = side(page, "turn")
        assert "whether data left Risk unlikely if: excluded, on evidence" in turn
        assert (
            "what the holder is to people High risk if: somebody to be protected from" in turn
        )

    def test_keeps_answers_and_asks_why_one_is_changed(
        self, ben: Visit, desk: Desk, actor: Actor, reference: str
    ) -> None:
        path = f"/incidents/{reference}/risk/answer"
        told = {"chapter": "people", "subjects_count": "1 200", "vulnerable": "minors"}
        answer = ben.post(path, told)
        assert answer.status_code == 303
        assert "chapter=shield" in answer.location
        known = facts(desk, actor, reference)
        assert (known["subjects_count"], known["vulnerable"]) == (1200, ["minors"])

        refused = ben.post(path, {**told, "subjects_count": "9"})
        assert refused.status_code == 422
        assert 'value="9"' in refused.text
        assert facts(desk, actor, reference)["subjects_count"] == 1200
        reasoned = ben.post(path, {**told, "subjects_count": "9", "reason": "counted"})
        assert reasoned.status_code == 303
        assert facts(desk, actor, reference)["subjects_count"] == 9

    def test_tells_unknown_and_none_from_no_answer(
        self, ben: Visit, desk: Desk, actor: Actor, reference: str
    ) -> None:
        path = f"/incidents/{reference}/risk/answer"
        ben.post(path, {"chapter": "loss", "backup": "unknown", "recovery_hours": "1,5"})
        ben.post(path, {"chapter": "people", "vulnerable": "-"})
        ben.post(path, {"chapter": "harm", "safety_risk": "no"})
        known = facts(desk, actor, reference)

        assert (known["backup"], known["recovery_hours"]) == ("unknown", 1.5)
        assert (known["vulnerable"], known["safety_risk"]) == ([], False)
        assert "service_impact" not in known

    def test_names_what_cannot_be_used_and_loses_nothing(
        self, ben: Visit, reference: str
    ) -> None:
        told = {"chapter": "people", "subjects_count": "many", "identifiability": "direct"}
        answer = ben.post(f"/incidents/{reference}/risk/answer", told)

        assert answer.status_code == 422
        assert 'value="many"' in answer.text
        assert 'id="subjects_count-problem"' in answer.text
        other = ben.post(f"/incidents/{reference}/risk/answer", {**told, "nonsense": "x"})
        assert other.status_code == 422


class TestSignOff:
    def test_takes_the_level_of_the_rules_or_another_for_a_reason(
        self, ben: Visit, desk: Desk, actor: Actor, reference: str
    ) -> None:
        path = f"/incidents/{reference}/risk/sign"
        assert ben.post(path, {"level": "high"}).status_code == 409
        assert ben.post(path, {"level": "high", "reason": "they know her"}).status_code == 303
        [row] = signed(desk, actor, reference)

        assert (row.level, row.assessed_level) == ("high", "risk")
        assert row.override_reason == "they know her"

    def test_says_what_changed_since(self, ben: Visit, reference: str) -> None:
        ben.post(f"/incidents/{reference}/risk/sign", {"level": "risk"})
        ben.post(
            f"/incidents/{reference}/risk/answer", {"chapter": "harm", "safety_risk": "yes"}
        )
        page = ben.get(f"/incidents/{reference}/risk/").text

        assert "The facts have changed since: danger to somebody’s safety." in page

    def test_has_article_34_3_as_a_step_of_its_own(
        self, ben: Visit, desk: Desk, actor: Actor, reference: str
    ) -> None:
        page = f"/incidents/{reference}/risk/"
        assert "Art. 34(3)" not in ben.get(page).text
        ben.post(page + "answer", {"chapter": "harm", "safety_risk": "yes"})
        ben.post(page + "sign", {"level": "high"})
        assert "Art. 34(3)" in ben.get(page).text

        assert ben.post(page + "relief", {"ground": "c"}).status_code == 409
        assert ben.post(page + "relief", {"ground": "a", "reason": "x"}).status_code == 409
        reasoned = {"ground": "c", "reason": "no address of 400,000 people"}
        assert ben.post(page + "relief", reasoned).status_code == 303
        [row] = signed(desk, actor, reference)
        assert (row.level, row.relief_ground) == ("high", "c")
        assert "A public communication is owed instead" in ben.get(page).text

    def test_is_apart_for_each_role_and_data_set(
        self, ben: Visit, desk: Desk, actor: Actor, reference: str
    ) -> None:
        page = f"/incidents/{reference}/risk/"
        opened = {"data_set": "Customers of ours", "role": "processor"}
        assert ben.post(page + "data-sets", opened).status_code == 303
        told = {"chapter": "harm", "data_set": "Customers of ours", "safety_risk": "yes"}
        assert ben.post(page + "answer", told).status_code == 303
        ben.post(page + "sign", {"level": "risk"})
        ben.post(page + "sign", {"level": "high", "data_set": "Customers of ours"})
        rows = {row.data_set: row for row in signed(desk, actor, reference)}

        assert {name: (row.role, row.level) for name, row in rows.items()} == {
            "": ("controller", "risk"),
            "Customers of ours": ("processor", "high"),
        }
        assert "safety_risk" not in facts(desk, actor, reference)
        with desk.transactions.reading(actor.organisation_id) as session:
            found = incident_queries.by_reference(session, reference)
            together = queries.combined(session, found.id)
        assert together is not None
        assert (together.level.value, together.notify_people) == ("high", False)
