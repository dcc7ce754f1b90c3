"""TOML, YAML or JSON in the closed vocabulary -> Facts; foreign words are named, with lines."""

import difflib
import json
import math
import re
import tomllib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from breachdesk.kernel import documents
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.risk.terms import COUNTS, WORST, Facts

UNKNOWN = "unknown"
BESIDE_INPUTS = frozenset(
    {
        "schema_version", "id", "title", "summary", "authority", "breach_type", "expected",
        "condition", "deciding", "note", "basis", "score", "tags", "sources", "urls",
        "confidence", "enisa_guess", "variants",
    }
)  # fmt: skip
"""What a published case may say beside its facts; read by people, never by us."""
OTHER_WORDS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    resources.files("breachdesk.risk").joinpath("other_words.toml").read_text("utf-8")
)
"""Words that mean one of ours."""
_TOP = frozenset({"inputs", "defaults", "subgroups"})


@dataclass(frozen=True, slots=True)
class _Source:
    """A document's name and text, to say where a wrong word stands."""

    file: str | None = None
    text: str = ""

    def line(self, field: str, value: object = None) -> int | None:
        """Return the line of `field`, or of `value` at or after it; None if not found."""
        lines = self.text.splitlines()
        key = re.compile(rf"""(^|[\s{{,"'-]){re.escape(field)}["']?\s*[:=]""")
        at = next((n for n, line in enumerate(lines, 1) if key.search(line)), None)
        if at is None or value is None:
            return at
        word = re.compile(rf"(?<!\w){re.escape(str(value))}(?!\w)")
        return next((n for n, line in enumerate(lines, 1) if n >= at and word.search(line)), at)


