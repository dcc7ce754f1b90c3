"""What is healthy of an installation: each rule looks at one thing and says what to do."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from breachdesk.audit.terms import Verdict
from breachdesk.keeping.terms import Finding, Installation, State

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
FINE, WARNING, FAILING = State.FINE, State.WARNING, State.FAILING
OLD, TOO_OLD = timedelta(days=2), timedelta(days=8)
SKEW = timedelta(seconds=5)
RENEW = timedelta(days=14)
LITTLE_ROOM, NO_ROOM = 2 << 30, 256 << 20
UNHEARD = "nobody answered; look again with a name server at hand"


def address(installation: Installation) -> Finding:
    """Say whether the desk can be reached without TLS."""
    host = installation.listen.rpartition(":")[0]
    outside = {host, *installation.hosts} - LOOPBACK
    if outside and not installation.https:
        do = "put a TLS proxy before the desk and set BREACHDESK_HTTPS=yes"
        return Finding("address", FAILING, f"served without TLS as {_few(outside)}", do)
    if host not in LOOPBACK:
        do = "listen on the loopback and let the proxy alone reach it"
        return Finding("address", WARNING, f"listens on {installation.listen}", do)
    if installation.https and not outside:
        do = "name the public host in BREACHDESK_HOSTS"
        return Finding("address", WARNING, "behind TLS, and under loopback names alone", do)
    if installation.https and not installation.proxy:
        seen = "all visitors count as one address: no proxy is named"
        do = "name the proxy's address in BREACHDESK_PROXY"
        return Finding("address", WARNING, seen, do)
    seen = "on the loopback alone" if not outside else f"behind TLS as {_few(outside)}"
    return Finding("address", FINE, seen)


def spf(domain: str, texts: Sequence[str] | None) -> Finding:
    """Say whether the sender's domain names who may send for it (RFC 7208)."""
    name = f"SPF of {domain}"
    if texts is None:
        return Finding(name, WARNING, UNHEARD)
    found = [each for each in texts if each.lower().split(" ")[0] == "v=spf1"]
    if not found:
        do = f"publish a TXT record at {domain}: v=spf1 include:<your carrier> -all"
        return Finding(name, FAILING, "there is no record", do)
    if len(found) > 1:
        return Finding(name, FAILING, "there are several, so none counts", "keep one of them")
    last = found[0].lower().split()[-1]
    if last in {"+all", "all"}:
        return Finding(name, FAILING, "it lets everybody send", "end it with -all")
    if last not in {"-all", "~all"} and "redirect=" not in found[0]:
        return Finding(name, WARNING, "it forbids nobody", "end it with -all or ~all")
    return Finding(name, FINE, found[0])


def dkim(domain: str, selector: str, texts: Sequence[str] | None) -> Finding:
    """Say whether the key that signs the sender's mail is published (RFC 6376)."""
    name = f"DKIM of {domain}"
    if not selector:
        do = "set BREACHDESK_DKIM_SELECTOR to the selector that your carrier gave you"
        return Finding(name, WARNING, "it is not known where the key lies", do)
    if texts is None:
        return Finding(name, WARNING, UNHEARD)
    keys = [_tags(each).get("p", "") for each in texts]
    if not any(keys):
        do = f"publish the key your carrier gave you at {selector}._domainkey.{domain}"
        seen = "the key was withdrawn" if texts else "there is no key"
        return Finding(name, FAILING, seen, do)
    return Finding(name, FINE, f"a key is published under {selector}")


def dmarc(domain: str, texts: Sequence[str] | None) -> Finding:
    """Say what becomes of mail that only pretends to be the sender's (RFC 7489)."""
    name = f"DMARC of {domain}"
    if texts is None:
        return Finding(name, WARNING, UNHEARD)
    found = [each for each in texts if each.lower().startswith("v=dmarc1")]
    if len(found) != 1:
        do = (
            f"publish one TXT record at _dmarc.{domain}: v=DMARC1; p=quarantine; rua=mailto:..."
        )
        seen = "there is no record" if not found else "there are several, so none counts"
        return Finding(name, FAILING, seen, do)
    policy = _tags(found[0]).get("p", "none").lower()
    if policy not in {"quarantine", "reject"}:
        do = "set p=quarantine or p=reject: a forged notice of a breach is the next attack"
        return Finding(name, WARNING, f"p={policy}: forged mail passes", do)
    return Finding(name, FINE, f"p={policy}")


def backup(last: datetime | None, now: datetime) -> Finding:
    """Say how old the last backup is."""
    do = "run `breachdesk backup FILE` every night, and restore one now and then"
    if last is None:
        return Finding("backup", FAILING, "there was never one", do)
    age = now - last
    seen = f"the last is of {last.isoformat(timespec='minutes')}"
    if age > OLD:
        return Finding("backup", FAILING if age > TOO_OLD else WARNING, seen, do)
    return Finding("backup", FINE, seen)


def clocks(
    told: Mapping[str, tuple[datetime, datetime]], ours: datetime, newest: datetime | None
) -> Finding:
    """Say whether this machine, others and the trail agree on the time.

    `told` holds, by whose clock it is, what time it said and what time it was here then.
    """
    do = "let a time service (chrony, systemd-timesyncd) set the clock of every machine"
    for whose, (theirs, here) in told.items():
        skew = abs(here - theirs)
        if skew > SKEW:
            seen = f"{skew.total_seconds():.0f} seconds off the clock of {whose}"
            return Finding("clock", FAILING, seen, do)
    if newest is not None and newest - ours > SKEW:
        seen = f"the trail has an entry of {newest.isoformat(timespec='seconds')}, yet to come"
        return Finding("clock", FAILING, seen, do)
    if told:
        return Finding("clock", FINE, f"with {', '.join(told)}")
    return Finding("clock", FINE, "not behind the trail; there is no other clock to ask")


def certificate(host: str, until: datetime | str | None, now: datetime) -> Finding:
    """Say whether browsers will trust the desk at its public name."""
    name = f"TLS of {host}"
    if until is None:
        do = "see that the proxy listens there, or look again from where it is reached"
        return Finding(name, WARNING, "nobody answers there from here", do)
    if isinstance(until, str):
        do = "have the proxy serve a certificate for this name, with its chain"
        return Finding(name, FAILING, until, do)
    seen = f"the certificate holds until {until.date().isoformat()}"
    if until - now < RENEW:
        return Finding(name, WARNING, seen, "renew it, and see why that is not done by itself")
    return Finding(name, FINE, seen)


def trail(whole: Iterable[Verdict]) -> Finding:
    """Say whether each entry of trails that are whole is vouched for by the vault."""
    entries, unsealed = 0, 0
    for each in whole:
        entries, unsealed = entries + each.entries, unsealed + each.unsealed
    if unsealed:
        seen = f"whole, but not sealed: the last {unsealed} of {entries} entries"
        do = "read them before the next one seals them; `breachdesk trail verify` says why"
        return Finding("trail", WARNING, seen, do)
    return Finding("trail", FINE, f"whole, {entries} entries")


def room(free: int) -> Finding:
    """Say whether the disk has room."""
    seen, do = f"{free / (1 << 30):.1f} GiB free", "make room: a full disk stops every write"
    if free < NO_ROOM:
        return Finding("disk", FAILING, seen, do)
    return (
        Finding("disk", WARNING, seen, do)
        if free < LITTLE_ROOM
        else Finding("disk", FINE, seen)
    )


def _tags(record: str) -> dict[str, str]:
    parts = (each.partition("=") for each in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in parts}


def _few(names: set[str]) -> str:
    return ", ".join(sorted(names))
