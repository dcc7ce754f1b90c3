"""The outside worlds that the settings name, each behind its port; heavy ones come late."""

from pathlib import Path
from urllib.parse import urlsplit

from breachdesk.access.ports import Elsewhere, LeakedPasswords, Passkeys
from breachdesk.access.reading import read_sign_on
from breachdesk.adapters.docx_writer import DocxWriter
from breachdesk.adapters.file_mailer import FileMailer
from breachdesk.adapters.leaked_passwords import LeakedPasswordFile, NoLeakedPasswords
from breachdesk.adapters.master_keys import KeyFile, KeyProgram
from breachdesk.adapters.pdf_writer import PdfWriter
from breachdesk.adapters.xlsx_writer import XlsxWriter
from breachdesk.delivery.ports import Ear, Mailer, Witness
from breachdesk.filings.ports import Writers
from breachdesk.keeping.ports import TimeStamper
from breachdesk.kernel.clock import SystemClock
from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.masters import GivenKey, MasterKeys
from breachdesk.scoping.ports import Population
from breachdesk.settings import Settings


def master_keys(settings: Settings) -> MasterKeys:
    """Return who keeps the master key: the environment, a program, or a file of the home."""
    if settings.master_key_given is not None:
        return GivenKey(settings.master_key_given, settings.master_key_former)
    if settings.master_key_command:
        return KeyProgram(settings.master_key_command, settings.wrapped_master_key)
    return KeyFile(settings.master_key)


def mail_host(settings: Settings) -> tuple[str, int] | None:
    """Return where the carrier of notices is found; None where it is a folder."""
    if settings.mailer == "sendgrid":
        told = urlsplit(settings.sendgrid_host)
        return told.hostname or settings.sendgrid_host, told.port or 443
    if settings.mailer == "smtp":
        from breachdesk.adapters.smtp_mailer import server  # noqa: PLC0415

        named = server(settings.smtp_url, settings.smtp_password)
        return named.host, named.port
    return None


def services(settings: Settings) -> tuple[str, ...]:
    """Return the web servers that the settings name, by scheme and host alone."""
    named = [settings.anchor_url]
    if settings.mailer == "sendgrid":
        named.append(settings.sendgrid_host)
    if settings.oidc is not None:
        named.append(read_sign_on(settings.oidc).issuer)
    parts = map(urlsplit, filter(None, named))
    return tuple(f"{each.scheme}://{each.netloc.rpartition('@')[2]}" for each in parts)


def mailer(settings: Settings) -> Mailer:
    """Return who carries notices. Raises Unusable for an address or a key that cannot be."""
    if settings.mailer == "sendgrid":
        from breachdesk.adapters.sendgrid_mailer import (  # noqa: PLC0415  (heavy to import)
            SendGridMailer,
        )
        from breachdesk.adapters.sendgrid_transport import Transport  # noqa: PLC0415

        transport = Transport(settings.sendgrid_host, settings.sendgrid_api_key)
        return SendGridMailer(transport, SystemClock())
    if settings.mailer == "smtp":
        from breachdesk.adapters.smtp_mailer import SmtpMailer, server  # noqa: PLC0415

        return SmtpMailer(server(settings.smtp_url, settings.smtp_password))
    return FileMailer(settings.outbox)


def passkeys() -> Passkeys:
    """Return who makes and checks passkeys."""
    from breachdesk.adapters.webauthn_passkeys import (  # noqa: PLC0415  (heavy to import)
        WebAuthnPasskeys,
    )

    return WebAuthnPasskeys()


def elsewhere(settings: Settings) -> Elsewhere | None:
    """Return the sign-in service that the settings name, if they name one."""
    if settings.oidc is None:
        return None
    from breachdesk.adapters.oidc_sign_on import OidcSignOn  # noqa: PLC0415  (heavy to import)

    told = read_sign_on(settings.oidc)
    return Elsewhere(told, OidcSignOn(told, settings.oidc_secret))


def leaked_passwords(settings: Settings) -> LeakedPasswords:
    """Return who knows the passwords that leaked elsewhere."""
    found = settings.leaked_passwords
    return NoLeakedPasswords() if found is None else LeakedPasswordFile(found)


def ear(settings: Settings) -> Ear | None:
    """Return who reads the carrier's reports, if a key is known. Raises Unusable."""
    if not settings.sendgrid_webhook_key:
        return None
    from breachdesk.adapters.sendgrid_events import SendGridEvents  # noqa: PLC0415  (heavy)

    return SendGridEvents(settings.sendgrid_webhook_key, SystemClock())


def witness(settings: Settings) -> Witness | None:
    """Return whose logs tell what a carrier took, if the carrier keeps any."""
    if settings.mailer != "sendgrid":
        return None
    from breachdesk.adapters.sendgrid_logs import SendGridLogs  # noqa: PLC0415  (heavy)
    from breachdesk.adapters.sendgrid_transport import Transport  # noqa: PLC0415

    transport = Transport(settings.sendgrid_host, settings.sendgrid_api_key)
    return SendGridLogs(transport, SystemClock())


def webhook(settings: Settings) -> Mailer | None:
    """Return who calls a desk elsewhere, if one is named. Raises Unusable."""
    if not settings.webhook_url:
        return None
    from breachdesk.adapters.webhook import (  # noqa: PLC0415  (only who is told needs it)
        Trust,
        Webhook,
    )
    from breachdesk.reminders.rules import outgoing  # noqa: PLC0415

    return Webhook(
        settings.webhook_url,
        settings.webhook_secret,
        SystemClock(),
        trust=Trust(settings.webhook_clear, outgoing.networks(settings.webhook_networks)),
    )


def stamper(settings: Settings) -> TimeStamper | None:
    """Return who stamps the heads of the trail. Raises Unusable for half a setting."""
    if not settings.anchor_url:
        return None
    if settings.anchor_roots is None:
        raise Unusable("BREACHDESK_ANCHOR_URL needs BREACHDESK_ANCHOR_ROOTS; it is not set")
    from breachdesk.adapters.rfc3161_stamper import (  # noqa: PLC0415  (few have an authority)
        Rfc3161Stamper,
    )

    return Rfc3161Stamper(settings.anchor_url, settings.anchor_roots)


def writers(templates: Path) -> Writers:
    """Return who writes documents."""
    return Writers(PdfWriter(templates), DocxWriter(templates), XlsxWriter())


def population(settings: Settings) -> Population:
    """Return who counts and lists people."""
    from breachdesk.adapters.duckdb_population import (  # noqa: PLC0415  (heavy to import)
        DuckDBPopulation,
    )

    return DuckDBPopulation(settings.home / "scoping")
