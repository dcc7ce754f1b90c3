"""What every writer of documents must do, run on each adapter."""

import io
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook  # type: ignore[import-untyped]  # it has no types
from pypdf import PdfReader

from breachdesk.adapters.docx_writer import DocxWriter
from breachdesk.adapters.pdf_writer import PdfWriter
from breachdesk.adapters.xlsx_writer import CUT, LONGEST, XlsxWriter
from breachdesk.filings.ports import PaperWriter
from breachdesk.filings.rules.french import FRENCH
from breachdesk.filings.terms import Sheet
from breachdesk.kernel.errors import Unusable

TEMPLATES = Path(__file__).parents[2] / "templates"
SUFFIX: dict[type[object], str] = {PdfWriter: "typ", DocxWriter: "docx"}

Write = Callable[..., str]


def values(**told: Any) -> dict[str, Any]:
    row = {
        "label": "Dénomination",
        "required": True,
        "before": "",
        "text": "Leadjet",
        "empty": "",
        "lacks": "",
        "notes": ["À confirmer"],
        "origin": "cartographie des données",
    }
    return {
        "language": "fr",
        "clean": False,
        "words": dict(FRENCH.said),
        "title": "Notification – BD-2026-0001",
        "author": "Leadjet",
        "date": [2026, 11, 22, 9, 30, 0],
        "about": [["Incident", "BD-2026-0001"]],
        "foot": "BD-2026-0001, brouillon nº 1",
        "digest": "sha256:" + "0123456789abcdef" * 4,
        "advice": ["Relisez avant de déposer."],
        "lacking": "Il manque une réponse",
        "missing": ["Section 2, Effectif"],
        "complete": "",
        "sections": [
            {
                "title": "2. Organisme",
                "columns": ["Champ", "À saisir", "Origine", "Copié"],
                "rows": [{**row, **told}],
                "aside": "Sans objet ici : rien.",
            }
        ],
    }


def squeezed(text: str) -> str:
    """Return a text without what a page adds: spaces, line ends, places to break a word."""
    return re.sub(r"[\s\u200b]+", "", text)


def read(adapter: type[Any], made: bytes) -> str:
    if adapter is PdfWriter:
        return squeezed(
            "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
        )
    document = Document(io.BytesIO(made))
    foot = "".join(each.text for each in document.sections[0].footer.paragraphs)
    return squeezed(
        "".join(t.text or "" for t in document.element.iter() if t.tag.endswith("}t")) + foot
    )


@pytest.fixture(params=[PdfWriter, DocxWriter], ids=lambda each: each.__name__)
def adapter(request: pytest.FixtureRequest) -> type[Any]:
    chosen: type[Any] = request.param
    return chosen


@pytest.fixture
def write(adapter: type[Any]) -> Write:
    def call(**told: Any) -> str:
        writer: PaperWriter = adapter(TEMPLATES)
        return read(adapter, writer.write(f"filings/filing.{SUFFIX[adapter]}", values(**told)))

    return call


class TestPaperWriters:
    def test_put_every_value_on_the_page(self, write: Write) -> None:
        page = write(lacks="Manque", empty="sans réponse", origin="saisi par Zoé")

        for said in (
            "Notification – BD-2026-0001", "brouillon nº 1", "0123456789abcdef" * 4,
            "Relisez avant de déposer.", "Il manque une réponse", "Section 2, Effectif",
            "2. Organisme", "Dénomination", "Leadjet", "À confirmer", "Manque", "sans réponse",
            "saisi par Zoé", "Sans objet ici : rien.",
        ):  # fmt: skip
            assert squeezed(said) in page

    @pytest.mark.parametrize(
        "attack",
        [
            "#panic(1) $x$ @y <b> *z* _i_ \\ // %",
            "{{ 7*7 }} {% if %} {# gone #} <w:t>&amp;</w:t>",
            "{%p endfor %} ]] #] `",
        ],
    )
    def test_never_run_a_value(self, write: Write, attack: str) -> None:
        assert squeezed(attack) in write(text=attack)

    def test_keep_the_lines_of_a_long_answer(self, write: Write) -> None:
        assert "uneligne,puisuneautre" in write(text="une ligne,\npuis une autre")

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_take_the_line_ends_of_every_keyboard(self, write: Write, end: str) -> None:
        page = write(text=f"une ligne,{end}puis\tune autre")

        assert "uneligne,puisuneautre" in page
        assert "U+000" not in page

    @pytest.mark.parametrize("space", ["\u2009", "\u3000", "\u200e", "\u00ad", "\u2011"])
    def test_do_not_trip_over_rare_spaces_and_marks(self, write: Write, space: str) -> None:
        page = write(text=f"avant{space}après")

        assert "\ufffd" not in page
        assert page.index("avant") < page.index("après")

    def test_survive_what_no_file_can_hold(self, write: Write) -> None:
        assert "avant" in write(text="avant\x00\x08\ufeff\ue000après")

    @pytest.mark.parametrize("name", ["nothing.xyz", "../secret.typ", "filings/nothing.docx"])
    def test_refuse_a_template_that_is_not_there(self, adapter: type[Any], name: str) -> None:
        with pytest.raises(Unusable, match="no such template"):
            adapter(TEMPLATES).write(name, values())

    def test_hand_out_the_template_for_editing(
        self, adapter: type[Any], tmp_path: Path
    ) -> None:
        name = f"filing.{SUFFIX[adapter]}"
        (tmp_path / name).write_bytes(adapter(TEMPLATES).layout(f"filings/{name}"))

        assert "Leadjet" in read(adapter, adapter(tmp_path).write(name, values()))


