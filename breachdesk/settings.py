"""What the environment decides: read once, and refused where it names what we do not know."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

from breachdesk.access.terms import FIRST_PASSWORD
from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.times import period

PREFIX = "BREACHDESK_"
SENDGRID_API_KEY = "SENDGRID_API_KEY"
"""The one name without our prefix: that of SendGrid's own library."""
MAILERS: Mapping[str, tuple[str, ...]] = {
    "file": (),
    "smtp": (PREFIX + "SMTP_URL",),
    "sendgrid": (PREFIX + "SENDGRID_HOST", SENDGRID_API_KEY),
}
"""Who can carry notices, and what each cannot do without."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ADDRESSES = ("database_url", "smtp_url", "sendgrid_host", "webhook_url", "anchor_url")
CALLED = ("webhook_url", "anchor_url")
"""Addresses whose very path may be a secret: whoever knows it may call."""
_PASSWORD = re.compile(r"(://[^:@/]*:).*@")
_CALLED = re.compile(r"(://)(?:.*@)?([^/]*)(/.+)?")
_QUERY = re.compile(r"[?#].*")
DATABASE = "breachdesk.sqlite"
KEY_BYTES = 32
CALENDAR = frozenset({"years", "months", "weeks", "days"})
YES_OR_NO = {"": False, "no": False, "yes": True}
Read: TypeAlias = Callable[[str, str], Any]
"""Makes a value of a name in the environment and what stands there, empty if nothing does."""


def shipped(name: str) -> Path:
    """Return the folder `name` as it came with the code: in a checkout or inside the wheel."""
    package = Path(str(resources.files("breachdesk")))
    inside = package / "shipped" / name
    return inside if inside.is_dir() else package.parent / name


def _or(otherwise: str | None) -> Read:
    return lambda _name, told: told or otherwise


def _home(_name: str, told: str) -> Path:
    return Path(told or "var").expanduser().absolute()


def _names(*otherwise: str) -> Read:
    def read(_name: str, told: str) -> tuple[str, ...]:
        return tuple(each.strip() for each in told.split(",") if each.strip()) or otherwise

    return read


def _yes(name: str, told: str) -> bool:
    if told not in YES_OR_NO:
        raise Unusable(f"{name} is {told!r}; it can be yes or no")
    return YES_OR_NO[told]


def _key(name: str, told: str) -> bytes | None:
    if not told:
        return None
    try:
        key = base64.b64decode(told, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise Unusable(f"{name} must be {KEY_BYTES} random bytes in base64")
    return key


def _period(otherwise: str) -> Read:
    def read(name: str, told: str) -> str:
        chosen = told or otherwise
        try:
            parts = period(chosen)
        except Unusable as error:
            raise Unusable(f"{name}: {error}") from None
        if not parts.keys() <= CALENDAR or not parts:
            raise Unusable(f"{name} is {chosen!r}; give years, months or days, like P5Y")
        return chosen

    return read


def _file(name: str, told: str) -> Path | None:
    path = Path(told).expanduser().absolute()
    if told and not path.is_file():
        raise Unusable(f"{name} is {path}, which is not a file")
    return path if told else None


def _folder(otherwise: str = "") -> Read:
    def read(name: str, told: str) -> Path | None:
        folder = Path(told).expanduser().absolute()
        if told and not folder.is_dir():
            raise Unusable(f"{name} is {folder}, which is not a folder")
        if told:
            return folder
        return shipped(otherwise) if otherwise else None

    return read


def _told(name: str, read: Read | None = None) -> Mapping[str, Any]:
    """Return by what name the environment tells a setting, and how it is read."""
    full = name if name == SENDGRID_API_KEY else PREFIX + name
    return {"name": full, "read": read or _or("")}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting. `runbooks/maintaining/settings.md` says what each of them decides."""

    home: Path = field(metadata=_told("HOME", _home))
    # it may hold a password
    database_url: str = field(metadata=_told("DATABASE_URL"), repr=False)
    mailer: str = field(metadata=_told("MAILER", _or("file")))
    organisation: str | None = field(metadata=_told("ORGANISATION", _or(None)))
    actor: str | None = field(metadata=_told("ACTOR", _or(None)))
    listen: str = field(metadata=_told("LISTEN", _or("127.0.0.1:8437")))
    templates: Path = field(metadata=_told("TEMPLATES", _folder("templates")))
    runbooks: Path = field(metadata=_told("RUNBOOKS", _folder("runbooks")))
    law: Path | None = field(metadata=_told("LAW", _folder()))
    evidence: Path | None = field(metadata=_told("EVIDENCE", _folder()))
    hosts: tuple[str, ...] = field(metadata=_told("HOSTS", _names(*LOOPBACK)))
    https: bool = field(metadata=_told("HTTPS", _yes))
    sendgrid_host: str = field(metadata=_told("SENDGRID_HOST"))
    sendgrid_api_key: str = field(metadata=_told(SENDGRID_API_KEY), repr=False)
    sendgrid_webhook_key: str = field(metadata=_told("SENDGRID_WEBHOOK_KEY"))
    guests: tuple[str, ...] = field(metadata=_told("GUESTS", _names()))
    # its path may be a secret
    webhook_url: str = field(metadata=_told("WEBHOOK_URL"), repr=False)
    webhook_secret: str = field(metadata=_told("WEBHOOK_SECRET"), repr=False)
    webhook_networks: str = field(metadata=_told("WEBHOOK_NETWORKS"))
    webhook_clear: bool = field(metadata=_told("WEBHOOK_CLEAR", _yes))
    smtp_url: str = field(metadata=_told("SMTP_URL"), repr=False)
    smtp_password: str = field(metadata=_told("SMTP_PASSWORD"), repr=False)
    master_key_given: bytes | None = field(metadata=_told("MASTER_KEY", _key), repr=False)
    master_key_former: bytes | None = field(
        metadata=_told("MASTER_KEY_FORMER", _key), repr=False
    )
    # it may name a token
    master_key_command: str = field(metadata=_told("MASTER_KEY_COMMAND"), repr=False)
    leaked_passwords: Path | None = field(metadata=_told("LEAKED_PASSWORDS", _file))
    oidc: Path | None = field(metadata=_told("OIDC", _file))
    oidc_secret: str = field(metadata=_told("OIDC_SECRET"), repr=False)
    proxy: str = field(metadata=_told("PROXY"))
    keep_register: str = field(metadata=_told("KEEP_REGISTER", _period("P5Y")))
    keep_people: str = field(metadata=_told("KEEP_PEOPLE", _period("P12M")))
    anchor_mail: str = field(metadata=_told("ANCHOR_MAIL"))
    anchor_url: str = field(metadata=_told("ANCHOR_URL"), repr=False)
    anchor_roots: Path | None = field(metadata=_told("ANCHOR_ROOTS", _file))
    dkim_selector: str = field(metadata=_told("DKIM_SELECTOR"))
    first_password: str = field(metadata=_told("FIRST_PASSWORD", _period(FIRST_PASSWORD)))

    @property
    def migrations(self) -> Path:
        """Return the folder of the schema's steps, which nobody edits."""
        return shipped("migrations")

    @property
    def samples(self) -> Path:
        """Return the folder of the sample organisation."""
        return shipped("samples")

    @property
    def outbox(self) -> Path:
        """Return the folder of the file mailer's mboxes."""
        return self.home / "outbox"

    @property
    def vault(self) -> Path:
        """Return the folder of keys and sealed lists."""
        return self.home / "vault"

    @property
    def master_key(self) -> Path:
        """Return the file of the key that wraps all others."""
        return self.home / "secrets" / "master.key"

    @property
    def wrapped_master_key(self) -> Path:
        """Return the file of that key where a program wraps it."""
        return self.home / "secrets" / "master.wrapped"

    @property
    def backup_key(self) -> Path:
        """Return the file of the key that seals backups where no other is named."""
        return self.home / "secrets" / "backup.key"

    @property
    def session_key(self) -> Path:
        """Return the file of the key that signs cookies and forms."""
        return self.home / "secrets" / "session.key"


