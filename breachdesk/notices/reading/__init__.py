"""Files into terms: the template folder, typed words, and the addresses of customers."""

from breachdesk.notices.reading.customers import customers_in, read_customers
from breachdesk.notices.reading.tables import read_table, rows_of, text_of
from breachdesk.notices.reading.templates import (
    FOLDER,
    PARTS,
    obligations,
    read_library,
    read_words,
)

__all__ = [
    "FOLDER",
    "PARTS",
    "customers_in",
    "obligations",
    "read_customers",
    "read_library",
    "read_table",
    "read_words",
    "rows_of",
    "text_of",
]
