"""Every way of sending, each beside what left by it, as a reader's program understands it."""

import mailbox
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path

import fake_sendgrid
import loopback_smtp
from breachdesk.adapters.file_mailer import FileMailer
from breachdesk.adapters.sendgrid_mailer import SendGridMailer
from breachdesk.adapters.sendgrid_transport import Transport
from breachdesk.adapters.smtp_mailer import SmtpMailer, server
from breachdesk.delivery.ports import Mailer
from breachdesk.delivery.terms import Finding, Outcome, Parcel, Slip, Ticket
from conftest import FixedClock
from fakes import SLIP, NotedMailer, read


@dataclass
class Way:
    """A mailer, what left by it, and what it can tell of it.

    `of_posted` and `of_unposted` are what it finds of an attempt that it took, or never saw.
    `sender` is how the sender's name arrives; `dates` tells whether messages bear our date.
    """

    mailer: Mailer
    posted: Callable[[], list[EmailMessage]]
    of_posted: Finding = Finding.PROVED
    of_unposted: Finding = Finding.ABSENT
    sender: str = '"Leadjet, équipe données" <dpo@leadjet.example>'
    dates: bool = True

    def slip(self, slip: Slip = SLIP) -> Slip:
        """Return a slip with what the ledger keeps before the first byte leaves."""
        ticket = self.mailer.prepare()
        assert isinstance(ticket, Ticket)
        return replace(slip, ticket=ticket)

    def post(self, parcel: Parcel) -> Outcome:
        """Post as the ledger does: what must be kept is asked for first."""
        return self.mailer.post(replace(parcel, slip=self.slip(parcel.slip)))


@contextmanager
def by_file(folder: Path) -> Iterator[Way]:
    mailer = FileMailer(folder / "outbox")
    yield Way(mailer, lambda: in_mbox(mailer.mbox(SLIP)))


@contextmanager
def by_note(_: Path) -> Iterator[Way]:
    mailer = NotedMailer()
    yield Way(mailer, lambda: [read(content) for _, content in mailer.messages])


@contextmanager
def by_sendgrid(_: Path) -> Iterator[Way]:
    clock = FixedClock()
    with fake_sendgrid.serving(clock.now) as fake:
        transport = Transport(fake.url, fake_sendgrid.API_KEY)
        with closing(SendGridMailer(transport, clock)) as mailer:
            yield Way(
                mailer,
                lambda: [message for _, message in fake.letters()],
                of_posted=Finding.ABSENT,  # what it took it holds, and discards when told to
                sender='"Leadjet, equipe donnees" <dpo@leadjet.example>',
                dates=False,
            )


@contextmanager
def by_smtp(folder: Path) -> Iterator[Way]:
    tls = loopback_smtp.certificates(folder)
    with loopback_smtp.serving(tls.server) as smtp:
        to = server(f"smtp://127.0.0.1:{smtp.port}")
        with closing(SmtpMailer(to, tls=tls.client)) as mailer:
            yield Way(
                mailer,
                lambda: [read(content) for _, content in smtp.taken],
                of_posted=Finding.CANNOT_TELL,
                of_unposted=Finding.CANNOT_TELL,
            )


WAYS = {"file": by_file, "noted": by_note, "sendgrid": by_sendgrid, "smtp": by_smtp}


def in_mbox(path: Path) -> list[EmailMessage]:
    """Return the messages of an mbox, as a mail program reads them."""
    if not path.exists():
        return []
    with closing(mailbox.mbox(path, create=False)) as box:
        return [read(box.get_bytes(key)) for key in box.keys()]  # noqa: SIM118  (a mailbox iterates over messages)
