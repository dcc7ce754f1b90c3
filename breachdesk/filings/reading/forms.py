"""From a form file to a Form; an unknown key is an error with its file and its field."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from breachdesk.filings.terms import Choice, Condition, FieldKind, Form, Question
from breachdesk.kernel import documents
from breachdesk.kernel.errors import Problem, Unknown, Unusable
from breachdesk.kernel.times import zone

FILE = "filing.toml"
SCHEMA = 1
BORROWS = "borrows"
"""The key that names the folder of a form whose lists and people to ask serve here too."""
LANGUAGE = "fr"
"""The language of a form that names none."""
CONDITION_FACTS = frozenset({"late", "special_categories"})
LISTED = frozenset({FieldKind.CHOICE, FieldKind.MULTI})
_FORM = TypeAdapter(Form)


def read_form(folder: Path) -> Form:
    """Read the form in `folder`. Raises Unusable with every problem found."""
    path = folder / FILE
    told = _document(path)
    try:
        read = _FORM.validate_python(told)
    except ValidationError as error:
        raise Unusable(
            [
                Problem(
                    _sentence(each["type"], each["msg"]), str(path), None, _path(each["loc"])
                )
                for each in error.errors(include_url=False, include_input=False)
            ]
        ) from None
    problems = [Problem(said, str(path), None, where) for where, said in _problems(read)]
    if problems:
        raise Unusable(problems)
    return read


def _document(path: Path) -> dict[str, Any]:
    """Return what a form's file says, with the lists and the people to ask that it borrows.

    Choices lent to a form in another language are called what they mean: its reader reads no
    other.
    """
    try:
        told = documents.toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Unknown(Problem("there is no such file", file=str(path))) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unusable(Problem(f"is not TOML: {error}", file=str(path))) from None
    lender = told.pop(BORROWS, None)
    if isinstance(lender, str):
        lent = _document(path.parent / lender / FILE)
        if told.get("language", LANGUAGE) != lent.get("language", LANGUAGE):
            lent["lists"] = {
                name: [_glossed(each) for each in listed]
                for name, listed in lent.get("lists", {}).items()
            }
        for table in ("lists", "asks"):
            told[table] = {**lent.get(table, {}), **told.get(table, {})}
        told.setdefault("member_states", lent.get("member_states", []))
    return told


def _glossed(choice: dict[str, Any]) -> dict[str, Any]:
    gloss = str(choice["en"])
    return {**choice, "label": gloss[:1].upper() + gloss[1:], "shown": False}


def _sentence(kind: str, message: str) -> str:
    return "is not a key of a form" if kind == "unexpected_keyword_argument" else message


def _path(parts: tuple[int | str, ...]) -> str:
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def _problems(form: Form) -> Iterator[tuple[str, str]]:
    """Yield field and sentence of everything in the form that does not hold together."""
    if form.schema != SCHEMA:
        yield "schema", f"is {form.schema}; this version reads schema {SCHEMA}"
    try:
        zone(form.zone or "UTC")
    except Unusable as error:
        yield "zone", str(error)
    numbers = [section.number for section in form.sections]
    if numbers != list(range(1, len(numbers) + 1)):
        yield "sections", f"are numbered {numbers}; they run from 1 without a gap"
    for name, choices in form.lists.items():
        codes = [choice.code for choice in choices]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield f"lists.{name}", f"names the code {code!r} twice"
    yield from _choice_problems(form)
    seen: dict[str, Question] = {}
    for at, section in enumerate(form.sections):
        for index, question in enumerate(section.fields):
            where = f"sections[{at}].fields[{index}]"
            if question.code in seen:
                yield f"{where}.code", f"{question.code!r} is there twice"
            yield from _question_problems(form, question, seen, where)
            seen[question.code] = question


def _choice_problems(form: Form) -> Iterator[tuple[str, str]]:
    everywhere = {each.code: each for section in form.sections for each in section.fields}
    for name, choices in form.lists.items():
        for at, choice in enumerate(choices):
            for index, condition in enumerate(choice.when):
                where = f"lists.{name}[{at}].when[{index}]"
                yield from _condition_problems(form, "", condition, everywhere, where)


def _question_problems(
    form: Form, question: Question, above: dict[str, Question], where: str
) -> Iterator[tuple[str, str]]:
    if question.ask not in form.asks:
        yield f"{where}.ask", f"{question.ask!r} is not in [asks]"
    if question.kind in LISTED and question.list not in form.lists:
        yield f"{where}.list", f"{question.list!r} is not in [lists]"
    elif question.kind not in LISTED and question.list is not None:
        yield f"{where}.list", f"a field of kind {question.kind.value} has no list"
    elif question.kind in LISTED and question.unknown is not None:
        yield from _code_problems(
            f"{where}.unknown", (question.unknown,), form.choices(question)
        )
    if question.when and not question.required:
        yield f"{where}.when", "says when the field is required, yet required is not true"
    for index, condition in enumerate(question.when):
        yield from _condition_problems(
            form,
            question.code,
            condition,
            {**above, **_later(form, question)},
            f"{where}.when[{index}]",
        )


def _later(form: Form, question: Question) -> dict[str, Question]:
    """Return the fields of the same section: the form asks some conditions after the field."""
    for section in form.sections:
        if question in section.fields:
            return {each.code: each for each in section.fields}
    return {}


def _condition_problems(
    form: Form,
    own: str,
    condition: Condition,
    near: dict[str, Question],
    where: str,
) -> Iterator[tuple[str, str]]:
    if (condition.field is None) == (condition.fact is None):
        yield where, "names either a field or a fact"
    elif condition.fact is not None:
        if condition.fact not in CONDITION_FACTS:
            known = ", ".join(sorted(CONDITION_FACTS))
            yield f"{where}.fact", f"{condition.fact!r} is not a fact; the facts are {known}"
    elif condition.field not in near or condition.field == own:
        yield f"{where}.field", f"{condition.field!r} is no field of this section or above it"
    elif near[condition.field].kind in LISTED:
        told = tuple(str(each) for each in condition.any_of)
        yield from _code_problems(f"{where}.any_of", told, form.choices(near[condition.field]))
    elif not all(isinstance(each, bool) for each in condition.any_of):
        yield f"{where}.any_of", "is true or false for a yes-or-no field"


def _code_problems(
    where: str, codes: tuple[str, ...], choices: tuple[Choice, ...]
) -> Iterator[tuple[str, str]]:
    known = {choice.code for choice in choices}
    for code in codes:
        if code not in known:
            yield where, f"{code!r} is not in the list"
