"""What keeping needs of the outside world: a stamp on a text, what names and servers say."""

from datetime import datetime
from typing import Protocol


class TimeStamper(Protocol):
    """An authority that says when a text existed (RFC 3161)."""

    @property
    def name(self) -> str:
        """Return where the authority is found."""

    def stamp(self, text: bytes) -> bytes:
        """Return the authority's answer for `text`, checked. Raises Refused."""

    def check(self, text: bytes, answer: bytes) -> datetime:
        """Return when `text` was stamped. Raises Refused for another text or authority."""


class Network(Protocol):
    """Looks names up, and tries whether a server answers."""

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return the TXT records of a name; none of them is (); None if nobody answered."""

    def reaches(self, host: str, port: int) -> bool:
        """Tell whether a server takes connections there."""

    def time_at(self, origin: str) -> datetime | None:
        """Return what time a web server says it is; None where it says nothing."""

    def certificate(self, host: str, port: int) -> datetime | str | None:
        """Return until when a server's certificate holds, or why it does not.

        None where nobody answers over TLS.
        """
