"""Pure rules of the register: a line from facts, lines as files and in a reader's words."""

from breachdesk.register.rules.charting import FRENCH, charts, drawn
from breachdesk.register.rules.files import csv_of, json_of
from breachdesk.register.rules.lines import (
    AUTHORITY_DUTY,
    PEOPLE_DUTY,
    digest,
    line,
    meets,
    never_left_open,
    open_duties,
)
from breachdesk.register.rules.packing import (
    ADDRESSES,
    MANIFEST,
    SEAL,
    archive,
    document,
    lines_of,
    manifest,
    seal,
    sha256,
)
from breachdesk.register.rules.sealing import SALT_BYTES, sealed
from breachdesk.register.rules.showing import paper, sheets
from breachdesk.register.rules.wording import LISTS, labels, said
from breachdesk.register.rules.yearly import Years, by_month, yearly

__all__ = [
    "ADDRESSES",
    "AUTHORITY_DUTY",
    "FRENCH",
    "LISTS",
    "MANIFEST",
    "PEOPLE_DUTY",
    "SALT_BYTES",
    "SEAL",
    "Years",
    "archive",
    "by_month",
    "charts",
    "csv_of",
    "digest",
    "document",
    "drawn",
    "json_of",
    "labels",
    "line",
    "lines_of",
    "manifest",
    "meets",
    "never_left_open",
    "open_duties",
    "paper",
    "said",
    "seal",
    "sealed",
    "sha256",
    "sheets",
    "yearly",
]
