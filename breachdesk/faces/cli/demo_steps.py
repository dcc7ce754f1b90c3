"""The steps of the demonstration: each is what a person would do at the desk."""

from collections.abc import Mapping
from time import sleep
from typing import Any

from breachdesk.access import commands as access
from breachdesk.access import queries as members
from breachdesk.access.terms import MemberDraft
from breachdesk.audit import queries as audit
from breachdesk.datamap import commands as datamaps
from breachdesk.datamap import queries as datamap
from breachdesk.datamap import reading as datamap_reading
from breachdesk.delivery import commands as delivery
from breachdesk.delivery import errands as senders
from breachdesk.delivery import queries as deliveries
from breachdesk.faces.cli import demo_inputs
from breachdesk.faces.cli.demo_journey import Journey
from breachdesk.faces.cli.incident import read_document, read_incident
from breachdesk.faces.cli.obligations import document as clock
from breachdesk.faces.cli.risk import shown
from breachdesk.filings import commands as filing
from breachdesk.filings import queries as filings
from breachdesk.filings import reading as forms
from breachdesk.filings import rules as filing_rules
from breachdesk.filings.terms import Kind
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.terms import MeasureDraft, Phase
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.notices import commands as notice
from breachdesk.notices import errands as drafting
from breachdesk.notices import queries as notices
from breachdesk.notices import reading as notice_reading
from breachdesk.notices.terms import PEOPLE, Order
from breachdesk.obligations import queries as obligations
from breachdesk.register import queries as register
from breachdesk.register import rules as register_rules
from breachdesk.risk import commands as risk
from breachdesk.runbooks import commands as runbook
from breachdesk.runbooks import queries as tasks
from breachdesk.runbooks import reading as runbooks
from breachdesk.runbooks import rules as runbook_rules
from breachdesk.scoping import commands as scoping
from breachdesk.scoping import errands as scopes
from breachdesk.scoping import queries as scope_queries
from breachdesk.scoping import reading as questions
from breachdesk.scoping.terms import Ring

SAMPLE = "leadjet"
FORM = "cnil-2023"
RESPONDER = MemberDraft(
    email="alix@leadjet.example",
    name="Alix Martin",
    roles=("administrator", "responder", "dpo", "communication", "legal", "approver"),
)
APPROVER = MemberDraft(
    email="bela@leadjet.example", name="Béla Kovács", roles=("approver", "dpo"), language="en"
)


def set_up(journey: Journey) -> None:
    """Name the organisation and let two people in; their passwords live in `made` alone."""
    terminal = journey.terminal
    with journey.step("Open the desk"), terminal.desk.transactions.open(terminal.actor) as tx:
        organisation = members.organisation_of(tx.session, tx.organisation_id)
        access.rename(tx, organisation, "Leadjet")
        journey.made["sign_in"] = []
        for draft in (RESPONDER, APPROVER):
            member, password = access.invite(tx, draft)
            journey.actors[draft.email] = members.actor(member)
            journey.made["sign_in"].append(
                {"email": draft.email, "name": draft.name, "password": password}
            )
    journey.made["home"] = str(terminal.home)


def make_inputs(journey: Journey) -> None:
    """Make up the directory and the logs."""
    size, folder = journey.size, journey.terminal.home / "demo"
    with journey.step("Make up people and logs") as tell:
        inputs = demo_inputs.generate(
            folder,
            samples=journey.terminal.desk.samples,
            people=size.people,
            log_rows=size.log_rows,
            seed=size.seed,
            progress=tell,
        )
    journey.inputs = inputs
    journey.made["inputs"] = {
        "folder": str(folder),
        "datamap": str(inputs.datamap),
        "incident": str(inputs.incident),
        "question": str(inputs.question),
        "directory": [str(path) for path in inputs.directory],
        "logs": [str(path) for path in inputs.logs],
        "people": size.people,
        "log_rows": size.log_rows,
        "seed": size.seed,
    }


def import_datamap(journey: Journey) -> None:
    """Check the data map and put it in force."""
    path = journey.inputs.datamap
    with journey.step("Import the data map"), journey.acting() as tx:
        problems, warnings = datamap_reading.check(path)
        if problems:
            raise Unusable(problems)
        source = datamap_reading.source(path)
        version = datamaps.import_map(tx, datamap_reading.parse(source, str(path)), source)
        journey.made["datamap"] = {
            "version": version.version,
            "digest": version.digest,
            "warnings": [str(each) for each in warnings],
        }


def log_incident(journey: Journey) -> None:
    """Log the breach, its measures, and the tasks of the runbook that fits."""
    desk = journey.terminal.desk
    draft = read_incident(journey.inputs.incident, journey.terminal.zone)
    measures = read_document(desk.samples / SAMPLE / "measures.toml")["measures"]
    known = runbooks.read_all(desk.runbooks)
    with journey.step("Log the incident"), journey.acting() as tx:
        logged = incidents.log(tx, draft)
        for told in measures:
            incidents.add_measure(tx, logged, _measure(told))
        fitting = runbook_rules.matching(known, logged.facts)
        if fitting is None:
            raise Refused("no runbook fits a stolen token")
        runbook.start(tx, logged, fitting)
        tx.session.flush()  # the tasks are counted below
        journey.incident_id = logged.id
        journey.made["incident"] = {
            "reference": logged.reference,
            "title": logged.title,
            "aware_at": logged.aware_at.isoformat(),
            "runbook": fitting.id,
            "tasks": len(tasks.tasks_of(tx.session, logged.id)),
        }


def measure_scope(journey: Journey) -> None:
    """Find the people in the logs."""
    desk = journey.terminal.desk
    with journey.reading() as session:
        held = datamap.current(session)
    question = questions.read(journey.inputs.question, held)
    with journey.step("Measure the scope") as tell:
        scope = scopes.measure(
            desk.transactions,
            desk.population,
            journey.actor,
            journey.incident_id,
            held,
            question,
            progress=lambda _doing, done: tell(int(done * 100), 100),
        )
    journey.made["scope"] = dict(scope.counts)


def assess_risk(journey: Journey) -> None:
    """Assess the risk on the incident's facts and sign the result."""
    with journey.step("Assess the risk"), journey.acting() as tx:
        signed = risk.sign_off(tx, journey.incident(tx.session))
        journey.made["risk"] = {**shown(signed), "reason": signed.reason["en"]}


def list_obligations(journey: Journey) -> None:
    """List what the law asks, by when and why."""
    now = journey.terminal.desk.transactions.clock.now()
    with journey.step("List the obligations"), journey.reading() as session:
        owed = obligations.of(session, journey.terminal.law, journey.incident(session))
        journey.made["obligations"] = [
            {**clock(each), "state": each.state_at(now).value} for each in owed
        ]


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


def _measure(told: Mapping[str, Any]) -> MeasureDraft:
    return MeasureDraft(
        phase=Phase(told["phase"]),
        text={language: told[language] for language in ("fr", "en")},
        done_at=told.get("done_at"),
        planned_for=told.get("planned_for"),
    )


STEPS = (
    set_up,
    make_inputs,
    import_datamap,
    log_incident,
    measure_scope,
    assess_risk,
    list_obligations,
    draft_notices,
    approve_notices,
    deliver,
    draft_filing,
    write_register,
    verify_trail,
)
