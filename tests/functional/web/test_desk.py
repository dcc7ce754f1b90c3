"""The board, what is being written, the data map's editor, the library and the trail."""

import gzip
import re
from datetime import timedelta

import pytest
from flask import Flask

from breachdesk.audit.terms import Actor
from breachdesk.datamap import queries as datamaps
from breachdesk.desk import Desk
from breachdesk.faces.web import assets
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.runbooks import commands as tasks
from breachdesk.runbooks import queries as runbooks
from web_face import Visit, log_breach

HTMX = {"HX-Request": "true", "HX-Target": "found"}
LIVE = {"HX-Request": "true", "Desk-Live": "yes"}


@pytest.fixture
def source(desk: Desk) -> str:
    return (desk.samples / "leadjet" / "datamap.toml").read_text("utf-8")


class TestBoard:
    def test_answers_its_own_script_with_the_list_alone(
        self, awa: Visit, incident: Incident
    ) -> None:
        part = awa.get("/?q=STOLEN", **HTMX).text

        assert part.lstrip().startswith('<div id="found"')
        assert incident.title in part
        assert incident.title not in awa.get("/?q=other", **HTMX).text

    def test_saves_what_is_asked_as_a_view(self, awa: Visit, ben: Visit) -> None:
        answer = awa.post("/views", {"name": "Ouverts", "stage": "open", "q": "jeton"})

        assert answer.location == "/?q=jeton&stage=open"
        assert awa.get("/views/Ouverts").location == "/?q=jeton&stage=open"
        assert ben.get("/views/Ouverts").location == "/"
        awa.post("/views/Ouverts/drop")
        assert awa.get("/views/Ouverts").location == "/"

    def test_turns_its_pages_without_counting_what_came_before(
        self, awa: Visit, desk: Desk, actor: Actor
    ) -> None:
        for number in range(53):
            with desk.transactions.open(actor) as tx:
                incidents.log(tx, IncidentDraft(title=f"Breach {number}", aware_at=tx.now))
        first = awa.get("/").text
        later = re.search(r'href="([^"]+)" rel="next"', first)
        assert later is not None
        second = awa.get(later[1].replace("&amp;", "&")).text

        titles = re.findall(r'class="title"[^>]*>(Breach \d+)<', first + second)
        assert sorted(titles) == sorted(f"Breach {number}" for number in range(53))
        assert 'rel="next"' not in second

    def test_tells_an_empty_desk_what_to_do_first(self, ben: Visit) -> None:
        page = ben.get("/").text

        assert "Describe what you hold" in page
        assert 'href="/datamap/"' in page


class TestWriting:
    def test_is_kept_and_given_back(self, awa: Visit, ben: Visit, incident: Incident) -> None:
        path = f"/incidents/{incident.reference}/writing"
        told = {"field": "timeline", "text": "Il est\r\ntard.", "base": ""}

        assert awa.post(path, told).status_code == 200
        assert awa.get(path).json["timeline"]["text"] == "Il est\ntard."  # type: ignore[index]
        assert ben.get(path).json == {}
        assert awa.post(f"{path}/drop", {"field": "timeline"}).status_code == 200
        assert awa.get(path).json == {}

    def test_of_two_is_joined_or_left_to_a_person(self, awa: Visit) -> None:
        base = "Un. Deux."
        both = {"base": base, "mine": "Un. Deux. Trois.", "theirs": "Zéro. Un. Deux."}
        clash = {"base": base, "mine": "Un. Dix.", "theirs": "Un. Vingt."}

        assert awa.post("/writing/join", both).json == {"text": "Zéro. Un. Deux. Trois."}
        assert awa.post("/writing/join", clash).json == {"text": None}

    def test_gets_a_plain_refusal_when_the_session_has_ended(
        self, stranger: Visit, incident: Incident
    ) -> None:
        answer = stranger.get(f"/incidents/{incident.reference}/writing", **HTMX)

        assert (answer.status_code, answer.data) == (401, b"")

    def test_in_two_browsers_is_never_written_over(
        self, awa: Visit, ben: Visit, desk: Desk, actor: Actor, incident: Incident
    ) -> None:
        path = f"/incidents/{incident.reference}/correct"
        form = {"title": incident.title, "aware_at": "2026-11-19T22:00", "before": ""}
        form |= {"started_at": "2026-11-17T23:00", "ended_at": "2026-11-19T07:00"}
        form |= {"detected_at": "2026-11-19T21:00", "reason": "Précisé."}
        assert awa.post(path, {**form, "summary": "Un."}).status_code == 303
        answer = ben.post(path, {**form, "summary": "Deux."})

        assert answer.status_code == 422
        assert "Deux.</textarea>" in answer.text
        assert "Un.</textarea>" in answer.text
        with desk.transactions.reading(actor.organisation_id) as session:
            present = incident_queries.by_reference(session, incident.reference)
        assert present.summary == "Un."


