"""What is done between transactions: send, sweep, hear, watch, call back, try out."""

from breachdesk.delivery.errands.sending import send_all, send_waiting, sweep
from breachdesk.delivery.errands.watching import call_back, hear, reconcile, watch

__all__ = ["call_back", "hear", "reconcile", "send_all", "send_waiting", "sweep", "watch"]
