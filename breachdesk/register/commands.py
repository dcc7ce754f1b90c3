"""What can be done with the register: close a line, open it again, hand out the pack."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from breachdesk.access.commands import limits
from breachdesk.audit.transaction import Transaction, command
from breachdesk.filings import rules as filing_rules
from breachdesk.filings.ports import PaperWriter
from breachdesk.filings.terms import Form
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Problem, Refused, Unusable
from breachdesk.law.terms import Law
from breachdesk.register import queries, rules
from breachdesk.register.models import RegisterLine
from breachdesk.register.terms import LineFacts


class DutiesWait(Refused):
    """Duties or tasks are still open: they are met, waived, or left open for a reason."""


class NotClosed(Refused):
    """The incident has no frozen line: it was never closed, or is open again."""


@dataclass(frozen=True, slots=True)
class Stationery:
    """What a pack is written with: the forms by id, the layouts by form, the files added.

    `register` is the layout of the line on paper; `files` go into every pack as they are.
    """

    forms: Mapping[str, Form]
    layouts: Mapping[str, str]
    register: str
    files: Mapping[str, bytes]


@command("register.close")
def close(
    tx: Transaction,
    incident: Incident,
    law: Law,
    form: Form,
    lessons: str,
    *,
    left_open: str | Mapping[str, str] = "",
) -> RegisterLine:
    """Close an incident and freeze its line: what is known, what was done, what was learnt.

    What the law asks and the tasks begun must be done, waived or left out; else `left_open`
    says why they stay open, and the line shows both: one reason for all of them, or one for
    each by its name, and under the empty name the one for the rest. Art. 33(1) and 34(1) GDPR
    cannot stay open. Raises DutiesWait with the list, Unusable for no lessons or for a reason
    of something that is not open.
    """
    if not lessons.strip():
        raise Unusable(Problem("is empty; say what was learnt", field="lessons"))
    facts = queries.facts_of_many(tx.session, law, form, [incident], tx.now)[incident.id]
    waiting, because = _waiting(tx, incident, facts, left_open)
    incidents.close(tx, incident)
    known = replace(
        facts.known,
        status=incident.stage,
        closed_at=tx.now,
        lessons=lessons.strip(),
        left_open=waiting,
        left_open_reason=because,
    )
    row = rules.line(replace(facts, known=known))
    line = RegisterLine(
        id=tx.new_id(),
        incident_id=incident.id,
        reference=incident.reference,
        content=dict(row),
        digest=rules.digest(row),
        closed_at=tx.now,
        closed_by=tx.actor.name,
    )
    tx.session.add(line)
    tx.record(
        incident,
        line=line.id,
        digest=line.digest,
        left_open=list(waiting),
        because=known.left_open_reason,
    )
    return line


def _waiting(
    tx: Transaction, incident: Incident, facts: LineFacts, told: str | Mapping[str, str]
) -> tuple[tuple[str, ...], str]:
    """Return what stays open, and why. Raises DutiesWait with the list where it may not."""
    given = {"": told} if isinstance(told, str) else told
    reasons = {name: reason.strip() for name, reason in given.items() if reason.strip()}
    first, rest = queries.still_open(tx.session, incident, facts)
    if first:
        raise DutiesWait(
            f"{incident.reference} still owes {', '.join(first)}; meet or waive it first"
        )
    if strange := {*reasons} - {"", *rest}:
        said = f"{', '.join(sorted(strange))}: nothing of that name is open"
        raise Unusable(Problem(said, field="left_open"))
    unsaid = [name for name in rest if "" not in reasons and name not in reasons]
    if unsaid:
        raise DutiesWait(
            f"{incident.reference} still has open: {', '.join(unsaid)}; meet, waive "
            "or leave them out, or say why they stay open"
        )
    own = [f"{name}: {reasons[name]}" for name in rest if name in reasons]
    general = [reasons[""]] if "" in reasons and len(own) < len(rest) else []
    return rest, "\n".join([*general, *own])


@command("register.reopen")
def reopen(tx: Transaction, incident: Incident, reason: str) -> RegisterLine:
    """Open a closed incident again, for a reason; the frozen line is kept."""
    line = queries.frozen_line(tx.session, incident.id)
    if line is None:
        raise NotClosed(f"{incident.reference} is not closed")
    incidents.reopen(tx, incident, reason)
    line.reopened_at = tx.now
    line.reopened_by = tx.actor.name
    line.reopened_for = reason.strip()
    tx.record(incident, line=line.id, reason=line.reopened_for)
    return line


@command("register.export_pack")
def export_pack(
    tx: Transaction,
    incident: Incident,
    law: Law,
    form: Form,
    paper: PaperWriter,
    stationery: Stationery,
    *,
    addresses: bytes | None = None,
) -> dict[str, bytes]:
    """Return the files of an inspection pack, with the manifest of their digests.

    `addresses` is what `seal_addresses` gave, where a pack is to hold them at all.
    The trail keeps the manifest's digest: it proves later which pack was handed out.
    """
    limits.spend(tx, "export")
    session = tx.session
    row = queries.line(session, law, form, incident, tx.now)
    reader = queries.reader(session, law, form)
    trail = queries.trail_of(session, incident)
    told: dict[str, Any] = {
        **stationery.files,
        **queries.papers_of(session, incident),
        **queries.receipt_papers_of(session, tx.vault, incident),
        **_drafts(tx, incident, paper, stationery),
        "register.json": row,
        "register.pdf": paper.write(
            stationery.register, rules.paper([row], reader, tx.now, rules.digest(row))
        ),
        "trail.jsonl": rules.lines_of(trail),
        "head.json": _head(tx, len(trail)),
    }
    if addresses is not None:
        told[rules.ADDRESSES] = addresses
    files = {path: rules.document(each) for path, each in told.items()}
    files[rules.MANIFEST] = rules.manifest(files)
    files[rules.SEAL] = rules.seal(files[rules.MANIFEST])
    digest = rules.sha256(files[rules.MANIFEST])
    tx.record(incident, manifest=digest, files=len(files))
    return files


@command("register.seal_addresses")
def seal_addresses(tx: Transaction, incident: Incident, purpose: str, passphrase: str) -> bytes:
    """Return the addresses that were written to, sealed with a passphrase, for a purpose.

    The trail keeps who asked, what for and how many: never an address. Raises Unusable for no
    purpose or a short passphrase, Purged where the lists are gone.
    """
    if not purpose.strip():
        raise Unusable(Problem("is empty; say what the addresses are for", field="purpose"))
    clear, people = queries.addresses_of(tx.session, tx.vault, incident)
    made = rules.sealed(clear, passphrase, os.urandom(rules.SALT_BYTES))
    tx.record(incident, purpose=purpose.strip(), addresses=people, digest=rules.sha256(made))
    return made


def _head(tx: Transaction, entries: int) -> dict[str, Any]:
    """Return the last entry that the vault has sealed, and how many are in the pack."""
    chain = str(tx.organisation_id)
    sequence, digest = tx.vault.head(chain) or (0, "")
    return {"chain": chain, "sequence": sequence, "digest": digest, "entries": entries}


def _drafts(
    tx: Transaction, incident: Incident, paper: PaperWriter, stationery: Stationery
) -> dict[str, Any]:
    """Return each draft as it was kept; on paper too, where its form is still there."""
    found: dict[str, Any] = {}
    for draft in queries.drafts_of(tx.session, incident):
        place = f"filings/{draft.authority.replace(':', '-')}/draft-{draft.number:03}"
        found[f"{place}.json"] = {**asdict(draft), "kind": draft.kind.value}
        form = stationery.forms.get(draft.form)
        if form is not None:
            values = filing_rules.paper(form, draft, incident.zone)
            found[f"{place}.pdf"] = paper.write(stationery.layouts[draft.form], values)
    return found
