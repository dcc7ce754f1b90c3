"""Is this an answer to that field? What a person types, read as the field's kind wants it."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from breachdesk.datamap.terms import is_siren
from breachdesk.filings.terms import (
    RINGS,
    TELL_NONE,
    TELL_UNKNOWN,
    Answer,
    FieldKind,
    Form,
    Question,
    Value,
)
from breachdesk.kernel.errors import Problem, Unknown, Unusable
from breachdesk.kernel.times import instant

COUNTED = ("people.count", "customer.people")
"""The fields that take a ring's name for its number."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9][0-9 .()-]{5,20}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_COUNTRY_COUNT = re.compile(r"\s*([A-Za-z]{2})\s*[:=]\s*([0-9]+)\s*")
YES, NO = "yes", "no"
_YES = {"yes": True, "oui": True, "true": True, "no": False, "non": False, "false": False}


def question(form: Form, code: str) -> Question:
    """Return the field of that code. Raises Unknown."""
    for section in form.sections:
        for each in section.fields:
            if each.code == code:
                return each
    raise Unknown(Problem(f"is not a field of {form.id}", field=code))


def accept(form: Form, code: str, told: str) -> Value:
    """Return `told` as the field `code` keeps it. Raises Unusable, naming the field."""
    asked = question(form, code)
    told = told.strip()
    if not told:
        raise _not(code, "is empty")
    codes = [choice.code for choice in form.choices(asked)]
    if told == TELL_UNKNOWN and told not in codes:
        return _unknown(asked)
    if told == TELL_NONE and asked.none is not None:
        return TELL_NONE
    if code in COUNTED and told in RINGS:
        return told
    if asked.kind is FieldKind.CHOICE:
        return _chosen(code, [told], codes)[0]
    if asked.kind is FieldKind.MULTI:
        return _chosen(code, [each.strip() for each in told.split(",")], codes)
    return _READ[asked.kind](code, told)


def usable(form: Form, answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return the answers that this form can take: another form's choices may not be in it.

    What was typed for one form of an authority stands in the others that ask the same.
    """
    return {code: each for code, each in answers.items() if _fits(form, code, each.value)}


def _fits(form: Form, code: str, value: Value | None) -> bool:
    asked = next((f for s in form.sections for f in s.fields if f.code == code), None)
    if asked is None:  # it is no answer here, but a fact all the same
        return True
    codes = {choice.code for choice in form.choices(asked)}
    if value is None or not codes or value == TELL_UNKNOWN:
        return True
    return {*value}.issubset(codes) if isinstance(value, list) else value in codes


def tells_unknown(asked: Question, value: Value | None, codes: list[str]) -> bool:
    """Tell whether the answer is that nobody knows yet."""
    return value == TELL_UNKNOWN and value not in codes and asked.unknown is not None


def _unknown(asked: Question) -> Value:
    if asked.unknown is None:
        raise _not(asked.code, "cannot be left unknown: the authority asks for it at once")
    return TELL_UNKNOWN


def _chosen(code: str, told: list[str], codes: list[str]) -> list[str]:
    for each in told:
        if each not in codes:
            raise _not(code, f"{each!r} is not in the list; the codes are {', '.join(codes)}")
    return [each for each in codes if each in told]


def _text(_code: str, told: str) -> Value:
    return told


def _integer(code: str, told: str) -> Value:
    digits = re.sub(r"[\s\u00a0\u202f]", "", told)
    if not re.fullmatch(r"[0-9]{1,12}", digits):
        raise _not(code, f"{told!r} is not a whole number")
    return int(digits)


def _yes_no(code: str, told: str) -> Value:
    if told.lower() not in _YES:
        raise _not(code, f"{told!r} is neither yes nor no")
    return _YES[told.lower()]


def _instant(code: str, told: str) -> Value:
    try:
        return instant(told).isoformat()
    except Unusable as error:
        raise _not(code, str(error)) from None


def _date(code: str, told: str) -> Value:
    try:
        return date.fromisoformat(told).isoformat()
    except ValueError:
        raise _not(code, f"{told!r} is not a day; write it like 2026-11-20") from None


def _siren(code: str, told: str) -> Value:
    digits = re.sub(r"\s", "", told)
    if not is_siren(digits):
        raise _not(code, f"{told!r} is not a SIREN: nine digits with a valid key")
    return digits


def _email(code: str, told: str) -> Value:
    if not _EMAIL.fullmatch(told):
        raise _not(code, "is not an e-mail address")
    return told


def _phone(code: str, told: str) -> Value:
    if not _PHONE.fullmatch(told):
        raise _not(code, "is not a telephone number")
    return told


def _country(code: str, told: str) -> Value:
    if not _COUNTRY.fullmatch(told):
        raise _not(code, f"{told!r} is not a country code of two letters")
    return told.upper()


def _countries(code: str, told: str) -> Value:
    counts: dict[str, int] = {}
    for part in told.replace("\n", ",").split(","):
        found = _COUNTRY_COUNT.fullmatch(part)
        if found is None:
            raise _not(code, f"{part.strip()!r} is not like FR=120")
        counts[found[1].upper()] = int(found[2])
    return counts


def _lines(_code: str, told: str) -> Value:
    return [line.strip() for line in told.splitlines() if line.strip()]


def _not(code: str, why: str) -> Unusable:
    return Unusable(Problem(why, field=code))


_READ: Mapping[FieldKind, Callable[[str, str], Value]] = {
    FieldKind.TEXT: _text,
    FieldKind.LONG_TEXT: _text,
    FieldKind.INTEGER: _integer,
    FieldKind.YES_NO: _yes_no,
    FieldKind.INSTANT: _instant,
    FieldKind.DATE: _date,
    FieldKind.SIREN: _siren,
    FieldKind.EMAIL: _email,
    FieldKind.PHONE: _phone,
    FieldKind.COUNTRY: _country,
    FieldKind.COUNTRIES: _countries,
    FieldKind.LIST: _lines,
}
