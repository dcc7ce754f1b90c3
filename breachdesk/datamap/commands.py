"""What can be done to the data map: a newer one is imported."""

from breachdesk.audit.transaction import Transaction, command
from breachdesk.datamap import queries, rules
from breachdesk.datamap.models import DataMapVersion
from breachdesk.datamap.terms import DataMap


def in_force(tx: Transaction) -> DataMapVersion | None:
    """Return the map in force; nobody puts another in force before this is over."""
    tx.hold("datamap")
    return queries.current_version(tx.session)


@command("datamap.import_map")
def import_map(tx: Transaction, datamap: DataMap, source: str) -> DataMapVersion:
    """Put `datamap`, read from `source`, in force.

    A map that says what the one in force says makes no new version: the version in force is
    returned, and the trail tells that it was offered again.
    """
    latest = in_force(tx)
    digest = rules.digest(datamap)
    if latest is not None and latest.digest == digest:
        tx.record(latest, version=latest.version, digest=digest, changes={})
        return latest
    before = None if latest is None else queries.parsed(latest)
    imported = DataMapVersion(
        id=tx.new_id(),
        version=1 if latest is None else latest.version + 1,
        digest=digest,
        source=source,
        imported_at=tx.now,
        imported_by=tx.actor.name,
    )
    tx.session.add(imported)
    changes = rules.changes(before, datamap).as_json()
    tx.record(imported, version=imported.version, digest=digest, changes=changes)
    return imported
