"""How a cell of the register is written for a reader: codes in words, one entry a line."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from breachdesk.faces.web.language import article, chosen, fact, number, spoken
from breachdesk.faces.web.visit import desk
from breachdesk.faces.web.words import word
from breachdesk.filings.terms import Form
from breachdesk.kernel.errors import Unknown
from breachdesk.register import rules

FAMILIES = {
    "status": "cell",
    "risk_conclusion": "level",
    "sa_decision": "cell",
    "subjects_decision": "cell",
    "likelihood": "scale",
    "role": "role",
    "people_count_exactness": "exactness",
    "record_count_exactness": "exactness",
}
"""What the codes of these columns are, whatever the form calls them."""
WRITTEN = frozenset(
    {
        "discovery_source",
        "facts",
        "risk_reasoning",
        "measures_before",
        "measures_after",
        "sa_reason",
        "delay_reasons",
        "subjects_reason",
    }
)
"""What is written for the authority, in its language, whoever reads it here."""
NOTHING = "\N{EN DASH}"


def cell(value: object, column: str, form: Form) -> str | Markup:
    """Write a cell of the register."""
    if value is None or value in ("", []):
        return NOTHING
    if isinstance(value, list):
        return Markup("<br>").join(cell(each, column, form) for each in value)
    if isinstance(value, dict):
        return _entry(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value)
    if column in FAMILIES:
        return word(value, FAMILIES[column])
    lists = rules.LISTS.get(column)
    return _choice(value, lists, form) if lists else _text(value, column, form)


def _text(value: object, column: str, form: Form) -> str | Markup:
    """Write a text, in the language in which it stands."""
    if column in WRITTEN and chosen() != form.language:
        return Markup('<span lang="{}">{}</span>').format(form.language, value)
    return fact(value)


def _choice(code: object, lists: tuple[str, ...], form: Form) -> str:
    """Return what the form calls a code; the code itself where the form has none."""
    for choice in (each for name in lists for each in form.lists.get(name, ())):
        if choice.code == code:
            return choice.label if chosen() == "fr" else choice.en
    return str(code)


def _entry(entry: Mapping[str, Any]) -> Markup:
    """Write one entry of many: a duty, a letter, a filing or a line of the trail."""
    told: list[str | Markup] = []
    rest = tuple(entry)
    if "duty" in entry:
        told = [_duty(str(entry["duty"])), article(str(entry["article"]))]
        told.append(word(entry["state"], "state"))
        rest = ("due", "done_at", "evidence", "waived_for")
    told += [_part(name, entry[name]) for name in rest if entry[name] not in (None, "", 0)]
    return Markup(" · ").join(told)


def _part(name: str, value: object) -> str | Markup:
    """Write one value of an entry, with its name where that is not plain from the value."""
    shown = number(value) if isinstance(value, int) else fact(value)
    named = word(name, "part")
    return shown if named == name else Markup("{}{} {}").format(named, _(":"), shown)


def _duty(code: str) -> str:
    try:
        return spoken(dict(desk().law.values_of(code)[0].label))
    except Unknown:  # the pack of an old line may be gone
        return code
