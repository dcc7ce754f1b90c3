"""What every command of the terminal shares: the desk, the actor, the answer, the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

if TYPE_CHECKING:  # a pure command loads no database
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from breachdesk.access.terms import MemberDraft
    from breachdesk.audit.terms import Actor
    from breachdesk.audit.transaction import Transaction
    from breachdesk.desk import Desk
    from breachdesk.keeping.errands.examining import Patient
    from breachdesk.keeping.errands.staging import Place
    from breachdesk.law.terms import Law

ZONE = "Europe/Paris"
ASKED = "asked for on a terminal"
"""Why affected people are looked at, where whoever sits at the terminal says nothing else."""
F = TypeVar("F", bound=Callable[..., Any])


class Serve(Protocol):
    """Serves the desk while the context lasts, and gives its address."""

    def __call__(self, desk: Desk, actor: Actor, *, jobs: bool) -> AbstractContextManager[str]:
        """Serve `desk`; with `jobs`, run the clock and the senders in the same process."""


@dataclass
class Terminal:
    """One run of a command. The desk is opened at first use: pure commands make no home."""

    home: Path
    read_law: Callable[[], Law]
    open_desk: Callable[[], Desk]
    find_actor: Callable[[Desk], Actor]
    serve: Serve
    work: Callable[[Desk, Actor], AbstractContextManager[None]]
    found: Callable[[Desk, str, MemberDraft], str]
    elsewhere: Callable[[Path], Terminal]
    zone_there: Callable[[], str | None]
    place: Callable[[], Place]
    backup_key: Path
    patient: Callable[[], Patient]
    shown: Callable[[], dict[str, str]]

    @cached_property
    def law(self) -> Law:
        """Return the law packs in use; reading them makes no home."""
        return self.read_law()

    @cached_property
    def zone(self) -> str:
        """Return the organisation's zone, else Europe/Paris. Makes no home to find out."""
        return self.zone_there() or ZONE

    @cached_property
    def desk(self) -> Desk:
        """Return the desk, made and migrated if need be."""
        return self.open_desk()

    @cached_property
    def actor(self) -> Actor:
        """Return who acts: BREACHDESK_ACTOR, else the owner of the home."""
        return self.find_actor(self.desk)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Run commands as the actor."""
        with self.desk.transactions.open(self.actor) as tx:
            yield tx

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Run queries for the actor's organisation."""
        with self.desk.transactions.reading(self.actor) as session:
            yield session


pass_terminal = click.make_pass_decorator(Terminal)


def json_option(function: F) -> F:
    """Add `--json`: one document on standard output, for a program."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Answer with one JSON document."
    )(function)


def answer(document: Any, *, as_json: bool, text: str | Callable[[], str]) -> None:
    """Print `document` as JSON for a program, else `text` for a person."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=plain))
    else:
        click.echo(text if isinstance(text, str) else text())


def plain(value: Any) -> Any:
    """Turn what JSON does not know into text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    return str(getattr(value, "value", value))
