"""Words of access: members to be, roles, what a sign-in gives."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from breachdesk.kernel.errors import Problem, Unusable

LANGUAGES = ("fr", "en")
SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
SESSION_NOTED = timedelta(minutes=10)
"""How often at most it is noted that a session is in use."""
CHALLENGE_LIFE = timedelta(minutes=5)
RECOVERY_CODES = 10
FIRST_PASSWORD = "P7D"  # noqa: S105  (how long one holds)
"""How long a password holds that somebody else was shown: a period of ISO 8601."""
PASSWORD_LENGTH = 12
FEWEST_CHARACTERS = 5
LONGEST_PASSWORD = 1024
NETWORK_BITS = 64
"""How much of an IPv6 address is one customer's line: the rest is theirs to choose."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Stage(StrEnum):
    """How far a sign-in has come."""

    FACTOR = "factor"
    """The password was right; a second factor is still to be shown."""
    ENROL = "enrol"
    """All was right; the organisation asks for a second factor, and there is none yet."""
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a sign-in gave: the token of the session, and how far it has come."""

    token: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Knock:
    """From where and with what somebody knocks: a network address, a device in words."""

    address: str
    device: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Which commands ask for a recent proof of who one is, and how recent."""

    within: timedelta
    commands: frozenset[str]


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A key that a device or a security key has made for us: nothing in it is secret."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn:
    """An organisation's own sign-in service, and what its word counts for here."""

    issuer: str
    client_id: str
    label: str
    organisation: str | None = None
    groups_claim: str = "groups"
    groups: dict[str, tuple[str, ...]]
    """Which roles each group of the service gives; a member of none of them stays outside."""
    link_by_email: bool = False
    asks_second_factor: bool = False


@dataclass(frozen=True, slots=True)
class Asserted:
    """Whom a sign-in service vouches for."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something may be done: `times` in a row, then evenly over `within`."""

    times: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """How often a thing may be tried for one account, and from one address."""

    name: str
    account: Rate | None
    address: Rate | None


@dataclass(frozen=True, slots=True)
class Role:
    """What a role is called and which commands it permits."""

    id: str
    label: dict[str, str]
    about: dict[str, str]
    commands: frozenset[str]
    sees_every_incident: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDraft:
    """Someone to be let in."""

    email: str
    name: str
    roles: tuple[str, ...]
    language: str = "fr"
    zone: str = "Europe/Paris"

    def __post_init__(self) -> None:
        """Refuse what cannot be an address, a name or a language."""
        if not _EMAIL.fullmatch(self.email):
            raise Unusable(f"{self.email!r} is not an e-mail address")
        if not self.name.strip():
            raise Unusable("the member has no name")
        if self.language not in LANGUAGES:
            said = f"{self.language!r} is not a language of the desk: fr or en"
            raise Unusable(Problem(said, field="language"))
