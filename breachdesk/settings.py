"""What the environment decides: read once, and refused where it names what we do not know."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib import resources
from pathlib import Path

from breachdesk.access.terms import FIRST_PASSWORD
from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.times import period

PREFIX = "BREACHDESK_"
MAILERS: Mapping[str, tuple[str, ...]] = {
    "file": (),
    "smtp": ("BREACHDESK_SMTP_URL",),
    "sendgrid": ("BREACHDESK_SENDGRID_HOST", "SENDGRID_API_KEY"),
}
"""Who can carry notices, and what each cannot do without."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ADDRESSES = ("database_url", "smtp_url", "sendgrid_host", "webhook_url", "anchor_url")
CALLED = ("webhook_url", "anchor_url")
"""Addresses whose very path may be a secret: whoever knows it may call."""
_PASSWORD = re.compile(r"(://[^:@/]*:).*@")
_CALLED = re.compile(r"(://)(?:.*@)?([^/]*)(/.+)?")
_QUERY = re.compile(r"[?#].*")
KEY_BYTES = 32
CALENDAR = frozenset({"years", "months", "weeks", "days"})
YES_OR_NO = {"": False, "no": False, "yes": True}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, each with its name in the environment and its default.

    `home`, BREACHDESK_HOME, ./var: where database, vault, outbox and secrets live, mode 0700.
    `database_url`, BREACHDESK_DATABASE_URL, SQLite in the home.
    `mailer`, BREACHDESK_MAILER, file: who carries the notices.
    `sendgrid_host`, BREACHDESK_SENDGRID_HOST, none: the base address of the account's region.
    `sendgrid_api_key`, SENDGRID_API_KEY, none: named as everywhere else, and never shown.
    `sendgrid_webhook_key`, BREACHDESK_SENDGRID_WEBHOOK_KEY, none: whose reports are believed.
    `guests`, BREACHDESK_GUESTS, none: who else than members may be sent a test.
    `smtp_url`, `smtp_password`, BREACHDESK_SMTP_URL, BREACHDESK_SMTP_PASSWORD, none.
    `organisation`, BREACHDESK_ORGANISATION, none: who a command speaks for, if several.
    `actor`, BREACHDESK_ACTOR, the owner of the home: which member acts on the terminal.
    `listen`, BREACHDESK_LISTEN, 127.0.0.1:8437: where the desk is served.
    `hosts`, BREACHDESK_HOSTS, the loopback names: under which names it answers.
    `proxy`, BREACHDESK_PROXY, none: the address of the one that stands before it, if one does.
    `https`, BREACHDESK_HTTPS, no: TLS stands before it, and cookies travel over TLS alone.
    `templates`, `runbooks`, BREACHDESK_TEMPLATES, BREACHDESK_RUNBOOKS: edited copies of ours.
    `webhook_url`, `webhook_secret`, BREACHDESK_WEBHOOK_URL, BREACHDESK_WEBHOOK_SECRET, none:
    a desk elsewhere that is called when a clock reminds, and the secret that signs the call.
    `webhook_networks`, BREACHDESK_WEBHOOK_NETWORKS, none: private networks it may lie in.
    `webhook_clear`, BREACHDESK_WEBHOOK_CLEAR, no: it may be called without TLS.
    `law`, BREACHDESK_LAW, none: a folder of law packs that are read instead of ours.
    `evidence`, BREACHDESK_EVIDENCE, none: a folder whose files a page may measure.
    `oidc`, `oidc_secret`, BREACHDESK_OIDC, BREACHDESK_OIDC_SECRET, none: a sign-in service.
    `leaked_passwords`, BREACHDESK_LEAKED_PASSWORDS, none: digests of those stolen elsewhere.
    `master_key_given`, `master_key_former`, BREACHDESK_MASTER_KEY and ..._FORMER, none: the
    key that wraps all others, in base64, where it does not lie in a file of the home.
    `master_key_command`, BREACHDESK_MASTER_KEY_COMMAND, none: a program that wraps it.
    `keep_register`, `keep_people`, BREACHDESK_KEEP_REGISTER, P5Y after closing, and
    BREACHDESK_KEEP_PEOPLE, P12M after the last notice: how long we keep what we keep.
    `anchor_mail`, BREACHDESK_ANCHOR_MAIL, none: who is sent the head of the trail each day.
    `anchor_url`, `anchor_roots`, BREACHDESK_ANCHOR_URL and ..._ROOTS, none: the authority that
    time-stamps that head (RFC 3161), and the certificates that we trust for it.
    `first_password`, BREACHDESK_FIRST_PASSWORD, P7D: how long one of an invitation holds.
    `dkim_selector`, BREACHDESK_DKIM_SELECTOR, none: under which name the sender's key lies.
    """

    home: Path
    database_url: str = field(repr=False)  # it may hold a password
    mailer: str
    organisation: str | None
    actor: str | None
    listen: str
    templates: Path
    runbooks: Path
    law: Path | None
    migrations: Path
    samples: Path
    evidence: Path | None = None
    hosts: tuple[str, ...] = LOOPBACK
    https: bool = False
    sendgrid_host: str = ""
    sendgrid_api_key: str = field(default="", repr=False)
    sendgrid_webhook_key: str = ""
    guests: tuple[str, ...] = ()
    webhook_url: str = field(default="", repr=False)  # its path may be a secret
    webhook_secret: str = field(default="", repr=False)
    webhook_networks: str = ""
    webhook_clear: bool = False
    smtp_url: str = field(default="", repr=False)
    smtp_password: str = field(default="", repr=False)
    master_key_given: bytes | None = field(default=None, repr=False)
    master_key_former: bytes | None = field(default=None, repr=False)
    leaked_passwords: Path | None = None
    oidc: Path | None = None
    oidc_secret: str = field(default="", repr=False)
    proxy: str = ""
    master_key_command: str = field(default="", repr=False)  # it may name a token
    keep_register: str = "P5Y"
    keep_people: str = "P12M"
    anchor_mail: str = ""
    anchor_url: str = field(default="", repr=False)
    anchor_roots: Path | None = None
    dkim_selector: str = ""
    first_password: str = FIRST_PASSWORD

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


KNOWN = (
    "HOME", "DATABASE_URL", "MAILER", "ORGANISATION", "ACTOR", "LISTEN", "TEMPLATES",
    "RUNBOOKS", "LAW", "HOSTS", "HTTPS", "SENDGRID_HOST", "SENDGRID_WEBHOOK_KEY", "GUESTS",
    "SMTP_URL", "SMTP_PASSWORD",
    "MASTER_KEY", "MASTER_KEY_FORMER", "MASTER_KEY_COMMAND", "KEEP_REGISTER", "KEEP_PEOPLE",
    "ANCHOR_MAIL", "ANCHOR_URL", "ANCHOR_ROOTS", "DKIM_SELECTOR", "FIRST_PASSWORD",
    "LEAKED_PASSWORDS", "OIDC", "OIDC_SECRET", "PROXY", "EVIDENCE",
    "WEBHOOK_URL", "WEBHOOK_SECRET", "WEBHOOK_NETWORKS", "WEBHOOK_CLEAR",
)  # fmt: skip


def read(environment: Mapping[str, str]) -> Settings:
    """Read the settings. Raises Unusable for an unknown BREACHDESK_ name or a bad value."""
    given = {
        name.removeprefix(PREFIX): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_")
    }
    for name in given:
        if name not in KNOWN:
            known = ", ".join(PREFIX + each for each in KNOWN)
            raise Unusable(f"{PREFIX}{name} is not a setting; the settings are {known}")
    home = Path(given.get("HOME") or "var").expanduser().absolute()
    mailer = given.get("MAILER") or "file"
    if mailer not in MAILERS:
        raise Unusable(f"{PREFIX}MAILER is {mailer!r}; it can be {', '.join(MAILERS)}")
    for name in MAILERS[mailer]:
        if not environment.get(name):
            raise Unusable(f"{PREFIX}MAILER is {mailer!r}, which needs {name}; it is not set")
    https = _yes(given, "HTTPS")
    if given.get("WEBHOOK_URL") and not given.get("WEBHOOK_SECRET"):
        raise Unusable(f"{PREFIX}WEBHOOK_URL needs {PREFIX}WEBHOOK_SECRET; it is not set")
    hosts = tuple(name.strip() for name in given.get("HOSTS", "").split(",") if name.strip())
    return Settings(
        home=home,
        database_url=given.get("DATABASE_URL") or f"sqlite:///{home / 'breachdesk.sqlite'}",
        mailer=mailer,
        organisation=given.get("ORGANISATION") or None,
        actor=given.get("ACTOR") or None,
        listen=given.get("LISTEN") or "127.0.0.1:8437",
        templates=_folder(given, "TEMPLATES") or shipped("templates"),
        runbooks=_folder(given, "RUNBOOKS") or shipped("runbooks"),
        law=_folder(given, "LAW"),
        evidence=_folder(given, "EVIDENCE"),
        migrations=shipped("migrations"),
        samples=shipped("samples"),
        hosts=hosts or LOOPBACK,
        https=https,
        sendgrid_host=given.get("SENDGRID_HOST", ""),
        sendgrid_api_key=environment.get("SENDGRID_API_KEY", ""),
        sendgrid_webhook_key=given.get("SENDGRID_WEBHOOK_KEY", ""),
        guests=tuple(
            each.strip() for each in given.get("GUESTS", "").split(",") if each.strip()
        ),
        webhook_url=given.get("WEBHOOK_URL", ""),
        webhook_secret=given.get("WEBHOOK_SECRET", ""),
        webhook_networks=given.get("WEBHOOK_NETWORKS", ""),
        webhook_clear=_yes(given, "WEBHOOK_CLEAR"),
        smtp_url=given.get("SMTP_URL", ""),
        smtp_password=given.get("SMTP_PASSWORD", ""),
        master_key_given=_key(given, "MASTER_KEY"),
        master_key_former=_key(given, "MASTER_KEY_FORMER"),
        master_key_command=given.get("MASTER_KEY_COMMAND", ""),
        keep_register=_period(given, "KEEP_REGISTER", "P5Y"),
        keep_people=_period(given, "KEEP_PEOPLE", "P12M"),
        anchor_mail=given.get("ANCHOR_MAIL", ""),
        anchor_url=given.get("ANCHOR_URL", ""),
        anchor_roots=_file(given, "ANCHOR_ROOTS"),
        first_password=_period(given, "FIRST_PASSWORD", FIRST_PASSWORD),
        dkim_selector=given.get("DKIM_SELECTOR", ""),
        leaked_passwords=_file(given, "LEAKED_PASSWORDS"),
        oidc=_file(given, "OIDC"),
        oidc_secret=given.get("OIDC_SECRET", ""),
        proxy=given.get("PROXY", ""),
    )


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


def shipped(name: str) -> Path:
    """Return the folder `name` as it came with the code: in a checkout or inside the wheel."""
    package = Path(str(resources.files("breachdesk")))
    inside = package / "shipped" / name
    return inside if inside.is_dir() else package.parent / name


def _yes(given: Mapping[str, str], name: str) -> bool:
    told = given.get(name, "")
    if told not in YES_OR_NO:
        raise Unusable(f"{PREFIX}{name} is {told!r}; it can be yes or no")
    return YES_OR_NO[told]


def _key(given: Mapping[str, str], name: str) -> bytes | None:
    if not given.get(name):
        return None
    try:
        key = base64.b64decode(given[name], validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise Unusable(f"{PREFIX}{name} must be {KEY_BYTES} random bytes in base64")
    return key


def _period(given: Mapping[str, str], name: str, default: str) -> str:
    chosen = given.get(name) or default
    try:
        parts = period(chosen)
    except Unusable as error:
        raise Unusable(f"{PREFIX}{name}: {error}") from None
    if not parts.keys() <= CALENDAR or not parts:
        raise Unusable(f"{PREFIX}{name} is {chosen!r}; give years, months or days, like P5Y")
    return chosen


def _file(given: Mapping[str, str], name: str) -> Path | None:
    if not given.get(name):
        return None
    path = Path(given[name]).expanduser().absolute()
    if not path.is_file():
        raise Unusable(f"{PREFIX}{name} is {path}, which is not a file")
    return path


def _folder(given: Mapping[str, str], name: str) -> Path | None:
    if not given.get(name):
        return None
    folder = Path(given[name]).expanduser().absolute()
    if not folder.is_dir():
        raise Unusable(f"{PREFIX}{name} is {folder}, which is not a folder")
    return folder
