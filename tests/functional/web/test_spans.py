"""How spans, instants and problems are written."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from breachdesk.adapters import evidence_files
from breachdesk.faces.web import language, said
from breachdesk.kernel.errors import Problem
from breachdesk.scoping import rules
from conftest import NOW, FixedClock

SPACE = "\N{NO-BREAK SPACE}"


class TestSpan:
    @pytest.mark.parametrize(
        ("left", "english", "french"),
        [
            (timedelta(minutes=59), "59 min left", f"reste 59{SPACE}min"),
            (timedelta(hours=72), "72 h 00 min left", f"reste 72{SPACE}h 00{SPACE}min"),
            (timedelta(hours=100), "4 d 4 h left", f"reste 4{SPACE}j 4{SPACE}h"),
            (
                -timedelta(hours=3, minutes=4),
                "3 h 04 min late",
                f"3{SPACE}h 04{SPACE}min de retard",
            ),
            (timedelta(seconds=-1), "0 min late", f"0{SPACE}min de retard"),
        ],
    )
    def test_says_what_is_left_in_words_of_the_reader(
        self, app: Flask, clock: FixedClock, left: timedelta, english: str, french: str
    ) -> None:
        for asked, words in (("en", english), ("fr", french)):
            with app.test_request_context(headers={"Accept-Language": asked}):
                assert language.span(clock.now() + left) == words


class TestOffset:
    @pytest.mark.parametrize(
        ("zone", "at", "written"),
        [
            ("Europe/Paris", NOW, "UTC+1"),
            ("Europe/Paris", datetime(2026, 7, 1, tzinfo=UTC), "UTC+2"),
            ("Asia/Kolkata", NOW, "UTC+5:30"),
            ("America/St_Johns", NOW, "UTC\N{MINUS SIGN}3:30"),
            ("UTC", NOW, "UTC"),
        ],
    )
    def test_is_written_beside_every_time(self, zone: str, at: datetime, written: str) -> None:
        assert language.offset(at.astimezone(ZoneInfo(zone))) == written


class TestProblem:
    def test_is_said_in_the_language_of_the_reader(self, app: Flask) -> None:
        with app.test_request_context(headers={"Accept-Language": "fr"}):
            assert said.problem(Problem("is missing")) == ("À remplir.", None)

    @pytest.mark.parametrize(
        ("problem", "french"),
        [
            (rules.CHANGED, "Ce fichier a été modifié pendant sa lecture."),
            (evidence_files.CUT_OFF.format("gzip"), "Ce fichier est tronqué ou abîmé."),
            (evidence_files.DAMAGED, "Ce fichier est tronqué ou abîmé."),
            ("row 12 is broken or has no person", "La ligne 12 est abîmée"),
            ("row 12 holds no instant that can be understood; x", "La ligne 12 ne contient"),
            ("holds several values in one; x", "Cette colonne contient plusieurs valeurs"),
        ],
    )
    def test_of_evidence_is_said_in_french(self, app: Flask, problem: str, french: str) -> None:
        with app.test_request_context(headers={"Accept-Language": "fr"}):
            sentence, language_of_it = said.problem(Problem(problem))
        assert (sentence.startswith(french), language_of_it) == (True, None)

    def test_is_marked_as_english_where_we_have_no_words_of_our_own(self, app: Flask) -> None:
        with app.test_request_context(headers={"Accept-Language": "fr"}):
            assert said.problem(Problem("a new sentence")) == ("A new sentence.", "en")


class TestMarkdown:
    def test_takes_html_and_scripts_for_text(self) -> None:
        written = language.markdown("**a** <script>alert(1)</script> [x](javascript:alert(1))")

        assert "<strong>a</strong>" in written
        assert "<script>" not in written
        assert 'href="javascript' not in written
