"""Markdown -> Runbook: one folder a runbook, one file a language, the same steps in each.

A file opens with TOML between two lines of `+++` (title, causes). Steps are the list items
under the headings of the phases; each begins with its id, owner and ISO 8601 period in a code
span, then its title in bold, then what else there is to say.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from breachdesk.kernel import documents
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.times import period
from breachdesk.risk.terms import Cause
from breachdesk.runbooks.terms import HEADINGS, LANGUAGES, Owner, Phase, Runbook, Step

FOLDER = "breaches"
_FENCE = "+++"
_HEAD = {"title": str, "causes": list}
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_HEADLINE = re.compile(r"^[^`]*`[^`]*`\s*\*\*.*?\*\*\s*", re.DOTALL)
_INDENT = re.compile(r"^ {1,2}", re.MULTILINE)
_UNITS = {"weeks": 7 * 86_400, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


@dataclass(slots=True)
class _File:
    """One language of a runbook as far as it was read, and what is wrong with it."""

    path: Path
    language: str
    problems: list[Problem] = field(default_factory=list)
    head: dict[str, Any] = field(default_factory=dict)
    opening: str = ""
    steps: list[tuple[int, Step]] = field(default_factory=list)

    def wrong(self, problem: str, line: int, name: str | None = None) -> None:
        self.problems.append(Problem(problem, file=str(self.path), line=line, field=name))


def read_all(folder: Path) -> tuple[Runbook, ...]:
    """Read every runbook under `folder`/breaches, by name.

    Raises Unusable with every problem, each with file and line.
    """
    home = folder / FOLDER
    if not home.is_dir():
        raise Unusable(f"{home} is not a folder of runbooks")
    problems: list[Problem] = []
    runbooks: list[Runbook] = []
    claimed: dict[str, str] = {}
    for place in sorted(each for each in home.iterdir() if each.is_dir()):
        runbook = _read_one(place, problems)
        if runbook is None:
            continue
        runbooks.append(runbook)
        for cause in sorted(runbook.causes):
            if cause in claimed:
                problems.append(
                    Problem(
                        f"{cause!r} is a cause of {claimed[cause]} already",
                        file=str(place / f"{LANGUAGES[0]}.md"),
                        field="causes",
                    )
                )
            claimed.setdefault(cause, runbook.id)
    if problems:
        raise Unusable(problems)
    return tuple(runbooks)


def _read_one(place: Path, problems: list[Problem]) -> Runbook | None:
    files = [_read_file(place / f"{language}.md", language) for language in LANGUAGES]
    first, *others = files
    for other in others:
        if not first.problems and not other.problems:
            _compare(first, other)
    found = [problem for file in files for problem in file.problems]
    problems += found
    return None if found else _joined(place.name, files)


def _read_file(path: Path, language: str) -> _File:
    file = _File(path, language)
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        file.problems.append(Problem(error.strerror or "cannot be read", file=str(path)))
        return file
    except UnicodeDecodeError:
        file.problems.append(Problem("is not UTF-8 text", file=str(path)))
        return file
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines) if n and line == _FENCE), None)
    if end is None or lines[0] != _FENCE:
        file.wrong("does not open with TOML between two lines of +++", 1)
        return file
    _read_head(file, "\n".join(lines[1:end]))
    _read_body(file, lines, end + 1)
    return file


def _read_head(file: _File, text: str) -> None:
    try:
        file.head = documents.toml(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        file.wrong(str(error), int(found.group(1)) + 1 if found else 1)
        return
    at = {line.split("=")[0].strip(): n for n, line in enumerate(text.splitlines(), 2)}
    for name in file.head.keys() - _HEAD.keys():
        file.wrong(
            "is not a field of a runbook; these are: causes, title", at.get(name, 1), name
        )
    for name, kind in _HEAD.items():
        if not isinstance(file.head.get(name), kind) or not file.head[name]:
            file.wrong("is missing or empty", at.get(name, 1), name)
            return
    for cause in file.head["causes"]:
        if cause not in set(Cause):
            file.wrong(
                f"{cause!r} is not a cause of the risk vocabulary", at["causes"], "causes"
            )


def _read_body(file: _File, lines: Sequence[str], start: int) -> None:
    """Read opening and steps; `start` is the index of the line after the front matter."""
    tokens = MarkdownIt().parse("\n".join(lines[start:]))
    phase: Phase | None = None
    opened = len(lines)
    for index, token in enumerate(tokens):
        line = (token.map[0] if token.map else 0) + start + 1
        if token.type == "heading_open":
            opened = min(opened, line - 1)
            phase = _phase(file, tokens[index + 1].content, line)
        elif token.type == "list_item_open" and token.level == 1:
            last = token.map[1] + start if token.map else line
            source = "\n".join(lines[line - 1 : last])
            _read_step(file, tokens[index + 1 :], phase, (line, source))
    file.opening = "\n".join(lines[start:opened]).strip()
    if not file.steps and not file.problems:
        file.wrong("holds no step", len(lines))


def _phase(file: _File, heading: str, line: int) -> Phase | None:
    known = HEADINGS[file.language]
    if heading not in known:
        file.wrong(f"{heading!r} is not a phase; these are: {', '.join(known)}", line)
    return known.get(heading)


def _read_step(
    file: _File, tokens: Sequence[Token], phase: Phase | None, place: tuple[int, str]
) -> None:
    line, source = place
    inline = next(token for token in tokens if token.type in {"inline", "list_item_close"})
    parts = [part for part in inline.children or () if part.content or part.type != "text"]
    kinds = [part.type for part in parts[:3]]
    if kinds[:1] != ["code_inline"] or "strong_open" not in kinds:
        file.wrong("a step reads: `id owner period` **Title.** Detail", line)
        return
    words = parts[0].content.split()
    if phase is None or len(words) != len(("id", "owner", "period")):
        file.wrong("a step stands under a phase and names id, owner and period", line)
        return
    name, owner, within = words
    wrong = list(_faults(file, name, owner, within))
    for problem in wrong:
        file.wrong(problem, line, name)
    if not wrong:
        title = "".join(_strong(parts))
        detail = _INDENT.sub("", _HEADLINE.sub("", source, count=1)).strip()
        step = Step(
            name, phase, Owner(owner), _duration(within),
            {file.language: title}, {file.language: detail},
        )  # fmt: skip
        file.steps.append((line, step))


def _faults(file: _File, name: str, owner: str, within: str) -> Iterator[str]:
    if not _ID.fullmatch(name):
        yield f"{name!r} is not an id; write small letters, digits and hyphens"
    if name in {step.id for _, step in file.steps}:
        yield f"{name!r} stands here twice"
    if owner not in set(Owner):
        yield f"{owner!r} is not an owner; these are: {', '.join(Owner)}"
    try:
        _duration(within)
    except Unusable as error:
        yield str(error)


def _duration(text: str) -> timedelta:
    parts = period(text)
    if parts.keys() - _UNITS.keys():
        raise Unusable(f"{text!r} has months or years; write days, hours or minutes")
    return timedelta(seconds=sum(_UNITS[name] * count for name, count in parts.items()))


def _strong(parts: Sequence[Token]) -> Iterator[str]:
    """Yield the text of the first bold run."""
    kinds = [part.type for part in parts]
    for part in parts[kinds.index("strong_open") + 1 : kinds.index("strong_close")]:
        yield part.content


def _compare(first: _File, other: _File) -> None:
    """Note in `other` where the two languages do not ask the same."""
    if set(first.head["causes"]) != set(other.head["causes"]):
        other.wrong(f"differs from {first.path.name}", 1, "causes")
    for (line, one), (_, same) in zip(other.steps, first.steps, strict=False):
        mine = (one.id, one.phase, one.owner, one.within)
        if mine != (same.id, same.phase, same.owner, same.within):
            other.wrong(
                f"differs from {first.path.name}, which has {same.id!r} here", line, one.id
            )
            return
    if len(first.steps) != len(other.steps):
        other.wrong(
            f"holds {len(other.steps)} steps, {first.path.name} {len(first.steps)}",
            other.steps[-1][0],
        )


def _joined(name: str, files: Sequence[_File]) -> Runbook:
    def told(each: Mapping[str, str], more: Sequence[Mapping[str, str]]) -> dict[str, str]:
        return {language: text for part in (each, *more) for language, text in part.items()}

    first, *others = files
    steps = tuple(
        Step(
            id=step.id,
            phase=step.phase,
            owner=step.owner,
            within=step.within,
            title=told(step.title, [other.steps[n][1].title for other in others]),
            detail=told(step.detail, [other.steps[n][1].detail for other in others]),
        )
        for n, (_, step) in enumerate(first.steps)
    )
    return Runbook(
        id=name,
        title={file.language: file.head["title"] for file in files},
        opening={file.language: file.opening for file in files},
        causes=frozenset(first.head["causes"]),
        steps=steps,
    )
