"""When to remind, whom, and in what words. Pure."""

from breachdesk.reminders.rules.timing import addressees, last_office_hour, reached, rungs
from breachdesk.reminders.rules.wanting import STAGES, settled, wanted
from breachdesk.reminders.rules.words import announcement, harmless, letter, one_line, remaining

__all__ = [
    "STAGES",
    "addressees",
    "announcement",
    "harmless",
    "last_office_hour",
    "letter",
    "one_line",
    "reached",
    "remaining",
    "rungs",
    "settled",
    "wanted",
]
