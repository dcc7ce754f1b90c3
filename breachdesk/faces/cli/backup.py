"""`breachdesk backup` and `breachdesk restore`: the whole desk in one sealed file, and back."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.keeping.errands.backing_up import BackedUp, Told, back_up
from breachdesk.keeping.errands.ledger import NAME
from breachdesk.keeping.errands.restoring import restore as put_back
from breachdesk.keeping.terms import Restored
from breachdesk.kernel.archive import BackupKey, must_be_backup
from breachdesk.kernel.errors import Problem, Refused, Unusable
from breachdesk.kernel.vault import read_master

A_FILE = click.Path(path_type=Path, dir_okay=False)


class Incomplete(Refused):
    """The desk was restored, and its trail is not whole."""


@dataclass(frozen=True, slots=True)
class Named:
    """By what the person at the terminal says that a backup is sealed."""

    key_file: Path | None
    passphrase_file: Path | None
    ask: bool


def key_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the ways to name by what a backup is sealed; hand them over as one."""

    @functools.wraps(function)
    def run(
        *rest: Any, key_file: Path | None, passphrase_file: Path | None, ask: bool, **more: Any
    ) -> None:
        if sum((key_file is not None, passphrase_file is not None, ask)) > 1:
            raise Unusable("name one: --key-file, --passphrase-file or --passphrase")
        function(*rest, named=Named(key_file, passphrase_file, ask), **more)

    for name, about in (
        ("--key-file", "A file of at least 32 random bytes that seals the backup."),
        ("--passphrase-file", "A file whose first line is the passphrase that seals it."),
    ):
        run = click.option(name, type=A_FILE, help=about)(run)
    asked = click.option("--passphrase", "ask", is_flag=True, help="Ask for a passphrase.")
    return asked(run)


@click.command("backup")
@click.argument("file", type=A_FILE)
@key_options
@json_option
@pass_terminal
def backup(
    terminal: Terminal,
    file: Path,
    *,
    named: Named,
    as_json: bool,
) -> None:
    """Write the whole desk to FILE, sealed, and read it back. The desk may be at work.

    Without a key the file secrets/backup.key of the home is used, made at first use. To restore
    one needs FILE, that key and the master key: keep the three apart.
    """
    desk, actor = terminal.desk, terminal.actor
    key, called = _key(terminal, named, make=True)
    with _progress() as told:
        done = back_up(desk.transactions, actor, file, key, told)
    answer(_told(done, called), as_json=as_json, text=lambda: _said(done, called))


@click.command("restore")
@click.argument("file", type=A_FILE)
@key_options
@click.option("--replace", metavar="NAME", help="Replace what stands, confirmed by its name.")
@click.option(
    "--former-master",
    type=A_FILE,
    help="The master key of the backup's time, if it was rotated since.",
)
@json_option
@pass_terminal
def restore(
    terminal: Terminal,
    file: Path,
    *,
    named: Named,
    replace: str | None,
    former_master: Path | None,
    as_json: bool,
) -> None:
    """Put the desk back as FILE holds it, into an empty home and database.

    Stop every process of the desk first. Afterwards every campaign is on hold, what may have
    been sent since is in doubt, and nothing is purged before `breachdesk purge` was run.
    """
    must_be_backup(file)
    key, _ = _key(terminal, named, make=False)
    former = None if former_master is None else _bytes(former_master)
    with _progress() as told:
        done = put_back(
            terminal.place(), file, key, told, replace=replace, former_master=former
        )
    ledger = (file.absolute().parent / NAME).exists()
    document = {
        "made_at": done.made_at,
        "digest": done.digest,
        "rows": dict(done.rows),
        "files": done.files,
        "left_out": done.left_out,
        "ledger": ledger,
        "doubtful": dict(done.doubtful),
        "whole": done.whole,
        "gap": done.gap,
    }
    answer(document, as_json=as_json, text=lambda: _put_back(done, ledger=ledger))
    if not done.whole:
        raise Incomplete(f"the trail of the restored desk is broken: {done.gap}")


def _key(terminal: Terminal, named: Named, *, make: bool) -> tuple[BackupKey, str]:
    """Return by what the backup is sealed, and how one calls it."""
    if named.ask:
        text = click.prompt("Passphrase", hide_input=True, confirmation_prompt=make, err=True)
        return BackupKey(text.encode(), passphrase=True), "the passphrase"
    if named.passphrase_file is not None:
        lines = _bytes(named.passphrase_file).splitlines()
        secret = lines[0] if lines else b""
        return BackupKey(secret, passphrase=True), f"the passphrase in {named.passphrase_file}"
    chosen = named.key_file or terminal.backup_key
    if named.key_file is None and make:
        read_master(chosen)
    return BackupKey(_bytes(chosen), passphrase=False), str(chosen)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise Unusable(Problem(f"cannot be read: {fault.strerror}", file=str(path))) from None


@contextmanager
def _progress() -> Iterator[Told]:
    """Show which table is at hand and how many rows of it are done, on standard error."""
    with Progress(
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not Console(stderr=True).is_terminal,
    ) as progress:
        task = progress.add_task("reading", total=None)
        yield lambda name, number: progress.update(task, description=name, completed=number)


def _told(done: BackedUp, named: str) -> dict[str, object]:
    return {
        "file": str(done.path),
        "bytes": done.written.bytes,
        "digest": done.written.digest,
        "rows": done.rows,
        "files": done.files,
        "verified": True,
        "key": named,
    }


def _said(done: BackedUp, named: str) -> str:
    return (
        f"{done.path}: {done.written.bytes:,} bytes, {sum(done.rows.values()):,} rows and "
        f"{done.files} files of the vault, sealed, read back and equal.\n"
        f"To restore one needs this file, {named}, and the master key of the home: keep them "
        "apart. Without either of the two keys nobody can read it."
    )


def _put_back(done: Restored, *, ledger: bool) -> str:
    doubt = done.doubtful
    waits, people = doubt.get("chunks_doubtful", 0), doubt.get("people_doubtful", 0)
    rows, at = f"{sum(done.rows.values()):,}", done.made_at.isoformat()
    held = doubt.get("campaigns_on_hold", 0)
    lines = [
        f"Restored as of {at}: {rows} rows, {done.files} files of the vault.",
        f"On hold: {held} campaigns.",
        f"In doubt, for they may have been sent since: {waits} chunks with {people} people.",
        f"Left out, since purged: the keys of {done.left_out} incidents.",
    ]
    if not ledger:
        lines.append(
            f"No {NAME} lies beside the backup: what was purged elsewhere since came back."
        )
    lines.append("Look at `breachdesk purge --dry-run` and purge once by hand.")
    return "\n".join(lines)
