"""How quick the desk is with 20,000 incidents: questions, processor time, size, and its files.

Prints one line a page. Run it on a quiet machine; `make bench` does.
"""

import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event, insert

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from breachdesk.access import commands as access
from breachdesk.audit.transaction import Transactions
from breachdesk.faces.web import assets
from breachdesk.faces.web.context import create_app
from breachdesk.incidents import commands, rules
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel import ids
from breachdesk.kernel.database import migrate, open_engine
from breachdesk.kernel.vault import Vault
from breachdesk.settings import shipped
from conftest import NOW, ORGANISATION, FixedClock, someone
from web_face import FRENCH, Visit, desk_of, invite, whole_breach

INCIDENTS = 20_000
OPEN = 40
RUNS = 15
KINDS = ("Ordinateur perdu", "Jeton volé", "Courriel mal adressé", "Rançongiciel")
FIRST_LOAD = ("bootstrap.min.css", "desk.css", "htmx.min.js", "desk.js", "keep.js", "mark.svg")


def main() -> None:
    """Fill a desk, ask for its pages, print what each cost."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        engine = open_engine(f"sqlite:///{home / 'breachdesk.sqlite'}")
        migrate(engine, shipped("migrations"))
        actor = someone("Awa")
        clock = FixedClock(NOW + timedelta(hours=3))
        transactions = Transactions(engine, clock, Vault(home / "vault", bytes(32)))
        with transactions.open(actor) as tx:
            access.found(tx, "Leadjet")
        desk = desk_of(transactions, home)
        password = invite(transactions, actor, FRENCH)
        reference = whole_breach(desk, actor)
        with engine.begin() as connection:
            rows = [_row(number) for number in range(INCIDENTS)]
            connection.execute(insert(Incident), rows)
        app = create_app(desk, bytes(32))
        visit = Visit(app)
        visit.sign_in(FRENCH.email, password)
        for name, path in (
            ("board", "/"),
            ("board, page 40", _far(visit, "/")),
            ("search", "/?q=jeton+vole+19"),
            ("search, nothing found", "/?q=zzzz"),
            ("register", "/register/"),
            ("register, page 40", _far(visit, "/register/")),
            ("clock wall", "/clocks/"),
            ("clock wall, page 10", "/clocks/?page=10"),
            ("clock wall, unchanged", _again(visit)),
            ("incident", f"/incidents/{reference}"),
            ("trail", "/trail/"),
        ):
            _measure(engine, visit, name, path)
        _create(transactions, actor)
        _files()


def _row(number: int) -> dict[str, object]:
    aware = datetime(2026, 11, 19, tzinfo=UTC) - timedelta(minutes=37 * number)
    is_open = number < OPEN
    title = f"{KINDS[number % 4]} {number}"
    reference = rules.reference(2010 + number % 16, number)
    return {
        "id": ids.new_id(aware),
        "organisation_id": ORGANISATION,
        "reference": reference,
        "year": 2010 + number % 16,
        "number": number + 10,
        "title": title,
        "summary": "Un texte de deux phrases, comme on en écrit. Il est gardé. " * 3,
        "zone": "Europe/Paris",
        "aware_at": aware,
        "logged_at": aware,
        "logged_by": "Awa",
        "drill": number % 50 == 0,
        "facts": {},
        "stage": "open" if is_open else "closed",
        "closed_at": None if is_open else aware + timedelta(days=9),
        "sought": rules.sought(reference, title, ""),
    }


def _far(visit: Visit, path: str) -> str:
    """Return the address of page 40, reached as a person reaches it."""
    for _ in range(39):
        page = visit.get(path).text
        path = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        path = path.replace("&amp;", "&")
    return path


def _again(visit: Visit) -> str:
    """Return what the page of clocks that stands open asks every half a minute."""
    page = visit.get("/clocks/").text.partition('id="clocks"')[2]
    return page.partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")


def _measure(engine: object, visit: Visit, name: str, path: str) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement != "BEGIN":
            asked.append(statement)

    part = {"HX-Request": "true"} if "seen=" in path else {}
    visit.get(path, **part)
    event.listen(engine, "before_cursor_execute", note)
    answer = visit.get(path, **part)
    event.remove(engine, "before_cursor_execute", note)
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        visit.get(path, **part)
        times.append(time.process_time() - began)
    print(
        f"{name:24} {answer.status_code} {len(asked):3} questions "
        f"{statistics.median(times) * 1000:6.1f} ms of processor "
        f"{len(answer.data) / 1000:6.1f} kB"
    )


def _create(transactions: Transactions, actor: object) -> None:
    times = []
    for number in range(RUNS * 3):
        began = time.perf_counter()
        with transactions.open(actor) as tx:  # type: ignore[arg-type]  # someone's
            commands.log(tx, IncidentDraft(title=f"Breach {number}", aware_at=tx.now))
        times.append(time.perf_counter() - began)
    print(f"{'log an incident':24} {statistics.median(times) * 1000:30.1f} ms at the median")


def _files() -> None:
    packed = sum(len(assets.load(each).packed) for each in FIRST_LOAD)
    print(f"{'files of a first load':24} {packed / 1000:31.1f} kB gzipped")


if __name__ == "__main__":
    main()
