"""`breachdesk filing` and `breachdesk register` as a program calls them."""

import csv
import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]  # it has no types
from pypdf import PdfReader

from breachdesk.__main__ import run
from papers import read_paper, squeezed
from references import logged_today

SAMPLES = Path(__file__).parents[3] / "samples" / "leadjet"
REFERENCE = logged_today(1)
AWARE = datetime(2026, 11, 20, 9, 10)  # noqa: DTZ001  (a cell has no zone)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the sample data map and one incident, to be copied."""
    home = tmp_path_factory.mktemp("logged") / "home"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BREACHDESK_HOME", str(home))
        assert run(["datamap", "import", str(SAMPLES / "datamap.toml")]) == 0
        assert run(["incident", "log", str(SAMPLES / "incident.toml")]) == 0
    return home


@pytest.fixture
def breachdesk(
    logged: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Return a way to run a command in that home: exit code, both outputs."""
    shutil.copytree(logged, tmp_path / "home")
    monkeypatch.setenv("BREACHDESK_HOME", str(tmp_path / "home"))

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([*arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def draft(breachdesk: Run, *options: str) -> dict[str, Any]:
    code, out, _ = breachdesk("filing", "draft", REFERENCE, "--json", *options)
    assert code == 0
    document: dict[str, Any] = json.loads(out)
    return document


class TestFilingDraft:
    def test_answers_with_every_field_and_what_is_missing(
        self, breachdesk: Run, tmp_path: Path
    ) -> None:
        target = tmp_path / "draft.json"
        document = draft(breachdesk, "--form", "cnil-2023", "-o", str(target))
        promised = {
            "section", "code", "label", "value", "text", "required", "source", "missing",
        }  # fmt: skip

        assert all(promised <= set(field) for field in document["fields"])
        assert [field["code"] for field in document["fields"] if field["missing"]] == (
            document["missing"]
        )
        assert json.loads(target.read_text("utf-8"))["fields"] == document["fields"]

    def test_writes_a_page(self, breachdesk: Run, tmp_path: Path) -> None:
        target = tmp_path / "draft.html"
        code, out, _ = breachdesk(
            "filing", "draft", REFERENCE, "--format", "html", "-o", str(target)
        )

        assert code == 0
        assert "people.categories; ask the data protection officer" in out
        assert "Personne à contacter" in target.read_text("utf-8")

    @pytest.mark.parametrize("form", ["cnil-2023", "edpb-1.0"])
    @pytest.mark.parametrize("layout", ["pdf", "docx", "html"])
    def test_puts_every_answer_on_paper(
        self, breachdesk: Run, tmp_path: Path, layout: str, form: str
    ) -> None:
        target = tmp_path / f"draft.{layout}"
        options = ("--authority", "cnil", "--form", form, "--format", layout)
        document = draft(breachdesk, *options, "-o", str(target))
        paper = read_paper(target)

        applying = [each for each in document["fields"] if each["applies"]]
        assert len(applying) > 30
        for field in applying:
            assert squeezed(field["label"]) in paper
            assert squeezed(field["text"]) in paper
        assert squeezed(document["digest"]) in paper

    @pytest.mark.parametrize("form", ["cnil-2023", "edpb-1.0"])
    def test_goes_on_over_the_page_with_an_answer_taller_than_one(
        self, breachdesk: Run, tmp_path: Path, form: str
    ) -> None:
        target = tmp_path / "draft.pdf"
        words = [f"word{n:04}" for n in range(900)]
        told = "\n".join(" ".join(words[n : n + 9]) for n in range(0, len(words), 9))
        assert breachdesk("filing", "answer", REFERENCE, "breach.description", told)[0] == 0
        draft(breachdesk, "--form", form, "--format", "pdf", "-o", str(target))
        seen = ""

        def look(text: str, page: list[float], place: list[float], *_: object) -> None:
            nonlocal seen
            height = place[4] * page[1] + place[5] * page[3] + page[5]
            seen += text if height > 0 else ""  # below the edge of the paper nobody reads

        for page in PdfReader(target).pages:
            page.extract_text(visitor_text=look)
        assert [word for word in words if word not in seen] == []

    @pytest.mark.parametrize("layout", ["pdf", "docx"])
    def test_hands_out_its_layout_for_editing(
        self, breachdesk: Run, tmp_path: Path, layout: str
    ) -> None:
        target = tmp_path / "layout"

        assert breachdesk("filing", "layout", "--format", layout, "-o", str(target))[0] == 0
        assert target.stat().st_size > 0

    @pytest.mark.parametrize(
        ("options", "code", "said"),
        [
            (("--format", "odt"), 2, "the formats are json, html, docx, pdf"),
            (("--format", "pdf"), 2, "name the file"),
            (("--form", "cnil-1978"), 2, "cnil-2023"),
            (("--authority", "bfdi"), 2, "has no form"),
            (("--kind", "secret"), 2, "kind"),
            (("-o", "/nowhere/draft.json"), 2, "/nowhere/draft.json"),
        ],
    )
    def test_is_refused_in_one_line_and_nothing_is_kept(
        self, breachdesk: Run, options: tuple[str, ...], code: int, said: str
    ) -> None:
        answered, out, err = breachdesk("filing", "draft", REFERENCE, *options)
        kept = json.loads(breachdesk("filing", "list", REFERENCE, "--json")[1])

        assert (answered, out, err.count("\n")) == (code, "", 1)
        assert said in err
        assert kept["drafts"] == []

    def test_names_an_incident_that_is_not_there(self, breachdesk: Run) -> None:
        code, _, err = breachdesk("filing", "draft", "BD-1999-0001")

        assert code == 2
        assert "BD-1999-0001" in err


class TestFilingJourney:
    def test_goes_from_answers_to_a_receipt_and_a_complement(
        self, breachdesk: Run, tmp_path: Path
    ) -> None:
        paper = tmp_path / "receipt.pdf"
        paper.write_bytes(b"acknowledged")
        for code, told in (
            ("contact.civility", "madame"),
            ("people.count", "1200"),
            ("cross_border.other_dpas", "no"),
        ):
            assert breachdesk("filing", "answer", REFERENCE, code, told)[0] == 0
        assert breachdesk("filing", "confirm", REFERENCE, "breach.causes")[0] == 0
        assert breachdesk("filing", "withdraw", REFERENCE, "people.count")[0] == 0
        first = draft(breachdesk)
        filed = breachdesk(
            "filing", "receipt", REFERENCE, "--number", "FR-42",
            "--at", "2026-11-20T18:00:00+01:00", "--file", str(paper), "--json",
        )  # fmt: skip
        assert breachdesk("filing", "answer", REFERENCE, "people.count", "1300")[0] == 0
        second = draft(breachdesk, "--kind", "complementary")

        listed = breachdesk("filing", "list", REFERENCE)[1]
        assert "cnil-2023  draft 1  initial" in listed
        assert "cnil  filed  initial" in listed

        assert "contact.civility" not in first["missing"]
        assert "people.count" in first["missing"]
        assert json.loads(filed[1])["kind"] == "initial"
        assert json.loads(filed[1])["file_digest"].startswith("sha256:")
        assert [change["code"] for change in second["changes"]] == ["people.count"]

    def test_refuses_an_answer_that_does_not_fit_naming_the_field(
        self, breachdesk: Run
    ) -> None:
        code, _, err = breachdesk("filing", "answer", REFERENCE, "controller.siren", "12")

        assert code == 2
        assert "controller.siren" in err


class TestRegister:
    def test_is_exported_with_one_line_an_incident(
        self, breachdesk: Run, tmp_path: Path
    ) -> None:
        table, listed = tmp_path / "register.csv", tmp_path / "register.json"
        for target in (table, listed):
            options = ("--format", target.suffix[1:], "-o", str(target))
            code, out, _ = breachdesk("register", "export", *options, "--json")
            assert (code, json.loads(out)["lines"]) == (0, 1)
        with table.open(encoding="utf-8", newline="") as file:
            [row] = csv.DictReader(file)
        [same] = json.loads(listed.read_text("utf-8"))

        assert row["number"] == same["number"] == REFERENCE
        assert list(row) == list(same)

    def test_is_a_workbook_with_words_and_dates(self, breachdesk: Run, tmp_path: Path) -> None:
        target = tmp_path / "register.xlsx"
        assert breachdesk("register", "export", "--format", "xlsx", "-o", str(target))[0] == 0
        page = load_workbook(target)["Registre"]
        cells = {head.value: cell for head, cell in zip(page[1], page[2], strict=True)}

        assert (page.freeze_panes, page.max_row) == ("A2", 2)
        assert cells["Numéro"].value == REFERENCE
        assert cells["Nature de la violation"].value == "Perte de la confidentialité"
        assert cells["Prise de connaissance (heure de Paris)"].value == AWARE
        assert cells["Prise de connaissance (heure de Paris)"].is_date

    def test_is_a_document_that_says_the_same(self, breachdesk: Run, tmp_path: Path) -> None:
        target, plain = tmp_path / "register.pdf", tmp_path / "register.json"
        for each in (target, plain):
            options = ("--format", each.suffix[1:], "-o", str(each))
            assert breachdesk("register", "export", *options)[0] == 0
        paper, made = read_paper(target), PdfReader(target)
        [row] = json.loads(plain.read_text("utf-8"))

        begins = row["facts"][:80]  # the rest may go over to the next page
        for said in (row["number"], row["title"], begins, "20/11/2026 à 09:10"):
            assert squeezed(said) in paper
        assert hashlib.sha256(plain.read_bytes()).hexdigest() in paper
        assert made.metadata is not None
        assert made.metadata.title == "Registre des violations de données – Leadjet"
        assert made.xmp_metadata is not None
        assert b"<pdfuaid:part>1" in made.xmp_metadata.stream.get_data()
        assert all(page.mediabox.width > page.mediabox.height for page in made.pages)

    def test_is_closed_once_the_duties_are_settled(self, breachdesk: Run) -> None:
        close = ("register", "close", REFERENCE, "--lessons", "Raccourcir la vie des jetons.")

        code, _, err = breachdesk(*close)
        assert code == 1
        assert "gdpr.33.authority" in err

    @pytest.mark.parametrize(
        "options",
        [("--format", "ods"), ("--format", "json", "--excel"), ("--format", "xlsx")],
    )
    def test_is_refused_in_formats_that_are_not_there_or_without_a_file(
        self, breachdesk: Run, options: tuple[str, ...]
    ) -> None:
        assert breachdesk("register", "export", *options)[0] == 2
