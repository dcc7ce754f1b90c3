"""Every value of every form is traced to a fact, or to a named rule on facts: none is made up.

Thirty incidents are made from a seed, each knowing some things and not others. Every text and
number in them is unlike any other, so that what stands in a field can be told by its look.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields as parts_of
from dataclasses import is_dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from breachdesk.filings import reading, rules
from breachdesk.filings.rules.speeches import SPEECHES
from breachdesk.filings.terms import (
    Company,
    Field,
    FieldKind,
    FilingFacts,
    Form,
    Kind,
    Question,
    Told,
)
from made_up_facts import Maker

FORMS = reading.read_forms(Path(__file__).parents[3] / "templates")
INCIDENTS, SEED = 30, 20261122


def atoms(told: object) -> Iterator[object]:
    """Yield everything that was told, to the last word and number."""
    if is_dataclass(told):
        for part in parts_of(told):
            yield from atoms(getattr(told, part.name))
    elif isinstance(told, Mapping):
        for name, each in told.items():
            yield from (name, *atoms(each))
    elif isinstance(told, tuple | list):
        for each in told:
            yield from atoms(each)
    elif told is not None:
        yield told


def sayings(form: Form, facts: FilingFacts) -> Iterator[str]:
    """Yield each thing told as the form's language writes it: words, days, numbers, places."""
    speech, zone = rules.speech_of(form), facts.chronology.zone
    for each in atoms(facts):
        if isinstance(each, datetime):
            yield from (speech.moment(each, zone), speech.day(each.date()), each.isoformat())
            yield speech.moment(each, zone).partition(" ")[0]
        elif isinstance(each, bool):
            continue
        elif isinstance(each, int):
            yield from (str(each), speech.number(each))
        elif isinstance(each, str) and each:
            yield from (each, each.removesuffix("."), each.removeprefix("sha256:"))
            yield from (each.upper(), *each.split())
            if len(each) == 2:
                yield speech.country(each)
    sums = (sum(facts.told.not_informed.values()),) if facts.told else ()
    yield from (speech.number(each) for each in sums)
    yield speech.clock(zone)


@cache
def wording(language: str) -> frozenset[str]:
    """Return every word of the language's sentences: what may stand around facts."""
    speech = SPEECHES[language]
    sentences = [
        *speech.said.values(),
        *(each for both in speech.nouns.values() for each in both),
    ]
    return frozenset(words(re.sub(r"\{\w+\}", " ", " ".join(sentences))))


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


PATTERNS: dict[tuple[str, str], re.Pattern[str]] = {}


def everything_told(form: Form, facts: FilingFacts) -> re.Pattern[str]:
    """Return what finds each thing told in a text, the longest first."""
    key = form.id, facts.reference
    if key not in PATTERNS:
        every = sorted({*sayings(form, facts)}, key=len, reverse=True)
        PATTERNS[key] = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, every))})(?!\w)")
    return PATTERNS[key]


def is_told(form: Form, field: Field, facts: FilingFacts) -> bool:
    """Rule 1: once each thing told is taken out of it, only the language's words are left."""
    rest = everything_told(form, facts).sub(" ", field.text)
    return not {*words(rest)} - wording(form.language) - {"SHA", "256", "72"}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def led_to(form: Form, question: Question, facts: FilingFacts) -> set[str]:
    """Rule 2: the choices that the form says these facts lead to, or whose codes are told."""
    known = {**facts.facts}
    if facts.counted is not None and facts.customer is None:
        known = {"breach_types": ["confidentiality"], "access": "confirmed", **known}
    counted = facts.counted
    told = (
        {*facts.told_categories}
        if counted is None
        else {*counted.category_codes, *counted.population_codes}
    )
    found = set()
    for choice in form.choices(question):
        for conditions in choice.proposed_by:
            if all({*listed(known.get(name))} & {*named} for name, named in conditions.items()):
                found.add(choice.code)
        if told & {choice.code, *choice.edpb}:
            found.add(choice.code)
    return found


def decided(facts: FilingFacts) -> set[object]:
    """Rule 3: what is chosen by a rule of the law or of the form, each by its name."""
    house, counted, told, judged = facts.company, facts.counted, facts.told, facts.judged
    return {
        facts.kind.value,  # which filing of the series was asked for
        {"initial": "incomplete", "withdrawal": "withdraw"}.get(facts.kind.value, "complete"),
        "follow_up" if facts.kind in {Kind.COMPLEMENTARY, Kind.WITHDRAWAL} else "new",
        *(() if house is None else company_rules(house)),
        *(() if counted is None else ("exact" if counted.exact else "approximate",)),
        *(() if judged is None else (judged.level, judged.severity, "moderate")),
        *period_rules(facts),
        *told_rules(told, facts),
    }


def company_rules(house: Company) -> Iterator[object]:
    yield from ("madame", house.sector, "company_id", "legal_representative")
    yield "dpo" if house.has_officer else "other"
    if house.headcount is not None:
        yield "large" if house.headcount >= 250 else "sme"


