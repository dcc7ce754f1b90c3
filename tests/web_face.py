"""A desk behind its web face, someone at a browser, and a breach to look at."""

import re
from collections.abc import Collection, Mapping
from html.parser import HTMLParser
from pathlib import Path

from flask import Flask
from werkzeug.test import TestResponse

from breachdesk.access import commands as access
from breachdesk.access.terms import MemberDraft
from breachdesk.adapters.docx_writer import DocxWriter
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.adapters.file_mailer import FileMailer
from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.adapters.leaked_passwords import NoLeakedPasswords
from breachdesk.adapters.pdf_writer import PdfWriter
from breachdesk.adapters.webauthn_passkeys import WebAuthnPasskeys
from breachdesk.adapters.xlsx_writer import XlsxWriter
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import commands as datamaps
from breachdesk.datamap import queries as datamap
from breachdesk.datamap import reading as datamap_reading
from breachdesk.delivery import commands as delivery
from breachdesk.delivery import errands as senders
from breachdesk.desk import Desk
from breachdesk.faces.cli.incident import read_incident
from breachdesk.filings.ports import Writers
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.incidents.terms import MeasureDraft, Phase
from breachdesk.law.reading import read_packs
from breachdesk.notices import errands as drafting
from breachdesk.notices import queries as notices
from breachdesk.notices import reading as notice_reading
from breachdesk.notices.terms import PEOPLE, Order
from breachdesk.risk import commands as risk
from breachdesk.runbooks import commands as runbooks
from breachdesk.runbooks import reading as runbook_reading
from breachdesk.runbooks import rules as runbook_rules
from breachdesk.scoping import commands as scope_commands
from breachdesk.scoping import errands as scoping
from breachdesk.scoping import queries as scopes
from breachdesk.scoping import reading as questions
from breachdesk.scoping.terms import Ring

TOP = Path(__file__).parent.parent
EVERY_ROLE = ("administrator", "responder", "dpo", "communication", "legal", "approver")
FRENCH = MemberDraft(email="awa@leadjet.example", name="Awa Ndiaye", roles=EVERY_ROLE)
ENGLISH = MemberDraft(
    email="ben@leadjet.example", name="Ben Miller", roles=EVERY_ROLE, language="en"
)
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def desk_of(transactions: Transactions, home: Path) -> Desk:
    """Return a real desk on the database of `transactions`."""
    return Desk(
        home=home,
        transactions=transactions,
        law=read_packs(None),
        population=DuckDBPopulation(home / "scoping"),
        renderer=JinjaRenderer(TOP / "templates"),
        mailer=FileMailer(home / "outbox"),
        passkeys=WebAuthnPasskeys(),
        leaked=NoLeakedPasswords(),
        elsewhere=None,
        writers=Writers(
            PdfWriter(TOP / "templates"), DocxWriter(TOP / "templates"), XlsxWriter()
        ),
        templates=TOP / "templates",
        runbooks=TOP / "runbooks",
        samples=TOP / "samples",
    )


def invite(transactions: Transactions, actor: Actor, draft: MemberDraft) -> str:
    """Let a member in and return their password."""
    with transactions.open(actor) as tx:
        return access.invite(tx, draft)[1]


def log_breach(desk: Desk, actor: Actor) -> str:
    """Log the sample's breach with a measure and its tasks; return its reference."""
    known = runbook_reading.read_all(desk.runbooks)
    with desk.transactions.open(actor) as tx:
        told = read_incident(desk.samples / "leadjet" / "incident.toml", "Europe/Paris")
        logged = incidents.log(tx, told)
        text = {"fr": "Le jeton a été révoqué.", "en": "The token was revoked."}
        incidents.add_measure(
            tx, logged, MeasureDraft(phase=Phase.AFTER, text=text, done_at=logged.ended_at)
        )
        fitting = runbook_rules.matching(known, logged.facts)
        assert fitting is not None
        runbooks.start(tx, logged, fitting)
        return logged.reference


def describe_data(desk: Desk, actor: Actor) -> None:
    """Import the sample's data map."""
    with desk.transactions.open(actor) as tx:
        source = datamap_reading.source(desk.samples / "leadjet" / "datamap.toml")
        datamaps.import_map(tx, datamap_reading.parse(source, "datamap.toml"), source)


