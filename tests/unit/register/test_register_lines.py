"""A line of the register, and the files it goes into."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from breachdesk.filings.terms import Field
from breachdesk.kernel import cells
from breachdesk.law.terms import Nature, Role, Status
from breachdesk.obligations.terms import (
    Decided,
    Fulfilment,
    Obligation,
    Readings,
    State,
)
from breachdesk.register import rules
from breachdesk.register.terms import (
    CODES,
    Judgement,
    Known,
    LineFacts,
    Lodged,
    Row,
    Sent,
    Step,
)

AWARE = datetime(2026, 11, 19, 21, 0, tzinfo=UTC)
KNOWN = Known(
    reference="BD-2026-001",
    title="Jeton d’API dérobé",
    status="open",
    drill=False,
    aware_at=AWARE,
    logged_at=AWARE + timedelta(minutes=4),
    aware_decided_by="Awa",
)
SENT = Sent("people", "gdpr.34.people/first", "sha256:1", None, None, 10, 9, 0, 1, 0, 0, 0)


def csv_text(rows: list[Row], *, excel: bool = False) -> str:
    return "".join(rules.csv_of(rows, excel=excel))


def filled(code: str, value: Any, *, applies: bool = True, source: str = "scope") -> Field:
    return Field(
        section=8,
        code=code,
        label=code,
        value=value,
        text=str(value),
        required=True,
        source=source,
        missing=False,
        applies=applies,
    )


def duty(code: str, state: State = State.OPEN, decided: Decided | None = None) -> Obligation:
    return Obligation(
        duty=code,
        pack="eu-gdpr",
        article="GDPR art. 33(1)",
        source="GDPR",
        label={"fr": "…", "en": "…"},
        addressee="supervisory_authority",
        addressee_label={"fr": "…", "en": "…"},
        role=Role.CONTROLLER,
        nature=Nature.DUTY,
        status=Status.IN_FORCE,
        starts_at=AWARE,
        due=AWARE + timedelta(hours=72),
        aim=None,
        readings=Readings(),
        explanation={"fr": "…", "en": "…"},
        state=state,
        late_needs_reasons=True,
        zone="Europe/Paris",
        valid_from=date(2018, 5, 25),
        decided=decided or Decided(),
    )


def a_line(**facts: Any) -> dict[str, Any]:
    return {**rules.line(LineFacts(known=KNOWN, at=facts.pop("at", AWARE), **facts))}


def a_row(title: str, lessons: str, harms: list[str]) -> Row:
    return {**a_line(), "title": title, "lessons": lessons, "harms": harms}


texts = st.text(max_size=30)
starts = st.sampled_from(["=", "+", "-", "@", "\t", "\r", "＝", " =", "\n+", " \t@"])
dangerous = texts | st.builds(str.__add__, starts, texts)
rows = st.builds(
    a_row,
    dangerous,
    dangerous,
    st.lists(st.sampled_from(["fraud", "identity_theft"]), max_size=2),
)


class TestLine:
    def test_has_every_column_in_order_even_of_an_incident_just_logged(self) -> None:
        assert tuple(a_line()) == CODES

    def test_writes_instants_in_iso_with_their_offset(self) -> None:
        assert a_line()["aware_at"] == "2026-11-19T21:00:00+00:00"

    def test_reads_counts_and_codes_from_the_form(self) -> None:
        row = a_line(
            fields={
                "people.count": filled("people.count", 1234),
                "breach.natures": filled("breach.natures", ["confidentiality"]),
                "consequences.integrity": filled("", ["other"], applies=False),
            }
        )

        assert (row["people_count"], row["natures"]) == (1234, ["confidentiality"])
        assert row["consequences"] == []
        assert row["people_count_exactness"] == "unknown"

    def test_says_that_a_count_was_typed(self) -> None:
        field = filled("people.count", 5, source="typed by Bela")

        assert a_line(fields={"people.count": field})["people_count_exactness"] == "typed"

    def test_keeps_steps_letters_and_filings(self) -> None:
        row = a_line(
            lodged=(Lodged("cnil", "initial", "FR-1", AWARE, "sha256:2"),),
            sent=(SENT,),
            journal=(Step(AWARE, "Awa", "incidents.log"),),
        )

        assert row["journal"] == [
            {"at": "2026-11-19T21:00:00+00:00", "by": "Awa", "action": "incidents.log"}
        ]
        assert row["communications"][0]["people"] == 10
        assert row["sa_filings"][0]["number"] == "FR-1"
        assert row["processor_chain"] == []


class TestDecision:
    UNLIKELY = Judgement("unlikely", "negligible", "Données chiffrées, clé sûre.")
    RISK = Judgement("risk", "limited", "Coordonnées entre des mains inconnues.")

    def test_is_not_required_with_its_reason_where_no_duty_arises(self) -> None:
        row = a_line(judgement=self.UNLIKELY)

        assert row["sa_decision"] == "not_required"
        assert row["sa_reason"] == "Données chiffrées, clé sûre."

    def test_is_undecided_before_the_risk_is_signed(self) -> None:
        assert a_line(duties=(duty("gdpr.33.authority"),))["sa_decision"] == "undecided"

    def test_is_to_notify_once_signed(self) -> None:
        row = a_line(duties=(duty("gdpr.33.authority"),), judgement=self.RISK)

        assert row["sa_decision"] == "to_notify"

    def test_is_not_notified_with_the_reason_of_the_waiver(self) -> None:
        waived = duty("gdpr.33.authority", State.WAIVED, Decided(waived_for="Doublon."))
        row = a_line(duties=(waived,), judgement=self.RISK)

        assert (row["sa_decision"], row["sa_reason"]) == ("not_notified", "Doublon.")

    def test_is_notified_once_it_was_done(self) -> None:
        done = Decided(fulfilments=(Fulfilment(AWARE, "FR-1"),))
        row = a_line(duties=(duty("gdpr.33.authority", State.MET, done),))

        assert row["sa_decision"] == "notified"

    def test_puts_other_duties_apart(self) -> None:
        row = a_line(duties=(duty("fr.lopmi.complaint"), duty("eu.nis2.warning")))

        assert [each["duty"] for each in row["complaint"]] == ["fr.lopmi.complaint"]
        assert [each["duty"] for each in row["other_regulators"]] == ["eu.nis2.warning"]

    def test_calls_late_what_waits_past_its_instant(self) -> None:
        late = a_line(duties=(duty("fr.lopmi.complaint"),), at=AWARE + timedelta(hours=73))

        assert a_line(duties=(duty("fr.lopmi.complaint"),))["complaint"][0]["state"] == "open"
        assert late["complaint"][0]["state"] == "late"


class TestOpenDuties:
    def test_are_those_in_force_that_nobody_met_or_waived(self) -> None:
        duties = (
            duty("gdpr.33.authority"),
            duty("gdpr.34.people", State.WAIVED),
            duty("fr.lopmi.complaint"),
        )

        owed = rules.open_duties(duties)
        assert owed == ("gdpr.33.authority", "fr.lopmi.complaint")
        assert rules.never_left_open(owed) == ("gdpr.33.authority",)


def read(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


class TestCsv:
    @given(st.lists(rows, max_size=3))
    def test_has_no_cell_that_a_spreadsheet_computes(self, register: list[Row]) -> None:
        plain = read(csv_text(register))
        excel = read(csv_text(register, excel=True).removeprefix("\ufeff"), ";")

        assert len(plain) == len(excel) == len(register)
        for row in plain + excel:
            for cell in row.values():
                assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋"))
                assert not cell.startswith(("\t", "\r"))

    @given(rows)
    def test_says_what_the_line_says(self, row: Row) -> None:
        [said] = read(csv_text([row]))

        assert tuple(said) == CODES
        assert said["title"] == cells.safe(str(row["title"]))
        assert said["harms"].split("|") == (row["harms"] or [""])
        assert said["drill"] == "false"

    def test_begins_with_a_mark_for_a_spreadsheet_only(self) -> None:
        assert csv_text([]).startswith("number,title")
        assert csv_text([], excel=True).startswith("\ufeffnumber;title")

    def test_writes_several_entries_one_a_line(self) -> None:
        [said] = read(csv_text([a_line(sent=(SENT, SENT))]))

        assert said["communications"].splitlines()[0].startswith("audience=people; letter=")
        assert len(said["communications"].splitlines()) == 2

    @given(st.text())
    def test_leaves_harmless_text_alone(self, text: str) -> None:
        assert cells.safe(text) in {text, f"'{text}"}
        assert cells.safe(f"a{text}") == f"a{text}"


class TestJson:
    @given(st.lists(rows, max_size=3))
    def test_holds_the_same_lines(self, register: list[Row]) -> None:
        assert json.loads("".join(rules.json_of(register))) == register


class TestDigest:
    @given(rows, rows)
    def test_is_equal_for_equal_lines_only(self, one: Row, other: Row) -> None:
        assert (rules.digest(one) == rules.digest(other)) == (one == other)
