"""Campaigns to send, frozen from readers of our own making, and a carrier to send them by."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

import fake_sendgrid
from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.adapters.sendgrid_events import SendGridEvents
from breachdesk.adapters.sendgrid_mailer import SendGridMailer
from breachdesk.adapters.sendgrid_transport import Transport
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import commands as datamap
from breachdesk.datamap import reading as datamap_reading
from breachdesk.delivery import commands, errands, queries
from breachdesk.delivery.terms import NO_TICKET, Heard, Parcel, Reader, Report, Ticket
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import MeasureDraft, Phase
from breachdesk.law.reading import read_packs
from breachdesk.notices import commands as notices
from breachdesk.notices import errands as notice_errands
from breachdesk.notices.models import Notice
from breachdesk.notices.terms import Order, Words
from breachdesk.scoping import commands as scoping
from breachdesk.scoping.terms import Group, Intruder, Measurement, Question, Ring, Window
from breachdesk.settings import shipped
from campaigns import frozen
from conftest import NOW, FixedClock
from fake_sendgrid import FakeSendGrid
from fakes import LANGUAGES, SETS
from sendgrid_reports import PUBLIC_KEY, posted, signed

LAW = read_packs(None)
DATAMAP = shipped("samples") / "leadjet" / "datamap.toml"
LEASE = timedelta(seconds=90)
Freeze = Callable[..., UUID]


@pytest.fixture
def freeze(transactions: Transactions, actor: Actor, incident: Incident) -> Freeze:
    """Return what freezes readers into a campaign that is being sent, and returns its id."""

    def run(people: Iterable[Reader], *, separate: bool = False, **excluded: str) -> UUID:
        with transactions.open(actor) as tx:
            campaign = frozen(tx, incident, people, separate=separate, excluded=excluded)
            return campaign.id

    return run


@pytest.fixture
def report(
    transactions: Transactions, actor: Actor, incident: Incident
) -> Callable[[], Report]:
    def run() -> Report:
        with transactions.reading(actor.organisation_id) as session:
            return queries.report(session, incident.id)

    return run


@pytest.fixture
def depart(transactions: Transactions, actor: Actor) -> Callable[..., Parcel]:
    """Return what claims a chunk and notes that it leaves, for a sender that does no more."""

    def run(owner: str, *, lease: timedelta = LEASE, ticket: Ticket = NO_TICKET) -> Parcel:
        with transactions.open(actor) as tx:
            chunk = commands.claim(tx, owner, lease)
        with transactions.open(actor) as tx:
            parcel = commands.begin(tx, chunk.id, owner, lease, "noted", ticket)
        assert parcel is not None
        return parcel

    return run


@pytest.fixture
def fake(clock: FixedClock) -> Iterator[FakeSendGrid]:
    with fake_sendgrid.serving(clock.now) as serving:
        yield serving


@pytest.fixture
def transport(fake: FakeSendGrid) -> Iterator[Transport]:
    with closing(Transport(fake.url, fake_sendgrid.API_KEY)) as opened:
        yield opened


@pytest.fixture
def mailer(transport: Transport, clock: FixedClock) -> SendGridMailer:
    return SendGridMailer(transport, clock)


@pytest.fixture
def hear(transactions: Transactions, clock: FixedClock) -> Callable[..., Heard]:
    """Return what takes posts of events as the desk does: verified, then written down."""
    ear = SendGridEvents(PUBLIC_KEY, clock)

    def run(told: list[dict[str, object]]) -> Heard:
        body = posted(told)
        words = ear.hear(body, signed(body, clock.now()))
        return errands.hear(transactions, "SendGrid", words)

    return run


@pytest.fixture
def measure(
    transactions: Transactions, actor: Actor, incident: Incident, tmp_path: Path
) -> Callable[[int], None]:
    """Return what records a scope of so many people, half of them reading French."""

    def run(people: int) -> None:
        clear = tmp_path / "people.parquet"
        clear.write_bytes(b"never read here")
        question = Question(
            file=Path("question.toml"),
            text="",
            window=Window(NOW, NOW),
            intruder=Intruder(token=("tok",)),
            readable=(),
            logs=(),
            lists=(),
            directories=(),
        )
        measurement = Measurement(
            counts={
                "rings": dict.fromkeys(("proven", "reachable", "population"), people),
                "rows_read": 1,
                "unmatched": {"rows": 0, "unknown_people": 0, "unread_rows": 0},
            },
            groups=tuple(
                Group(Ring.PROVEN, locale, "controller", "accounts", SETS[1], people // 2)
                for locale in LANGUAGES
            ),
            result=f"sha256:{people}",
            statements="",
            files=(),
            people=clear,
        )
        with transactions.open(actor) as tx:
            scoping.record(tx, incident.id, question, measurement, accept_unread=False)

    return run


@pytest.fixture
def draft(transactions: Transactions, actor: Actor, incident: Incident) -> Callable[[], Notice]:
    """Return what drafts a notice that lacks nothing."""
    words = Words(what_happened="Someone used a stolen token.", not_touched=())

    def run() -> Notice:
        return notice_errands.draft(
            transactions,
            JinjaRenderer(shipped("templates")),
            actor,
            LAW,
            shipped("templates"),
            Order(incident.id, words=dict.fromkeys(LANGUAGES, words)),
        )

    return run


@pytest.fixture
def notice(
    transactions: Transactions,
    actor: Actor,
    second_actor: Actor,
    incident: Incident,
    measure: Callable[[int], None],
    draft: Callable[[], Notice],
) -> Notice:
    """Return a notice for a measured scope, approved by two."""
    measures = MeasureDraft(
        phase=Phase.AFTER,
        text={"fr": "Jeton révoqué.", "en": "We revoked the token."},
        done_at=NOW,
    )
    with transactions.open(actor) as tx:
        datamap.import_map(tx, datamap_reading.read(DATAMAP), DATAMAP.read_text("utf-8"))
        incidents.add_measure(tx, incident, measures)
    measure(20)
    drafted = draft()
    for each in (actor, second_actor):
        with transactions.open(each) as tx:
            notices.approve(tx, tx.session.get_one(Notice, drafted.id), LAW)
    return drafted
