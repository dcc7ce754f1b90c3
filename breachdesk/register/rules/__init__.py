"""Pure rules of the register: a line from facts, lines as files and in a reader's words."""

from breachdesk.register.rules.files import as_csv, as_json, safe
from breachdesk.register.rules.lines import (
    AUTHORITY_DUTY,
    PEOPLE_DUTY,
    digest,
    line,
    open_duties,
)
from breachdesk.register.rules.showing import paper, sheets
from breachdesk.register.rules.wording import labels, said

__all__ = [
    "AUTHORITY_DUTY",
    "PEOPLE_DUTY",
    "as_csv",
    "as_json",
    "digest",
    "labels",
    "line",
    "open_duties",
    "paper",
    "safe",
    "said",
    "sheets",
]
