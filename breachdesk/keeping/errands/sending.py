"""Looks at what carries the notices, and at what the DNS says of their sender."""

from collections.abc import Iterator

from breachdesk.access import queries as access
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import queries as datamap
from breachdesk.delivery import rules as delivery
from breachdesk.keeping import rules
from breachdesk.keeping.ports import Network
from breachdesk.keeping.terms import Finding, Installation, State
from breachdesk.kernel.tables import EVERY_ORGANISATION


def carrier(installation: Installation, network: Network) -> Finding:
    """Say whether whoever carries the notices answers."""
    host, name = installation.mail_host, installation.mailer
    if host is None:
        seen = "notices are written to the outbox; nothing is sent"
        return Finding("mail", State.FINE, seen)
    if network.reaches(*host):
        return Finding("mail", State.FINE, f"{name} answers at {host[0]}:{host[1]}")
    do = "see that this machine may reach it, and that the address is right"
    seen = f"{name} does not answer at {host[0]}:{host[1]}"
    return Finding("mail", State.FAILING, seen, do)


def sender(
    installation: Installation, network: Network, transactions: Transactions
) -> Iterator[Finding]:
    """Yield what the DNS says of each domain that a data map names as the sender's."""
    selector, domains = installation.dkim_selector, _domains(transactions)
    if not domains:
        do = "import the data map, whose organisation names the sender"
        seen = "nobody is named yet whose DNS could be asked"
        yield Finding("sender", State.WARNING, seen, do)
    for domain in sorted(domains):
        yield rules.spf(domain, network.texts(domain))
        key = network.texts(f"{selector}._domainkey.{domain}") if selector else ()
        yield rules.dkim(domain, selector, key)
        policy = network.texts(f"_dmarc.{domain}")
        above = domain.partition(".")[2]
        if policy == () and "." in above:  # a name below takes its parent's policy
            policy = network.texts(f"_dmarc.{above}")
        yield rules.dmarc(domain, policy)


def _domains(transactions: Transactions) -> set[str]:
    with transactions.reading(EVERY_ORGANISATION) as session:
        houses = [each.id for each in access.organisations(session)]
    found = set()
    for house in houses:
        with transactions.reading(house) as session:
            version = datamap.current_version(session)
            if version is not None:
                named = delivery.sender_of(datamap.parsed(version).organisation)
                found.add(named.address.rpartition("@")[2])
    return found
