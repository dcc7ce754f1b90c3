"""The register of many years, exported: seconds, memory, and what the library alone takes.

A register of closed lines, each as it was frozen, and a few open ones. Each format is written
in a process of its own, so that its peak of memory is its own; the floor is a plain xlsxwriter
in constant memory given the very same cells, made beforehand. Ratios within one run count,
figures between runs do not.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy import Engine, insert

from breachdesk.access import commands as access
from breachdesk.adapters.xlsx_writer import XlsxWriter
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import COMMANDS, Transactions
from breachdesk.filings import reading
from breachdesk.filings.terms import Form
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import rules as incident_rules
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel import ids
from breachdesk.kernel.clock import SystemClock
from breachdesk.kernel.database import migrate, open_engine
from breachdesk.kernel.vault import Vault
from breachdesk.law.reading import read_packs
from breachdesk.register import queries, rules
from breachdesk.register.models import RegisterLine
from breachdesk.settings import shipped

FORMATS = ("xlsx", "csv", "json")
OPEN = 20
YEARS = 10
BATCH = 1000
FORM_ID = "cnil-2023"
WORDS = "Un jeton d’accès a été dérobé et employé depuis une adresse étrangère au service. "
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def main() -> None:
    """Make the register, export it in every format, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--url", help="A database that is empty; SQLite in a folder of ours.")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        _one(*asked.one)
        return
    with tempfile.TemporaryDirectory(prefix="breachdesk-bench-") as name:
        url = asked.url or f"sqlite:///{name}/register.sqlite"
        _fill(url, Path(name), asked.lines)
        sys.stdout.write(f"{asked.lines} lines, {OPEN} of them open, on {url.split(':')[0]}\n")
        took = {each: _told(_run(each, url, name)) for each in (*FORMATS, "floor")}
        sys.stdout.write(f"xlsx / floor: {took['xlsx'] / took['floor']:.2f}\n")


def _run(what: str, url: str, folder: str) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603  (this very file)
        [sys.executable, __file__, "--one", what, url, folder],
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(done.stdout))


def _told(found: dict[str, Any]) -> float:
    seconds, used = float(found["seconds"]), float(found["used"])
    sys.stdout.write(
        f"{found['what']:6} {seconds:6.1f} s ({used:.1f} s of processor)  "
        f"peak {found['peak']:4.0f} MB "
        f"({found['before']:.0f} MB before)  {found['size']:5.1f} MB written\n"
    )
    return used


def _one(what: str, url: str, folder: str) -> None:
    """Write one format; the peak is that of this process."""
    engine, law = open_engine(url), read_packs(None)
    form = reading.form(shipped("templates"), FORM_ID)
    transactions = Transactions(engine, SystemClock(), Vault(Path(folder) / "vault", bytes(32)))
    target = Path(folder) / f"register.{what}"
    with transactions.reading(_actor().organisation_id) as session:
        reader = queries.reader(session, law, form)
        rows = queries.lines(session, law, form, NOW)
        if what == "floor":
            cells = [*next(iter(rules.sheets(rows, reader))).rows]
        before, begun, used = _peak(), time.perf_counter(), time.process_time()
        if what == "floor":
            _floor(target, cells)
        elif what == "xlsx":
            with target.open("wb") as out:
                XlsxWriter().write(out, rules.sheets(rows, reader))
        else:
            with target.open("w", encoding="utf-8") as out:
                out.writelines(rules.json_of(rows) if what == "json" else rules.csv_of(rows))
        seconds, used = time.perf_counter() - begun, time.process_time() - used
    megabyte = 1 << 20
    found = {
        "what": what,
        "seconds": seconds,
        "used": used,
        "before": before,
        "peak": _peak(),
        "size": target.stat().st_size / megabyte,
    }
    sys.stdout.write(json.dumps(found))


def _peak() -> float:
    """Return the most memory that this process has held, in MB; a parent's does not count."""
    [line] = [
        line
        for line in Path("/proc/self/status").read_text("ascii").splitlines()
        if line.startswith("VmHWM")
    ]
    return int(line.split()[1]) / 1024


