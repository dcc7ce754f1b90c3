"""SQLite finds the rows of a few incidents by the incidents, not by the organisation."""

from sqlalchemy import Engine, text

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.faces.jobs.timetable import TIMETABLE
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel.database import sample
from conftest import NOW

ASKED = "SELECT * FROM incident_timeline WHERE organisation_id = '1' AND incident_id IN ('2')"


def test_few_incidents_are_found_by_themselves(
    transactions: Transactions, actor: Actor, engine: Engine
) -> None:
    with transactions.open(actor) as tx:
        for _ in range(40):
            logged = incidents.log(tx, IncidentDraft(title="Lost laptop", aware_at=NOW))
            incidents.add_to_timeline(tx, logged, NOW, "seen")

    sample(engine)

    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            plan = str(connection.execute(text(f"EXPLAIN QUERY PLAN {ASKED}")).all())
        assert "incident_timeline_incident_id" in plan
    with transactions.reading(actor) as session:  # and it still answers
        assert session.execute(text("SELECT count(*) FROM incident_timeline")).scalar() == 40
    assert "take_samples" in {each.name for each in TIMETABLE}
