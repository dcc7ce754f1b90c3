"""An alert is handed over by its customers, not by the people whose data they are."""

from breachdesk.audit.terms import Actor
from breachdesk.datamap import commands as datamaps
from breachdesk.datamap import reading
from breachdesk.desk import Desk
from breachdesk.incidents import queries as incidents
from breachdesk.notices import commands, queries
from breachdesk.notices import errands as drafting
from breachdesk.notices.terms import CUSTOMERS, Order
from breachdesk.scoping import queries as scopes
from conftest import someone
from web_face import Visit, whole_breach


def test_is_counted_in_customers_and_names_in_words_what_changed(
    desk: Desk, actor: Actor, awa: Visit
) -> None:
    reference = whole_breach(desk, actor)
    transactions = desk.transactions
    with transactions.reading(actor.organisation_id) as session:
        incident = incidents.by_reference(session, reference)
        scope = scopes.version(session, incident.id, 1)
        customers = len(scopes.customers_of(session, scope.id))
    order = Order(incident.id, CUSTOMERS, "population", {}, ("fr",))
    notice = drafting.draft(transactions, desk.renderer, actor, desk.law, desk.templates, order)
    for number in (3, 4):
        with transactions.open(someone(f"Member {number}", number)) as tx:
            commands.approve(tx, notice, desk.law)
    with transactions.reading(actor.organisation_id) as session:
        assert queries.recipients(session, notice) == customers

    shown = awa.get(f"/incidents/{reference}/delivery/").text

    assert f'<p class="small">{customers} clients · La liste' in shown
    with transactions.open(actor) as tx:
        source = (desk.samples / "leadjet" / "datamap.toml").read_text("utf-8")
        moved = source.replace("dpo@leadjet.io", "dpo@leadjet.example")
        datamaps.import_map(tx, reading.parse(moved, "datamap.toml"), moved)
    page = awa.get(f"/incidents/{reference}/notices/{notice.id}").text
    assert "le délégué à la protection des données, qui est l’expéditeur" in page
    refused = awa.post(f"/incidents/{reference}/delivery/hand-over/{notice.id}")
    assert refused.status_code == 409
    assert "Le message est à rédiger de nouveau." in refused.text
