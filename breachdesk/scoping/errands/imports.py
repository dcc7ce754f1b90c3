"""The errand of converting evidence once, and of asking later questions of what it made."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.kernel.errors import Forbidden, Problem, Unusable
from breachdesk.kernel.vault import Vault
from breachdesk.scoping import commands, rules
from breachdesk.scoping.ports import Population
from breachdesk.scoping.terms import File, Import, Log, Progress, Question


def convert(
    transactions: Transactions,
    population: Population,
    actor: Actor,
    incident_id: UUID,
    question: Question,
    *,
    progress: Progress = lambda _done, _total: None,
) -> list[Import]:
    """Keep the logs of a question sealed as columns; those that are kept already stay.

    Each file is kept as soon as it was converted. Raises Unusable for one that cannot be read,
    and for one that was changed in the meantime.
    """
    with transactions.open(actor):  # a refusal is on the trail
        if not actor.may("scoping.keep_import"):
            raise Forbidden(f"{actor.name} may not run scoping.keep_import")
    done, total = 0, sum(len(log.files) for log in question.logs)
    made = []
    for log in question.logs:
        for file in log.files:
            progress(done, total)
            made += _one(transactions, population, actor, incident_id, log, file)
            done += 1
    progress(total, total)
    return made


def _one(
    transactions: Transactions,
    population: Population,
    actor: Actor,
    incident_id: UUID,
    log: Log,
    file: File,
) -> list[Import]:
    sha256 = rules.file_digest(file.path)
    name = rules.import_name(log, sha256)
    if transactions.vault.has_list(incident_id, name):
        return []
    with population.workplace() as folder:
        found = []
        for each in population.convert(log, folder, file):
            if rules.file_digest(file.path) != sha256:
                raise Unusable(Problem(rules.CHANGED, file.name))
            with transactions.open(actor) as tx:
                commands.keep_import(tx, incident_id, name, sha256, each)
            found.append(each)
    return found


def with_imports(vault: Vault, incident_id: UUID, question: Question, folder: Path) -> Question:
    """Return the question asked of what its logs were converted to, laid out in `folder`.

    A file of other bytes, or one that is to be read in another way, is read itself.
    """
    if not any(name.startswith(rules.IMPORTS) for name in vault.list_names(incident_id)):
        return question
    folder.mkdir()
    return replace(
        question,
        logs=tuple(
            replace(
                log,
                files=tuple(_imported(vault, incident_id, log, f, folder) for f in log.files),
            )
            for log in question.logs
        ),
    )


def _imported(vault: Vault, incident_id: UUID, log: Log, file: File, folder: Path) -> File:
    sha256 = rules.file_digest(file.path)
    name = rules.import_name(log, sha256)
    if not vault.has_list(incident_id, name):
        return file  # its digest is that of the bytes that are measured, not of these
    target = folder / f"{name}.parquet"
    if not target.exists():
        vault.fetch_list(incident_id, name, target)
    return replace(file, sha256=sha256, imported=target)
