"""The wall of clocks, in both languages; and a calendar that only its address opens."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import Engine, event, insert

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.faces.jobs import timetable
from breachdesk.faces.web.clocks import PAGE
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel import ids
from conftest import NOW
from web_face import Visit, log_breach

AUTHORITY = "gdpr.33.authority"
MANY = 10_000


@pytest.fixture
def breach(desk: Desk, actor: Actor) -> str:
    return log_breach(desk, actor)


@pytest.fixture
def counted(engine: Engine) -> Iterator[list[str]]:
    """Yield a list into which every statement is noted."""
    noted: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        noted.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield noted
    event.remove(engine, "before_cursor_execute", note)


def feed(visit: Visit, **fields: str) -> str:
    """Open a calendar feed and return its path."""
    page = visit.post("/clocks/feed", fields).text
    address = page.split('<code id="feed-address">')[1].split("</code>")[0]
    return "/calendar/" + address.partition("/calendar/")[2]


class TestWall:
    def test_shows_every_open_obligation_the_soonest_first(
        self, awa: Visit, ben: Visit, breach: str
    ) -> None:
        french, english = awa.get("/clocks/").text, ben.get("/clocks/").text

        assert "Notifier la violation à l’autorité de contrôle" in french
        assert "Notify the breach to the supervisory authority" in english
        assert french.count(breach) >= 4
        due = [part.split('"')[0] for part in english.split('data-due="')[1:]]
        assert due
        assert all(earlier <= later for earlier, later in pairwise(due))
        assert english.index('data-due="') < english.index("Without undue delay")

    def test_says_in_words_what_is_late_and_asks_for_reasons(
        self, ben: Visit, desk: Desk, actor: Actor
    ) -> None:
        log(desk, actor, hours_ago=80)
        page = ben.get("/clocks/").text

        assert '<span class="tag tag-late">late</span>' in page
        assert "Reasons for the delay are owed with the notification." in page

    def test_needs_no_more_statements_for_many_incidents(
        self, awa: Visit, desk: Desk, actor: Actor, breach: str, counted: list[str]
    ) -> None:
        assert breach
        for number in range(30):
            draft = IncidentDraft(title=f"Breach {number}", aware_at=NOW)
            with desk.transactions.open(actor) as tx:
                incidents.log(tx, draft)
        counted.clear()

        assert awa.get("/clocks/").text.count("<li class=") == PAGE
        reads = [each for each in counted if each.lstrip().startswith("SELECT")]
        assert len(reads) <= 12

    def test_sends_itself_again_only_once_something_changed(
        self, ben: Visit, desk: Desk, actor: Actor, breach: str
    ) -> None:
        part = {"HX-Request": "true", "Desk-Live": "yes"}
        again = re.search(r'id="clocks" [^>]*hx-get="([^"]+)"', ben.get("/clocks/").text)
        assert again is not None
        path = again[1].replace("&amp;", "&")
        unchanged = ben.get(path, **part)
        assert (unchanged.status_code, unchanged.data) == (204, b"")

        other = log(desk, actor, hours_ago=1)
        answer = ben.get(path, **part)

        assert answer.status_code == 200
        assert answer.text.lstrip().startswith('<div id="clocks"')
        assert other in answer.text
        assert breach in answer.text

    def test_leaves_out_a_closed_incident(
        self, awa: Visit, desk: Desk, actor: Actor, breach: str
    ) -> None:
        with desk.transactions.open(actor) as tx:
            incidents.close(tx, incident_queries.by_reference(tx.session, breach))

        page = awa.get("/clocks/").text
        assert breach not in page
        assert "Aucune horloge ne tourne" in page

    def test_lets_somebody_say_that_a_reminder_was_seen(
        self, ben: Visit, desk: Desk, actor: Actor
    ) -> None:
        breach = log(desk, actor, hours_ago=30)
        assert timetable.remind(desk, actor, bool) > 0
        assert "Nobody has seen the reminder" in ben.get("/clocks/").text

        for path in (f"/clocks/{breach}/{duty}/acknowledge" for duty in asked(ben)):
            assert ben.post(path).status_code == 303
        assert "Nobody has seen the reminder" not in ben.get("/clocks/").text
        again = ben.post(f"/clocks/{breach}/{AUTHORITY}/acknowledge")
        assert again.status_code == 409

    def test_stands_on_the_board_until_somebody_has_seen_it(
        self, ben: Visit, desk: Desk, actor: Actor
    ) -> None:
        breach = log(desk, actor, hours_ago=30)
        assert timetable.remind(desk, actor, bool) > 0
        path = ben.get("/").text.partition('action="/clocks/')[2].partition('"')[0]
        assert path.startswith(f"{breach}/")

        answer = ben.post(f"/clocks/{path}", {"back": "board"})

        assert (answer.status_code, answer.location) == (303, "/")
        assert 'action="/clocks/' not in ben.get("/").text

    def test_tells_event_rule_zone_and_clock_changes(
        self, ben: Visit, awa: Visit, desk: Desk, actor: Actor
    ) -> None:
        aware_at = datetime(2026, 10, 23, 15, 5, tzinfo=UTC)
        draft = IncidentDraft(title="Breach", aware_at=aware_at, facts={"role": "controller"})
        with desk.transactions.open(actor) as tx:
            incidents.log(tx, draft)
        part = {"HX-Request": "true"}
        wall = ben.get("/clocks/").text
        why = re.search(r'hx-get="([^"]+gdpr\.33\.authority)"', wall)
        assert why is not None
        english, french = ben.get(why[1], **part).text, awa.get(why[1], **part).text

        assert "<html" not in english
        assert "Les nuits, les week-ends et les jours fériés comptent" in french
        assert "Nights, week-ends and public holidays count" in english
        assert "awareness · <time" in english
        assert "in this version since May 25, 2018" in english
        assert "October 25, 2026 · back: the clock repeats an hour" in english
        assert "25 octobre 2026 · en arrière" in french
        assert "<dd>Europe/Paris</dd>" in english
        assert desk.law.version[7:19] in english

    def test_finds_no_reminder_of_a_duty_that_is_none(self, ben: Visit, breach: str) -> None:
        assert ben.post(f"/clocks/{breach}/gdpr.1.nothing/acknowledge").status_code == 404


class TestCalendar:
    def test_is_read_by_its_address_alone(
        self, awa: Visit, stranger: Visit, breach: str
    ) -> None:
        answer = stranger.get(feed(awa))

        assert answer.status_code == 200
        assert answer.content_type == "text/calendar; charset=utf-8"
        assert answer.text.count("BEGIN:VEVENT") >= 1
        assert breach in answer.text.replace("\r\n ", "")

    def test_tells_titles_only_where_they_were_asked_for(
        self, awa: Visit, stranger: Visit, desk: Desk, actor: Actor
    ) -> None:
        draft = IncidentDraft(title="Vol de paie; Durand, A.", aware_at=NOW)
        with desk.transactions.open(actor) as tx:
            incidents.log(tx, draft)
        plain = stranger.get(feed(awa)).text.replace("\r\n ", "")
        titled = stranger.get(feed(awa, titles="yes")).text.replace("\r\n ", "")

        assert "Vol de paie" not in plain
        assert "Vol de paie\\; Durand\\, A." in titled

    def test_answers_alike_whether_an_address_was_revoked_or_never_was(
        self, awa: Visit, stranger: Visit
    ) -> None:
        revoked, replaced = feed(awa), feed(awa)
        assert stranger.get(replaced).status_code == 200
        assert awa.post("/clocks/feed/revoke").status_code == 303
        answers = [stranger.get(path) for path in (revoked, replaced, "/calendar/x.ics")]

        assert {each.status_code for each in answers} == {404}
        assert len({each.data for each in answers}) == 1
        assert len({tuple(each.headers) for each in answers}) == 1
        assert awa.post("/clocks/feed/revoke").status_code == 409

    def test_is_kept_by_a_digest_alone(self, awa: Visit, engine: Engine) -> None:
        token = feed(awa).removeprefix("/calendar/").removesuffix(".ics")

        with engine.connect() as connection:
            [row] = connection.exec_driver_sql("SELECT * FROM calendar_feeds").all()
        assert token not in str(row)

    def test_shows_its_address_once(self, app: Flask, awa: Visit) -> None:
        assert app
        feed(awa)

        page = awa.get("/clocks/").text
        assert "feed-address" not in page
        assert "Fermer mon adresse" in page


def log(desk: Desk, actor: Actor, *, hours_ago: int) -> str:
    """Log a breach of which we became aware so long ago; return its reference."""
    aware_at = desk.transactions.clock.now() - timedelta(hours=hours_ago)
    with desk.transactions.open(actor) as tx:
        return incidents.log(tx, IncidentDraft(title="Breach", aware_at=aware_at)).reference


def asked(visit: Visit) -> list[str]:
    """Return the duties of which a reminder waits for a word."""
    parts = visit.get("/clocks/").text.split('/acknowledge"')[:-1]
    return [part.rpartition("/")[2] for part in parts]


class TestMany:
    def test_open_incidents_ask_no_more_than_twelve_questions(
        self, ben: Visit, desk: Desk, actor: Actor, counted: list[str], engine: Engine
    ) -> None:
        now = desk.transactions.clock.now()
        rows = [row(actor, number, now - timedelta(minutes=number)) for number in range(MANY)]
        with engine.begin() as connection:
            connection.execute(insert(Incident), rows)

        counted.clear()

        page = ben.get("/clocks/")
        assert "BD-2025-9999" in page.text
        assert len(page.data) <= 60_000
        assert len([each for each in counted if each.lstrip().startswith("SELECT")]) <= 12


def row(actor: Actor, number: int, aware_at: datetime) -> dict[str, object]:
    return {
        "id": ids.new_id(aware_at),
        "organisation_id": actor.organisation_id,
        "reference": f"BD-2025-{number:04d}",
        "year": 2025,
        "number": number,
        "title": f"Breach {number}",
        "summary": "",
        "zone": "Europe/Paris",
        "aware_at": aware_at,
        "logged_at": aware_at,
        "logged_by": actor.name,
        "drill": False,
        "facts": {"role": "controller"},
        "stage": "open",
    }
