"""The sentences that say why somebody is on a list, taken apart again."""

import re
from datetime import datetime

from breachdesk.scoping.terms import Reason, ReasonKind

_AT = r"(?P<at>\d{4}-\d\d-\d\dT[\d:.]+Z)"
_PLACE = rf"(?P<file>.+) row (?P<row>\d+), {_AT}"
_LINE = r"(?P<file>.+) line (?P<row>\d+)"
_ANY_PLACE = rf"(?P<file>.+) (?:line|row) (?P<row>\d+)(?:, {_AT})?"
_SENTENCES = (
    (
        ReasonKind.TOUCHED,
        rf"{_PLACE}: (?P<route>.+), (?P<rule>[^,]+?)(?: \((?P<rows>\d+) rows\))?",
    ),
    (
        ReasonKind.EXPORTED,
        rf"{_LINE}: (?P<route>.+), (?P<rule>taken \w+)(?: \((?P<rows>\d+) lines\))?",
    ),
    (ReasonKind.LISTED, rf"{_LINE}: on the list"),
    (ReasonKind.READABLE, r"the credential could read the store (?P<store>.+)"),
    (
        ReasonKind.BROWSED,
        rf"(?P<route>.+) listed a part of the store(?:: {_ANY_PLACE})?",
    ),
)


def reason(sentence: str) -> Reason:
    """Return what a sentence says: where it stands, by which route and rule, how often."""
    for kind, pattern in _SENTENCES:
        found = re.fullmatch(pattern, sentence)
        if found is not None:
            said = found.groupdict()
            at, row, rows = said.get("at"), said.get("row"), said.get("rows")
            return Reason(
                kind=kind,
                sentence=sentence,
                file=said.get("file"),
                row=int(row) if row else None,
                at=datetime.fromisoformat(at) if at else None,
                route=said.get("route"),
                rule=said.get("rule"),
                rows=int(rows or 1),
                store=said.get("store"),
            )
    return Reason(kind=ReasonKind.PRESENT, sentence=sentence)
