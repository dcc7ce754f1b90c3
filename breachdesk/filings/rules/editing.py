"""Two people edit one field: join what both wrote, or keep both for a person to decide."""

from breachdesk.filings.rules.answering import NO, YES
from breachdesk.filings.terms import (
    TELL_NONE,
    TELL_UNKNOWN,
    Choice,
    FieldKind,
    Question,
    Value,
)
from breachdesk.kernel import texts

_TEXTS = frozenset({FieldKind.LONG_TEXT, FieldKind.TEXT, FieldKind.LIST})


def editable(
    question: Question, choices: tuple[Choice, ...], value: Value | None, text: str
) -> str:
    """Return a value as a person types it: what `accept` reads back."""
    codes = {choice.code for choice in choices}
    if value == TELL_NONE and question.none is not None:
        return TELL_NONE
    if value is None:
        unknown = question.unknown is not None and text == question.unknown
        return TELL_UNKNOWN if unknown and not codes else ""
    match value:
        case bool():
            return YES if value else NO
        case dict():
            return "\n".join(f"{code}={count}" for code, count in value.items())
        case list():
            return ("," if codes else "\n").join(value)
    return str(value)


def joined(question: Question, base: str, standing: str, told: str) -> str | None:
    """Return `told` with what changed meanwhile, from `base` to `standing`; None if it cannot.

    Sentences are joined, and so are lists of codes; one word against another is not.
    """
    base, standing, told = (_plain(each) for each in (base, standing, told))
    if standing in (base, told):
        return told
    if told == base:
        return standing
    if question.kind is FieldKind.MULTI:
        return _together(base, standing, told)
    return texts.merged(base, standing, told) if question.kind in _TEXTS else None


def _together(base: str, standing: str, told: str) -> str:
    """Return the codes that either added, without those that either took away."""
    before, mine, theirs = ([*filter(None, each.split(","))] for each in (base, told, standing))
    gone = {each for each in before if each not in mine or each not in theirs}
    return ",".join(dict.fromkeys(each for each in [*theirs, *mine] if each not in gone))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
