"""What can be done about who may see an incident."""

from collections.abc import Iterable

from breachdesk.access import queries
from breachdesk.access.models import IncidentReader, Member
from breachdesk.access.queries import readers
from breachdesk.audit.transaction import Transaction, command
from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.tables import Table


@command("access.restrict")
def restrict(tx: Transaction, incident: Table, named: Iterable[Member]) -> int:
    """Keep an incident for these members, and for the roles that see every one.

    Whoever restricts it is among them. Everyone else finds nothing of it from the next moment
    on: not on a page, in a search, a calendar, an export or a number. Raises Unusable for
    nobody and for somebody of another organisation. Returns how many are named.
    """
    wanted = {each.id for each in named}
    if not wanted:
        raise Unusable("name at least one member; to show it to all again, open it")
    at_home = {each.id for each in queries.members(tx.session)} | readers.seated(tx.session)
    if wanted - at_home:
        raise Unusable("an incident is kept for members of the organisation alone")
    if not tx.actor.sees_every_incident:
        wanted.add(tx.actor.member_id)
    known = {each.member_id: each for each in readers.every_reader(tx.session, incident.id)}
    for member_id, row in known.items():
        row.left_at = None if member_id in wanted else row.left_at or tx.now
    tx.session.add_all(
        IncidentReader(id=tx.new_id(), incident_id=incident.id, member_id=each, added_at=tx.now)
        for each in sorted(wanted - set(known))
    )
    tx.record(incident, members=[str(each) for each in sorted(wanted)])
    return len(wanted)


@command("access.unrestrict")
def unrestrict(tx: Transaction, incident: Table) -> None:
    """Show an incident to every member again."""
    for row in readers.readers_of(tx.session, incident.id):
        row.left_at = tx.now
    tx.record(incident)