class TestPdf:
    def test_says_that_it_can_be_kept_and_read_aloud(self) -> None:
        made = PdfReader(io.BytesIO(PdfWriter(TEMPLATES).write("filings/filing.typ", values())))
        told = made.xmp_metadata.stream.get_data().decode() if made.xmp_metadata else ""
        root = made.root_object

        assert "<pdfaid:part>2</pdfaid:part>" in told
        assert "<pdfaid:conformance>A</pdfaid:conformance>" in told
        assert "<pdfuaid:part>1</pdfuaid:part>" in told
        assert str(root["/Lang"]).startswith("fr")
        assert made.metadata is not None
        assert made.metadata.title == "Notification – BD-2026-0001"
        assert "/Marked" in str(root["/MarkInfo"])

    def test_tags_the_headers_of_its_tables(self) -> None:
        made = PdfReader(io.BytesIO(PdfWriter(TEMPLATES).write("filings/filing.typ", values())))
        tags = [str(tag) for tag in tags_of(made.root_object["/StructTreeRoot"])]

        assert {"/Table", "/TH", "/TD", "/H1", "/THead"} <= set(tags)

    @pytest.mark.parametrize(
        "name", ["张伟", "Иван Петров", "Γιώργος", "山田 👩‍🚀", "ก\u0e33ธ", "ﷺ"]
    )
    def test_draws_each_name_or_tells_which_sign_it_could_not(self, name: str) -> None:
        page = read(
            PdfWriter, PdfWriter(TEMPLATES).write("filings/filing.typ", values(text=name))
        )

        for sign in squeezed(name):
            assert sign in page or page.count(f"U+{ord(sign):04X}") >= 2
        drawn = all(sign in page for sign in squeezed(name))
        assert ("Caractèresnondessinés" in page) is not drawn

    def test_draws_letters_that_run_from_right_to_left(self) -> None:
        page = read(
            PdfWriter, PdfWriter(TEMPLATES).write("filings/filing.typ", values(text="محمد"))
        )

        assert "non dessinés" not in page
        assert set("محمد") <= set(page) or "\ufee3" in page

    def test_breaks_long_words_and_keeps_digests_whole(self) -> None:
        digest, long = "sha256:" + "ab" * 32, "https://example.org/" + "x" * 5000
        made = PdfWriter(TEMPLATES).write(
            "filings/filing.typ", values(text=long, notes=[digest])
        )
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]

        assert squeezed("".join(pages)).count("x") >= 5000
        assert digest in "".join(pages).replace("\n", "")

    def test_numbers_thousands_of_signs_that_it_cannot_draw(self) -> None:
        signs = "".join(chr(0x4E00 + number) for number in range(3000))
        page = read(
            PdfWriter, PdfWriter(TEMPLATES).write("filings/filing.typ", values(text=signs))
        )

        assert all(f"U+{ord(sign):04X}" in page for sign in signs[::100])

    def test_is_the_same_to_the_byte_for_the_same_draft(self) -> None:
        writer = PdfWriter(TEMPLATES)

        assert writer.write("filings/filing.typ", values()) == writer.write(
            "filings/filing.typ", values()
        )

    def test_names_the_template_that_cannot_be_set(self, tmp_path: Path) -> None:
        (tmp_path / "x.typ").write_text("= Title\n#nobody", "utf-8")

        with pytest.raises(Unusable, match=r"x\.typ.*unknown variable"):
            PdfWriter(tmp_path).write("x.typ", values())

    def test_reads_nothing_outside_the_templates(self, tmp_path: Path) -> None:
        (tmp_path / "secret.txt").write_text("secret", "utf-8")
        (tmp_path / "inside").mkdir()
        (tmp_path / "inside" / "x.typ").write_text('#read("../secret.txt")', "utf-8")

        with pytest.raises(Unusable):
            PdfWriter(tmp_path / "inside").write("x.typ", values())


