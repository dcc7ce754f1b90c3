"""Lines of the register in a reader's words: a workbook, a document."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.filings import reading
from breachdesk.register import rules
from breachdesk.register.terms import CODES, Known, LineFacts, Reader, Row
from breachdesk.risk.terms import Level

FORM = reading.form(Path(__file__).parents[3] / "templates", "cnil-2023")
AWARE = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)
READER = Reader(
    house="Leadjet",
    zone="Europe/Paris",
    clock="heure de Paris",
    labels=rules.labels(FORM),
    duties={"gdpr.33.authority": "Notifier la violation à la CNIL"},
)
FACTS = LineFacts(
    known=Known(
        reference="BD-2026-0001",
        title="Jeton d’API dérobé",
        status="open",
        drill=False,
        aware_at=AWARE,
        logged_at=AWARE,
        aware_decided_by="Awa",
    ),
    at=AWARE,
)
DUTY = {
    "duty": "gdpr.33.authority",
    "article": "GDPR art. 33(1)",
    "state": "late",
    "due": "2026-07-17T22:30:00+00:00",
    "done_at": None,
    "evidence": None,
    "waived_for": None,
}
STEP = {"at": "2026-07-14T22:30:00+00:00", "by": "Awa", "action": "incidents.log"}


def a_row(**cells: Any) -> Row:
    return {**rules.line(FACTS), **cells}


def cells(row: Row) -> dict[str, Any]:
    sheet, _ = rules.sheets([row], READER)
    return dict(zip(CODES, next(iter(sheet.rows)), strict=True))


class TestSaid:
    @pytest.mark.parametrize(
        ("column", "cell", "said"),
        [
            ("aware_at", "2026-07-14T22:30:00+00:00", "15/07/2026 à 00:30"),
            ("natures", ["confidentiality"], "Perte de la confidentialité"),
            ("consequences", ["critical_service_degraded"],
             "Dysfonctionnement et difficultés à fournir un service critique"),
            ("role", ["controller", "processor"], "responsable du traitement\nsous-traitant"),
            ("people_count", 1234567, "1\u202f234\u202f567"),
            ("people_count", 0, "0"),
            ("drill", False, "non"),
            ("sa_decision", "to_notify", "à notifier"),
            ("subjects_decision", "undetermined", "Non déterminé pour le moment"),
            ("kinds", ["of_another_form"], "of_another_form"),
            ("aware_reason", None, "–"),
            ("complaint", [], "–"),
            ("other_regulators", [DUTY],
             ("Notifier la violation à la CNIL (RGPD art. 33(1))\u00a0– état\u00a0: en retard, "
             "échéance\u00a0: 18/07/2026 à 00:30")),
            ("sa_filings", [{"authority": "cnil", "kind": "initial", "number": "FR-1",
                             "filed_at": "2026-07-14T22:30:00+00:00", "file_digest": ""}],
             ("CNIL, notification initiale\u00a0– numéro\u00a0: FR-1, "
             "déposée le\u00a0: 15/07/2026 à 00:30")),
            ("journal", [STEP],
             "15/07/2026 à 00:30, Awa\u00a0: incidents.log"),
        ],
    )  # fmt: skip
    def test_puts_a_cell_into_words(self, column: str, cell: Any, said: str) -> None:
        assert rules.said(column, cell, READER) == said

    def test_has_a_word_for_every_level_of_risk(self) -> None:
        for level in Level:
            assert rules.said("risk_conclusion", level.value, READER) != level.value


class TestSheets:
    def test_hold_dates_numbers_and_words(self) -> None:
        row = cells(a_row(people_count=1234, harms=["fraud", "identity_theft"]))

        assert row["aware_at"] == datetime(2026, 7, 15, 0, 30)  # noqa: DTZ001  (a cell has none)
        assert row["people_count"] == 1234
        assert row["harms"] == "Fraude\nVol d'identité"
        assert row["closed_at"] is None

    def test_name_the_clock_of_each_instant_and_explain_the_columns(self) -> None:
        table, columns = rules.sheets([a_row()], READER)

        assert "Prise de connaissance (heure de Paris)" in table.header
        assert [row[0] for row in columns.rows] == list(CODES)
        assert len(table.header) == len(table.widths) == len(CODES)

    @given(st.sampled_from("=+-@\t\r＝＋－＠"), st.text(max_size=20))
    def test_compute_nothing(self, sign: str, text: str) -> None:
        assert cells(a_row(title=sign + text))["title"] == f"'{sign}{text}"


class TestPaper:
    def test_shows_every_column_of_every_line(self) -> None:
        paper = rules.paper([a_row(), a_row(number="BD-2026-0002")], READER, AWARE, "sha256:1")
        [first, second] = paper["lines"]

        assert sum(len(part["cells"]) for part in first["parts"]) == len(CODES)
        assert second["title"].startswith("BD-2026-0002")
        assert [row[0] for row in paper["rows"]] == ["BD-2026-0001", "BD-2026-0002"]
        assert all(len(row) == len(paper["columns"]) for row in paper["rows"])
        assert "2 violations" in paper["about"]

    def test_names_the_house_and_the_instant_in_utc(self) -> None:
        paper = rules.paper([], READER, AWARE, "sha256:1")

        assert paper["title"] == "Registre des violations de données – Leadjet"
        assert paper["date"] == [2026, 7, 14, 22, 30, 0]
