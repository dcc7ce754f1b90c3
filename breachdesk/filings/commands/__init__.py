"""What can be done with a filing: answer a field, draft, record what the authority answered."""

from breachdesk.filings.commands.answering import (
    Edit,
    NothingToConfirm,
    answer,
    confirm,
    edit,
    tick,
    withdraw,
)
from breachdesk.filings.commands.drafting import NothingFiled, draft
from breachdesk.filings.commands.receiving import AlreadyRecorded, Receipt, record_receipt

__all__ = [
    "AlreadyRecorded",
    "Edit",
    "NothingFiled",
    "NothingToConfirm",
    "Receipt",
    "answer",
    "confirm",
    "draft",
    "edit",
    "record_receipt",
    "tick",
    "withdraw",
]
