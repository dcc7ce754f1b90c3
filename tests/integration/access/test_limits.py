"""What is tried too often is refused: counted together, on both databases, by marks alone."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select, text

from breachdesk.access import commands, errands
from breachdesk.access.commands import limits
from breachdesk.access.reading import read_limits
from breachdesk.access.terms import Knock, MemberDraft
from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.kernel.database import open_engine
from breachdesk.kernel.vault import Vault
from conftest import ORGANISATION, FixedClock

ADDRESS = "203.0.113.7"
KNOCK = Knock(ADDRESS, "")


def tries(transactions: Transactions, account: str, address: str = ADDRESS) -> bool:
    """Tell whether a code of the public page may be tried once more."""
    try:
        errands.spend(transactions, "code_page", account=account, address=address)
    except commands.TooMany:
        return False
    return True


def elsewhere(url: str, vault: Path, network: str, told: int) -> int:
    """Try a code twenty times in a process of its own, which tells how often it might."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            transactions = Transactions(
                open_engine(url), FixedClock(), Vault(vault, bytes(range(32)))
            )
            allowed = [tries(transactions, "code", f"{network}.{n}") for n in range(20)]
            os.write(told, bytes([allowed.count(True)]))
            status = 0
        finally:
            os._exit(status)
    return child


class TestSpend:
    def test_counts_an_account_over_all_addresses_and_an_address_over_all_accounts(
        self, transactions: Transactions, clock: FixedClock
    ) -> None:
        limit = read_limits()["code_page"]
        assert limit.account is not None
        assert limit.address is not None
        wide = [tries(transactions, "one code", f"198.51.100.{n}") for n in range(25)]
        assert wide.count(True) == limit.account.times

        deep = [tries(transactions, f"code {n}") for n in range(25)]
        assert deep.count(True) == limit.address.times

        clock.pass_time(limit.account.within + timedelta(hours=1))
        assert tries(transactions, "one code")

    def test_counts_together_what_two_processes_let_in_at_once(
        self, database_url: str, tmp_path: Path, transactions: Transactions
    ) -> None:
        tries(transactions, "another code")  # the key of the marks is made
        reading, writing = os.pipe()
        children = [
            elsewhere(database_url, tmp_path / "vault", f"10.0.{n}", writing) for n in range(2)
        ]
        os.close(writing)
        assert [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in children] == [
            0
        ] * 2
        with os.fdopen(reading, "rb") as told:
            allowed = sum(told.read())

        limit = read_limits()["code_page"].account
        assert limit is not None
        assert allowed == limit.times

    def test_counts_together_what_many_threads_let_in_at_once(
        self, engine: Engine, clock: FixedClock, vault: Vault, transactions: Transactions
    ) -> None:
        other = Transactions(engine, clock, vault)
        with ThreadPoolExecutor(8) as pool:
            allowed = list(
                pool.map(
                    lambda n: tries([transactions, other][n % 2], "code", f"10.0.0.{n}"),
                    range(40),
                )
            )

        limit = read_limits()["code_page"].account
        assert limit is not None
        assert allowed.count(True) == limit.times

    def test_keeps_neither_account_nor_address(
        self, transactions: Transactions, engine: Engine
    ) -> None:
        tries(transactions, "awa@example.org")

        with engine.connect() as connection:
            rows = [str(row) for row in connection.execute(text("SELECT * FROM allowances"))]
        assert len(rows) == 2
        assert not any("awa" in row or ADDRESS in row for row in rows)

    def test_is_a_refusal_on_the_trail_for_a_member(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        def invite() -> None:
            for number in range(31):
                draft = MemberDraft(email=f"{number}@example.org", name="N", roles=())
                with transactions.open(actor) as tx:
                    commands.invite(tx, draft)

        with pytest.raises(commands.TooMany):
            invite()

        with transactions.reading(ORGANISATION) as session:
            last = session.scalars(
                select(AuditEntry).order_by(AuditEntry.sequence.desc())
            ).first()
        assert last is not None
        assert last.action == "refused"
        assert last.details["refusal"].startswith("invite was tried too often")

    def test_forgets_what_is_long_over(
        self, transactions: Transactions, engine: Engine, clock: FixedClock
    ) -> None:
        tries(transactions, "old")
        clock.pass_time(timedelta(days=1))
        tries(transactions, "new", "192.0.2.1")

        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM allowances")) == 2


class TestSignIn:
    def test_writes_as_much_for_an_unknown_address_as_for_a_known_one(
        self, transactions: Transactions, actor: Actor, engine: Engine
    ) -> None:
        draft = MemberDraft(email="awa@example.org", name="Awa", roles=())
        with transactions.open(actor) as tx:
            commands.invite(tx, draft)

        def statements(email: str) -> list[str]:
            seen: list[str] = []

            def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
                seen.append(statement.split(maxsplit=1)[0])

            event.listen(engine, "before_cursor_execute", note)
            ended = errands.sign_in(transactions, email, "wrong", KNOCK)
            event.remove(engine, "before_cursor_execute", note)
            assert ended is None
            return [each for each in seen if each in {"INSERT", "UPDATE", "DELETE"}]

        statements("first@example.org")  # the address is counted from now on
        assert statements(draft.email) == statements("eve@example.org")

    def test_gives_back_what_was_mistyped_once_it_is_right(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        draft = MemberDraft(email="awa@example.org", name="Awa", roles=())
        with transactions.open(actor) as tx:
            _, password = commands.invite(tx, draft)
        for _ in range(3):
            for _ in range(9):
                assert errands.sign_in(transactions, draft.email, "wrong", KNOCK) is None
            assert errands.sign_in(transactions, draft.email, password, KNOCK) is not None


class TestEveryLimit:
    def test_names_somebody_to_count(self) -> None:
        assert all(each.account or each.address for each in read_limits().values())
        assert limits.DESK.int == 0
