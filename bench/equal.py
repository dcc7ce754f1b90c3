"""Whether a refusal tells by its time what it does not say: who is known, which code there is.

    python bench/equal.py [--tries 200]

The ways of each door are tried in turns of a random order, on SQLite and on PostgreSQL. Printed
are the median of each and its ratio to the first way, by the clock on the wall and by the time
of the processor, and how many bytes the answers have. Run it on a quiet machine.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from served_desk import databases

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import pyotp
from flask import Flask

from breachdesk.access import commands as access
from breachdesk.access import queries as members
from breachdesk.access.terms import MemberDraft
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import queries, rules
from breachdesk.desk import Desk
from breachdesk.faces.web.context import create_app
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.database import migrate, open_engine
from breachdesk.kernel.vault import Vault
from breachdesk.notices import commands as notices
from breachdesk.notices import queries as notice_queries
from breachdesk.settings import shipped
from conftest import NOW, ORGANISATION, FixedClock, someone
from web_face import FRENCH, Visit, deliver, desk_of, invite, whole_breach

BETWEEN = timedelta(minutes=4)
"""The clock goes on so far after each try: no limit is reached."""
PEOPLE = ("awa", "invited", "left")
WRONG = "wrong, and long enough"


@dataclass
class Door:
    """A page that refuses: the ways to be refused there, each with what is sent."""

    name: str
    path: str
    ways: Mapping[str, Mapping[str, str]]
    status: int
    come: Callable[[], Visit]
    wall: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    work: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bytes: set[int] = field(default_factory=set)

    def knock(self, way: str) -> None:
        """Try once, and note what it took."""
        visit = self.come()
        form = {"csrf_token": visit.token(), **self.ways[way]}
        began, worked = time.perf_counter(), time.process_time()
        answer = visit.client.post(self.path, data=form)
        self.work[way].append((time.process_time() - worked) * 1000)
        self.wall[way].append((time.perf_counter() - began) * 1000)
        if answer.status_code != self.status:
            raise RuntimeError(f"{self.name}, {way}: answered {answer.status_code}")
        self.bytes.add(len(answer.data))

    def tell(self, kind: str) -> None:
        """Print what each way took."""
        first = next(iter(self.ways))
        for way in self.ways:
            told = []
            for times in (self.wall, self.work):
                middle, base = (statistics.median(times[each]) for each in (way, first))
                told.append(f"{middle:7.2f} ms ({middle / base:.3f})")
            print(f"{kind:10} {self.name:13} {way:32} wall {told[0]}  processor {told[1]}")
        print(f"{kind:10} {self.name:13} bytes of an answer: {sorted(self.bytes)}", flush=True)


def sign_in(desk: Desk, app: Flask) -> Door:
    """Return the door of passwords: for a member, one who never came, one who left, nobody."""
    actor = someone("Awa")
    for name in PEOPLE:
        draft = MemberDraft(email=f"{name}@example.org", name=name, roles=("responder",))
        with desk.transactions.open(actor) as tx:
            member, _ = access.invite(tx, draft)
            if name == "awa":
                access.set_password(tx, member, "eleven owls hum a tune")
            if name == "left":
                member.left_at = tx.now
    known = {f"{name}@example.org": name for name in PEOPLE} | {"eve@example.org": "nobody"}
    ways = {said: {"email": email, "password": WRONG} for email, said in known.items()}
    return Door("password", "/sign-in", ways, 422, lambda: Visit(app))


def second_factor(desk: Desk, app: Flask, clock: FixedClock) -> Door:
    """Return the door of codes: digits, a code on paper that was used, one that never was."""
    actor = someone("Awa")
    password = invite(desk.transactions, actor, FRENCH)
    with desk.transactions.reading(ORGANISATION) as session:
        found = members.member(session, FRENCH.email)
    own = replace(actor, member_id=found.id)
    entered = Visit(app)
    entered.sign_in(FRENCH.email, password)
    cookie = entered.client.get_cookie("breachdesk")
    assert cookie is not None
    with desk.transactions.open(own) as tx:
        member = members.member(tx.session, FRENCH.email)
        secret = access.begin_timed_codes(tx, member)
    with desk.transactions.open(own) as tx:
        member = members.member(tx.session, FRENCH.email)
        here = members.session_of(tx.session, cookie.value, clock.now())
        assert here is not None
        digits = pyotp.TOTP(secret).at(clock.now())
        paper = access.confirm_timed_codes(tx, member, here[0], digits)
    spent = Visit(app)
    spent.sign_in(FRENCH.email, password)
    spent.post("/sign-in/second", {"code": paper[0]})

    def come() -> Visit:
        visit = Visit(app)
        visit.sign_in(FRENCH.email, password)
        return visit

    ways = {
        "no such digits": {"code": "000000"},
        "digits of earlier": {"code": digits},
        "no such code on paper": {"code": "abcd-efgh-ijkl-mnop"},
        "a code on paper that was used": {"code": paper[0]},
    }
    return Door("second factor", "/sign-in/second", ways, 422, come)


def genuine(desk: Desk, app: Flask) -> tuple[Door, Door]:
    """Return the doors of codes in messages: is it from us, and the list of a customer."""
    actor = someone("Awa")
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
    codes = {"a code of ours": known, "no code of ours": unknown}
    ways = {name: {"code": code} for name, code in codes.items()}
    lists = {name: {"code": code, "word": WRONG} for name, code in codes.items()}
    return (
        Door("genuine", "/genuine/", ways, 200, lambda: Visit(app)),
        Door("list", "/lists/", lists, 200, lambda: Visit(app)),
    )


def measure(kind: str, url: str, home: Path, tries: int) -> None:
    """Knock at each door in each way, and print what it took."""
    engine = open_engine(url)
    migrate(engine, shipped("migrations"))
    clock = FixedClock(NOW + timedelta(hours=3))
    desk = desk_of(Transactions(engine, clock, Vault(home / "vault", bytes(32))), home)
    with desk.transactions.open(someone("Awa")) as tx:
        access.found(tx, "Leadjet")
    app = create_app(desk, bytes(32))
    doors = [sign_in(desk, app), second_factor(desk, app, clock), *genuine(desk, app)]
    order = random.Random(1)
    for door in doors:
        for _ in range(tries):
            for way in order.sample(list(door.ways), len(door.ways)):
                clock.pass_time(BETWEEN)
                door.knock(way)
        door.tell(kind)
    engine.dispose()


def main() -> None:
    """Measure on each kind of database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=200)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="breachdesk-equal-") as name,
        databases(Path(name)) as urls,
    ):
        for kind, url in urls.items():
            home = Path(name) / kind
            home.mkdir(mode=0o700)
            measure(kind, url, home, asked.tries)


if __name__ == "__main__":
    main()
