"""What a reminder says, and what cannot be said through it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.delivery.rules import Letters
from breachdesk.delivery.terms import Folder, Parcel, Recipient, Result, Sender, Slip
from breachdesk.law.reading import read_packs
from breachdesk.obligations import rules as obligations
from breachdesk.obligations.terms import BreachFacts
from breachdesk.reminders import rules
from breachdesk.reminders.errands import write
from breachdesk.reminders.reading import read_plan
from breachdesk.reminders.terms import Call, Clock, Message, Person, Stage

TEMPLATES = Path(__file__).parents[3] / "templates"
RENDERER = JinjaRenderer(TEMPLATES)
AWARE = datetime(2026, 11, 17, 9, tzinfo=UTC)
STEP = read_plan(TEMPLATES).steps[0]
SPACE = "\N{NO-BREAK SPACE}"
[AUTHORITY] = [
    each
    for each in obligations.arising(
        BreachFacts(aware_at=AWARE, zone=ZoneInfo("Europe/Paris")), read_packs(None)
    )
    if each.duty == "gdpr.33.authority"
]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


def call(title: str = "Stolen token", language: str = "fr", zone: str = "Asia/Tokyo") -> Call:
    person = Person(UUID(int=7), "dora@leadjet.example", "Dora", language, zone, ("dpo",))
    clock = Clock(UUID(int=1), "BD-2026-0001", title, False, AUTHORITY)
    return Call(clock, AWARE + timedelta(hours=72), STEP, person)


def posted(message: Message) -> bytes:
    slip = Slip("reminders", Folder.STAFF, UUID(int=1), 1)
    sender = Sender("BreachDesk", "dpo@leadjet.example", "dpo@leadjet.example")
    parcel = Parcel(
        slip, sender, AWARE, "fr", message.subject, message.text, message.html,
        (Recipient(1, "dora@leadjet.example"),),
    )  # fmt: skip
    return Letters(parcel).message(parcel.recipients[0])


class TestLetter:
    def test_tells_the_deadline_in_the_zone_of_its_reader_with_its_name(self) -> None:
        text = write(RENDERER, call(), AWARE + timedelta(hours=49)).text

        deadline = f"vendredi 20 novembre 2026 à 18{SPACE}h{SPACE}00 (+09:00), Asia/Tokyo"
        assert deadline in text
        assert f"Il reste{SPACE}: 23{SPACE}h 00{SPACE}min" in text
        assert "RGPD art. 33(1)" in text

    @pytest.mark.parametrize("language", ["fr", "en"])
    @pytest.mark.parametrize("late", [True, False])
    @pytest.mark.parametrize("apart", [True, False])
    def test_is_whole_in_both_languages(self, language: str, late: bool, apart: bool) -> None:
        clock = replace(call().clock, drill=apart)
        asked = replace(call(language=language), clock=clock, escalated=apart, corrected=apart)
        message = write(RENDERER, asked, AWARE + timedelta(hours=90 if late else 10))

        for part in (message.subject, message.text, message.html):
            assert "BD-2026-0001" in part
            assert "{{" not in part
        drilled = "This is a drill" in message.text or "Ceci est un exercice" in message.text
        assert drilled == apart
        assert "\n\n\n" not in message.text
        assert "\n" not in message.subject

    @settings(deadline=None)  # templates are compiled at their first use
    @given(texts)
    def test_lets_nothing_typed_become_a_header_or_a_tag(self, title: str) -> None:
        message = write(RENDERER, call(f"{title}-bdt.code--bdh.name-"), AWARE)

        content = posted(message)
        head = content.partition(b"\n\n")[0]
        assert head.count(b"\nSubject:") == 1
        assert b"\nBcc:" not in head

    def test_escapes_what_people_typed(self) -> None:
        html = write(RENDERER, call("<script>alert(1)</script>"), AWARE).html

        assert "<script>" not in html


class TestRemaining:
    @pytest.mark.parametrize(
        ("span", "said"),
        [
            (timedelta(seconds=59), f"0{SPACE}min"),
            (timedelta(minutes=59, seconds=59), f"59{SPACE}min"),
            (timedelta(hours=47, minutes=5), f"47{SPACE}h 05{SPACE}min"),
            (timedelta(hours=99, minutes=59), f"99{SPACE}h 59{SPACE}min"),
            (timedelta(hours=100), f"4{SPACE}d 4{SPACE}h"),
        ],
    )
    def test_is_never_rounded_up(self, span: timedelta, said: str) -> None:
        assert rules.remaining(span, "en") == said


class TestSettled:
    def test_calls_given_only_what_was_accepted(self) -> None:
        given_by = [each for each in Result if rules.settled(each) is Stage.GIVEN]

        assert given_by == [Result.ACCEPTED]
        assert rules.settled(Result.UNKNOWN) is Stage.CLAIMED
        assert rules.settled(Result.REFUSED) is Stage.REFUSED

    def test_leads_only_to_stages_that_may_follow(self) -> None:
        for result in Result:
            to = rules.settled(result)
            assert to is Stage.CLAIMED or to in rules.STAGES[Stage.CLAIMED]
