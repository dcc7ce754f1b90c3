"""Logs of Apache and nginx, in the format that is called combined: lines cut into fields."""

from collections.abc import Mapping, Sequence

from breachdesk.adapters import duckdb_lines
from breachdesk.adapters.duckdb_engine import text
from breachdesk.adapters.duckdb_lines import WHICH
from breachdesk.scoping.terms import File

COMBINED = (
    r'^(\S+) (\S+) (.+?) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-) '
    r'"((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"$'
)
COMBINED_GROUPS = (
    "ip", "ident", "account", "at", "request", "status", "bytes", "referer", "user_agent",
)  # fmt: skip
SPACED = r"^([^ ]+) +(.*?) *(HTTP/[^ ]*)?$"
"""A request with spaces in its path: clients send such, and servers answer them."""


def relation(files: Sequence[File], rejects: str) -> str:
    """Return a relation with a row for each line that is not blank; `got` has its groups."""
    groups = ", ".join(text(group) for group in COMBINED_GROUPS)
    return (
        f"(SELECT {WHICH}, regexp_extract(rtrim(line, chr(13)), {text(COMBINED)}, [{groups}]) "
        f"AS got FROM {duckdb_lines.relation(files, rejects)} "
        "WHERE trim(line, ' ' || chr(9) || chr(13)) <> '')"
    )


def parts() -> Mapping[str, str]:
    """Return the expression of each column over `got`."""
    found = {
        group: f"nullif(got[{text(group)}], '-')" for group in COMBINED_GROUPS if group != "at"
    }
    found["at"] = "got['at']"
    request = "got['request']"
    for index, part in enumerate(("method", "path", "protocol"), start=1):
        found[part] = (
            f"nullif(CASE WHEN split_part({request}, ' ', 4) = '' "
            f"THEN split_part({request}, ' ', {index}) "
            f"ELSE regexp_extract({request}, {text(SPACED)}, {index}) END, '')"
        )
    return found
