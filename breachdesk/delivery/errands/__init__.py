"""What is done between transactions: send, sweep, hear, watch, call back, try out."""

from breachdesk.delivery.errands.handing import fetch_list
from breachdesk.delivery.errands.lending import borrow, lend, send_borrowed
from breachdesk.delivery.errands.sending import send_all, send_waiting, sweep
from breachdesk.delivery.errands.trying import SELECTORS, look_ahead, rehearse, send_test
from breachdesk.delivery.errands.watching import call_back, hear, reconcile, watch

__all__ = [
    "SELECTORS",
    "borrow",
    "call_back",
    "fetch_list",
    "hear",
    "lend",
    "look_ahead",
    "reconcile",
    "rehearse",
    "send_all",
    "send_borrowed",
    "send_test",
    "send_waiting",
    "sweep",
    "watch",
]
