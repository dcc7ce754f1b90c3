"""The filing day: two people at one form, ticks on the desk, the receipt with its paper."""

import re
from html import unescape
from io import BytesIO

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.incidents.terms import MeasureDraft, Phase
from breachdesk.obligations import queries as obligations
from breachdesk.obligations.terms import State
from web_face import Visit, log_breach

FORM = "cnil-2023"
TEXT = "measures.before"
FIRST = "Les mots de passe sont hachés. Les appels sont journalisés."


@pytest.fixture
def reference(desk: Desk, actor: Actor) -> str:
    return log_breach(desk, actor)


def page(visit: Visit, reference: str, **asked: str) -> str:
    told = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = visit.get(f"/incidents/{reference}/filings/{FORM}?{told}")
    assert answer.status_code == 200
    return answer.text


def row(shown: str, code: str) -> str:
    """Return the part of the page that is about a field."""
    start = shown.index(f'id="{code}"')
    return shown[start : shown.index('<div class="form-row', start + 10)]


def answer_of(part: str) -> str:
    found = re.search(r'id="value-[^"]*">(.*?)</span>', part, re.DOTALL)
    return unescape(found[1]) if found else ""


def edit(visit: Visit, reference: str, told: str, base: str, seen: str = "0") -> int:
    path = f"/incidents/{reference}/filings/{FORM}/fields/{TEXT}"
    return visit.post(path, {"told": told, "base": base, "seen": seen}).status_code


class TestTwoPeople:
    def test_who_change_two_sentences_both_have_their_say(
        self, awa: Visit, ben: Visit, reference: str
    ) -> None:
        assert edit(awa, reference, FIRST, "") == 303
        assert edit(awa, reference, FIRST.replace("hachés", "hachés et salés"), FIRST) == 303
        assert edit(ben, reference, FIRST.replace("appels", "appels à l’API"), FIRST) == 303

        assert answer_of(row(page(awa, reference), TEXT)) == (
            "Les mots de passe sont hachés et salés. Les appels à l’API sont journalisés."
        )

    def test_who_change_one_sentence_are_both_shown_and_kept_until_somebody_decides(
        self, awa: Visit, ben: Visit, reference: str
    ) -> None:
        edit(awa, reference, FIRST, "")
        edit(awa, reference, FIRST.replace("hachés", "chiffrés"), FIRST)
        edit(ben, reference, FIRST.replace("hachés", "protégés"), FIRST)
        part = row(page(awa, reference), TEXT)

        assert "chiffrés" in answer_of(part)
        assert "protégés" in part
        assert "Ben Miller" in part

        edit(awa, reference, "Chiffrés et protégés.", answer_of(part))  # has not seen it
        assert "protégés" in row(page(awa, reference), TEXT)
        part = row(page(awa, reference), TEXT)
        [seen] = re.findall(r'name="seen" value="(\d+)"', part)
        assert edit(awa, reference, "Les deux.", answer_of(part), seen) == 303
        part = row(page(ben, reference), TEXT)
        assert answer_of(part) == "Les deux."
        assert "protégés" not in part

    def test_give_what_was_typed_back_where_it_cannot_be_used(
        self, awa: Visit, reference: str
    ) -> None:
        path = f"/incidents/{reference}/filings/{FORM}/fields/controller.siren"
        answer = awa.post(path, {"told": "123456789", "base": ""})

        assert answer.status_code == 422
        assert 'value="123456789"' in row(answer.text, "controller.siren")


class TestTicks:
    def test_lie_on_the_desk_and_say_when_the_field_has_changed(
        self, awa: Visit, ben: Visit, reference: str
    ) -> None:
        edit(awa, reference, FIRST, "")
        path = f"/incidents/{reference}/filings/{FORM}/fields/{TEXT}/tick"
        assert awa.post(path, {"text": FIRST, "copied": "yes"}).status_code == 303
        part = row(page(ben, reference), TEXT)
        assert "checked" in part
        assert "Awa Ndiaye" in part
        assert "changed since it was copied" not in part

        edit(awa, reference, f"{FIRST} Et revus.", FIRST)
        assert "changed since it was copied" in row(page(ben, reference), TEXT)
        awa.post(path, {"text": FIRST})
        assert " checked" not in row(page(ben, reference), TEXT)


