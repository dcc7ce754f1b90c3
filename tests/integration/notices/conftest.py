"""An incident with all that a notice is written from: data map, scope, measures."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import commands as datamaps
from breachdesk.datamap import reading as datamap_reading
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import MeasureDraft, Phase
from breachdesk.law.reading import read_packs
from breachdesk.law.terms import Law
from breachdesk.notices import errands
from breachdesk.notices.queries import NoticeRow
from breachdesk.notices.terms import Order, Words
from breachdesk.scoping import commands as scoping
from breachdesk.scoping.terms import (
    Group,
    Intruder,
    Measurement,
    Question,
    Ring,
    Window,
)
from breachdesk.settings import shipped
from conftest import NOW

WORDS = {
    "fr": Words("Un outil de support a perdu sa clé d’accès."),
    "en": Words("A support tool lost its access key."),
}
GROUPS = (
    Group(Ring.PROVEN, "fr", "controller", "accounts", ("identification_contact",), 700),
    Group(
        Ring.PROVEN,
        "fr-BE",
        "controller",
        "accounts",
        ("identification_contact", "session_or_api_token"),
        40,
    ),
    Group(
        Ring.PROVEN,
        "en",
        "controller",
        "accounts",
        ("session_or_api_token", "identification_contact"),
        25,
    ),
    Group(Ring.PROVEN, None, "controller", "prospects", ("identification_contact",), 2),
    Group(Ring.PROVEN, "fr", "processor", "passage", ("messages_content",), 90),
    Group(Ring.REACHABLE, "fr", "controller", "accounts", ("identification_contact",), 9_000),
)

Measure = Callable[..., None]
Draft = Callable[..., NoticeRow]


@pytest.fixture(scope="session")
def law() -> Law:
    return read_packs(None)


def own(people: int, *more: str) -> dict[str, Any]:
    """Return what a measure counts of a customer with so many people proven."""
    rings = {ring.value: people for ring in Ring}
    at = NOW.isoformat()
    return {
        **rings, "by_category": dict.fromkeys(("messages_content", *more), rings),
        "first_touch": at, "last_touch": at,
    }  # fmt: skip


@pytest.fixture
def measure(
    transactions: Transactions, actor: Actor, incident: Incident, tmp_path: Path
) -> Measure:
    """Return what records a scope of these groups."""

    def run(groups: tuple[Group, ...] = GROUPS, result: str = "sha256:1") -> None:
        question = Question(
            file=tmp_path / "question.toml",
            text="schema = 1",
            window=Window(
                datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
            ),
            intruder=Intruder(("t",), (), (), ()),
            readable=(),
            logs=(),
            lists=(),
            directories=(),
        )
        people = tmp_path / "people"
        people.write_bytes(b"nobody")
        counts = {
            "rings": {ring.value: 0 for ring in Ring},
            "by_customer": {"count": 3, "largest": 41},
            "without_customer": {ring.value: 1 for ring in Ring},
            "rows_read": 1,
            "unmatched": {"unread_rows": 0},
        }
        measurement = Measurement(
            counts, groups, result, "", (), people,
            {"org_1": own(7), "org_2": own(41, "session_or_api_token"), "org_3": own(1)},
        )  # fmt: skip
        with transactions.open(actor) as tx:
            scoping.record(tx, incident.id, question, measurement, accept_unread=False)

    return run


@pytest.fixture
def ready(
    transactions: Transactions, actor: Actor, incident: Incident, measure: Measure
) -> Incident:
    """Return an incident on which a whole notice can be written."""
    path = shipped("samples") / "leadjet" / "datamap.toml"
    source = datamap_reading.source(path)
    with transactions.open(actor) as tx:
        datamaps.import_map(tx, datamap_reading.parse(source), source)
        incidents.add_measure(
            tx,
            incident,
            MeasureDraft(
                phase=Phase.AFTER,
                text={"fr": "Nous avons bloqué cette clé", "en": "We blocked this key"},
                done_at=tx.now - timedelta(hours=1),
            ),
        )
        incidents.add_measure(
            tx,
            incident,
            MeasureDraft(phase=Phase.BEFORE, text={"fr": "Pare-feu"}),
        )
    measure()
    return incident


@pytest.fixture
def draft(transactions: Transactions, actor: Actor, law: Law, ready: Incident) -> Draft:
    """Return what drafts the notice on the incident."""

    def run(*, by: Actor = actor, **order: object) -> NoticeRow:
        templates = shipped("templates")
        asked = Order(ready.id, **{"words": WORDS, **order})  # type: ignore[arg-type]  # fields
        return errands.draft(transactions, JinjaRenderer(templates), by, law, templates, asked)

    return run
