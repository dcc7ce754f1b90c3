"""Measures that are asked for on a page: their files, and what becomes of them."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from breachdesk.audit.transaction import Transaction, command
from breachdesk.kernel import states
from breachdesk.kernel.errors import Problem, Refused, Unusable
from breachdesk.kernel.tables import Table
from breachdesk.scoping import queries, rules
from breachdesk.scoping.models import EvidenceFile, MeasureRequest
from breachdesk.scoping.terms import Inspection, RequestState, Scope

LONGEST_NAME = 120
MOST_FILES = 200
MOST_ATTEMPTS = 3
"""So often is a measure begun whose process died; then it failed."""


@command("scoping.take_in")
def take_in(tx: Transaction, incident: Table, seems: Inspection, content: Path) -> EvidenceFile:
    """Keep a file of evidence sealed under the incident's key. Raises Unusable for its name."""
    name = seems.file
    plain = rules.file_name(name)
    if not plain or len(plain) > LONGEST_NAME:
        raise Unusable(Problem("has no name that can be used", field="files"))
    present = queries.files_of(tx.session, incident.id)
    if any(each.name == plain for each in present):
        raise Refused(f"there is a file {plain} already; remove it first")
    if len(present) >= MOST_FILES:
        raise Refused(f"there are {MOST_FILES} files already; remove some first")
    tx.vault.make_key(incident.id)
    identity = tx.new_id()
    list_name = f"evidence-{identity}"
    size = content.stat().st_size
    row = EvidenceFile(
        id=identity,
        incident_id=incident.id,
        name=plain,
        size=size,
        list_name=list_name,
        sha256=tx.vault.store_list(incident.id, list_name, content),
        seems={
            "kind": seems.kind.value,
            "format": seems.format,
            "columns": list(seems.columns),
            "unread": [list(each) for each in seems.unread],
            "doubts": list(seems.doubts),
            "block": seems.block,
        },
        taken_in_at=tx.now,
        taken_in_by=tx.actor.name,
        dropped_at=None,
    )
    tx.session.add(row)
    tx.record(incident, file=identity, size=size, sha256=row.sha256)
    return row


@command("scoping.drop_file")
def drop_file(tx: Transaction, incident: Table, file: EvidenceFile) -> None:
    """Take a file out of the evidence; versions that were measured from it stay."""
    file.dropped_at = tx.now
    tx.record(incident, file=file.id, sha256=file.sha256)


@command("scoping.ask")
def ask(
    tx: Transaction, incident: Table, question: str, *, accept_unread: bool
) -> MeasureRequest:
    """Ask for a measure, to be made in the background. Raises Refused while one is made."""
    tx.hold(f"measures of {incident.id}")
    if queries.open_request(tx.session, incident.id) is not None:
        raise Refused("a measure of this incident is under way; wait for it or cancel it")
    row = MeasureRequest(
        id=tx.new_id(),
        incident_id=incident.id,
        question=question,
        accept_unread=accept_unread,
        state=RequestState.REQUESTED.value,
        attempts=0,
        requested_at=tx.now,
        requested_by=tx.actor.name,
        requested_by_id=tx.actor.member_id,
        started_at=None,
        ended_at=None,
        scope_id=None,
        version=None,
        problems=[],
    )
    tx.session.add(row)
    tx.record(incident, request=row.id)
    return row


@command("scoping.begin")
def begin(tx: Transaction, request_id: UUID) -> MeasureRequest | None:
    """Begin, or begin again, a measure that nobody makes; None if there is nothing to do.

    One that was begun too often has failed: what kills its process would do so again.
    """
    tx.hold(f"request {request_id}")
    row = queries.request(tx.session, request_id)
    if RequestState(row.state) not in {RequestState.REQUESTED, RequestState.RUNNING}:
        _move(tx, row, RequestState.CANCELLED, ended=True)
        return None
    if row.attempts >= MOST_ATTEMPTS:
        row.problems = [{"problem": f"broke off {row.attempts} times", "field": None}]
        _move(tx, row, RequestState.FAILED, ended=True)
        return None
    row.attempts += 1
    row.started_at = tx.now
    _move(tx, row, RequestState.RUNNING)
    return row


@command("scoping.finish")
def finish(
    tx: Transaction,
    request_id: UUID,
    outcome: Scope | Sequence[Problem] | None,
) -> None:
    """Say what became of a measure: a version, its problems, or None if it was cancelled."""
    row = queries.request(tx.session, request_id)
    if isinstance(outcome, Scope):
        row.scope_id, row.version = outcome.id, outcome.version
        _move(tx, row, RequestState.DONE, ended=True)
    elif outcome is None:
        _move(tx, row, RequestState.CANCELLED, ended=True)
    else:
        row.problems = [
            {"problem": each.problem, "field": each.field, "file": each.file, "line": each.line}
            for each in outcome
        ]
        _move(tx, row, RequestState.FAILED, ended=True)


@command("scoping.put_back")
def put_back(tx: Transaction, request_id: UUID) -> None:
    """Leave a measure to whoever comes next: the process that makes it is about to stop."""
    row = queries.request(tx.session, request_id)
    row.attempts -= 1
    _move(tx, row, RequestState.REQUESTED)


@command("scoping.cancel")
def cancel(tx: Transaction, request_id: UUID) -> None:
    """Cancel a measure: at once if it has not begun, else as soon as its maker looks."""
    tx.hold(f"request {request_id}")
    row = queries.request(tx.session, request_id)
    waiting = row.state == RequestState.REQUESTED.value
    to = RequestState.CANCELLED if waiting else RequestState.STOPPING
    _move(tx, row, to, ended=waiting)


def _move(
    tx: Transaction, row: MeasureRequest, to: RequestState, *, ended: bool = False
) -> None:
    row.state = states.advance(rules.REQUESTS, RequestState(row.state), to).value
    if ended:
        row.ended_at = tx.now
    tx.record(
        row,
        incident=row.incident_id,
        state=row.state,
        attempt=row.attempts,
        version=row.version,
        problems=len(row.problems),
    )
