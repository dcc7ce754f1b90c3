"""Writes the table of published cases into the runbooks: python tests/published_table.py."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from breachdesk.risk import reading, rules
from breachdesk.risk.terms import Assessment

TOP = Path(__file__).parent.parent
CASES = TOP / "tests" / "cases" / "risk_published.toml"
PAGE = TOP / "runbooks" / "maintaining" / "published-cases.md"
HEAD = """# Published cases, and what the rules answer

Written by `python tests/published_table.py` from `tests/cases/risk_published.toml`; a test
holds this page against the rules. EDPB: Guidelines 01/2021, by number of the example. AXB:
annex B of Guidelines 9/2022. The others: decisions or guides of the authority that the id
begins with. *Published* is whether the authority (A) and the people (P) were to be told; a
dash means that either answer is right. ENISA's score stands beside it and decides nothing.

| Case | Published | The rules answer | Rule | CNIL severity, likelihood | ENISA | |
|---|---|---|---|---|---|---|
"""
FOOT = """
The one departure is a decision in which the authority went further than the EDPB's own
examples: a bank bound to secrecy sent the papers back, and people were to be told all the
same. We keep to the examples; a person may sign more.
"""


def page() -> str:
    """Return the page as the rules answer today."""
    cases = tomllib.loads(CASES.read_text("utf-8"))["cases"]
    return HEAD + "".join(f"| {' | '.join(_row(case))} |\n" for case in cases) + FOOT


def _row(case: dict[str, Any]) -> Iterator[str]:
    answer = rules.assess(reading.from_mapping(case["inputs"]))
    yield case["id"]
    yield _told(case.get("authority"), case.get("people"))
    yield f"{answer.level.value}: {_told(answer.notify_authority, answer.notify_people)}"
    yield f"`{answer.rule}`"
    yield f"{answer.severity.value}, {answer.likelihood.value}"
    yield f"{answer.enisa.score:g} {answer.enisa.band}"
    yield "as published" if _agrees(case, answer) else "**stricter authority**"


def _agrees(case: dict[str, Any], answer: Assessment) -> bool:
    told = {"authority": answer.notify_authority, "people": answer.notify_people}
    return all(case[name] is each for name, each in told.items() if name in case)


def _told(authority: bool | None, people: bool | None) -> str:
    words = {True: "yes", False: "no", None: "–"}
    return f"A {words[authority]}, P {words[people]}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