def read(path: Path) -> Facts:
    """Read a file of facts. Raises Unusable naming file, line, field and the nearest word."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Unusable(Problem(error.strerror or "cannot be read", file=str(path))) from None
    except UnicodeDecodeError:
        raise Unusable(Problem("is not UTF-8 text", file=str(path))) from None
    source = _Source(str(path), text)
    return _facts(_parse(path.suffix.lower(), source), source)


def from_mapping(document: Mapping[str, Any], name: str | None = None, text: str = "") -> Facts:
    """Read facts that are already a mapping, such as an incident's. Raises Unusable.

    `name` and `text` of the file they came from, where there is one, place what is wrong.
    """
    return _facts(document, _Source(name, text))


def _parse(suffix: str, source: _Source) -> Mapping[str, Any]:
    try:
        if suffix == ".toml":
            document: object = documents.toml(source.text)
        elif suffix == ".json":
            blank = not source.text.strip()
            read = documents.from_json
            document = None if blank else read(source.text, object_pairs_hook=_once_each)
        elif suffix in {".yaml", ".yml"}:
            document = yaml.load(source.text, Loader=_StrictLoader)  # noqa: S506  (a SafeLoader)
        else:
            raise Unusable(Problem("name it .toml, .yaml or .json", file=source.file))
    except json.JSONDecodeError as error:
        raise Unusable(Problem(error.msg, file=source.file, line=error.lineno)) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found.group(1)) if found else None
        raise Unusable(Problem(str(error), file=source.file, line=line)) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise Unusable(
            Problem(
                error.problem or "is not YAML",
                file=source.file,
                line=mark.line + 1 if mark else None,
            )
        ) from None
    except (yaml.YAMLError, _Twice, RecursionError, ValueError) as error:
        first = next(iter(str(error).splitlines()), "cannot be read")
        raise Unusable(Problem(first, file=source.file)) from None
    if document is None:
        return {}
    if not isinstance(document, Mapping):
        raise Unusable(Problem("holds no table of facts", file=source.file, line=1))
    return document


class _Twice(ValueError):
    """A document says one field twice."""


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _Twice(f"{name} is given twice")
    return dict(pairs)


class _StrictLoader(yaml.SafeLoader):
    """YAML's safe loader, which also refuses a key given twice."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, Any]:
        """Build a mapping; refuse a key given twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value} is given twice", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


def _facts(document: Mapping[str, Any], source: _Source) -> Facts:
    problems: list[Problem] = []
    inputs = _inputs(document, source, problems)
    facts = _group(inputs, source, "", problems)
    groups: list[tuple[str, Facts]] = []
    for index, row in enumerate(_rows(inputs.get("subgroups", []), source, problems)):
        merged = {key: value for key, value in inputs.items() if key != "subgroups"}
        own = {key: value for key, value in row.items() if key != "name"}
        if "role" in own:  # who notifies whom differs, so it is signed apart
            problems.append(
                _problem("another role is another data set", source, "role", place=_at(index))
            )
        each = _group(merged | own, source, _at(index), problems)
        groups.append((str(row.get("name") or index + 1), each))
    if problems:
        raise Unusable(list(dict.fromkeys(problems)))
    return Facts(**{**_parts(facts), "subgroups": tuple(groups)})


def _at(index: int) -> str:
    return f"subgroups[{index}]."


def _parts(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in (*WORST, "given", "unknown")}


def _inputs(
    document: Mapping[str, Any], source: _Source, problems: list[Problem]
) -> Mapping[str, Any]:
    """Return the facts of a flat document, or of one with an `inputs` table and defaults."""
    if "inputs" not in document and "defaults" not in document:
        return document
    beside = [*sorted(BESIDE_INPUTS), *sorted(_TOP)]
    problems += [
        _foreign(str(name), beside, source, "", "field")
        for name in document
        if name not in beside
    ]
    merged: dict[str, Any] = {}
    for table in ("defaults", "inputs"):
        part = document.get(table)
        if isinstance(part, Mapping):
            merged |= part
        elif part is not None:
            problems.append(_problem("is not a table", source, table))
    if "subgroups" in document:
        merged["subgroups"] = document["subgroups"]
    return merged


def _rows(value: Any, source: _Source, problems: list[Problem]) -> list[Mapping[str, Any]]:
    if isinstance(value, list) and all(isinstance(row, Mapping) for row in value):
        return value
    problems.append(_problem("is not a list of tables", source, "subgroups"))
    return []


def _group(
    inputs: Mapping[str, Any], source: _Source, place: str, problems: list[Problem]
) -> Facts:
    values: dict[str, Any] = {}
    unknown: set[str] = set()
    for raw, value in inputs.items():
        name = str(raw)
        if name == "subgroups" and not place:
            continue
        if name not in WORST:
            problems.append(_foreign(name, [*WORST, "subgroups"], source, place, "field"))
        elif _nobody_knows(value):
            values[name] = WORST[name]
            unknown.add(name)
        else:
            values[name] = _value(name, value, source, place, problems)
    if any(problem.field for problem in problems):
        return Facts()
    return Facts(**values, given=frozenset(values), unknown=frozenset(unknown))


def _nobody_knows(value: object) -> bool:
    return value is None or value == UNKNOWN or (isinstance(value, list) and UNKNOWN in value)


def _value(name: str, value: Any, source: _Source, place: str, problems: list[Problem]) -> Any:
    worst = WORST[name]
    wanted = None
    if isinstance(worst, Enum):
        return _word(type(worst), name, value, source, place, problems)
    if isinstance(worst, frozenset):
        if isinstance(value, list):
            kind = type(next(iter(worst)))
            return frozenset(_word(kind, name, each, source, place, problems) for each in value)
        wanted = "a list"
    elif isinstance(worst, bool):
        if isinstance(value, bool):
            return value
        wanted = "true, false or unknown"
    elif _is_number(value, whole=name in COUNTS):
        return value
    else:
        wanted = "a whole number from 0" if name in COUNTS else "a number of hours from 0"
    problems.append(_problem(f"{value!r} is not {wanted}", source, name, place=place))
    return worst


def _is_number(value: object, *, whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return False
    return math.isfinite(value) and value >= 0


def _word(
    kind: type[Enum],
    name: str,
    value: Any,
    source: _Source,
    place: str,
    problems: list[Problem],
) -> Enum:
    known = {str(member.value): member for member in kind}
    word = OTHER_WORDS.get(name, {}).get(str(value), str(value))
    if isinstance(value, str) and word in known:
        return known[word]
    what = "category" if name in {"data_categories", "context_reveals"} else "value"
    problems.append(_foreign(str(value), list(known), source, place, what, name))
    return next(iter(kind))


def _foreign(
    word: str, known: Sequence[str], source: _Source, place: str, what: str, field: str = ""
) -> Problem:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.0)
    return Problem(
        f"{word!r} is not a known {what}; the nearest is {near[0]!r}",
        file=source.file,
        line=source.line(field or word, word if field else None),
        field=place + (field or word),
    )


def _problem(text: str, source: _Source, field: str, *, place: str = "") -> Problem:
    return Problem(text, file=source.file, line=source.line(field), field=place + field)
