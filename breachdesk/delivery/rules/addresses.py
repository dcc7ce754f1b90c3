"""Which address is which mailbox, what may stand in a header, and marks that say nothing."""

import hmac
import re
import unicodedata
from hashlib import sha256

import idna

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL = re.compile(rf'{_ATOM}(?:\.{_ATOM})*|"(?:[^"\\]|\\.)*"')
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LENGTH, _LOCAL_LENGTH = 254, 64  # RFC 5321 §4.5.3.1
_PLAIN_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN = re.compile(
    rf"(?=[^@]{{1,{_LOCAL_LENGTH}}}@)(?=.{{1,{_LENGTH}}}\Z)"
    rf"{_PLAIN_ATOM}(?:\.{_PLAIN_ATOM})*@{_LABEL}(?:\.{_LABEL})*"
)
"""What nearly every address looks like, told at one glance."""


def usable(address: str) -> bool:
    """Tell whether `address` is one address and nothing else, so that it may stand in a header.

    RFC 5322 without comments, and letters of any script (RFC 6531).
    """
    if _PLAIN.fullmatch(address):
        return True
    if not address.isprintable() or len(address.encode()) > _LENGTH:
        return False
    local, _, domain = address.rpartition("@")
    try:
        domain = ascii_domain(domain)
    except ValueError:
        return False
    return (
        len(local.encode()) <= _LOCAL_LENGTH
        and _LOCAL.fullmatch(local) is not None
        and _DOMAIN.fullmatch(domain) is not None
    )


def ascii_domain(domain: str) -> str:
    """Return a domain as it travels: lower case, IDNA 2008. Raises ValueError for no domain."""
    if domain.isascii():
        return domain.lower()
    encoded: bytes = idna.encode(domain, uts46=True)
    return encoded.decode("ascii")


def mailbox(address: str) -> str:
    """Return `address` in the form that is equal for equal mailboxes.

    Trimmed, NFC, the domain in IDNA, the local part case-folded. Dots and plus tags stay:
    only the owner of the domain knows what they mean.
    """
    trimmed = address.strip()
    if trimmed.isascii() and "@" in trimmed:
        return trimmed.lower()
    local, _, domain = unicodedata.normalize("NFC", trimmed).rpartition("@")
    try:
        domain = ascii_domain(domain)
    except ValueError:
        domain = domain.casefold()
    return f"{local.casefold()}@{domain}"


def mark(secret: bytes, kind: str, text: str) -> str:
    """Return an HMAC-SHA-256 in hex: equal texts of a kind have equal marks."""
    return hmac.digest(secret, f"{kind}\0{text}".encode(), "sha256").hex()


def digest(content: bytes) -> str:
    """Return the SHA-256 of a payload."""
    return f"sha256:{sha256(content).hexdigest()}"
