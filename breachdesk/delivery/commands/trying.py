"""What is tried before people are written to: a test to a guest, a rehearsal, a look ahead."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from breachdesk.access import queries as access
from breachdesk.access.commands import limits
from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import queries, rules
from breachdesk.delivery.models import Campaign
from breachdesk.delivery.terms import Check
from breachdesk.kernel.errors import Refused
from breachdesk.notices import queries as notices


class NoGuest(Refused):
    """A test goes to members and guests alone."""


@command("delivery.allow_test")
def allow_test(tx: Transaction, notice_id: UUID, address: str, guests: Collection[str]) -> None:
    """Let a test of a notice go to one address: a member's, or one of the guests.

    Raises NoGuest for any other, TooMany for too many in a row.
    """
    limits.spend(tx, "test_send")
    wanted = rules.mailbox(address)
    known = {rules.mailbox(each) for each in guests}
    known |= {rules.mailbox(each.email) for each in access.members(tx.session)}
    if wanted not in known:
        raise NoGuest(
            "a test goes to members and to BREACHDESK_GUESTS alone; add the address there"
        )
    notice = notices.by_id(tx.session, notice_id)
    mark = hashlib.sha256(wanted.encode()).hexdigest()
    tx.record(notice, version=notice.version, guest=mark)


@command("delivery.note_trial")
def note_trial(tx: Transaction, notice_id: UUID, how: str, results: Mapping[str, str]) -> None:
    """Write down what became of a test or a rehearsal, text by text."""
    notice = notices.by_id(tx.session, notice_id)
    tx.record(notice, how=how, content=notice.content_digest, results=dict(results))


@command("delivery.look_ahead")
def look_ahead(tx: Transaction, campaign: Campaign, checks: Sequence[Check]) -> Sequence[Check]:
    """Write down what was found before a campaign is sent."""
    tx.record(campaign, checks={each.name: each.verdict.value for each in checks})
    return checks


@command("delivery.read_list")
def read_list(tx: Transaction, campaign: Campaign) -> list[str]:
    """Return the addresses of a frozen list, to be checked; looking is recorded.

    Raises Purged where the incident's people were purged.
    """
    found = queries.addresses_of(tx.session, tx.vault, campaign)
    tx.record(campaign, addresses=len(found))
    return found
