"""Sets documents with typst as PDF/A-2a and PDF/UA-1 in one file."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from breachdesk.kernel.errors import Problem, Unusable

FONTS = "fonts"
"""The folder of the templates whose fonts are used besides those of typst."""
ROUNDS = 8
PLAIN = 0x24F
"""The last character of the Latin blocks, which every font of typst can draw."""
PLACE = "\N{ZERO WIDTH SPACE}"
_LONG = re.compile(r"(?<!\S)(?!sha256:)\S{41,}")
_PIECE = re.compile(r"\S{1,28}")
_UNDRAWN = re.compile(r'(?:text|codepoint) `"(.+?)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


class PdfWriter:
    """A PaperWriter on a folder of typst templates.

    The values come to the template as JSON in `sys.inputs.data` and are never interpreted. A
    character without a glyph would stop the standard: it becomes its number, like [U+5F20],
    and `undrawn` lists it, so that every file keeps the standard and none has a hole.
    """

    def __init__(self, templates: Path) -> None:
        """Read templates and fonts below `templates` and nowhere else."""
        self._folder = templates

    def layout(self, template: str) -> bytes:
        """Return the template itself, to be edited."""
        path = self._folder / template
        if not path.is_file():
            raise Unusable(Problem("there is no such template", str(path)))
        return path.read_bytes()

    def write(self, template: str, values: Mapping[str, object]) -> bytes:
        """Return the PDF. Raises Unusable naming the template where it cannot be set."""
        self.layout(template)
        told, undrawn = _each_text(values, _breakable), list[str]()
        for _ in range(ROUNDS):
            said = self._set(template, told, undrawn)
            if isinstance(said, bytes):
                return said
            lacking = _lacking(said)
            if not lacking:
                raise Unusable(Problem(_sentence(said), str(self._folder / template)))
            told = _numbered(told, lacking)
            undrawn += sorted(_number(each) for each in lacking)
        rest = {each for each in json.dumps(told, ensure_ascii=False) if ord(each) > PLAIN}
        said = self._set(template, _numbered(told, rest), [*undrawn, "…"])
        if isinstance(said, bytes):
            return said
        raise Unusable(Problem(_sentence(said), str(self._folder / template)))

    def _set(self, template: str, told: Any, undrawn: list[str]) -> bytes | str:
        """Return the PDF, else what typst says."""
        import typst  # noqa: PLC0415  (heavy: loaded when a document is made)

        fonts = self._folder / FONTS
        data = json.dumps({**told, "undrawn": undrawn}, ensure_ascii=False)
        try:
            return typst.compile(
                self._folder / template,
                root=self._folder,
                sys_inputs={"data": data},
                pdf_standards=["a-2a", "ua-1"],
                font_paths=[fonts] if fonts.is_dir() else [],
                ignore_system_fonts=True,
            )
        except typst.TypstError as error:
            return error.diagnostic or error.message


def _lacking(diagnostic: str) -> set[str]:
    """Return the characters that typst could not draw or must not keep."""
    return {
        character
        for text in _UNDRAWN.findall(diagnostic)
        for character in _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
        if ord(character) > PLAIN or not character.isprintable()
    }


def _numbered(told: Any, characters: set[str]) -> Any:
    """Return the values with those characters as their numbers."""
    table = {ord(each): f"[{_number(each)}]" for each in characters}
    return _each_text(told, lambda text: text.translate(table))


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case list() | tuple():
            return [_each_text(each, change) for each in value]
        case Mapping():
            return {name: _each_text(each, change) for name, each in value.items()}
    return value


def _breakable(text: str) -> str:
    """Return a text whose long words may break at the end of a line; digests stay whole."""
    return _LONG.sub(lambda word: PLACE.join(_PIECE.findall(word[0])), text)


def _number(character: str) -> str:
    return f"U+{ord(character):04X}"


def _sentence(diagnostic: str) -> str:
    """Return the first line of what typst says, without its label."""
    return diagnostic.strip().partition("\n")[0].removeprefix("error: ")