def period_rules(facts: FilingFacts) -> Iterator[str]:
    known = facts.chronology
    if known.started_at and known.ended_at:
        yield from ("day", "range")
    if known.started_at and "timeline.ongoing" in facts.answers:
        yield "ongoing"


def told_rules(told: Told | None, facts: FilingFacts) -> Iterator[object]:
    """Yield what may be said of the communication: each only where its ground is there."""
    waived = facts.people_duty == "waived" or facts.waiver_ground
    done = told is not None and told.informed and not told.waiting
    if done:
        yield from ("done", "not_all", "individual", "email")
    elif told is not None:
        yield from ("planned", "planned_undated", "email")
    elif waived:
        yield from ("not_planned", "condition_met", facts.waiver_ground)
    elif facts.judged is not None and facts.judged.level == "high":
        yield from ("planned", "planned_undated")
    elif facts.judged is not None:
        yield from ("not_planned", "no_high_risk")


def is_yes_or_no(field: Field, facts: FilingFacts) -> bool:
    """Rule 4: yes or no, each from the facts that its name says."""
    counted, house, known = facts.counted, facts.company, facts.chronology
    states = [] if counted is None else [
        each for each in counted.by_country if each in FORMS["cnil-2023"].member_states
    ]  # fmt: skip
    grounds: dict[str, object] = {
        "attack.malicious": facts.facts.get("malicious"),
        "cross_border.is_cross_border": counted and len(states) > 1,
        "other_parties.involved": counted and bool(counted.processors),
        "dpo.designated": house and house.has_officer,
        "timeline.ongoing": known.ended_at and False,
        "timeline.period_known": bool(known.started_at and known.ended_at)
        or bool(known.started_at and "timeline.ongoing" in facts.answers),
    }
    if field.code in grounds:
        return field.value == bool(grounds[field.code]) and grounds[field.code] is not None
    return field.value is True and field.source == "obligation"  # the law surely addresses one


def in_a_list(form: Form, question: Question, field: Field, facts: FilingFacts) -> bool:
    chosen = {*listed(field.value)}
    states = (
        {"yes", "no"} if facts.counted is not None and "cross_border" in field.code else set()
    )
    return chosen <= led_to(form, question, facts) | decided(facts) | states


def in_numbers(field: Field, facts: FilingFacts) -> bool:
    """Rule 5: people by country, and a number that was counted or told."""
    if isinstance(field.value, dict):
        counted = facts.counted
        return counted is not None and all(
            counted.by_country.get(code, {}).get("proven") == n
            for code, n in field.value.items()
        )
    return field.value in {*atoms(facts)}


def rule_of(form: Form, field: Field, facts: FilingFacts) -> str:
    """Return by which rule a value follows from what is known; empty where by none."""
    question, answer = rules.question(form, field.code), facts.answers.get(field.code)
    if field.source.startswith("typed by "):
        return "typed" if answer is not None and answer.value == field.value else ""
    if isinstance(field.value, bool):
        return "yes or no" if is_yes_or_no(field, facts) else ""
    if question.kind in {FieldKind.CHOICE, FieldKind.MULTI}:
        return "chosen" if in_a_list(form, question, field, facts) else ""
    if isinstance(field.value, int | dict):
        return "counted" if in_numbers(field, facts) else ""
    return "told" if is_told(form, field, facts) else ""


def drafted(form: Form) -> Iterator[tuple[FilingFacts, Field]]:
    maker = Maker(SEED)
    for _ in range(INCIDENTS):
        facts = maker.incident(form)
        for field in rules.fields(
            form, replace(facts, answers=rules.usable(form, facts.answers))
        ):
            yield facts, field


@pytest.mark.parametrize("form_id", sorted(FORMS))
class TestThirtyIncidents:
    def test_give_no_value_that_nothing_known_leads_to(self, form_id: str) -> None:
        form, used = FORMS[form_id], Counter[str]()
        for facts, field in drafted(form):
            if field.value in (None, "", [], {}):
                assert field.text == "" or field.source.startswith("typed"), field.code
                continue
            assert field.source != "nobody", field.code
            rule = rule_of(form, field, facts)
            assert rule, (field.code, field.value, field.text, facts)
            used[rule] += 1

        assert used.total() > INCIDENTS * 5
        assert used["told"] > INCIDENTS

    def test_leave_missing_what_is_required_and_not_known(self, form_id: str) -> None:
        for _, field in drafted(FORMS[form_id]):
            assert field.missing or field.text or not (field.required and field.applies)

    def test_would_show_a_value_that_was_made_up(self, form_id: str) -> None:
        """The tracing itself can fail: put a strange word, number or choice in, it is seen."""
        form = FORMS[form_id]
        strange: dict[type, object] = {
            str: "Inventé",
            int: 13,
            list: ["Inventé"],
            dict: {"XX": 1},
        }
        for facts, field in drafted(form):
            if field.source.startswith("typed") or isinstance(field.value, bool):
                continue
            if field.value not in (None, "", [], {}):
                made: Any = strange[type(field.value)]
                assert not rule_of(form, replace(field, value=made, text="Inventé"), facts)
