"""What is looked at before anything leaves: the sender's domain, the list, the readers.

A domain's records are given as texts; None stands for an answer that nobody got.
"""

from collections.abc import Iterable, Mapping, Sequence

from breachdesk.delivery.rules.addresses import mailbox
from breachdesk.delivery.terms import Check, Verdict

Texts = Sequence[str] | None
STRICT = frozenset({"quarantine", "reject"})


def spf(domain: str, texts: Texts) -> Check:
    """Check the one SPF record of the sender's domain (RFC 7208 §3.2, §4.5)."""
    if texts is None:
        return _unknown("spf", domain)
    found = [each for each in texts if each.lower().split(" ")[0] == "v=spf1"]
    if len(found) != 1:
        return Check("spf", Verdict.BAD, f"{domain} has {len(found)} SPF records, not one")
    last = found[0].split()[-1].lower()
    if last in {"+all", "all"}:
        return Check("spf", Verdict.BAD, f"the SPF record of {domain} lets everybody send")
    return Check("spf", Verdict.GOOD, f"{domain} has one SPF record")


def dkim(domain: str, keys: Mapping[str, Texts]) -> Check:
    """Check that a DKIM key is published under one of the selectors (RFC 6376 §3.6.1).

    A carrier that changes its keys revokes one while the other is in use.
    """
    found = [
        (selector, tags["p"])
        for selector, texts in keys.items()
        for tags in map(_tags, texts or ())
        if "p" in tags and tags.get("v", "DKIM1") == "DKIM1"
    ]
    for selector, key in found:
        if key:
            return Check("dkim", Verdict.GOOD, f"{domain} has the key {selector}")
    if any(texts is None for texts in keys.values()):
        return _unknown("dkim", domain)
    if found:
        said = f"the key {found[0][0]} of {domain} was revoked"
        return Check("dkim", Verdict.BAD, said)
    names = ", ".join(keys)
    return Check("dkim", Verdict.BAD, f"{domain} has no DKIM key called {names}")


def dmarc(domain: str, texts: Texts) -> Check:
    """Check the policy of the sender's domain (RFC 7489 §6.3)."""
    if texts is None:
        return _unknown("dmarc", domain)
    found = [tags for tags in map(_tags, texts) if tags.get("v") == "DMARC1"]
    if len(found) != 1 or "p" not in found[0]:
        return Check("dmarc", Verdict.BAD, f"{domain} has no DMARC policy")
    policy = found[0]["p"].lower()
    if policy not in STRICT:
        said = f"the DMARC policy of {domain} is {policy}: look-alikes are let through"
        return Check("dmarc", Verdict.LOOK, said)
    return Check("dmarc", Verdict.GOOD, f"the DMARC policy of {domain} is {policy}")


def dead_domains(takes_mail: Mapping[str, bool | None], readers: Mapping[str, int]) -> Check:
    """Check how many messages go to domains that take no mail."""
    dead = [name for name, takes in takes_mail.items() if takes is False]
    lost = sum(readers[name] for name in dead)
    if dead:
        said = f"{lost} messages go to {len(dead)} domains that take no mail"
        return Check("domains", Verdict.LOOK, said, lost)
    if takes_mail and all(takes is None for takes in takes_mail.values()):
        return Check("domains", Verdict.NOT_KNOWN, "no name server answered")
    return Check("domains", Verdict.GOOD, f"{len(takes_mail)} domains take mail", 0)


def duplicates(addresses: Iterable[str]) -> Check:
    """Check how many mailboxes look like one under another spelling: dots, plus tags.

    They are told apart all the same: only the owner of a domain knows what dots mean.
    """
    seen: dict[str, int] = {}
    for address in addresses:
        local, _, domain = mailbox(address).rpartition("@")
        bare = f"{local.partition('+')[0].replace('.', '')}@{domain}"
        seen[bare] = seen.get(bare, 0) + 1
    twice = sum(n - 1 for n in seen.values())
    verdict = Verdict.LOOK if twice else Verdict.GOOD
    return Check("duplicates", verdict, f"{twice} addresses look like another one", twice)


def suppressed(known: int, messages: int) -> Check:
    """Check how many readers the carrier will not write to, from before."""
    verdict = Verdict.LOOK if known else Verdict.GOOD
    said = f"the carrier will not write to {known} of {messages} addresses, from before"
    return Check("suppressed", verdict, said, known)


def _tags(text: str) -> dict[str, str]:
    pairs = (each.partition("=") for each in text.split(";"))
    return {name.strip(): value.strip() for name, sign, value in pairs if sign}


def _unknown(name: str, domain: str) -> Check:
    return Check(name, Verdict.NOT_KNOWN, f"nobody answered for {domain}")
