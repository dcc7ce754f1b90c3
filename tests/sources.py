"""The code itself, as trees: for rules that no linter says."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "breachdesk"


def sources(below: str = "") -> Iterator[tuple[Path, ast.Module]]:
    """Yield every module below a folder of the package."""
    for path in sorted((PACKAGE / below).rglob("*.py")):
        yield path.relative_to(PACKAGE), ast.parse(path.read_text("utf-8"))


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call with the last part of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            yield getattr(called, "attr", getattr(called, "id", "")), node
