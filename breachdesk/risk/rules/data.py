"""The tables that the rules read: what each kind of data can do, and how each rule reads."""

import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from breachdesk.risk.terms import Category


def _table(name: str) -> Mapping[str, Any]:
    text = resources.files("breachdesk.risk").joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)


CATEGORIES = _table("categories.toml")
RULES = _table("rules.toml")
ENISA = _table("enisa.toml")
QUESTIONS = _table("questions.toml")
ANSWERS = _table("answers.toml")


def having(trait: str, categories: Iterable[Category]) -> bool:
    """Tell whether any of `categories` has `trait`."""
    return any(trait in CATEGORIES[category]["traits"] for category in categories)


def all_having(trait: str, categories: Iterable[Category]) -> bool:
    """Tell whether each of `categories` has `trait`, and there is at least one."""
    found = [trait in CATEGORIES[category]["traits"] for category in categories]
    return bool(found) and all(found)
