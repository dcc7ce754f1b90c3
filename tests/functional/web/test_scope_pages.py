"""Who is affected, from the upload to the version, on the page alone, on both databases."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import scoping_world as world
from breachdesk.audit import queries as trail
from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.faces.cli.scope_words import measured
from breachdesk.faces.jobs import timetable
from breachdesk.faces.web.context import create_app
from breachdesk.incidents import queries as incidents
from breachdesk.scoping import queries
from breachdesk.scoping.terms import Ring
from web_face import ENGLISH, Visit, invite, whole_breach

SAMPLE = Path(__file__).parents[3] / "samples" / "leadjet"
MARKS = {
    "from": "2026-11-18T22:00:00+01:00",
    "until": "2026-11-20T06:00:00+01:00",
    "token": "tok_5f2c9a71",
    "ip": "203.0.113.0/24",
}


@pytest.fixture
def reference(desk: Desk, actor: Actor) -> str:
    return whole_breach(desk, actor)


def bring(visit: Visit, place: str, *files: tuple[str, bytes]) -> int:
    """Send files as a browser does; return the status of the answer."""
    token = visit.token().encode()
    parts = [b'Content-Disposition: form-data; name="csrf_token"\r\n\r\n' + token]
    parts += [
        b'Content-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s'
        % (name.encode(), content)
        for name, content in files
    ]
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    answer = visit.client.post(
        f"{place}files", data=body, content_type="multipart/form-data; boundary=edge"
    )
    return answer.status_code


def progress(visit: Visit, place: str) -> str:
    return visit.get(f"{place}progress", **{"HX-Request": "true"}).text


def blocks(page: str) -> str:
    found = re.search(r'<textarea[^>]* name="blocks"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return found[1].replace("&#34;", '"').replace("&amp;", "&")


class TestMeasuring:
    def test_leads_from_files_to_a_version(
        self, ben: Visit, desk: Desk, actor: Actor, reference: str
    ) -> None:
        place = f"/incidents/{reference}/scope/"
        logs = [(path.name, path.read_bytes()) for path in (SAMPLE / "logs").iterdir()]
        people = ("accounts.csv", (SAMPLE / "accounts.csv").read_bytes())
        assert bring(ben, place, *logs, ("../../accounts.csv", people[1])) == 303

        form = ben.get(f"{place}ask").text
        assert 'store = "accounts"' in blocks(form)
        asked = ben.post(f"{place}ask", {**MARKS, "blocks": blocks(form)})
        assert asked.status_code == 303
        waiting = progress(ben, place)
        assert "waiting to begin" in waiting
        assert 'hx-trigger="every 2s"' in waiting

        assert timetable.measure(desk, actor, lambda: False) == 1
        shown = ben.get(place).text
        assert "version 2" in shown
        assert "hx-trigger" not in progress(ben, place)
        assert 'role="img"' in shown
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incidents.by_reference(session, reference)
            first, second = queries.versions(session, incident.id)
            assert queries.hours_of(session, second.id)
        assert 0 < second.counts["rings"]["proven"] <= first.counts["rings"]["proven"]
        assert not list((desk.home / "uploads").iterdir())

    def test_shows_what_is_wrong_and_keeps_what_was_typed(
        self, ben: Visit, reference: str
    ) -> None:
        place = f"/incidents/{reference}/scope/ask"
        block = '[[evidence]]\nfiles = ["../secret.ndjson"]\nformat = "okta"\n'

        answer = ben.post(place, {**MARKS, "until": "tomorrow", "blocks": block})

        assert answer.status_code == 422
        assert "leads out of the evidence" in answer.text
        assert "window.until" in answer.text
        assert "secret.ndjson" in blocks(answer.text)

    def test_fails_with_its_problems_and_can_be_cancelled(
        self, ben: Visit, desk: Desk, actor: Actor, reference: str
    ) -> None:
        place = f"/incidents/{reference}/scope/"
        rows = b'{"ts": "2026-11-19T12:00:00Z", "t": "tok_5f2c9a71", "p": "/a"}\n'
        broken = b"\n".join([rows.strip(), b"{", b""])
        bring(ben, place, ("log.ndjson", rows * 20 + broken), ("people.csv", b"id,x\nu1,a\n"))
        text = world.question(
            evidence=[
                {"files": ["log.ndjson"], "format": "ndjson",
                 "map": {"at": "ts", "token": "t", "path": "p"}}
            ],
            directory=[
                {"files": ["people.csv"], "store": "accounts", "map": {"person": "id"}}
            ],
            intruder={"token": ["tok_5f2c9a71"]},
        )  # fmt: skip
        assert ben.post(f"{place}ask", {"whole": text}).status_code == 303
        assert ben.post(f"{place}ask", {"whole": text}).status_code == 409
        assert timetable.measure(desk, actor, lambda: False) == 0
        assert "1 of 22 rows of the evidence cannot be read" in progress(ben, place)

        ben.post(f"{place}ask", {"whole": text, "accept_unread": "yes"})
        waiting = progress(ben, place)
        cancel = re.search(r'action="([^"]+/cancel)"', waiting)
        assert cancel is not None
        assert ben.post(cancel[1]).status_code == 303
        assert timetable.measure(desk, actor, lambda: False) == 0
        assert "cancelled" in progress(ben, place)

    def test_shows_how_few_people_equal_telephone_numbers_would_make(
        self, ben: Visit, desk: Desk, actor: Actor, reference: str
    ) -> None:
        place = f"/incidents/{reference}/scope/"
        rows = b'{"ts": "2026-11-19T12:00:00Z", "t": "tok_5f2c9a71", "p": "/a"}\n'
        people = b"id,tel\nu1,06 12 34 56 78\nu2,+33612345678\nu3,\n"
        bring(ben, place, ("log.ndjson", rows), ("people.csv", people))
        columns = {"at": "ts", "token": "t", "path": "p"}
        text = world.question(
            evidence=[{"files": ["log.ndjson"], "format": "ndjson", "map": columns}],
            directory=[
                {"files": ["people.csv"], "store": "accounts",
                 "map": {"person": "id", "phone": "tel"}}
            ],
            intruder={"token": ["tok_5f2c9a71"]},
        )  # fmt: skip
        ben.post(f"{place}ask", {"whole": text})
        assert timetable.measure(desk, actor, lambda: False) == 1

        shown = ben.get(place).text

        assert "3, 2 if equal telephone numbers meant one person" in shown
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incidents.by_reference(session, reference)
            latest = queries.latest(session, incident.id)
        assert latest is not None
        assert "3  people behind 3 records of the directories, 2 if" in measured(latest)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.csv", b"PK\x03\x04" + bytes(99)),
            ("a.csv", b""),
            ("..", b"a,b\n1,2\n"),
        ],
    )
    def test_takes_no_tricks(
        self, ben: Visit, reference: str, name: str, content: bytes
    ) -> None:
        place = f"/incidents/{reference}/scope/"

        assert bring(ben, place, (name, content)) == 422

    def test_takes_large_files_from_members_alone(
        self, ben: Visit, stranger: Visit, reference: str
    ) -> None:
        place = f"/incidents/{reference}/scope/"
        large = b"user_id,mail\n" + b"u1,u1@x.fr\n" * 200_000

        assert bring(stranger, place, ("people.csv", large)) == 413
        assert bring(ben, place, ("people.csv", large)) == 303
        too_large = {"whole": "x" * 2_000_000}
        assert ben.post(f"{place}ask", too_large).status_code == 413

    def test_points_at_the_evidence_folder(
        self, desk: Desk, actor: Actor, reference: str, tmp_path: Path
    ) -> None:
        shelf = tmp_path / "shelf"
        (shelf / "logs").mkdir(parents=True)
        (shelf / "logs" / "a.ndjson").write_bytes(
            (SAMPLE / "logs" / "access-2026-11-19.ndjson").read_bytes()
        )
        (shelf / "secrets").symlink_to(desk.home / "vault")
        visit = Visit(create_app(replace(desk, evidence=shelf), bytes(32)))
        password = invite(desk.transactions, actor, ENGLISH)
        visit.sign_in(ENGLISH.email, password)
        place = f"/incidents/{reference}/scope/ask"

        assert "logs/a.ndjson" in visit.get(place).text
        assert "secrets" not in visit.get(place).text
        shown = visit.get(f"{place}?file=logs/a.ndjson").text
        assert 'files = ["logs/a.ndjson"]' in blocks(shown)
        assert visit.get(f"{place}?file=../vault").status_code == 422


class TestLooking:
    def test_says_why_of_one_person_and_notes_it(
        self, ben: Visit, desk: Desk, actor: Actor, reference: str
    ) -> None:
        place = f"/incidents/{reference}/scope/"
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incidents.by_reference(session, reference)
            scope = queries.latest(session, incident.id)
        assert scope is not None
        with desk.population.workplace() as folder:
            listed = folder / "people.parquet"
            desk.transactions.vault.fetch_list(incident.id, scope.list_name, listed)
            person = next(iter(desk.population.people(listed, Ring.PROVEN)))

        asked = {"version": "1", "reason": "she called"}
        shown = ben.post(f"{place}person", {"person": person.person_key, **asked}).text
        nobody = ben.post(f"{place}person", {"person": "zz", **asked}).text
        without = ben.post(f"{place}person", {"person": "zz", "version": "1"})

        assert "Proven" in shown
        assert "access-2026-11" in shown
        assert person.email is not None
        assert person.email not in shown
        assert "Nobody of that key" in nobody
        with desk.transactions.reading(actor.organisation_id) as session:
            entries = trail.trail_of(session, [incident.id])
        looks = [each for each in entries if each.action == "scoping.look_up"]
        assert [each.details["reason"] for each in looks] == ["she called"] * 2
        assert without.status_code == 422
        assert person.person_key not in json.dumps([each.details for each in looks])

    def test_compares_versions(self, ben: Visit, reference: str) -> None:
        place = f"/incidents/{reference}/scope/"

        shown = ben.post(f"{place}compare", {"earlier": "1", "later": "1"}).text

        assert 'id="comparison"' in shown
        assert "of them told already" in shown

    def test_never_shows_an_address(self, ben: Visit, reference: str) -> None:
        page = ben.get(f"/incidents/{reference}/scope/").text

        assert "People held for customers" in page
        assert not re.search(r"[\w.]+@[\w.-]+\.(?:example|fr|com)", page)
