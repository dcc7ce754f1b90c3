"""Fills Word templates in with docxtpl; lays a draft out where no template was edited."""

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from breachdesk.kernel.errors import Problem, Unusable

FILING = "filing.docx"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
COLUMNS = (
    ("Champ", 1_500_000),
    ("À saisir", 3_100_000),
    ("Origine", 1_000_000),
    ("Copié", 500_000),
)
"""The columns of a section and their widths, in English metric units: 360,000 a centimetre."""
A4, MARGIN = (7_560_000, 10_692_000), 720_000
SMALL = 107_950
"""Eight points and a half, in the same units."""
_UNSAYABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold."""
_LINES = (
    ("if row.empty", "{{ row.empty }}", "small"),
    ("if row.lacks", "{{ row.lacks }}", "alarm"),
    ("if row.before", "Dépôt précédent\u00a0: {{ row.before }}", "small"),
    ("for note in row.notes", "{{ note }}", "small"),
)
"""What may stand below the answer in its cell: condition, text, look."""


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
        about.language, about.comments = "fr-FR", ""
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
    _speak_french(book)
    page = book.sections[0]
    page.page_width, page.page_height = A4
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = MARGIN
    book.add_paragraph("{{ title }}", style="Title")
    about = book.add_table(rows=0, cols=2)
    _row(about, "{%tr for line in about %}", "")
    _row(about, "{{ line[0] }}", "{{ line[1] }}")
    _row(about, "{%tr endfor %}", "")
    _repeat(book, "advice", "Normal")
    _open(book, "if missing")
    book.add_paragraph("{{ lacking }}", style="Heading 2")
    _repeat(book, "missing", "List Number")
    _open(book, "endif")
    book.add_paragraph("{{ complete }}")
    _open(book, "for part in sections")
    book.add_paragraph("{{ part.title }}", style="Heading 1")
    _open(book, "if part.rows")
    _section(book)
    _open(book, "endif")
    _open(book, "if part.aside")
    book.add_paragraph("{{ part.aside }}", style="Body Text 3")
    _open(book, "endif")
    _open(book, "endfor")
    book.add_paragraph("* réponse obligatoire.", style="Body Text 3")
    _foot(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _speak_french(book: Any) -> None:
    for language in book.styles.element.iter(f"{WORD}lang"):
        language.set(f"{WORD}val", "fr-FR")


def _open(place: Any, tag: str) -> None:
    """Add a tag that takes its whole paragraph away."""
    place.add_paragraph(f"{{%p {tag} %}}")


def _repeat(place: Any, name: str, style: str) -> None:
    _open(place, f"for each in {name}")
    place.add_paragraph("{{ each }}", style=style)
    _open(place, "endfor")


def _row(table: Any, *texts: str) -> Any:
    row = table.add_row()
    for cell, text in zip(row.cells, texts, strict=True):
        cell.paragraphs[0].text = text
    return row


def _section(book: Any) -> None:
    """Add the table of one section; its header comes back on every page."""
    table = book.add_table(rows=0, cols=len(COLUMNS), style="Table Grid")
    table.autofit = False
    head = _row(table, *(name for name, _ in COLUMNS))
    for cell in head.cells:
        cell.paragraphs[0].runs[0].bold = True
    _mark(head, "tblHeader")
    _row(table, "{%tr for row in part.rows %}", "", "", "")
    row = _row(
        table, "{{ row.label }}{% if row.required %} *{% endif %}", "", "{{ row.origin }}", "☐"
    )
    row.cells[0].paragraphs[0].runs[0].bold = True
    _look(row.cells[2].paragraphs[0].runs[0], "small")
    _answer(row.cells[1])
    _mark(row, "cantSplit")
    _row(table, "{%tr endfor %}", "", "", "")
    for each in table.rows:
        for cell, (_, width) in zip(each.cells, COLUMNS, strict=True):
            cell.width = width


def _answer(cell: Any) -> None:
    """Write the answer's cell: the answer, and below it each line under its condition."""
    cell.paragraphs[0].text = "{{ row.text }}"
    for tag, text, look in _LINES:
        _open(cell, tag)
        _look(cell.add_paragraph().add_run(text), look)
        _open(cell, "endfor" if tag.startswith("for") else "endif")


def _look(run: Any, look: str) -> None:
    if look == "small":
        run.font.size, run.italic = SMALL, True
    if look == "alarm":
        run.bold = True


def _mark(row: Any, name: str) -> None:
    """Set a mark of a table row: `tblHeader` repeats it, `cantSplit` keeps it whole."""
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001  (python-docx has no other way)
    properties.append(properties.makeelement(f"{WORD}{name}", {}))


def _foot(book: Any) -> None:
    """Write the footer: which draft, its digest, the page's number."""
    foot = book.sections[0].footer.paragraphs[0]
    foot.text = "{{ foot }}, {{ digest }}, page "
    number = foot._p.makeelement(f"{WORD}fldSimple", {f"{WORD}instr": "PAGE"})  # noqa: SLF001
    foot._p.append(number)  # noqa: SLF001  (python-docx knows no fields)
