"""A desk with things to lose: a sealed list, a campaign that is being sent, its people."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from breachdesk.adapters.master_keys import KeyFile
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transaction, Transactions
from breachdesk.delivery import queries as delivery
from breachdesk.delivery import rules
from breachdesk.delivery.models import (
    Attempt,
    Campaign,
    CampaignVariant,
    Chunk,
    ChunkPayload,
    Delivery,
)
from breachdesk.delivery.terms import ChunkState
from breachdesk.incidents.models import Incident
from breachdesk.keeping.errands.staging import Place
from breachdesk.kernel.database import open_engine
from breachdesk.kernel.vault import Vault
from breachdesk.notices.models import Notice
from breachdesk.settings import shipped
from conftest import FixedClock, _admin, _named

CANARY = "anna.canary@example.org"
SendIt = Callable[..., Campaign]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return a vault whose master key lies in a home."""
    return Vault(tmp_path / "home" / "vault", KeyFile(tmp_path / "home/secrets/master.key"))


@pytest.fixture
def send_it(transactions: Transactions, actor: Actor, incident: Incident) -> SendIt:
    """Return what makes a campaign, and chunks of one person in the states it is told."""

    def run(*states: ChunkState, state: str = "sending", number: int = 1) -> Campaign:
        with transactions.open(actor) as tx:
            notice = Notice(
                id=tx.new_id(), incident_id=incident.id, obligation="gdpr.34.people",
                kind="first", version=number, stage="frozen", ring="proven", scope_version=1,
                scope_digest="sha256:0", template_version="1", languages=["fr"], told={},
                facts_digest="sha256:0", content_digest="sha256:0", drafted_at=tx.now,
                drafted_by=tx.actor.name,
            )  # fmt: skip
            tx.session.add(notice)
            tx.session.flush()
            campaign = Campaign(
                id=tx.new_id(), incident_id=incident.id, notice_id=notice.id,
                letter=delivery.PEOPLE, number=number, name=f"{incident.reference}-{number}-x",
                folder="people", state=state, content_digest="sha256:0", sender_name="Leadjet",
                sender_address="dpo@leadjet.example", reply_to="dpo@leadjet.example",
                people=len(states), messages=len(states), frozen_at=tx.now, frozen_by="Awa",
                started_at=tx.now, ended_at=tx.now if state == "finished" else None, why="",
            )  # fmt: skip
            tx.session.add(campaign)
            tx.session.flush()
            variant = CampaignVariant(
                id=tx.new_id(), campaign_id=campaign.id, locale="fr", role="controller",
                categories=[], subject="Vos données", text_frame="Données\n", html_frame="<p>",
                digest="sha256:0",
            )  # fmt: skip
            tx.session.add(variant)
            tx.session.flush()
            for message, each in enumerate(states, start=1):
                _chunk(tx, campaign, variant, message, each)
            tx._records.append(("test", campaign, {}))  # noqa: SLF001  (rows of our own making)
            return campaign

    return run


def _chunk(
    tx: Transaction,
    campaign: Campaign,
    variant: CampaignVariant,
    message: int,
    state: ChunkState,
) -> None:
    chunk_id = tx.new_id()
    clear = json.dumps([[message, CANARY, {}]]).encode()
    payload = tx.vault.seal(campaign.incident_id, clear, label=f"chunk {chunk_id}")
    begun = int(state in {ChunkState.CLAIMED, ChunkState.POSTING})
    chunk = Chunk(
        id=chunk_id, campaign_id=campaign.id, variant_id=variant.id, messages=1, people=1,
        state=state.value, attempts=begun, payload_digest="sha256:0",
    )  # fmt: skip
    tx.session.add(chunk)
    tx.session.flush()
    tx.session.add(ChunkPayload(id=chunk_id, sealed=payload))
    if state is ChunkState.POSTING:
        tx.session.add(
            Attempt(
                id=tx.new_id(),
                chunk_id=chunk_id,
                number=1,
                owner="sender",
                mailer="noted",
                began_at=tx.now,
                proof="",
            )
        )
    key = delivery.secret(tx.vault, campaign.incident_id)
    delivered = Delivery(
        id=tx.new_id(), incident_id=campaign.incident_id, campaign_id=campaign.id,
        letter=campaign.letter, person_mark=rules.mark(key, "person", f"usr_{chunk_id}"),
        address_mark=rules.mark(key, "address", f"{message}{CANARY}"), seq=1,
        superseded=False, chunk_id=chunk_id, message=message, note="",
    )  # fmt: skip
    tx.session.add(delivered)


@pytest.fixture
def sealed_list(vault: Vault, incident: Incident, tmp_path: Path) -> bytes:
    """Seal a list of people for the incident, and return its clear bytes."""
    clear = tmp_path / "people"
    clear.write_bytes(CANARY.encode() * 1000)
    vault.store_list(incident.id, "scope-1", clear)
    content = clear.read_bytes()
    clear.unlink()
    return content


@pytest.fixture
def place(engine: Engine, tmp_path: Path, clock: FixedClock) -> Place:
    """Return where the desk of this test stands."""
    return place_at(engine, tmp_path / "home", clock)


def place_at(engine: Engine, home: Path, clock: FixedClock, *, evidence: bool = False) -> Place:
    return Place(
        engine=engine,
        home=home,
        vault=home / "vault",
        migrations=shipped("migrations"),
        masters=KeyFile(home / "secrets" / "master.key"),
        clock=clock,
        evidence=evidence,
    )


@pytest.fixture
def elsewhere(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock
) -> Iterator[Place]:
    """Yield an empty place which holds the master key alone; on SQLite if not told else."""
    home = tmp_path / "elsewhere"
    (home / "secrets").mkdir(parents=True)
    key = (tmp_path / "home" / "secrets" / "master.key").read_bytes()
    (home / "secrets" / "master.key").write_bytes(key)
    if getattr(request, "param", "sqlite") == "sqlite":
        engine = open_engine(f"sqlite:///{home / 'breachdesk.sqlite'}")
        yield place_at(engine, home, clock)
        engine.dispose()
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"elsewhere_{abs(hash(str(tmp_path)))}"
    _admin(server, f"CREATE DATABASE {name}")
    engine = open_engine(_named(server, name))
    yield place_at(engine, home, clock)
    engine.dispose()
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")