KNOWN: Mapping[str, str] = {each.metadata["name"]: each.name for each in fields(Settings)}
"""Every name that the environment may hold, and the setting it tells."""


def read(environment: Mapping[str, str]) -> Settings:
    """Read the settings. Raises Unusable for an unknown BREACHDESK_ name or a bad value."""
    for name in environment:
        ours = name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_")
        if ours and name not in KNOWN:
            [near] = get_close_matches(name, KNOWN, n=1, cutoff=0.0)
            raise Unusable(
                f"{name} is not a setting; did you mean {near}? All of them are in "
                f"{shipped('runbooks') / 'maintaining' / 'settings.md'}"
            )
    told: dict[str, Any] = {}
    for each in fields(Settings):
        name = each.metadata["name"]
        told[each.name] = each.metadata["read"](name, environment.get(name, ""))
    _check_calls(told["mailer"], environment)
    told["database_url"] = told["database_url"] or f"sqlite:///{told['home'] / DATABASE}"
    return Settings(**told)


def _check_calls(mailer: str, environment: Mapping[str, str]) -> None:
    """Raise Unusable where who is to be called lacks what it cannot do without."""
    if mailer not in MAILERS:
        raise Unusable(f"{PREFIX}MAILER is {mailer!r}; it can be {', '.join(MAILERS)}")
    for name in MAILERS[mailer]:
        if not environment.get(name):
            raise Unusable(f"{PREFIX}MAILER is {mailer!r}, which needs {name}; it is not set")
    hook, secret = PREFIX + "WEBHOOK_URL", PREFIX + "WEBHOOK_SECRET"
    if environment.get(hook) and not environment.get(secret):
        raise Unusable(f"{hook} needs {secret}; it is not set")


def shown(settings: Settings) -> dict[str, str]:
    """Return every setting by its name here, no secret among them."""
    told = {}
    for each in fields(settings):
        value = getattr(settings, each.name)
        if each.name in ADDRESSES:
            told[each.name] = _masked(value, called=each.name in CALLED)
        elif each.name == "master_key_command":
            program, _, more = value.partition(" ")
            told[each.name] = f"{program} ***" if more else program
        elif not each.repr:
            told[each.name] = "set, not shown" if value else "not set"
        elif isinstance(value, bool):
            told[each.name] = "yes" if value else "no"
        else:
            told[each.name] = ", ".join(value) if isinstance(value, tuple) else str(value or "")
    return told


def _masked(address: str, *, called: bool) -> str:
    """Return an address without what may open it: a password, a query, a secret path."""
    plain = _QUERY.sub("?***", address)
    if not called:
        return _PASSWORD.sub(r"\1***@", plain)
    return _CALLED.sub(lambda m: f"{m[1]}{m[2]}{'/***' if m[3] else ''}", plain, count=1)


def has_desk(settings: Settings) -> bool:
    """Tell whether a desk may be there already, without making one."""
    name = settings.database_url.removeprefix("sqlite:///")
    return name == settings.database_url or Path(name).exists()
