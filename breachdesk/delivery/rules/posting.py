"""An approved text as a letter for the post, and as a row of a mail merge."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from babel.dates import format_date

from breachdesk.delivery.terms import PaperLetter
from breachdesk.kernel.cells import safe

ADDRESS_LINES = 7
MERGED = (
    "person",
    *(f"address_{number}" for number in range(1, ADDRESS_LINES + 1)),
    "language",
    "subject",
    "code",
    "text",
)
"""The columns of a mail merge."""

_ITEM = re.compile(r"- ")


def blocks(text: str) -> list[dict[str, str]]:
    """Return the blocks of a plain text: its title, headings in capitals, items, paragraphs."""
    found: list[dict[str, str]] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [each.strip() for each in paragraph.splitlines() if each.strip()]
        if lines and all(_ITEM.match(each) for each in lines):
            found += [{"kind": "item", "text": each[2:]} for each in lines]
        elif lines:
            kind = "title" if not found else "text"
            if len(lines) == 1 and lines[0].isupper():
                kind = "head"
            found += [{"kind": kind, "text": each} for each in lines]
    return found


def merged(letter: PaperLetter) -> Mapping[str, str]:
    """Return a letter as a row of a mail merge; no cell of it is ever computed."""
    lines = [*letter.to, *[""] * ADDRESS_LINES][:ADDRESS_LINES]
    row = {
        "person": letter.person,
        **{f"address_{number}": line for number, line in enumerate(lines, 1)},
        "language": letter.language,
        "subject": letter.subject,
        "code": letter.code,
        "text": letter.text,
    }
    return {name: safe(value) for name, value in row.items()}


def letter_paper(
    letters: Sequence[PaperLetter], sender: Sequence[str], reference: str, day: date
) -> dict[str, object]:
    """Return what the letter template is set from; `day` stands on every letter."""
    return {
        "sender": list(sender),
        "reference": reference,
        "day": [day.year, day.month, day.day],
        "letters": [
            {
                "to": list(each.to),
                "lang": each.language,
                "date": format_date(day, "long", locale=each.language),
                "blocks": blocks(each.text),
            }
            for each in letters
        ],
    }
