"""Fills Word templates in with docxtpl; lays a draft out where no template was edited."""

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from breachdesk.kernel.errors import Problem, Unusable

FILING = "filing.docx"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
COLUMNS = (
    ("field", 1_560_000),
    ("to type", 2_960_000),
    ("origin", 960_000),
    ("copied", 640_000),
)
CLEAN = (("field", 1_800_000), ("to type", 4_320_000))
"""The columns of a section and their widths, in English metric units: 360,000 a centimetre."""
LANGUAGES = {"fr": "fr-FR", "en": "en-GB"}
ABOUT = (1_080_000, 5_040_000)
A4, MARGIN = (7_560_000, 10_692_000), 720_000
FONT, BODY, SMALL = "Calibri", 127_000, 107_950
"""A face that every office has, or has a twin of; ten points, and eight and a half."""
AFTER, BIG = 50_800, 228_600
"""Four points below a paragraph, eighteen for the title."""
GREY, RED, SHADE = (0x46, 0x46, 0x46), (0xA0, 0x00, 0x20), "EBEBEB"
_UNSAYABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold."""
_LINES = (
    ("if row.text", "{{ row.text }}", ""),
    ("if row.empty", "{{ row.empty }}", "small"),
    ("if row.lacks", "{{ row.lacks }}", "alarm"),
    ("if row.before", "{{ words.before }}: {{ row.before }}", "small"),
    ("for note in row.notes", "{{ note }}", "small"),
)
"""What may stand in the cell of an answer: condition, text, look."""


class DocxWriter:
    """A PaperWriter on a folder of Word templates; what people type is escaped, never run."""

    def __init__(self, templates: Path) -> None:
        """Read templates below `templates` and nowhere else."""
        self._folder = templates

    def layout(self, template: str) -> bytes:
        """Return the template that would be used, to be edited in Word."""
        path = self._folder / template
        if path.is_file():
            return path.read_bytes()
        if path.name == FILING:
            return _filing()
        raise Unusable(Problem("there is no such template", str(path)))

    def write(self, template: str, values: Mapping[str, object]) -> bytes:
        """Return the document. Raises Unusable naming the template where it cannot be set."""
        from docxtpl import DocxTemplate  # type: ignore[import-untyped]  # noqa: PLC0415  (heavy)

        document = DocxTemplate(io.BytesIO(self.layout(template)))
        sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
        try:
            document.render(_clean({"undrawn": [], **values}), sandbox, autoescape=True)
        except (TemplateError, TypeError, ValueError) as error:
            where = str(self._folder / template)
            raise Unusable(Problem(str(error) or type(error).__name__, where)) from None
        about = document.docx.core_properties
        about.title, about.author = str(values["title"]), str(values["author"])
        about.language, about.comments = LANGUAGES[str(values["language"])], ""
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()


def _clean(value: object) -> Any:
    """Return the values without the characters that XML cannot say."""
    match value:
        case str():
            return _UNSAYABLE.sub("\N{REPLACEMENT CHARACTER}", value.replace("\r\n", "\n"))
        case list() | tuple():
            return [_clean(each) for each in value]
        case Mapping():
            return {name: _clean(each) for name, each in value.items()}
    return value


def _filing() -> bytes:
    """Return the layout of a draft: the one to edit, with its tags in plain sight."""
    from docxtpl import DocxTemplate  # noqa: PLC0415  (heavy: loaded when a document is made)

    book = DocxTemplate(None).get_docx()
    _dress(book)
    page = book.sections[0]
    page.page_width, page.page_height = A4
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = MARGIN
    book.add_paragraph("{{ title }}", style="Title")
    about = book.add_table(rows=0, cols=2)
    _row(about, "{%tr for line in about %}", "")
    _row(about, "{{ line[0] }}", "{{ line[1] }}").cells[0].paragraphs[0].runs[0].bold = True
    _row(about, "{%tr endfor %}", "")
    _widen(about, ABOUT)
    _repeat(book, "advice", "Normal")
    _open(book, "if missing")
    book.add_paragraph("{{ lacking }}", style="Heading 2")
    _repeat(book, "missing", "List Number")
    _open(book, "endif")
    _optional(book, "complete", "Normal")
    _open(book, "for part in sections")
    book.add_paragraph("{{ part.title }}", style="Heading 1")
    for condition, columns in (("not clean", COLUMNS), ("clean", CLEAN)):
        _open(book, f"if part.rows and {condition}")
        _section(book, columns)
        _open(book, "endif")
    _optional(book, "part.aside", "Body Text 3")
    _open(book, "endfor")
    _optional(book, "words['required mark']", "Body Text 3")
    _foot(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _dress(book: Any) -> None:
    """Give the styles one face, sober sizes and room; headings stay headings."""
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Body Text 3", "List Number"):
        style = book.styles[name]
        style.font.name = FONT
        for face in style.element.rPr.iter(f"{WORD}rFonts"):
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                face.attrib.pop(f"{WORD}{theme}", None)
        style.paragraph_format.space_after = AFTER
    book.styles["Normal"].font.size = BODY
    book.styles["Title"].font.size = BIG
    for language in book.styles.element.iter(f"{WORD}lang"):
        language.set(f"{WORD}val", LANGUAGES["fr"])


def _open(place: Any, tag: str) -> None:
    """Add a tag that takes its whole paragraph away."""
    place.add_paragraph(f"{{%p {tag} %}}")


def _repeat(place: Any, name: str, style: str) -> None:
    _open(place, f"for each in {name}")
    place.add_paragraph("{{ each }}", style=style)
    _open(place, "endfor")


def _optional(place: Any, name: str, style: str) -> None:
    _open(place, f"if {name}")
    place.add_paragraph(f"{{{{ {name} }}}}", style=style)
    _open(place, "endif")


def _row(table: Any, *texts: str) -> Any:
    row = table.add_row()
    for cell, text in zip(row.cells, texts, strict=True):
        cell.paragraphs[0].text = text
    return row


def _section(book: Any, columns: Sequence[tuple[str, int]]) -> None:
    """Add the table of one section; its header comes back on every page."""
    table = book.add_table(rows=0, cols=len(columns), style="Table Grid")
    head = _row(table, *(f"{{{{ words['{name}'] }}}}" for name, _ in columns))
    for cell in head.cells:
        cell.paragraphs[0].runs[0].bold = True
        _mark(cell._tc.get_or_add_tcPr(), "shd", val="clear", fill=SHADE)  # noqa: SLF001  (python-docx has no other way)
    _mark(head._tr.get_or_add_trPr(), "tblHeader")  # noqa: SLF001  (python-docx has no other way)
    _row(table, "{%tr for row in part.rows %}", *[""] * (len(columns) - 1))
    label = "{{ row.label }}{% if row.required %} *{% endif %}"
    row = _row(table, *(label, "", "{{ row.origin }}", "☐")[: len(columns)])
    row.cells[0].paragraphs[0].runs[0].bold = True
    for cell in row.cells[2:3]:
        _look(cell.paragraphs[0].runs[0], "small")
    _answer(row.cells[1])
    _row(table, "{%tr endfor %}", *[""] * (len(columns) - 1))
    _widen(table, [width for _, width in columns])


def _widen(table: Any, widths: Sequence[int]) -> None:
    """Set the widths of columns: in the grid, which some offices read, and in each cell."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for each in table.rows:
        for cell, width in zip(each.cells, widths, strict=True):
            cell.width = width
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = 0


