"""The references of incidents that are logged by the clock of the machine."""

from breachdesk.incidents import rules
from breachdesk.kernel.clock import SystemClock


def logged_today(number: int) -> str:
    """Return the reference of the `number`-th incident that a desk logs now."""
    return rules.reference(SystemClock().now().year, number)
