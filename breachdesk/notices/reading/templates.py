"""The template folder and files of words into terms: every unknown key is an error."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from breachdesk.kernel import documents
from breachdesk.kernel.errors import Problem, Unknown, Unusable
from breachdesk.notices.terms import (
    KINDS,
    MINORS,
    NO_ACCOUNT,
    Advice,
    Instead,
    Library,
    Manifest,
    Speech,
    Words,
)

FOLDER = "notices"
PER = ("categories", "language", "public")
PARTS = ("subject.txt", "body.txt", "body.html")
CHECKS = (
    "attachment",
    "no_risk", "leak_checker", "authority_told", "complaint_filed", "password", "encrypted",
    "reset_forced",
)  # fmt: skip
SCHEMA = 1
AUDIENCES = (NO_ACCOUNT, MINORS)
TOUCHED = ("proven", "reachable", "population", "integrity", "availability")
PLACES = {
    "time": {"hour", "minute"},
    "instant": {"date", "time"},
    "between": {"start", "end"},
    "since": {"start"},
    "zone": {"city"},
    "zone_vowel": {"city"},
    "done": {"text", "date"},
    "planned": {"text", "date"},
}
"""The places that each pattern of a language must hold, as {name}."""


M = TypeVar("M", bound="_Strict")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Manifest(_Strict):
    obligation: str
    version: str
    role: str
    per: str
    tags: list[str]


class _Category(_Strict):
    may: list[str]
    do: list[str]


class _Instead(_Category):
    keep: list[str]


class _Advice(_Strict):
    cites: list[str]
    may: dict[str, dict[str, str]]
    do: dict[str, dict[str, str]]
    categories: dict[str, _Category]
    labels: dict[str, dict[str, str]]
    audiences: dict[str, _Category]
    kinds: dict[str, _Instead] = Field(default_factory=dict)


class _Speech(_Strict):
    formats: str
    time: str
    instant: str
    between: str
    since: str
    unknown: str
    not_established: str
    zone: str
    zone_vowel: str
    done: str
    planned: str
    nature: dict[str, str]
    touched: dict[str, str]
    never_ask: list[str]
    never_say: dict[str, list[str]]
    opening: dict[str, str]
    because: dict[str, str]


class _Words(_Strict):
    what_happened: str = ""
    not_touched: list[str] = []
    news: str = ""


def obligations(templates: Path) -> tuple[str, ...]:
    """Return the obligations that have templates."""
    found = (templates / FOLDER).glob("*/notice.toml")
    return tuple(sorted(path.parent.name for path in found))


def read_library(templates: Path, obligation: str) -> Library:
    """Return all that a notice for `obligation` is written from, besides the facts.

    Raises Unknown where there are no templates for it, Unusable for a file that is wrong.
    """
    folder = templates / FOLDER
    if obligation not in obligations(templates):
        known = ", ".join(obligations(templates)) or "none"
        raise Unknown(f"there are no templates for {obligation!r}; these are: {known}")
    manifest = _manifest(folder / obligation, folder / "languages")
    speech = {
        language: _speech(folder / "languages" / f"{language}.toml")
        for language in manifest.languages
    }
    return Library(manifest, _advice(folder / "advice.toml"), speech)


def read_words(path: Path) -> dict[str, Words]:
    """Return what was typed in a TOML file, by language. Raises Unusable."""
    document = _document(path)
    return {
        language: Words(read.what_happened.strip(), tuple(read.not_touched), read.news.strip())
        for language, table in document.items()
        for read in [_validated(_Words, table, path, language)]
    }


def _manifest(folder: Path, languages: Path) -> Manifest:
    path = folder / "notice.toml"
    read = _validated(_Manifest, _document(path), path)
    if read.obligation != folder.name:
        raise Unusable(Problem(f"is not {folder.name!r}", str(path), field="obligation"))
    if read.role not in {"controller", "processor"}:
        raise Unusable(Problem("is not controller or processor", str(path), field="role"))
    if read.per not in PER:
        raise Unusable(Problem(f"is not one of {', '.join(PER)}", str(path), field="per"))
    written = sorted(each.name for each in folder.iterdir() if each.is_dir())
    for language in written:
        for needed in (
            *(folder / language / part for part in PARTS),
            languages / f"{language}.toml",
        ):
            if not needed.is_file():
                raise Unusable(Problem(f"the language {language} lacks it", str(needed)))
    return Manifest(
        obligation=read.obligation,
        version=read.version,
        role=read.role,
        by_categories=read.per == "categories",
        whole=read.per == "public",
        tags=tuple(read.tags),
        languages=tuple(written),
    )


def _speech(path: Path) -> Speech:
    read = _validated(_Speech, _document(path), path)
    for name, needed in PLACES.items():
        pattern = getattr(read, name)
        if set(re.findall(r"\{(.*?)\}", pattern)) != needed:
            wanted = ", ".join(f"{{{each}}}" for each in sorted(needed))
            raise Unusable(Problem(f"must hold {wanted} and no other", str(path), field=name))
    for name, table, states in (
        ("touched", read.touched, TOUCHED),
        ("opening", read.opening, KINDS),
        ("because", read.because, AUDIENCES),
    ):
        for state in states:
            if state not in table:
                raise Unusable(Problem("is missing", str(path), field=f"{name}.{state}"))
    for code in read.never_say:
        if code not in CHECKS:
            known = ", ".join(CHECKS)
            raise Unusable(Problem(f"can be {known}", str(path), field=f"never_say.{code}"))
    return Speech(
        **read.model_dump(exclude={"never_ask", "never_say"}),
        never_ask=tuple(read.never_ask),
        never_say={code: tuple(phrases) for code, phrases in read.never_say.items()},
    )


def _advice(path: Path) -> Advice:
    read = _validated(_Advice, _document(path), path)
    return Advice(
        may=read.may,
        do=read.do,
        categories=_calls(read, "categories", read.categories, path),
        labels=read.labels,
        cites=tuple(read.cites),
        audiences=_calls(read, "audiences", read.audiences, path),
        kinds={
            kind: Instead(*calls, tuple(read.kinds[kind].keep))
            for kind, calls in _calls(read, "kinds", read.kinds, path).items()
        },
    )


def _calls(
    read: _Advice, name: str, table: Mapping[str, _Category], path: Path
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return which lines each entry calls for. Raises Unusable for a line that is not there."""
    for entry, calls in table.items():
        for kind, keys, lines in (("may", calls.may, read.may), ("do", calls.do, read.do)):
            for key in keys:
                if key not in lines:
                    field = f"{name}.{entry}.{kind}"
                    raise Unusable(Problem(f"there is no line {key!r}", str(path), field=field))
    return {entry: (tuple(calls.may), tuple(calls.do)) for entry, calls in table.items()}


def _document(path: Path) -> dict[str, Any]:
    """Return a TOML file of schema 1 without its schema. Raises Unusable."""
    try:
        document = documents.toml(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Unusable(Problem(f"is not TOML: {error}", str(path))) from None
    except UnicodeDecodeError as error:
        raise Unusable(Problem(f"is not UTF-8 at byte {error.start}", str(path))) from None
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise Unusable(Problem(f"cannot be read: {reason}", str(path))) from None
    schema = document.pop("schema", None)
    if schema != SCHEMA:
        raise Unusable(Problem(f"must be {SCHEMA}, not {schema!r}", str(path), field="schema"))
    return document


def _validated(kind: type[M], table: Any, path: Path, within: str = "") -> M:
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        raise Unusable(
            [
                Problem(
                    found["msg"][:1].lower() + found["msg"][1:],
                    str(path),
                    field=".".join(str(part) for part in (within, *found["loc"]) if part != "")
                    or None,
                )
                for found in error.errors()
            ]
        ) from None