def _answer(cell: Any) -> None:
    """Write the answer's cell: the answer, and below it each line under its condition."""
    for number, (tag, text, look) in enumerate(_LINES):
        if number:
            _open(cell, tag)
        else:
            cell.paragraphs[0].text = f"{{%p {tag} %}}"
        _look(cell.add_paragraph().add_run(text), look)
        _open(cell, "endfor" if tag.startswith("for") else "endif")


def _look(run: Any, look: str) -> None:
    from docx.shared import RGBColor  # noqa: PLC0415  (heavy: loaded when a document is made)

    if look == "small":
        run.font.size, run.font.color.rgb = SMALL, RGBColor(*GREY)
    if look == "alarm":
        run.bold, run.font.color.rgb = True, RGBColor(*RED)


def _mark(properties: Any, name: str, **values: str) -> None:
    """Set a mark that python-docx has no word for: `tblHeader` repeats a row."""
    named = {f"{WORD}{key}": value for key, value in values.items()}
    properties.append(properties.makeelement(f"{WORD}{name}", named))


def _foot(book: Any) -> None:
    """Write the footer: which draft, its digest, the page's number and how many there are."""
    foot = book.sections[0].footer.paragraphs[0]
    foot.style.font.name, foot.style.font.size = FONT, SMALL
    foot.add_run("{{ foot }}, {{ words.page }} ")
    _number(foot, "PAGE")
    foot.add_run(" / ")
    _number(foot, "NUMPAGES")
    foot.add_run().add_break()
    foot.add_run("{{ digest }}")


def _number(paragraph: Any, field: str) -> None:
    """Add a field that an office counts, with a first guess for one that does not."""
    place = paragraph._p  # noqa: SLF001  (python-docx knows no fields)
    number = place.makeelement(f"{WORD}fldSimple", {f"{WORD}instr": field})
    run = paragraph.add_run("1")._r  # noqa: SLF001  (python-docx knows no fields)
    number.append(run)
    place.append(number)