def tags_of(node: Any) -> list[Any]:
    """Return the tags of a structure tree, from the root down."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [tag for each in node for tag in tags_of(each)]
    if not isinstance(node, dict):
        return []
    own = [node["/S"]] if "/S" in node else []
    return own + (tags_of(node["/K"]) if "/K" in node else [])


class TestWord:
    def test_repeats_the_header_of_a_table_and_speaks_french(self) -> None:
        made = DocxWriter(TEMPLATES).write("filings/filing.docx", values())
        document = Document(io.BytesIO(made))
        table = document.tables[1]

        assert [cell.text for cell in table.rows[0].cells] == [
            "Champ",
            "À saisir",
            "Origine",
            "Copié",
        ]
        assert "tblHeader" in table.rows[0]._tr.xml  # noqa: SLF001  (no other way to see it)
        assert [cell.text for cell in table.rows[1].cells][1] == "Leadjet\nÀ confirmer"
        width = document.sections[0].page_width
        assert width is not None
        assert round(width.cm, 1) == 21.0
        assert document.core_properties.title == "Notification – BD-2026-0001"
        assert 'w:val="fr-FR"' in document.styles.element.xml

    def test_takes_the_edited_template_first(self, tmp_path: Path) -> None:
        edited = Document(io.BytesIO(DocxWriter(TEMPLATES).layout("filings/filing.docx")))
        edited.add_paragraph("Maison {{ author }}")
        (tmp_path / "filings").mkdir()
        edited.save(str(tmp_path / "filings" / "filing.docx"))

        assert "MaisonLeadjet" in read(
            DocxWriter, DocxWriter(tmp_path).write("filings/filing.docx", values())
        )

    def test_names_the_template_whose_tag_is_wrong(self, tmp_path: Path) -> None:
        edited = Document(io.BytesIO(DocxWriter(TEMPLATES).layout("filings/filing.docx")))
        edited.add_paragraph("{{ nobody }}")
        edited.save(str(tmp_path / "filing.docx"))

        with pytest.raises(Unusable, match=r"filing\.docx.*nobody"):
            DocxWriter(tmp_path).write("filing.docx", values())


class TestWorkbook:
    def write(self, *rows: tuple[Any, ...]) -> Any:
        out = io.BytesIO()
        head = [f"Colonne {number}" for number in range(len(rows[0]))]
        XlsxWriter().write(out, [Sheet("Registre", head, rows, [20] * len(head))])
        return load_workbook(out)["Registre"]

    def test_freezes_its_header(self) -> None:
        page = self.write(("a",))

        assert page.freeze_panes == "A2"
        assert page["A1"].value == "Colonne 0"

    def test_keeps_what_each_cell_is(self) -> None:
        at = datetime(2026, 11, 20, 9, 10)  # noqa: DTZ001  (a cell has no zone)
        page = self.write(("texte", 1234, True, at, None))

        assert [cell.value for cell in page[2]] == ["texte", 1234, True, at, None]
        assert page["D2"].is_date

    @pytest.mark.parametrize(
        "told", ["=1+1", "+33", "-2", "@SUM(A1)", "http://x.example", "007"]
    )
    def test_computes_nothing_and_links_nowhere(self, told: str) -> None:
        cell = self.write((told,))["A2"]

        assert (cell.data_type, cell.value, cell.hyperlink) == ("s", told, None)

    def test_says_that_it_cut_a_text_that_no_cell_can_hold(self) -> None:
        cell = self.write(("a" * (LONGEST + 1),))["A2"]

        assert len(cell.value) == LONGEST
        assert cell.value.endswith(CUT)

    def test_shows_that_a_sign_cannot_be_held(self) -> None:
        assert self.write(("a\x00b\uffffc",))["A2"].value == "a\ufffdb\ufffdc"

    def test_writes_old_instants_as_text(self) -> None:
        old = datetime(1899, 1, 1)  # noqa: DTZ001  (a cell has no zone)

        assert self.write((old,))["A2"].value == "1899-01-01 00:00"


class TestFonts:
    def test_of_the_templates_are_used(self, tmp_path: Path) -> None:
        shutil.copytree(TEMPLATES / "filings", tmp_path / "filings")
        (tmp_path / "fonts").mkdir()

        assert PdfWriter(tmp_path).write("filings/filing.typ", values()).startswith(b"%PDF")
