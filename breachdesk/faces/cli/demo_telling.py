"""The later steps of the demonstration: who is told what, and what is kept of it."""

from time import sleep

from breachdesk.audit import queries as audit
from breachdesk.delivery import commands as delivery
from breachdesk.delivery import errands as senders
from breachdesk.delivery import queries as deliveries
from breachdesk.faces.cli.demo_inputs import SAMPLE
from breachdesk.faces.cli.demo_journey import Journey
from breachdesk.filings import commands as filing
from breachdesk.filings import queries as filings
from breachdesk.filings import reading as forms
from breachdesk.filings import rules as filing_rules
from breachdesk.filings.terms import Kind
from breachdesk.kernel.errors import Refused
from breachdesk.notices import commands as notice
from breachdesk.notices import errands as drafting
from breachdesk.notices import queries as notices
from breachdesk.notices import reading as notice_reading
from breachdesk.notices.terms import PEOPLE, Order
from breachdesk.register import queries as register
from breachdesk.register import rules as register_rules
from breachdesk.scoping import commands as scoping
from breachdesk.scoping import queries as scope_queries
from breachdesk.scoping.terms import Ring

FORM = "cnil-2023"


def draft_notices(journey: Journey) -> None:
    """Write the notices in every reader's language and check them against Art. 34(2)."""
    desk = journey.terminal.desk
    words = notice_reading.read_words(desk.samples / SAMPLE / "notice.toml")
    order = Order(journey.incident_id, PEOPLE, "proven", words, ("fr", "en"))
    with journey.step("Draft the notices"):
        drafted = drafting.draft(
            desk.transactions, desk.renderer, journey.actor, desk.law, desk.templates, order
        )
    with journey.reading() as session:
        review = notices.review(session, desk.law, drafted)
        journey.made["notice"] = {
            "version": drafted.version,
            "digest": drafted.content_digest,
            "missing": [each.code for each in review.missing],
            "variants": [
                {"key": each.key, "people": each.people, "subject": each.subject}
                for each in notices.variants_of(session, drafted.id)
            ],
        }
    if review.missing:
        raise Refused(f"the notice lacks {review.missing[0].sentence['en']}")


def approve_notices(journey: Journey) -> None:
    """Have two different people approve the exact texts."""
    transactions = journey.terminal.desk.transactions
    with journey.step("Approve by two people"):
        for actor in journey.actors.values():
            with transactions.open(actor) as tx:
                latest = notices.latest(tx.session, journey.incident_id)
                if latest is None:
                    raise Refused("the notice is gone")
                notice.approve(tx, latest, journey.terminal.law)
    journey.made["notice"]["approved_by"] = [each.name for each in journey.actors.values()]


def deliver(journey: Journey) -> None:
    """Freeze who is told what, and hand every message to the file outbox."""
    desk = journey.terminal.desk
    with journey.step("Freeze the list"), journey.acting() as tx:
        incident = journey.incident(tx.session)
        approved = notices.latest(tx.session, incident.id)
        if approved is None:
            raise Refused("the notice is gone")
        scope = scope_queries.version(tx.session, incident.id, approved.scope_version)
        people = scoping.list_people(tx, incident, scope, Ring.PROVEN, desk.population)
        campaign = delivery.freeze(tx, incident, approved, people, desk.law)
        delivery.start(tx, campaign)
    with journey.step("Deliver to the outbox") as tell:
        total, done = campaign.people, 0

        def posted(people: int) -> None:
            nonlocal done
            done += people
            tell(done, total)

        senders.send_all(
            desk.transactions,
            desk.mailer,
            journey.actor,
            journey.incident_id,
            wait=sleep,
            posted=posted,
        )
    with journey.reading() as session:
        report = deliveries.report(session, journey.incident_id).as_json()
    journey.made["delivery"] = {**report, "report": report}
    journey.made["outbox"] = str(journey.terminal.home / "outbox")


def draft_filing(journey: Journey) -> None:
    """Draft what the CNIL is told, in its fourteen sections, and say what is missing."""
    desk = journey.terminal.desk
    form = forms.form(desk.templates, FORM)
    with journey.step("Draft the CNIL filing"), journey.acting() as tx:
        incident = journey.incident(tx.session)
        kept = filing.draft(tx, incident, desk.law, form, Kind.INITIAL)
        drafted = filings.as_draft(incident, kept)
        document = filing_rules.document(form, drafted)
        folder = forms.form_folder(desk.templates, form).relative_to(desk.templates)
        page = desk.renderer.render(
            f"{folder.as_posix()}/filing.html", filing_rules.page(form, drafted, incident.zone)
        )
        made = journey.write(f"{incident.reference}-cnil-initial.json", document)
        journey.write(f"{incident.reference}-cnil-initial.html", page)
    journey.made["filing"] = made
    journey.made["filing_missing"] = [each.code for each in drafted.missing]


def write_register(journey: Journey) -> None:
    """Write the register as it stands, with the line of this breach."""
    desk = journey.terminal.desk
    form, now = forms.form(desk.templates, FORM), desk.transactions.clock.now()
    with journey.step("Write the register"), journey.reading() as session:
        lines = [*register.lines(session, desk.law, form, now)]
        made = journey.write("register.csv", "".join(register_rules.csv_of(lines)))
        journey.made["register"] = made
        journey.write("register.json", "".join(register_rules.json_of(lines)))


def verify_trail(journey: Journey) -> None:
    """Recompute every digest of the trail."""
    transactions = journey.terminal.desk.transactions
    organisation_id = journey.terminal.actor.organisation_id
    with journey.step("Verify the trail"), journey.reading() as session:
        verdict = audit.verify(session, transactions.vault, organisation_id)
    if not verdict.whole:
        raise Refused(f"the trail is broken: {verdict.gap}")
    journey.made["trail"] = {"entries": verdict.entries, "whole": verdict.whole}