def _floor(target: Path, rows: Sequence[Sequence[Any]]) -> None:
    """Write the cells as a library's reader would: each by what it is, nothing else."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        page = book.add_worksheet()
        instant = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    page.write_datetime(number, column, cell, instant)
                elif isinstance(cell, str):
                    page.write_string(number, column, cell)
                elif cell is not None:
                    page.write_number(number, column, cell)


def _actor() -> Actor:
    return Actor(
        member_id=UUID(int=0x7000_8000_0000_0000_0001),
        name="Bench",
        organisation_id=UUID(int=0x7000_8000_0000_0000_0002),
        permits=frozenset(COMMANDS),
    )


def _fill(url: str, folder: Path, count: int) -> None:
    """Log one breach as people do, then copy its frozen line through the years."""
    engine, actor = open_engine(url), _actor()
    migrate(engine, shipped("migrations"))
    vault = Vault(folder / "vault", bytes(32))
    transactions = Transactions(engine, SystemClock(), vault)
    law, form = read_packs(None), reading.form(shipped("templates"), FORM_ID)
    draft = IncidentDraft(
        title="Jeton d’API volé",
        summary=WORDS * 5,
        aware_at=NOW - timedelta(hours=12),
        started_at=NOW - timedelta(hours=59),
        ended_at=NOW - timedelta(hours=27),
        detected_at=NOW - timedelta(hours=13),
        facts={"cause": "stolen_credentials", "malicious": True, "subjects_count": 742},
    )
    with transactions.open(actor) as tx:
        access.found(tx, "Leadjet")
        logged = [incidents.log(tx, draft) for _ in range(OPEN)]
        row = _line(tx.session, law, form, logged[0])
    _copy(engine, actor, logged[0], row, count - OPEN)
    engine.dispose()


def _line(session: Any, law: Any, form: Form, incident: Incident) -> dict[str, Any]:
    """Return a line with as much in it as a breach that was told to everyone leaves."""
    row: dict[str, Any] = {**queries.line(session, law, form, incident, NOW)}
    letter = {"audience": "people", "letter": "gdpr.34.people/first", "people": 742}
    counts = {"accepted": 700, "delivered": 30, "bounced": 8, "dropped": 2, "not_informed": 2}
    step = {"at": NOW.isoformat(), "by": "Awa Ndiaye", "action": "incidents.add_to_timeline"}
    return {
        **row,
        "risk_reasoning": WORDS * 2,
        "measures_before": WORDS * 2,
        "measures_after": WORDS * 4,
        "sa_decision": "notified",
        "communications": [{**letter, **counts}],
        "lessons": WORDS * 2,
        "journal": [step] * 30,
    }


def _copy(
    engine: Engine, actor: Actor, like: Incident, row: dict[str, Any], count: int
) -> None:
    new_ids = ids.series(NOW)
    owner = actor.organisation_id
    for start in range(0, count, BATCH):
        closed, frozen = [], []
        for at in range(start, min(start + BATCH, count)):
            year, number = 2016 + at % YEARS, at // YEARS + 1
            instants = _instants(at)
            place = {"id": next(new_ids), "year": year, "number": number}
            reference = incident_rules.reference(year, number)
            closed.append(
                {**_columns(like), **place, "reference": reference, "stage": "closed"}
            )
            content = {
                **row,
                **{name: each.isoformat() for name, each in instants.items()},
                "number": reference,
                "status": "closed",
            }
            frozen.append(
                {
                    "id": next(new_ids),
                    "organisation_id": owner,
                    "incident_id": place["id"],
                    "reference": reference,
                    "content": content,
                    "digest": "",
                    "closed_at": instants["closed_at"],
                    "closed_by": "Bench",
                }
            )
        with engine.begin() as connection:
            connection.execute(insert(Incident), closed)
            connection.execute(insert(RegisterLine), frozen)


def _columns(row: Incident) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}


def _instants(at: int) -> dict[str, datetime]:
    aware = NOW - timedelta(hours=3 * at)
    return {
        "occurred_from": aware - timedelta(hours=50),
        "occurred_to": aware - timedelta(hours=2),
        "detected_at": aware - timedelta(hours=at % 40),
        "aware_at": aware,
        "closed_at": aware + timedelta(days=60),
    }


if __name__ == "__main__":
    main()
