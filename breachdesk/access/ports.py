"""What access asks of the outside world: passkeys, a sign-in service, leaked passwords."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from breachdesk.access.terms import Asserted, NewPasskey, SignOn


@dataclass(frozen=True, slots=True)
class Site:
    """Where the desk is met: its host name, and the origin with scheme and port."""

    host: str
    origin: str


class Passkeys(Protocol):
    """Asks browsers for passkeys, and checks what they answer (WebAuthn level 3)."""

    def ask_for_new(
        self, site: Site, member_id: UUID, account: str, name: str, held: Sequence[bytes]
    ) -> tuple[str, bytes]:
        """Return the options for the browser, as JSON, and the challenge in them."""

    def read_new(self, site: Site, challenge: bytes, answer: str) -> NewPasskey:
        """Return the key that the browser made. Raises Unusable."""

    def ask(self, site: Site, held: Sequence[bytes]) -> tuple[str, bytes]:
        """Return the options for signing in, as JSON, and the challenge in them."""

    def credential_of(self, answer: str) -> bytes:
        """Return which key an answer speaks of. Raises Unusable."""

    def check(
        self, site: Site, challenge: bytes, answer: str, public_key: bytes, sign_count: int
    ) -> int:
        """Return the key's new count. Raises Unusable where the answer does not hold."""


class SignOnService(Protocol):
    """An organisation's own sign-in service (OpenID Connect)."""

    def begin(self, redirect_uri: str) -> tuple[str, dict[str, str]]:
        """Return where to send the browser, and what to keep until it comes back.

        Raises Refused where the service does not answer.
        """

    def finish(
        self, redirect_uri: str, kept: Mapping[str, str], answer: Mapping[str, str]
    ) -> Asserted:
        """Return whom the service vouches for. Raises Refused where its word does not hold."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A sign-in service and what its word counts for."""

    told: SignOn
    service: SignOnService


class LeakedPasswords(Protocol):
    """Knows passwords that were stolen elsewhere."""

    def knows(self, password: str) -> bool:
        """Tell whether this password is among them."""
