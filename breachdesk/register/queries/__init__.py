"""The register: derived lines of open incidents, frozen lines of closed ones, the pack."""

from breachdesk.register.queries.deriving import facts_of_many, still_open
from breachdesk.register.queries.lines import (
    frozen_line,
    frozen_lines,
    line,
    lines,
    page,
    reader,
)
from breachdesk.register.queries.packing import (
    addresses_of,
    drafts_of,
    papers_of,
    receipt_papers_of,
    trail_of,
)

__all__ = [
    "addresses_of",
    "drafts_of",
    "facts_of_many",
    "frozen_line",
    "frozen_lines",
    "line",
    "lines",
    "page",
    "papers_of",
    "reader",
    "receipt_papers_of",
    "still_open",
    "trail_of",
]
