"""Notices per second into the outbox: ours, a naive sender, and the floor, in one run.

Ours freezes people into chunks and posts them through the ledger. The naive sender renders
each person's message from templates and keeps each in a transaction of its own, before and
after. The floor writes the very bytes of our mboxes and brings them to the disk, no more.
Ratios within one run count, figures between runs do not.
"""

import argparse
import hashlib
import mailbox
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

from jinja2 import Environment
from sqlalchemy import text

from breachdesk.access import commands as access
from breachdesk.adapters.file_mailer import FileMailer
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import COMMANDS, Transactions
from breachdesk.delivery import commands, errands, queries
from breachdesk.delivery.commands.freezing import Freezing
from breachdesk.delivery.models import Campaign, CampaignVariant
from breachdesk.delivery.terms import CampaignState, Reader
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel.clock import SystemClock
from breachdesk.kernel.database import open_engine
from breachdesk.kernel.tables import Table
from breachdesk.kernel.vault import Vault
from breachdesk.notices.models import Notice
from breachdesk.notices.rules import variant_key

LANGUAGES = ("fr", "en")
SETS = (("identification_contact",), ("connection_logs", "identification_contact"))
PARAGRAPH = "Nous vous écrivons parce que des données qui vous concernent ont été consultées. "
SUBJECT = "Sécurité de vos données"
TEXT = "\n\n".join([PARAGRAPH * 2] * 12) + "\n\nVotre code : {tag}\n"
HTML = (
    "<!doctype html>\n<html lang=fr>\n"
    + "\n".join([f"<p>{PARAGRAPH * 3}</p>"] * 18)
    + "\n<p>Votre code : {tag}</p>\n</html>\n"
)


