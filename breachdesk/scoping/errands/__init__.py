"""The errands of scoping: ask the engine while no transaction is open, then record."""

from breachdesk.scoping.errands.imports import convert
from breachdesk.scoping.errands.measuring import measure
from breachdesk.scoping.errands.requests import MAKER, Evidence, make_waiting, shelf
from breachdesk.scoping.errands.standing import Progress, seen_of

__all__ = [
    "MAKER",
    "Evidence",
    "Progress",
    "convert",
    "make_waiting",
    "measure",
    "seen_of",
    "shelf",
]
