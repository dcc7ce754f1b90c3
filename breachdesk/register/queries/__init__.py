"""The register: derived lines of open incidents, frozen lines of closed ones, the pack."""

from breachdesk.register.queries.lines import (
    facts_of,
    frozen_line,
    frozen_lines,
    line,
    lines,
    reader,
)
from breachdesk.register.queries.packing import drafts_of, papers_of, trail_of

__all__ = [
    "drafts_of",
    "facts_of",
    "frozen_line",
    "frozen_lines",
    "line",
    "lines",
    "papers_of",
    "reader",
    "trail_of",
]
