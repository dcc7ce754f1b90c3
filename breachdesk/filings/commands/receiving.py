"""Record what the authority answered: its number, the instant, the paper."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from breachdesk.audit.transaction import Transaction, command
from breachdesk.filings import queries
from breachdesk.filings.commands.drafting import draft
from breachdesk.filings.models import FilingReceipt, FilingSnapshot
from breachdesk.filings.terms import FOLLOWING, Form, Kind
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Problem, Refused, Unusable
from breachdesk.kernel.times import utc
from breachdesk.law.terms import Law
from breachdesk.obligations import commands as obligations

PAPERS = (b"%PDF-", b"\x89PNG\r\n", b"\xff\xd8\xff", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a PDF, a picture and a document begin, new or old; a text has no such mark."""
LOOKED_AT = 512


class AlreadyRecorded(Refused):
    """The authority's number stands in the record already."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the authority answered: its number, when it took the filing, and the paper.

    `paper` is the file as it came, for the vault; where only its digest is at hand, that is
    kept. `draft` is the number of the draft that was filed; None takes the last one.
    """

    reference: str
    filed_at: datetime
    file_digest: str = ""
    draft: int | None = None
    paper: Path | None = None
    paper_name: str = ""


@command("filings.record_receipt")
def record_receipt(
    tx: Transaction, incident: Incident, law: Law, form: Form, receipt: Receipt
) -> FilingReceipt:
    """Record the authority's acknowledgement; the duty to notify is met at that instant.

    Only the first filing meets the duty; those after it are complements (Art. 33(4) GDPR).
    Raises Unusable for no number or an instant to come, AlreadyRecorded for a number twice.
    """
    earlier = queries.receipts_of(tx.session, incident.id, form.authority)
    reference = _usable(receipt, tx.now)
    if any(each.reference == reference for each in earlier):
        raise AlreadyRecorded(f"the number {reference} is recorded already")
    snapshot = _filed(tx, incident, law, form, receipt.draft, first=not earlier)
    row = FilingReceipt(
        id=tx.new_id(),
        incident_id=incident.id,
        snapshot_id=snapshot.id,
        authority=form.authority,
        kind=_kind_of(snapshot, first=not earlier).value,
        reference=reference,
        filed_at=utc(receipt.filed_at),
        file_digest=receipt.file_digest,
        recorded_at=tx.now,
        recorded_by=tx.actor.name,
    )
    _keep_paper(tx, row, receipt)
    tx.session.add(row)
    tx.record(
        incident,
        number=reference,
        kind=row.kind,
        filed_at=row.filed_at,
        file_digest=row.file_digest,
        draft=snapshot.number,
        snapshot=snapshot.digest,
    )
    evidence = f"{form.authority}: {reference} {row.file_digest}".strip()
    for duty in _met_by(Kind(row.kind), form, first=not earlier):
        obligations.fulfil(tx, incident, duty, row.filed_at, evidence, law)
    return row


def _keep_paper(tx: Transaction, row: FilingReceipt, receipt: Receipt) -> None:
    """Seal the paper in the vault under a key of the receipt's own."""
    row.file_name, row.file_size = "", 0
    if receipt.paper is not None and not _is_paper(receipt.paper):
        raise Unusable(Problem("is no PDF, picture, document or text", field="paper"))
    if receipt.paper is None:
        return
    tx.vault.make_key(row.id)
    row.file_digest = tx.vault.store_list(row.id, queries.PAPER, receipt.paper)
    row.file_name = receipt.paper_name or receipt.paper.name
    row.file_size = receipt.paper.stat().st_size


def _met_by(kind: Kind, form: Form, *, first: bool) -> Iterator[str]:
    """Yield the duties that a filing of this kind meets."""
    if first and form.meets:
        yield form.meets
    if form.completes and kind in {Kind.COMPLETE, Kind.COMPLEMENTARY}:
        yield form.completes


def _usable(receipt: Receipt, now: datetime) -> str:
    """Return the authority's number. Raises Unusable for none, or an instant to come."""
    if not receipt.reference.strip():
        raise Unusable(Problem("is empty; it is the authority's number", field="number"))
    if utc(receipt.filed_at) > now:
        raise Unusable(Problem("is in the future", field="at"))
    return receipt.reference.strip()


def _filed(
    tx: Transaction,
    incident: Incident,
    law: Law,
    form: Form,
    number: int | None,
    *,
    first: bool,
) -> FilingSnapshot:
    """Return the draft that was filed: the one named, else the last; made now if none is.

    What was filed is always frozen, whoever forgot to keep a draft of it.
    """
    if number is not None:
        return queries.draft(tx.session, incident.id, form.authority, number)
    drafts = queries.drafts_of(tx.session, incident.id, form.authority)
    kind = Kind.INITIAL if first else Kind.COMPLEMENTARY
    if drafts:
        return drafts[-1]
    made = draft(tx, incident, law, form, kind)
    tx.session.flush()  # the receipt names it
    return made


def _kind_of(snapshot: FilingSnapshot, *, first: bool) -> Kind:
    """Return the kind of a filing: the first follows none, the later ones follow it."""
    kind = Kind(snapshot.kind)
    if first:
        return Kind.INITIAL if kind in FOLLOWING else kind
    return kind if kind in FOLLOWING else Kind.COMPLEMENTARY


def _is_paper(path: Path) -> bool:
    """Tell by its first bytes whether a file is what an authority sends; never by its name."""
    with path.open("rb") as file:
        head = file.read(LOOKED_AT)
    if head.startswith(PAPERS):
        return True
    try:
        text = head.decode() if len(head) < LOOKED_AT else head.decode(errors="ignore")
    except UnicodeDecodeError:
        return False
    return "\0" not in text and not text.lstrip("\ufeff \t\r\n").startswith(("<", "#!"))
