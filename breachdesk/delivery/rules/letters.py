"""One parcel into messages of RFC 5322: encoded once, then filled in per reader.

Both parts are quoted-printable. Lines without a tag are encoded once for the whole parcel;
only lines with a reader's own values are encoded again. A line that begins like the
separator of an mbox is spelt `=46rom`, so the bytes are the same in every dialect of mbox.
"""

import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime

from breachdesk.delivery.rules.addresses import ascii_domain, usable
from breachdesk.delivery.terms import Parcel, Recipient, Sender
from breachdesk.kernel.errors import Unusable
from breachdesk.notices import rules as notices

_LINE_END = re.compile("\r\n|\r|\n")
_SEPARATOR = re.compile(rb"(?m)^(>*)From ")
_FOLD_AT = 76
_HEADERS = default.clone(max_line_length=_FOLD_AT)


class Letters:
    """The messages of one parcel."""

    def __init__(self, parcel: Parcel) -> None:
        """Encode what all readers share. Raises Unusable for a sender no header can hold."""
        self._parcel = parcel
        self._domain = parcel.sender.address.rpartition("@")[2]
        # "=_" cannot occur in quoted-printable text
        self._boundary = f"=_{parcel.slip.chunk.hex}"
        self._text, self._html = _frame(parcel.text), _frame(parcel.html)
        self._subject = (
            None if notices.tag_names(parcel.subject) else _header("Subject", parcel.subject)
        )
        self._shared = self._shared_headers()

    def message(self, recipient: Recipient) -> bytes:
        """Return the message to one recipient, byte for byte, with line feeds as line ends."""
        tags = recipient.tags
        subject = self._subject or _header("Subject", notices.fill(self._parcel.subject, tags))
        boundary = self._boundary.encode()
        return b"".join(
            (
                f"To: {travelling(recipient.address)}\n".encode(),
                f"Message-ID: <{self._message_id(recipient.number)}>\n".encode(),
                subject,
                self._shared,
                b"\n--" + boundary + b"\n",
                *_part("plain", self._text, tags),
                b"\n--" + boundary + b"\n",
                *_part("html", self._html, tags),
                b"\n--" + boundary + b"--\n",
            )
        )

    def _message_id(self, number: int) -> str:
        return f"{self._parcel.slip.campaign}.{number}@{ascii_domain(self._domain)}"

    def _shared_headers(self) -> bytes:
        parcel = self._parcel
        return b"".join(
            (
                _from(parcel.sender),
                f"Reply-To: {travelling(parcel.sender.reply_to)}\n".encode(),
                f"Date: {format_datetime(parcel.at.astimezone(UTC))}\n".encode(),
                f"Content-Language: {parcel.locale}\n".encode(),
                b"Auto-Submitted: auto-generated\n",
                f"X-BreachDesk-Chunk: {parcel.slip.chunk}\n".encode(),
                b"MIME-Version: 1.0\n",
                f'Content-Type: multipart/alternative; boundary="{self._boundary}"\n'.encode(),
            )
        )


def travelling(address: str) -> str:
    """Return an address as it stands in a header: as given, but for a domain beyond ASCII.

    Raises Unusable for what would add a header or a second address.
    """
    if not usable(address):
        raise Unusable("an address of the parcel cannot stand in a header")
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}@{ascii_domain(domain)}"


Frame = tuple[bytes | str, ...]
"""Encoded lines that all readers share, and lines that hold tags, in turn."""


def _frame(text: str) -> Frame:
    pieces: list[bytes | str] = []
    for line in _LINE_END.split(text):
        if notices.tag_names(line):
            pieces.append(line)
        elif pieces and isinstance(pieces[-1], bytes):
            pieces[-1] += b"\n" + encoded(line)
        else:
            pieces.append(encoded(line))
    return tuple(pieces)


def _part(subtype: str, frame: Frame, tags: Mapping[str, str]) -> Iterator[bytes]:
    yield (
        f'Content-Type: text/{subtype}; charset="utf-8"\n'
        "Content-Transfer-Encoding: quoted-printable\n"
    ).encode()
    for piece in frame:
        yield b"\n"
        yield piece if isinstance(piece, bytes) else encoded(notices.fill(piece, tags))


def encoded(line: str) -> bytes:
    """Return one line in quoted-printable (RFC 2045 §6.7), never beginning like a separator."""
    content = binascii.b2a_qp(line.encode())
    while _SEPARATOR.search(content):
        content = _SEPARATOR.sub(rb"\1=46rom=20=\n", content)
    return content


def _header(name: str, value: str) -> bytes:
    """Return a header, folded and encoded (RFC 2047). Raises Unusable for a line end in it."""
    message = EmailMessage(policy=_HEADERS)
    try:
        message[name] = value
    except ValueError:
        raise Unusable(f"the header {name} would hold a line end") from None
    folded: bytes = message.as_bytes()
    return folded.removesuffix(b"\n")


def _from(sender: Sender) -> bytes:
    message = EmailMessage(policy=_HEADERS)
    message["From"] = Address(sender.name, addr_spec=travelling(sender.address))
    folded: bytes = message.as_bytes()
    return folded.removesuffix(b"\n")
