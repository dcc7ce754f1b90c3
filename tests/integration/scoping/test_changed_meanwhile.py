"""Files that somebody writes to while they are measured: refused by name, never half read."""

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

import scoping_world as world
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping import reading

AT = "2026-11-19T12:00:00Z"
LOG = "ts,t,p\n" + "".join(f"{AT},tok,/users/{key}\n" for key in "78a")
PEOPLE = {"first": "('7'), ('8'), ('a')", "other": "('7'), ('7'), ('7'), ('8')"}
Change = Callable[[Path, Path], object]


def columns_of(path: Path, rows: str) -> None:
    duckdb.connect().execute(
        f"COPY (SELECT * FROM (VALUES {rows}) AS t(id)) TO '{path}' (FORMAT parquet)"  # noqa: S608  (our own)
    )


@pytest.fixture
def text(tmp_path: Path) -> str:
    """Return a question about a log and a directory; beside each lies another."""
    for name, rows in PEOPLE.items():
        columns_of(tmp_path / f"{name}.parquet", rows)
    (tmp_path / "first.csv").write_text(LOG)
    (tmp_path / "other.csv").write_text(LOG + f"{AT},tok,/users/b\n")
    return world.question(
        evidence=[
            {"files": ["first.csv"], "format": "csv",
             "map": {"at": "ts", "token": "t", "path": "p"}},
        ],
        directory=[{"files": ["first.parquet"], "store": "accounts", "map": {"person": "id"}}],
        intruder={"token": ["tok"]},
    )  # fmt: skip


@pytest.mark.parametrize("name", ["first.csv", "first.parquet"])
@pytest.mark.parametrize(
    "change",
    [
        lambda old, new: new.replace(old),
        lambda old, new: old.write_bytes(new.read_bytes()),
        lambda old, _: os.truncate(old, 0),
        lambda old, _: old.unlink(),
    ],
    ids=["replaced", "written over", "emptied", "removed"],
)
@pytest.mark.parametrize("step", [1, 2])
def test_what_was_changed_is_named(
    tmp_path: Path, text: str, name: str, change: Change, step: int
) -> None:
    question = reading.parse(text, tmp_path / "q.toml", world.datamap())
    population = DuckDBPopulation(tmp_path / "scoping")
    changes = [lambda: change(tmp_path / name, tmp_path / name.replace("first", "other"))]

    def progress(done: int, _: int) -> None:
        if done >= step and changes:
            changes.pop()()

    with (
        population.workplace() as folder,
        pytest.raises(Unusable, match=f"^{name}: was changed while it was read"),
    ):
        population.measure(question, world.datamap(), folder, progress)
    assert changes == []
