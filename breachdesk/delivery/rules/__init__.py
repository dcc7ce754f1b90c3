"""What may follow what, who counts as told, and how a message is written. Pure."""

from breachdesk.delivery.rules.addresses import (
    ascii_domain,
    digest,
    mailbox,
    mark,
    usable,
)
from breachdesk.delivery.rules.codes import check_character, reference_code
from breachdesk.delivery.rules.letters import Letters, encoded, travelling
from breachdesk.delivery.rules.standing import (
    batches,
    folder,
    reason,
    sender_of,
    standing,
    sums,
    tell_again,
)
from breachdesk.delivery.rules.states import (
    CAMPAIGN,
    CHUNK,
    OPEN,
    QUARANTINE,
    later_event,
    portions,
    resolved,
    settled,
    wait_after,
)

__all__ = [
    "CAMPAIGN",
    "CHUNK",
    "OPEN",
    "QUARANTINE",
    "Letters",
    "ascii_domain",
    "batches",
    "check_character",
    "digest",
    "encoded",
    "folder",
    "later_event",
    "mailbox",
    "mark",
    "portions",
    "reason",
    "reference_code",
    "resolved",
    "sender_of",
    "settled",
    "standing",
    "sums",
    "tell_again",
    "travelling",
    "usable",
    "wait_after",
]
