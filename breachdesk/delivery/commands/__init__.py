"""What can be done to a campaign and to its chunks.

People freeze, start, pause, resume, cancel and decide. Errands claim, begin, settle, reclaim
and resolve; they hold no state, so any of them may die after any command.
"""

from breachdesk.delivery.commands.campaigns import (
    cancel,
    decide,
    freeze,
    pause,
    resume,
    start,
)
from breachdesk.delivery.commands.chunks import begin, claim, reclaim, resolve, settle
from breachdesk.delivery.commands.events import record_event
from breachdesk.delivery.commands.moving import Lost, NothingWaits

__all__ = [
    "Lost",
    "NothingWaits",
    "begin",
    "cancel",
    "claim",
    "decide",
    "freeze",
    "pause",
    "reclaim",
    "record_event",
    "resolve",
    "resume",
    "settle",
    "start",
]