class TestLiveParts:
    @pytest.mark.parametrize("part", ["part/tasks", "part/deadlines", "next"])
    def test_are_sent_again_only_once_they_changed(
        self, ben: Visit, desk: Desk, actor: Actor, part: str
    ) -> None:
        reference = log_breach(desk, actor)
        page = ben.get(f"/incidents/{reference}").text
        found = re.search(rf'hx-get="(/incidents/{reference}/{part}[?]seen=[^"]+)"', page)
        assert found is not None
        unchanged = ben.get(found[1], **LIVE)
        assert (unchanged.status_code, unchanged.data) == (204, b"")

        with desk.transactions.open(actor) as tx:
            told = incident_queries.by_reference(tx.session, reference)
            incidents.correct(tx, told, {"aware_at": tx.now - timedelta(hours=60)}, "Sooner.")
            first = runbooks.tasks_of(tx.session, told.id)[0]
            tasks.tick(tx, first, "")
        answer = ben.get(found[1], **LIVE)

        assert answer.status_code == 200
        assert "<html" not in answer.text
        assert found[1] not in answer.text  # it asks with a new mark

    def test_come_whole_to_whoever_has_no_script(
        self, ben: Visit, desk: Desk, actor: Actor
    ) -> None:
        reference = log_breach(desk, actor)
        page = ben.get(f"/incidents/{reference}/part/tasks")
        moved = ben.get(f"/incidents/{reference}/next")

        assert "<html" in page.text
        assert "Tick" in page.text
        assert moved.location == f"/incidents/{reference}"


class TestDataMap:
    def test_is_edited_checked_and_put_in_force(
        self, awa: Visit, desk: Desk, actor: Actor, source: str
    ) -> None:
        page = awa.get("/datamap/edit").text
        before = re.search(r'name="before" value="([^"]*)"', page)
        assert before is not None
        told = {"source": source, "before": before[1].replace("&#34;", '"')}

        assert awa.post("/datamap/check", told).status_code == 200
        assert awa.post("/datamap/edit", told).status_code == 303
        page = awa.get("/datamap/").text
        assert "Hébergement Exemple" in page
        assert "5 ans après la clôture" in " ".join(page.split())
        assert "closed_at" not in page
        with desk.transactions.reading(actor.organisation_id) as session:
            assert [each.version for each in datamaps.versions(session)] == [1]

    def test_says_the_line_of_what_is_wrong_and_changes_nothing(
        self, ben: Visit, desk: Desk, actor: Actor, source: str
    ) -> None:
        told = {"source": source.replace("schema = 1", "schema = 9"), "before": ""}
        answer = ben.post("/datamap/check", told)

        assert "1 problem. Nothing was saved." in answer.text
        assert "schema = 9" in answer.text
        with desk.transactions.reading(actor.organisation_id) as session:
            assert datamaps.versions(session) == []


class TestLibrary:
    def test_shows_what_people_may_reword(self, ben: Visit) -> None:
        page = ben.get("/library/").text

        for path in set(re.findall(r'href="(/library/[^"#]+)"', page)):
            assert ben.get(path).status_code == 200, path
        assert ben.get("/library/runbooks/none").status_code == 404
        assert ben.get("/library/notices/..%2F..%2Fpages/fr").status_code == 404

    def test_explains_each_legal_term_with_its_article(self, awa: Visit) -> None:
        page = awa.get("/library/words").text

        assert page.count("<dt id=") == page.count("RGPD art.") + page.count("C. assurances")


class TestTrail:
    def test_of_anything_is_shown_a_page_at_a_time(
        self, awa: Visit, incident: Incident
    ) -> None:
        page = awa.get(f"/trail/{incident.id}").text
        logged = ">incidents.log</code>"
        assert logged in page
        assert "<dt>référence</dt>" in page
        assert "<code>reference</code>" not in page
        assert logged in awa.get("/trail/?action=incidents.").text
        assert logged not in awa.get("/trail/?action=access.").text
        assert awa.get("/trail/?before=x").status_code == 200


class TestAssets:
    def test_are_compressed_and_kept_by_browsers(self, app: Flask, stranger: Visit) -> None:
        with app.test_request_context():
            addresses = {name: assets.address(name) for name in assets.names()}
        for name, address in addresses.items():
            plain = stranger.get(address)
            packed = stranger.get(address, **{"Accept-Encoding": "gzip"})
            assert gzip.decompress(packed.data) == plain.data, name
            assert "immutable" in packed.headers["Cache-Control"]
        assert stranger.get("/assets/000000000000/desk.css").status_code == 404

    def test_of_a_first_load_are_small(self) -> None:
        first = ("bootstrap.min.css", "desk.css", "htmx.min.js", "desk.js", "keep.js")

        assert sum(len(assets.load(name).packed) for name in first) <= 150_000
