"""Evidence that was converted once, kept sealed for later questions."""

from uuid import UUID

from breachdesk.audit.transaction import Transaction, command
from breachdesk.incidents import queries as incidents
from breachdesk.scoping.terms import Import


@command("scoping.keep_import")
def keep_import(
    tx: Transaction, incident_id: UUID, name: str, sha256: str, made: Import
) -> None:
    """Seal what a file of evidence was converted to, under the incident's key.

    `name` says of which bytes and how they were read; `sha256` is that of the original. It is
    gone when the incident's key is.
    """
    incident = incidents.by_id(tx.session, incident_id)
    tx.vault.make_key(incident_id)
    kept = tx.vault.store_list(incident_id, name, made.path)
    tx.record(
        incident, name=name, original=sha256, rows=made.rows, unread_rows=made.unread, kept=kept
    )
