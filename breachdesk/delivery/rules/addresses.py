"""Which address is which mailbox, what may stand in a header, and marks that say nothing."""

import hmac
import re
import unicodedata
from email.errors import HeaderParseError
from email.headerregistry import Address
from hashlib import sha256

import idna

_PLAIN = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_LENGTH, _LOCAL_LENGTH = 254, 64  # RFC 5321 §4.5.3.1


def usable(address: str) -> bool:
    """Tell whether `address` is one address of RFC 5322 that no header can be injected with."""
    if not address.isprintable() or len(address.encode()) > _LENGTH:
        return False
    local, at, domain = address.rpartition("@")
    if not (at and local and domain) or len(local.encode()) > _LOCAL_LENGTH:
        return False
    if _PLAIN.fullmatch(address):
        return not (local[0] == "." or local[-1] == "." or ".." in address)
    ascii_local = _BEYOND_ASCII.sub("x", local)  # letters of RFC 6531 stand where any may
    try:
        parsed = Address(addr_spec=f"{ascii_local}@{ascii_domain(domain)}")
        return bool(parsed.username and parsed.domain)
    except (HeaderParseError, IndexError, ValueError):
        return False


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
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
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
