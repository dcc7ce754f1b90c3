"""Pure rules of the register: a line from facts, lines as files and in a reader's words."""

from breachdesk.register.rules.files import as_csv, as_json, safe
from breachdesk.register.rules.lines import (
    AUTHORITY_DUTY,
    PEOPLE_DUTY,
    digest,
    line,
    open_duties,
)
from breachdesk.register.rules.packing import (
    MANIFEST,
    archive,
    document,
    lines_of,
    manifest,
    sha256,
)
from breachdesk.register.rules.showing import paper, sheets
from breachdesk.register.rules.wording import labels, said

__all__ = [
    "AUTHORITY_DUTY",
    "MANIFEST",
    "PEOPLE_DUTY",
    "archive",
    "as_csv",
    "as_json",
    "digest",
    "document",
    "labels",
    "line",
    "lines_of",
    "manifest",
    "open_duties",
    "paper",
    "safe",
    "said",
    "sha256",
    "sheets",
]
