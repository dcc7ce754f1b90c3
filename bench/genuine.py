"""Whether the page that checks a code tells a known code from an unknown one by its time.

Prints the quartiles of both, taken in turns, and the ratio of their medians. Run it on a quiet
machine.
"""

import random
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from breachdesk.access import commands as access
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import queries, rules
from breachdesk.faces.web.context import create_app
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.database import migrate, open_engine
from breachdesk.kernel.vault import Vault
from breachdesk.notices import commands as notices
from breachdesk.notices import queries as notice_queries
from breachdesk.settings import shipped
from conftest import NOW, FixedClock, someone
from web_face import Visit, deliver, desk_of, whole_breach

ASKED = 400
BETWEEN = timedelta(minutes=4)
"""The clock goes on so far after each question: no limit is reached."""


def main() -> None:
    """Tell people, ask for codes in turns, print how long each kind took."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        engine = open_engine(f"sqlite:///{home / 'breachdesk.sqlite'}")
        migrate(engine, shipped("migrations"))
        actor = someone("Awa")
        clock = FixedClock(NOW + timedelta(hours=3))
        desk = desk_of(Transactions(engine, clock, Vault(home / "vault", bytes(32))), home)
        with desk.transactions.open(actor) as tx:
            access.found(tx, "Leadjet")
        reference = whole_breach(desk, actor)
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incidents.by_reference(session, reference)
            notice = notice_queries.versions(session, incident.id)[0]
        for number in (3, 4):
            with desk.transactions.open(someone(f"Member {number}", number)) as tx:
                notices.approve(tx, notice, desk.law)
        deliver(desk, actor, reference)
        with desk.transactions.reading(actor.organisation_id) as session:
            [campaign] = queries.campaigns_of(session, incident.id)
            secret = queries.secret(desk.transactions.vault, incident.id, session)
        known = rules.reference_code(secret, campaign.name, 1)
        unknown = rules.reference_code(bytes(32), campaign.name, 1)
        visit = Visit(create_app(desk, bytes(32)))
        token = visit.token()
        took: dict[str, list[float]] = {known: [], unknown: []}
        lengths = set()
        order = random.Random(1)
        for _ in range(ASKED):
            for code in order.sample([known, unknown], 2):
                clock.pass_time(BETWEEN)
                form = {"csrf_token": token, "code": code}
                began = time.perf_counter()
                answer = visit.client.post("/genuine/", data=form)
                took[code].append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200  # noqa: PLR2004  (and not refused)
                lengths.add(len(answer.data))
        _tell(took[known], took[unknown], lengths)


def _tell(known: list[float], unknown: list[float], lengths: set[int]) -> None:
    for name, times in (("known", known), ("unknown", unknown)):
        low, middle, high = statistics.quantiles(times, n=4)
        print(f"{name:8} {low:6.2f} {middle:6.2f} {high:6.2f} ms  (quartiles of {len(times)})")
    ratio = statistics.median(unknown) / statistics.median(known)
    print(f"unknown / known: {ratio:.3f}; bytes of an answer: {sorted(lengths)}")


if __name__ == "__main__":
    main()
