"""Logs of Apache and nginx, in the format that is called combined: lines cut into fields."""

from collections.abc import Mapping, Sequence

from breachdesk.adapters import duckdb_lines
from breachdesk.adapters.duckdb_engine import text
from breachdesk.adapters.duckdb_lines import WHICH
from breachdesk.scoping.terms import File

_QUOTED = r'(?:[^"\\]|\\.)*'
_SHAPES = {
    "ip": r"\S+", "ident": r"\S+", "account": r"[^ \[]+", "at": r"[^\]]+", "request": _QUOTED,
    "status": r"\d{3}", "bytes": r"\d+|-", "referer": _QUOTED, "user_agent": _QUOTED,
}  # fmt: skip
COMBINED_GROUPS = tuple(_SHAPES)
_LINE = (
    r'^{ip} {ident} {account} \[{at}\] "{request}" {status} {bytes} "{referer}" "{user_agent}"$'
)
LOOKED_AT = ("ip", "account", "at", "status")
"""With no more than four groups taken, and an account without a space, one way through the
expression is open at a time: it takes a third of the time, and nearly every line fits."""
SPACED = r"^([^ ]+) +(.*?) *(HTTP/[^ ]*)?$"
"""A request with spaces in its path: clients send such, and servers answer them."""


def _taking(*groups: str, account: str = _SHAPES["account"]) -> str:
    """Return the expression of a line that takes some of its groups."""
    shapes = {**_SHAPES, "account": account}
    return _LINE.format(
        **{each: f"({shape})" if each in groups else f"(?:{shape})"
           for each, shape in shapes.items()}
    )  # fmt: skip


COMBINED = _taking(*COMBINED_GROUPS, account=".+?")


def relation(files: Sequence[File], rejects: str) -> str:
    """Return a relation with a row for each line that is not blank, cut into groups."""
    # to trim a line takes longer than to read it
    ended = "CASE WHEN ends_with(line, chr(13)) THEN rtrim(line, chr(13)) ELSE line END"
    return cut(
        f"(SELECT {WHICH}, {ended} AS line FROM {duckdb_lines.relation(files, rejects)} "
        "WHERE line >= '!' OR trim(line, ' ' || chr(9) || chr(13)) <> '')"
    )


def cut(lines: str) -> str:
    """Return a relation with the groups of each `line`.

    `usual` has those that are looked at in each row, if it is written as most are, `odd` all
    of another; what is no line of the format has empty ones.
    """
    usual = f"regexp_extract(line, {text(_taking(*LOOKED_AT))}, [{_names(LOOKED_AT)}])"
    odd = f"regexp_extract(line, {text(COMBINED)}, [{_names(COMBINED_GROUPS)}])"
    return (
        f"(SELECT *, CASE WHEN usual['status'] = '' THEN {odd} END AS odd "
        f"FROM (SELECT *, {usual} AS usual FROM {lines}))"
    )


def _names(groups: Sequence[str]) -> str:
    return ", ".join(map(text, groups))


def parts() -> Mapping[str, str]:
    """Return the expression of each column of a line that was cut."""
    found = {each: f"nullif({_group(each)}, '-')" for each in COMBINED_GROUPS if each != "at"}
    found["at"] = _group("at")
    request = _group("request")
    for index, part in enumerate(("method", "path", "protocol"), start=1):
        found[part] = (
            f"nullif(CASE WHEN split_part({request}, ' ', 4) = '' "
            f"THEN split_part({request}, ' ', {index}) "
            f"ELSE regexp_extract({request}, {text(SPACED)}, {index}) END, '')"
        )
    return found


def _group(group: str) -> str:
    """Return a group of a line; it is taken out of a usual one only when it is asked for."""
    taken = f"usual[{text(group)}]"
    if group not in LOOKED_AT:
        taken = f"regexp_extract(line, {text(_taking(group))}, 1)"
    return f"coalesce(odd[{text(group)}], {taken})"
