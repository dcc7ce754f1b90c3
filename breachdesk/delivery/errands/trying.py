"""Try out before people are written to: a test to a guest, a rehearsal, a look ahead."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import queries as datamap
from breachdesk.delivery import commands, queries, rules
from breachdesk.delivery.ports import Mailer, Names, Witness
from breachdesk.delivery.terms import (
    Check,
    Folder,
    Outcome,
    Parcel,
    Recipient,
    Result,
    Slip,
    Ticket,
)
from breachdesk.kernel import ids
from breachdesk.notices import queries as notices
from breachdesk.notices import rules as notice_rules

SELECTORS = ("s1", "s2")
"""The DKIM selectors of SendGrid's own set-up."""
MOST_DOMAINS = 300
"""So many of the readers' domains are looked up, those with most readers first."""
ASKING = 16


def send_test(
    transactions: Transactions,
    mailer: Mailer,
    actor: Actor,
    notice_id: UUID,
    address: str,
    guests: Collection[str],
) -> dict[str, str]:
    """Send every text of a notice to one guest, with made-up values; return each one's fate.

    Where the carrier holds messages so that they can be called back, it holds these too.
    """
    with transactions.open(actor) as tx:
        commands.allow_test(tx, notice_id, address, guests)
    results = {}
    for key, parcel in _parcels(transactions, actor, notice_id, address):
        ticket = mailer.prepare()
        outcome = (
            mailer.post(replace(parcel, slip=replace(parcel.slip, ticket=ticket)))
            if isinstance(ticket, Ticket)
            else ticket
        )
        results[key] = _word(outcome)
    with transactions.open(actor) as tx:
        commands.note_trial(tx, notice_id, "test", results)
    return results


def rehearse(
    transactions: Transactions, witness: Witness, actor: Actor, notice_id: UUID
) -> dict[str, str]:
    """Have the carrier check every text of a notice in its sandbox; return each one's fate.

    Nothing leaves: the one address in it is the sender's own.
    """
    results = {
        key: _word(witness.rehearse(parcel))
        for key, parcel in _parcels(transactions, actor, notice_id, None)
    }
    with transactions.open(actor) as tx:
        commands.note_trial(tx, notice_id, "rehearsal", results)
    return results


def look_ahead(
    transactions: Transactions,
    actor: Actor,
    campaign_id: UUID,
    names: Names | None,
    witness: Witness | None,
    selectors: Sequence[str] = SELECTORS,
) -> list[Check]:
    """Return what speaks for and against sending a frozen campaign."""
    with transactions.open(actor) as tx:
        campaign = queries.campaign(tx.session, campaign_id)
        addresses = commands.read_list(tx, campaign)
    domain = campaign.sender_address.rpartition("@")[2]
    found = [rules.duplicates(addresses)]
    if names is not None:
        found += _of_sender(names, domain, selectors)
        found.append(_of_readers(names, addresses))
    if witness is not None:
        found += witness.account(len(addresses))
        found.append(_suppressed(witness, addresses))
    with transactions.open(actor) as tx:
        commands.look_ahead(tx, campaign, found)
    return found


def _of_sender(names: Names, domain: str, selectors: Sequence[str]) -> list[Check]:
    keys = {each: names.texts(f"{each}._domainkey.{domain}") for each in selectors}
    policy = names.texts(f"_dmarc.{domain}")
    parent = domain.partition(".")[2]
    if policy == () and "." in parent:
        policy = names.texts(f"_dmarc.{parent}")
    return [
        rules.spf(domain, names.texts(domain)),
        rules.dkim(domain, keys),
        rules.dmarc(domain, policy),
    ]


def _of_readers(names: Names, addresses: Sequence[str]) -> Check:
    readers = Counter(rules.mailbox(each).rpartition("@")[2] for each in addresses)
    asked = [name for name, _ in readers.most_common(MOST_DOMAINS)]
    with ThreadPoolExecutor(ASKING) as pool:
        takes = dict(zip(asked, pool.map(names.takes_mail, asked), strict=True))
    return rules.dead_domains(takes, readers)


def _suppressed(witness: Witness, addresses: Sequence[str]) -> Check:
    known = {rules.mailbox(each) for each in witness.suppressed()}
    return rules.suppressed(
        sum(rules.mailbox(each) in known for each in addresses), len(addresses)
    )


def _parcels(
    transactions: Transactions, actor: Actor, notice_id: UUID, address: str | None
) -> Iterator[tuple[str, Parcel]]:
    """Yield each text of a notice as a parcel to one address, else to its own sender."""
    now = transactions.clock.now()
    with transactions.reading(actor.organisation_id) as session:
        sender = rules.sender_of(datamap.current(session).organisation)
        variants = notices.variants_of(session, notice_id)
    to = address or sender.address
    for variant in variants:
        tags = notice_rules.sample_tags(notices.letter_of(variant))
        yield (
            variant.key,
            Parcel(
                slip=Slip(f"test-{notice_id.hex[-8:]}", Folder.STAFF, ids.new_id(now), 1),
                sender=sender,
                at=now,
                locale=variant.locale,
                subject=variant.subject,
                text=variant.text_frame,
                html=variant.html_frame,
                recipients=(Recipient(1, to, tags),),
            ),
        )


def _word(outcome: Outcome) -> str:
    word = str(outcome.result.value)
    if outcome.result is Result.ACCEPTED or not outcome.why:
        return word
    return f"{word}: {outcome.why}"
