"""What can be done to an incident: one function a command, one transaction, one trail entry."""

from breachdesk.incidents.commands.keeping import drop_text, drop_view, keep_text, save_view
from breachdesk.incidents.commands.telling import (
    IncidentClosed,
    add_measure,
    add_to_timeline,
    close,
    correct,
    held,
    log,
    note_evidence,
    reopen,
    tell,
)

__all__ = [
    "IncidentClosed",
    "add_measure",
    "add_to_timeline",
    "close",
    "correct",
    "drop_text",
    "drop_view",
    "held",
    "keep_text",
    "log",
    "note_evidence",
    "reopen",
    "save_view",
    "tell",
]
