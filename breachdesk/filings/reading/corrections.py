"""Labels that an administrator saw on the authority's screen, put before ours."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from breachdesk.filings.terms import Choice, Form, Section
from breachdesk.kernel import documents
from breachdesk.kernel.errors import Problem, Unusable

KEYS = ("sections", "fields", "choices")


def corrected(form: Form, home: Path | None) -> Form:
    """Return the form with the labels of `<home>/templates/filings/<id>.toml`, if it is there.

    `[sections]` is by number, `[fields]` by code, `[choices.<list>]` by code. A choice whose
    label was corrected counts as seen. Raises Unusable for what the form does not have.
    """
    if home is None:
        return form
    path = home / "templates" / "filings" / f"{form.id}.toml"
    if not path.is_file():
        return form
    try:
        told = documents.toml(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unusable(Problem(f"is not TOML: {error}", file=str(path))) from None
    problems = [Problem(said, str(path), None, where) for where, said in _problems(form, told)]
    if problems:
        raise Unusable(problems)
    choices = told.get("choices", {})
    return replace(
        form,
        sections=tuple(
            _section(each, told.get("sections", {}), told.get("fields", {}))
            for each in form.sections
        ),
        lists={
            name: tuple(_choice(each, choices.get(name, {})) for each in listed)
            for name, listed in form.lists.items()
        },
    )


def _section(section: Section, labels: Mapping[str, str], fields: Mapping[str, str]) -> Section:
    return replace(
        section,
        label=labels.get(str(section.number), section.label),
        fields=tuple(
            replace(each, label=fields.get(each.code, each.label)) for each in section.fields
        ),
    )


def _choice(choice: Choice, labels: Mapping[str, str]) -> Choice:
    if choice.code not in labels:
        return choice
    return replace(choice, label=labels[choice.code], shown=True)


def _problems(form: Form, told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield field and sentence of what the form does not have."""
    known = {
        "sections": {str(each.number) for each in form.sections},
        "fields": {each.code for section in form.sections for each in section.fields},
    }
    for key, labels in told.items():
        if key not in KEYS or not isinstance(labels, dict):
            yield key, f"is not one of the tables {', '.join(KEYS)}"
        elif key == "choices":
            for name, choices in labels.items():
                codes = {each.code for each in form.lists.get(name, ())}
                told_here = choices if isinstance(choices, dict) else {"": None}
                yield from _unknown(f"choices.{name}", told_here, codes)
        else:
            yield from _unknown(key, labels, known[key])


def _unknown(
    where: str, labels: Mapping[str, Any], known: set[str]
) -> Iterator[tuple[str, str]]:
    for code, label in labels.items():
        if code not in known:
            yield f"{where}.{code}", "is not in the form"
        elif not isinstance(label, str) or not label.strip():
            yield f"{where}.{code}", "is no label"
