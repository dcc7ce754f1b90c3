"""Every page on a whole breach, in both languages, on both databases."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from breachdesk.access import commands as access
from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.faces.web.context import create_app
from breachdesk.faces.web.notices import PREVIEW_POLICY
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel import ids
from breachdesk.notices import queries as notices
from breachdesk.runbooks import queries as runbooks
from conftest import all_commands
from web_face import FRENCH, Visit, invite, log_breach, whole_breach


@pytest.fixture
def breach(desk: Desk, actor: Actor) -> str:
    return whole_breach(desk, actor)


@pytest.fixture
def counted(engine: Engine) -> Iterator[list[str]]:
    """Yield a list into which every statement is noted."""
    noted: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        noted.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield noted
    event.remove(engine, "before_cursor_execute", note)


class TestPages:
    def test_show_a_whole_breach_in_both_languages(
        self, awa: Visit, ben: Visit, breach: str, desk: Desk, actor: Actor
    ) -> None:
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incident_queries.by_reference(session, breach)
            notice = notices.latest(session, incident.id)
            assert notice is not None
        for path, french, english in (
            ("/", "Tableau", "Board"),
            ("/log", "Consigner un incident", "Log an incident"),
            (f"/incidents/{breach}", "Qui est touché", "Who is affected"),
            (f"/incidents/{breach}/notices/{notice.id}", "Approbation", "Approval"),
            (f"/incidents/{breach}/filings/cnil-2023", "Conserver", "Keep this draft"),
            ("/register/", "Registre des violations", "Register of breaches"),
            (f"/register/{breach}", "figée à la clôture", "frozen when it is closed"),
        ):
            for visit, language, words in ((awa, "fr", french), (ben, "en", english)):
                answer = visit.get(path)
                assert (answer.status_code, path) == (200, path)
                assert f'<html lang="{language}">' in answer.text
                assert words in answer.text

    def test_write_french_with_its_spaces(
        self, awa: Visit, breach: str, desk: Desk, actor: Actor
    ) -> None:
        with desk.transactions.reading(actor.organisation_id) as session:
            told = incident_queries.by_reference(session, breach)
        page = awa.get(f"/incidents/{breach}").text
        for typed in (told.title, told.summary):  # people type as they like
            page = page.replace(typed, "")

        texts = re.findall(r">([^<>]+)<", page)
        for mark in (" :", " ;", " ?", " !", "« ", " »"):
            assert [text for text in texts if mark in text] == []

    def test_follow_the_browser_before_anybody_signed_in(self, stranger: Visit) -> None:
        french = stranger.get("/sign-in", **{"Accept-Language": "fr-FR,fr;q=0.9"}).text
        english = stranger.get("/sign-in", **{"Accept-Language": "en-GB"}).text

        assert "Se connecter" in french
        assert "Sign in" in english


class TestIncident:
    def test_writes_its_instants_in_the_zone_of_the_member(
        self, ben: Visit, breach: str
    ) -> None:
        page = ben.get(f"/incidents/{breach}").text

        assert "Fri\N{NO-BREAK SPACE}20\N{NO-BREAK SPACE}Nov 2026, 09:10" in page
        assert "UTC+1" in page
        assert 'datetime="2026-11-20T08:10:00+00:00"' in page

    def test_counts_down_to_the_hour_the_law_sets(self, ben: Visit, breach: str) -> None:
        page = ben.get(f"/incidents/{breach}").text

        assert 'data-due="2026-11-23T08:10:00+00:00">68 h 10 min left<' in page

    def test_of_another_organisation_is_not_there(self, awa: Visit, desk: Desk) -> None:
        now = desk.transactions.clock.now()
        other = Actor(ids.new_id(now), "Eve", ids.new_id(now), all_commands())
        with desk.transactions.open(other) as tx:
            access.found(tx, "Elsewhere")
            theirs = incidents.log(
                tx, IncidentDraft(title="Secret of others", aware_at=now)
            ).reference

        assert awa.get(f"/incidents/{theirs}").status_code == 404
        assert awa.get(f"/register/{theirs}").status_code == 404
        assert awa.get(f"/incidents/{theirs}/filings/cnil-2023").status_code == 404
        assert awa.post(f"/incidents/{theirs}/filings/cnil-2023").status_code == 404
        assert "Secret of others" not in awa.get("/").text
        with awa.get("/register/register.csv") as sheet:
            assert "Secret of others" not in sheet.get_data(as_text=True)

    def test_shows_text_of_people_as_text(self, awa: Visit, desk: Desk, actor: Actor) -> None:
        told = "<script>alert(1)</script>"
        with desk.transactions.open(actor) as tx:
            logged = incidents.log(tx, IncidentDraft(title=told, summary=told, aware_at=tx.now))
            incidents.add_to_timeline(tx, logged, tx.now, told)

        for path in ("/", f"/incidents/{logged.reference}", f"/register/{logged.reference}"):
            page = awa.get(path).text
            assert told not in page
            assert "&lt;script&gt;alert(1)" in page

    def test_asks_the_database_few_questions(
        self, awa: Visit, breach: str, counted: list[str]
    ) -> None:
        awa.get(f"/incidents/{breach}")

        assert len([each for each in counted if not each.startswith("BEGIN")]) <= 15


class TestBoard:
    def test_asks_no_more_for_many_incidents_than_for_few(
        self, awa: Visit, desk: Desk, actor: Actor, counted: list[str]
    ) -> None:
        for number in range(30):
            with desk.transactions.open(actor) as tx:
                incidents.log(tx, IncidentDraft(title=f"Breach {number}", aware_at=tx.now))
        counted.clear()

        page = awa.get("/").text

        assert page.count("data-due=") == 30
        assert len([each for each in counted if not each.startswith("BEGIN")]) <= 12

    def test_puts_what_is_due_first_at_the_top(
        self, ben: Visit, desk: Desk, actor: Actor
    ) -> None:
        for title, hours in (("Fresh", 1), ("Late", 80), ("Older", 40)):
            with desk.transactions.open(actor) as tx:
                aware_at = tx.now - timedelta(hours=hours)
                incidents.log(tx, IncidentDraft(title=title, aware_at=aware_at))

        page = ben.get("/").text

        titles = re.findall(r'class="title"[^>]*>([^<]+)<', page)
        assert titles == ["Late", "Older", "Fresh"]
        assert page.count("tag-late") == 1
        assert "8 h 00 min late" in page


class TestTasks:
    def test_are_ticked_by_the_member_with_a_note(
        self, awa: Visit, desk: Desk, actor: Actor
    ) -> None:
        breach = log_breach(desk, actor)
        with desk.transactions.reading(actor.organisation_id) as session:
            incident_id = incident_queries.by_reference(session, breach).id
            first = runbooks.tasks_of(session, incident_id)[0]

        answer = awa.post(
            f"/incidents/{breach}/tasks/{first.runbook}/{first.step}/tick", {"note": "09:12"}
        )

        assert answer.status_code == 303
        with desk.transactions.reading(actor.organisation_id) as session:
            ticked = runbooks.task(session, incident_id, first.step)
        assert (ticked.stage, ticked.note, ticked.closed_by) == ("done", "09:12", "Awa Ndiaye")

    def test_are_not_left_out_without_a_reason(
        self, awa: Visit, desk: Desk, actor: Actor
    ) -> None:
        breach = log_breach(desk, actor)
        with desk.transactions.reading(actor.organisation_id) as session:
            incident_id = incident_queries.by_reference(session, breach).id
            first = runbooks.tasks_of(session, incident_id)[0]

        answer = awa.post(f"/incidents/{breach}/tasks/{first.runbook}/{first.step}/skip")

        assert answer.status_code == 422


class TestNotice:
    def test_is_previewed_byte_for_byte_and_shut_in(
        self, awa: Visit, breach: str, desk: Desk, actor: Actor
    ) -> None:
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incident_queries.by_reference(session, breach)
            notice = notices.latest(session, incident.id)
            assert notice is not None
            messages = [
                (each.key, notices.preview(session, notice, each))
                for each in notices.variants_of(session, notice.id)
            ]
        assert messages
        for key, message in messages:
            html = awa.get(f"/incidents/{breach}/notices/{notice.id}/{key}.html")
            text = awa.get(f"/incidents/{breach}/notices/{notice.id}/{key}.txt")
            assert html.data == message.html.encode()
            assert text.data == message.text.encode()
            assert html.headers["Content-Security-Policy"] == PREVIEW_POLICY
            assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert PREVIEW_POLICY.startswith("sandbox;")

    def test_of_another_incident_is_not_there(
        self, awa: Visit, breach: str, desk: Desk, actor: Actor
    ) -> None:
        other = log_breach(desk, actor)
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incident_queries.by_reference(session, breach)
            notice = notices.latest(session, incident.id)
            assert notice is not None

        assert awa.get(f"/incidents/{other}/notices/{notice.id}").status_code == 404
        assert awa.post(f"/incidents/{other}/notices/{notice.id}/approve").status_code == 404

    def test_is_approved_by_two_different_members(
        self, awa: Visit, ben: Visit, breach: str, desk: Desk, actor: Actor
    ) -> None:
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incident_queries.by_reference(session, breach)
            notice = notices.latest(session, incident.id)
            assert notice is not None
        path = f"/incidents/{breach}/notices/{notice.id}"

        page = ben.get(path).get_data(as_text=True)
        assert "(dpo@leadjet.io) into a folder" in page
        assert awa.post(f"{path}/approve").status_code == 303
        assert awa.post(f"{path}/approve").status_code == 409
        assert ben.post(f"{path}/approve").status_code == 303
        with desk.transactions.reading(actor.organisation_id) as session:
            assert notices.by_id(session, notice.id).stage == "approved"

    def test_is_not_approved_by_whoever_may_not(
        self, app: Flask, breach: str, desk: Desk, actor: Actor
    ) -> None:
        draft = FRENCH.__class__(
            email="rae@leadjet.example", name="Rae", roles=("responder",), language="en"
        )
        visit = Visit(app)
        visit.sign_in(draft.email, invite(desk.transactions, actor, draft))
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incident_queries.by_reference(session, breach)
            notice = notices.latest(session, incident.id)
            assert notice is not None

        answer = visit.post(f"/incidents/{breach}/notices/{notice.id}/approve")

        assert answer.status_code == 403
        assert "Your roles do not permit this" in answer.text


class TestFiling:
    def test_shows_every_section_and_marks_what_is_missing(
        self, awa: Visit, breach: str
    ) -> None:
        page = awa.get(f"/incidents/{breach}/filings/cnil-2023").text

        sections = set(re.findall(r'id="section-(\d+)"', page))
        assert sections == {str(number) for number in range(1, 15)}
        assert page.count("form-row is-missing") > 0
        assert page.count("data-copy=") > 20

    def test_is_kept_when_a_person_asks_for_it(self, awa: Visit, breach: str) -> None:
        assert awa.post(f"/incidents/{breach}/filings/cnil-2023").status_code == 303
        assert "brouillon 1" in awa.get(f"/incidents/{breach}/part/filings").text

    def test_is_handed_out_as_a_document(self, awa: Visit, breach: str) -> None:
        path = f"/incidents/{breach}/filings/cnil-2023"
        awa.post(path)

        for layout, opening in (("pdf", b"%PDF-"), ("docx", b"PK")):
            answer = awa.get(f"{path}/1.{layout}")
            assert answer.data.startswith(opening)
            assert answer.headers["Content-Disposition"].startswith("attachment")
        assert awa.get(f"{path}/2.pdf").status_code == 404


class TestErrors:
    def test_say_nothing_of_what_went_wrong_inside(self, desk: Desk, password: str) -> None:
        app = create_app(desk, bytes(32))
        app.add_url_rule("/broken", "broken", lambda: str(1 / 0), methods=["GET", "POST"])
        visit = Visit(app)
        visit.sign_in(FRENCH.email, password)
        answer = visit.post("/broken", {"text": "Long récit."})

        assert answer.status_code == 500
        assert "ZeroDivisionError" not in answer.text
        assert "Une erreur est survenue" in answer.text
        assert "Long récit.</textarea>" in answer.text