def main() -> None:
    """Run the three, print notices per second and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--naive-people", type=int, default=300)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="breachdesk-bench-") as name:
        folder = Path(name)
        transactions, actor = desk(folder)
        campaign, frozen = timed(lambda: freeze(transactions, actor, asked.people))
        mailer = FileMailer(folder / "outbox")
        informed, sent = timed(lambda: errands.send_waiting(transactions, mailer, actor))
        [mbox] = (folder / "outbox" / "people").iterdir()
        size = mbox.stat().st_size
        _, floor = timed(lambda: write(folder / "floor", mbox.read_bytes()))
        _, naive = timed(lambda: naively(folder, asked.naive_people))
        with transactions.reading(actor.organisation_id) as session:
            report = queries.report(session, session.get_one(Campaign, campaign).incident_id)
        assert informed == report.accepted == asked.people
    ours = asked.people / (frozen + sent)
    print(f"people                 {asked.people:>12,}")
    print(f"bytes a notice         {size // asked.people:>12,}")
    print(f"freeze, people/s       {asked.people / frozen:>12,.0f}")
    print(f"send, notices/s        {asked.people / sent:>12,.0f}")
    print(f"both, notices/s        {ours:>12,.0f}")
    print(f"naive, notices/s       {asked.naive_people / naive:>12,.0f}")
    print(f"floor, notices/s       {asked.people / floor:>12,.0f}")
    print(f"ours / naive           {ours * naive / asked.naive_people:>12,.1f}")
    print(f"send / naive           {asked.people / sent * naive / asked.naive_people:>12,.1f}")
    print(f"floor / send           {sent / floor:>12,.1f}")


def timed(work: Callable[[], object]) -> tuple[object, float]:
    """Return what `work` gives, and its seconds."""
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def desk(folder: Path, url: str = "") -> tuple[Transactions, Actor]:
    """Return a desk on `url`, else on SQLite as it is out of the box, synchronous=FULL."""
    engine = open_engine(url or f"sqlite:///{folder / 'bench.sqlite'}")
    Table.metadata.create_all(engine)
    actor = Actor(UUID(int=1), "Bench", UUID(int=2), frozenset(COMMANDS))
    transactions = Transactions(engine, SystemClock(), Vault(folder / "vault", bytes(32)))
    with transactions.open(actor) as tx:
        access.found(tx, "Bench")
    return transactions, actor


def people(number: int) -> Iterator[Reader]:
    """Yield readers in two languages, with two sets of data."""
    for n in range(number):
        yield Reader(
            f"usr_{n:08d}", f"person{n}@example.org", LANGUAGES[n % 2], "controller",
            SETS[n // 2 % 2],
        )  # fmt: skip


def freeze(transactions: Transactions, actor: Actor, number: int) -> UUID:
    """Freeze so many people, and start their campaign."""
    with transactions.open(actor) as tx:
        draft = IncidentDraft(title="Bench", aware_at=tx.now)
        incident = incidents.log(tx, draft)
        tx.vault.make_key(incident.id)
        tx.session.flush()  # the notice refers to it
        notice = Notice(
            id=tx.new_id(), incident_id=incident.id, obligation="gdpr.34.people",
            kind="first", version=1, stage="frozen", ring="proven", scope_version=1,
            scope_digest="", template_version="1", languages=list(LANGUAGES), told={},
            facts_digest="", content_digest="", drafted_at=tx.now, drafted_by="Bench",
        )  # fmt: skip
        tx.session.add(notice)
        tx.session.flush()  # the campaign refers to it
        campaign = Campaign(
            id=tx.new_id(), incident_id=incident.id, notice_id=notice.id,
            letter=queries.PEOPLE, number=1, name="bench", folder="people",
            state=CampaignState.DRAFT.value, content_digest="", sender_name="Bench",
            sender_address="dpo@bench.example", reply_to="dpo@bench.example", people=0,
            messages=0, frozen_at=tx.now, frozen_by="Bench", why="",
        )  # fmt: skip
        tx.session.add(campaign)
        tx.session.flush()  # its texts refer to it
        texts = {
            variant_key(language, "controller", categories, LANGUAGES): CampaignVariant(
                id=tx.new_id(), campaign_id=campaign.id, locale=language, role="controller",
                categories=list(categories), subject=SUBJECT,
                text_frame=TEXT.format(tag="-bdt.code-"),
                html_frame=HTML.format(tag="-bdh.code-"), digest="",
            )
            for language in LANGUAGES
            for categories in SETS
        }  # fmt: skip
        tx.session.add_all(texts.values())
        tx.session.flush()  # chunks refer to them
        Freezing(tx, campaign, texts, LANGUAGES, excluded={}, separate=False).fill(
            people(number)
        )
        campaign.state = CampaignState.FROZEN.value
        commands.publish(tx, campaign)
        commands.start(tx, campaign)
        return campaign.id


def naively(folder: Path, number: int) -> None:
    """Render, write and keep each notice by itself: mark, render, post, mark."""
    engine = open_engine(f"sqlite:///{folder / 'naive.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE sent (address TEXT PRIMARY KEY, state TEXT)"))
    environment = Environment(autoescape=True)
    plain = environment.from_string(TEXT.replace("{tag}", "{{ tag }}"))
    rich = environment.from_string(HTML.replace("{tag}", "{{ tag }}"))
    box = mailbox.mbox(folder / "naive.mbox")
    for person in people(number):
        with engine.begin() as connection:
            connection.execute(
                text("INSERT INTO sent VALUES (:address, 'sending')"),
                {"address": person.address},
            )
        code = hashlib.sha256(person.key.encode()).hexdigest()[:11]
        message = EmailMessage()
        message["From"], message["To"] = "dpo@bench.example", person.address
        message["Subject"] = SUBJECT
        message.set_content(plain.render(tag=code))
        message.add_alternative(rich.render(tag=code), subtype="html")
        box.add(message)
        box.flush()
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE sent SET state = 'sent' WHERE address = :address"),
                {"address": person.address},
            )
    box.close()


def write(path: Path, content: bytes) -> None:
    """Write the bytes and bring them to the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    main()