def whole_breach(desk: Desk, actor: Actor) -> str:
    """Log the sample's breach, measure it, sign its risk, draft its notices."""
    describe_data(desk, actor)
    reference = log_breach(desk, actor)
    measure(desk, actor, reference)
    with desk.transactions.open(actor) as tx:
        risk.sign_off(tx, incident_queries.by_reference(tx.session, reference))
    draft_notice(desk, actor, reference)
    return reference


def measure(desk: Desk, actor: Actor, reference: str) -> None:
    """Measure the sample's question for an incident."""
    with desk.transactions.reading(actor.organisation_id) as session:
        held = datamap.current(session)
        incident_id = incident_queries.by_reference(session, reference).id
    question = questions.read(desk.samples / "leadjet" / "question.toml", held)
    scoping.measure(desk.transactions, desk.population, actor, incident_id, held, question)


def draft_notice(desk: Desk, actor: Actor, reference: str) -> None:
    """Draft the sample's notice to people for an incident."""
    with desk.transactions.reading(actor.organisation_id) as session:
        incident_id = incident_queries.by_reference(session, reference).id
    words = notice_reading.read_words(desk.samples / "leadjet" / "notice.toml")
    order = Order(incident_id, PEOPLE, "proven", words, ("fr", "en"))
    drafting.draft(desk.transactions, desk.renderer, actor, desk.law, desk.templates, order)


def freeze(desk: Desk, actor: Actor, reference: str, *, start: bool = False) -> None:
    """Freeze who is told by the approved notice; `start` lets it be sent."""
    with desk.transactions.open(actor) as tx:
        incident = incident_queries.by_reference(tx.session, reference)
        approved = notices.latest(tx.session, incident.id)
        assert approved is not None
        scope = scopes.version(tx.session, incident.id, approved.scope_version)
        people = scope_commands.list_people(tx, incident, scope, Ring.PROVEN, desk.population)
        frozen = delivery.freeze(tx, incident, approved, people, desk.law)
        if start:
            delivery.start(tx, frozen)


def deliver(desk: Desk, actor: Actor, reference: str) -> None:
    """Freeze who is told by the approved notice, and hand every message to the outbox."""
    freeze(desk, actor, reference, start=True)
    with desk.transactions.reading(actor.organisation_id) as session:
        incident = incident_queries.by_reference(session, reference)
    senders.send_all(
        desk.transactions, desk.mailer, actor, incident.id, wait=lambda _seconds: None
    )


def first_notice(desk: Desk, actor: Actor, reference: str) -> str:
    """Return the id of the first notice of an incident."""
    with desk.transactions.reading(actor.organisation_id) as session:
        incident = incident_queries.by_reference(session, reference)
        return str(notices.versions(session, incident.id)[0].id)


class Visit:
    """Somebody at a browser."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.app = app

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=headers)

    def token(self) -> str:
        """Return the token that a form of ours holds."""
        page = self.get("/sign-in").text
        found = _TOKEN.search(page)
        assert found is not None
        return found[1]

    def post(self, path: str, fields: Mapping[str, str] | None = None) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **(fields or {})})

    def sign_in(self, email: str, password: str) -> TestResponse:
        return self.post("/sign-in", {"email": email, "password": password})


class RefusedPage(HTMLParser):
    """What a refused page links to from its summary, and everything that has an id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: dict[str, Mapping[str, str | None]] = {}
        self.links = re.findall(r'<a href="#([^"]+)"', text.partition('<main id="main"')[2])
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what has an id. No id may stand twice: a link would lead to the first."""
        told = {"tag": tag, **dict(attrs)}
        if name := told.get("id"):
            assert name not in self.ids, name
            self.ids[name] = told


def assert_each_leads_to_its_field(text: str, fields: Collection[str]) -> None:
    """Check that each problem of a refused page leads to its field, and is said there."""
    page = RefusedPage(text)
    assert set(fields) <= set(page.links)
    for link in page.links:
        field = page.ids[link]
        assert field["tag"] in {"input", "textarea", "select", "fieldset"}, link
        said = (field["aria-describedby"] or "").split()
        assert said, link
        assert set(said) <= set(page.ids), link
        assert field["tag"] == "fieldset" or field["aria-invalid"] == "true"
