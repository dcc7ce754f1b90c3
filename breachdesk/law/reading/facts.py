"""What a person types for a fact of the law -> its value."""

import re
from collections.abc import Iterable
from datetime import datetime

from breachdesk.kernel.errors import Problem, Unknown, Unusable
from breachdesk.kernel.times import instant
from breachdesk.law.terms import AWARE, Fact, FactKind, Law

YES_NO = {"yes": True, "true": True, "oui": True, "no": False, "false": False, "non": False}

Value = bool | int | str | datetime
_NUMBER = re.compile(r"\d{1,12}", re.ASCII)


def read_facts(law: Law, told: Iterable[str]) -> dict[str, tuple[Value, ...]]:
    """Read NAME=VALUE pairs; a name may come several times, `unknown` gives no value.

    Raises Unknown for a name that no pack declares, Unusable for a value that does not fit.
    """
    facts: dict[str, tuple[Value, ...]] = {}
    for pair in told:
        name, equals, text = pair.partition("=")
        name, text = name.strip(), text.strip()
        if not equals:
            raise Unusable(f"{pair!r} is not a fact; write it like insured=yes")
        known = {each: fact for each, fact in law.facts().items() if each != AWARE}
        if name not in known:
            raise Unknown(f"there is no fact {name!r}; these are: {', '.join(sorted(known))}")
        facts.setdefault(name, ())
        if text.casefold() != "unknown":
            facts[name] = (*facts[name], read_fact(known[name], text))
    return facts


def read_fact(fact: Fact, text: str) -> Value:
    """Read one value. Raises Unusable, naming the fact and what it can be."""
    if fact.kind is FactKind.INSTANT:
        try:
            return instant(text)
        except Unusable as wrong:
            raise Unusable(Problem(str(wrong), field=fact.name)) from None
    if fact.kind is FactKind.YES_NO and text.casefold() in YES_NO:
        return YES_NO[text.casefold()]
    if fact.kind is FactKind.NUMBER and _NUMBER.fullmatch(text):
        return int(text)
    if fact.kind is FactKind.CHOICE and text in fact.choices:
        return text
    can_be = {
        FactKind.YES_NO: "yes or no",
        FactKind.NUMBER: "a whole number",
        FactKind.CHOICE: ", ".join(fact.choices),
    }[fact.kind]
    raise Unusable(Problem(f"{text!r} cannot be used; it is {can_be}", field=fact.name))
