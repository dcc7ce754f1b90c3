"""Every French sentence of ours is typeset as French asks, wherever it stands.

Labels of an authority's form (`label` in templates/filings) stand as the authority wrote them;
the words of pages are held to it where the catalogue is tested.
"""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EDITED = ("templates", "samples", "breachdesk/law/packs")
MISTYPED = re.compile(r"(?<=\S) [:;?!»](?!\w)|«(?![\u00a0\u202f])|(?<![\u00a0\u202f])»")
FRENCH = re.compile("[àâçèéêîôùûœ«»].*[a-z]{3}|[a-z]{3}.*[àâçèéêîôùûœ«»]", re.DOTALL)
MARKUP = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|`[^`]*`", re.DOTALL)


def tables() -> Iterator[tuple[str, str]]:
    for folder in EDITED:
        for path in (ROOT / folder).rglob("*.toml"):
            whole = path.stem == "fr" or "fr" in path.parts
            name = str(path.relative_to(ROOT))
            for french, text in spoken(tomllib.loads(path.read_text("utf-8"))):
                if french or whole:
                    yield name, text
    told = tomllib.loads((ROOT / "samples/leadjet/incident.toml").read_text("utf-8"))
    yield from (("the sample’s incident", told[name]) for name in ("title", "summary"))


def spoken(told: object, french: bool = False) -> Iterator[tuple[bool, str]]:
    """Yield every text of a table, and whether it stands under the key of French."""
    if isinstance(told, dict):
        for key, value in told.items():
            yield from spoken(value, french or key == "fr")
    elif isinstance(told, list):
        for each in told:
            yield from spoken(each, french)
    elif isinstance(told, str):
        yield french, told


def pages() -> Iterator[tuple[str, str]]:
    """Yield the texts of files that are French as a whole, without what is none of it."""
    found = [
        *(ROOT / "runbooks/breaches").glob("*/fr.md"),
        *(ROOT / "templates").rglob("fr/*.txt"),
        *(ROOT / "templates").rglob("fr/*.html"),
        *(ROOT / "templates/filings").rglob("*.html"),
        *(ROOT / "templates").rglob("LISEZMOI.txt"),
    ]
    for path in found:
        yield str(path.relative_to(ROOT)), MARKUP.sub("x", path.read_text("utf-8"))


def code() -> Iterator[tuple[str, str]]:
    """Yield every text in the code that shows a letter or a sign of French."""
    for path in (ROOT / "breachdesk").rglob("*.py"):
        nodes = [*ast.walk(ast.parse(path.read_text("utf-8")))]
        prose = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings
        for node in nodes:
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and FRENCH.search(node.value)
                and id(node) not in prose
            ):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


class TestEveryFrenchSentence:
    @pytest.mark.parametrize("texts", [tables, pages, code])
    def test_has_no_plain_space_where_a_line_may_not_break(
        self, texts: Callable[[], Iterator[tuple[str, str]]]
    ) -> None:
        found = [*texts()]
        wrong = [
            (place, text[max(0, at.start() - 30) : at.end() + 10])
            for place, text in found
            for at in MISTYPED.finditer(text)
        ]

        assert wrong == []
        assert len(found) > 10

    @pytest.mark.parametrize(
        "mistyped", ["Quoi ?", "un mot : deux", "« oui\u00a0»", "«\u00a0oui »", "«oui»"]
    )
    def test_is_found_where_it_is_mistyped(self, mistyped: str) -> None:
        assert MISTYPED.search(mistyped)
