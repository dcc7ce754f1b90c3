"""The steps of the demonstration: each is what a person would do at the desk."""

from collections.abc import Mapping
from typing import Any

from breachdesk.access import commands as access
from breachdesk.access import queries as members
from breachdesk.access.terms import MemberDraft
from breachdesk.datamap import commands as datamaps
from breachdesk.datamap import queries as datamap
from breachdesk.datamap import reading as datamap_reading
from breachdesk.faces.cli import demo_inputs, demo_telling
from breachdesk.faces.cli.demo_inputs import SAMPLE
from breachdesk.faces.cli.demo_journey import Journey
from breachdesk.faces.cli.incident import read_document, read_incident
from breachdesk.faces.cli.obligations import document as clock
from breachdesk.faces.cli.risk import shown
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.terms import MeasureDraft, Phase
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.obligations import queries as obligations
from breachdesk.risk import commands as risk
from breachdesk.runbooks import commands as runbook
from breachdesk.runbooks import queries as tasks
from breachdesk.runbooks import reading as runbooks
from breachdesk.runbooks import rules as runbook_rules
from breachdesk.scoping import errands as scopes
from breachdesk.scoping import reading as questions

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
    demo_telling.draft_notices,
    demo_telling.approve_notices,
    demo_telling.deliver,
    demo_telling.draft_filing,
    demo_telling.write_register,
    demo_telling.verify_trail,
)