class TestDraft:
    def test_warns_when_it_is_older_than_the_facts(
        self, ben: Visit, desk: Desk, actor: Actor, reference: str
    ) -> None:
        ben.post(f"/incidents/{reference}/filings/{FORM}", {"kind": "initial"})
        assert "older than the facts" not in page(ben, reference)
        with desk.transactions.open(actor) as tx:
            incident = incident_queries.by_reference(tx.session, reference)
            text = {"fr": "Les clés ont été changées."}
            incidents.add_measure(tx, incident, MeasureDraft(phase=Phase.AFTER, text=text))
        shown = page(ben, reference)

        assert "Draft 1 is older than the facts" in shown
        assert '<a href="#measures.after"' in shown

    def test_is_handed_out_in_every_format(self, ben: Visit, reference: str) -> None:
        ben.post(f"/incidents/{reference}/filings/{FORM}", {"kind": "initial"})
        for layout, start in {
            "pdf": b"%PDF",
            "docx": b"PK",
            "html": b"<!doc",
            "json": b"{",
        }.items():
            made = ben.get(f"/incidents/{reference}/filings/{FORM}/1.{layout}")
            assert made.data.startswith(start)


class TestLanguage:
    def test_of_an_english_form_is_told_whatever_the_readers_own_is(
        self, awa: Visit, reference: str
    ) -> None:
        shown = awa.get(f"/incidents/{reference}/filings/ico-1.0").text
        part = row(shown, "timeline.aware_at")

        assert '<html lang="fr"' in shown
        assert '<span lang="en">When it was discovered</span>' in part
        assert re.fullmatch(r"\d+ November 2026 at \d\d:\d\d", answer_of(part))


class TestReceipt:
    def test_keeps_its_paper_and_meets_the_duty_at_once(
        self, ben: Visit, desk: Desk, actor: Actor, reference: str
    ) -> None:
        sent = {
            "csrf_token": ben.token(),
            "number": "FR-2026-1",
            "filed_at": "2026-11-20T12:30",
            "paper": (BytesIO(b"%PDF-1.7 recu"), "recepisse.pdf"),
        }
        path = f"/incidents/{reference}/filings/{FORM}/receipt"
        assert ben.client.post(path, data=sent).status_code == 303

        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incident_queries.by_reference(session, reference)
            duties = {each.duty: each for each in obligations.of(session, desk.law, incident)}
        assert duties["gdpr.33.authority"].state is State.MET
        paper = ben.get(f"/incidents/{reference}/filings/receipts/FR-2026-1")
        assert paper.data == b"%PDF-1.7 recu"
        lying = [each for each in desk.home.rglob("*") if each.is_file()]
        assert lying
        assert not any(b"%PDF-1.7 recu" in each.read_bytes() for each in lying)

    def test_makes_the_next_filing_a_complement_that_shows_both_sides(
        self, ben: Visit, reference: str
    ) -> None:
        edit(ben, reference, FIRST, "")
        ben.post(
            f"/incidents/{reference}/filings/{FORM}/receipt",
            {"number": "FR-2026-1", "filed_at": "2026-11-20T12:30"},
        )
        edit(ben, reference, f"{FIRST} Et revus.", FIRST)
        shown = page(ben, reference)
        part = shown[shown.index(f'id="{TEXT}"') :]

        assert "FR-2026-1" in shown
        assert FIRST in part
        assert f"{FIRST} Et revus." in part
        assert 'id="controller.siren"' not in shown
        assert 'id="controller.siren"' in page(ben, reference, whole="yes")
        assert "why the earlier notification is withdrawn" in page(
            ben, reference, kind="withdrawal"
        )
