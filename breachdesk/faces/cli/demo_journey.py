"""What the steps of the demonstration hand on to each other, shown with a bar for each."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TypeVar
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.orm import Session

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transaction
from breachdesk.faces.cli.demo_inputs import DemoInputs
from breachdesk.faces.cli.terminal import Terminal, plain
from breachdesk.incidents import queries

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Size:
    """How many people and rows of log to make up, from which seed."""

    people: int
    log_rows: int
    seed: int


@dataclass
class Journey:
    """What the steps hand on to each other, and what each of them took."""

    terminal: Terminal
    console: Console
    size: Size
    made: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    actors: dict[str, Actor] = field(default_factory=dict)
    _inputs: DemoInputs | None = None
    _incident_id: UUID | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[int, int | None], None]]:
        """Show a bar while the step runs; yield what is told how much of how much is done."""
        began = perf_counter()
        columns = (
            TextColumn("{task.description}", style="bold"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task(f"{name:<28}", total=None)

            def tell(done: int, total: int | None) -> None:
                progress.update(task, completed=done, total=total)

            yield tell
            known = progress.tasks[0].total
            progress.update(task, completed=known or 1, total=known or 1)
        self.steps.append({"name": name, "seconds": round(perf_counter() - began, 3)})

    @property
    def inputs(self) -> DemoInputs:
        """Return where the made-up inputs lie, once they are made."""
        return _made(self._inputs)

    @inputs.setter
    def inputs(self, inputs: DemoInputs) -> None:
        self._inputs = inputs

    @property
    def incident_id(self) -> UUID:
        """Return the incident's id, once it is logged."""
        return _made(self._incident_id)

    @incident_id.setter
    def incident_id(self, incident_id: UUID) -> None:
        self._incident_id = incident_id

    @property
    def actor(self) -> Actor:
        """Return who handles the breach: the first member that was let in."""
        return next(iter(self.actors.values()))

    def acting(self) -> AbstractContextManager[Transaction]:
        """Run commands as the one who handles the breach."""
        return self.terminal.desk.transactions.open(self.actor)

    def reading(self) -> AbstractContextManager[Session]:
        """Run queries for the organisation."""
        return self.terminal.desk.transactions.reading(self.actor.organisation_id)

    def incident(self, session: Session) -> Any:
        """Return the breach that is handled."""
        return queries.by_reference(session, self.made["incident"]["reference"])

    def write(self, name: str, content: object) -> str:
        """Write a document of the journey, a text or what becomes JSON; return its path."""
        folder = self.terminal.home / "documents"
        folder.mkdir(exist_ok=True, mode=0o700)
        text = (
            content
            if isinstance(content, str)
            else json.dumps(content, ensure_ascii=False, indent=2, default=plain) + "\n"
        )
        path = folder / name
        path.write_text(text, "utf-8", newline="")
        return str(path)


def _made(value: T | None) -> T:
    if value is None:
        raise RuntimeError("the steps of the journey are out of order")
    return value
