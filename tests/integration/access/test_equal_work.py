"""A try that fails costs the same whatever the cause, and one too many next to nothing."""

from collections import Counter
from collections.abc import Iterator

import argon2
import pytest
from sqlalchemy import Engine, event

from breachdesk.access import commands, errands, queries
from breachdesk.access.reading import read_limits
from breachdesk.access.terms import Knock, MemberDraft
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions

AWA = MemberDraft(email="awa@example.org", name="Awa", roles=("responder",))
BELA = MemberDraft(email="bela@example.org", name="Bela", roles=("auditor",))
KNOCK = Knock("203.0.113.7", "")
Work = Counter[str]


@pytest.fixture
def work(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """Count statements, and what the library of argon2 is asked to do."""
    done: Work = Counter()
    verify = argon2.PasswordHasher.verify
    make = argon2.PasswordHasher.hash

    def verified(self: argon2.PasswordHasher, kept: str, password: str) -> bool:
        done["verified"] += 1
        return verify(self, kept, password)

    def made(self: argon2.PasswordHasher, password: str) -> str:
        done["hashed"] += 1
        return make(self, password)

    def asked(_c: object, _cur: object, statement: str, *_: object) -> None:
        done[" ".join(statement.split()[:1])] += 1

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verified)
    monkeypatch.setattr(argon2.PasswordHasher, "hash", made)
    event.listen(engine, "before_cursor_execute", asked)
    yield done
    event.remove(engine, "before_cursor_execute", asked)


@pytest.fixture
def members(transactions: Transactions, actor: Actor) -> None:
    """Awa, and Bela, who left."""
    with transactions.open(actor) as tx:
        commands.invite(tx, AWA)
        commands.invite(tx, BELA)[0].left_at = tx.now


def knock(transactions: Transactions, email: str, work: Work) -> Work:
    work.clear()
    assert errands.sign_in(transactions, email, "wrong, and long enough", KNOCK) is None
    return Work(work)


class TestTry:
    @pytest.mark.usefixtures("members")
    def test_costs_the_same_for_an_account_that_exists_or_left_or_never_was(
        self, transactions: Transactions, work: Work
    ) -> None:
        """Also for the first who knocks at a process that has just begun."""
        knock(transactions, "nobody@example.org", work)  # makes the key of the marks
        costs = []
        for email in (AWA.email, BELA.email, "eve@example.org"):
            queries._nobody.cache_clear()  # noqa: SLF001  (as in a process that has just begun)
            costs.append([knock(transactions, email, work) for _ in range(2)])

        assert costs[0] == costs[1] == costs[2]
        assert [each["verified"] for each in costs[0]] == [1, 1]

    @pytest.mark.usefixtures("members")
    @pytest.mark.parametrize("email", [AWA.email, "eve@example.org"])
    def test_too_many_is_refused_before_any_password_is_looked_at(
        self, transactions: Transactions, work: Work, email: str
    ) -> None:
        limit = read_limits()["sign_in"].account
        assert limit is not None
        for _ in range(limit.times):
            knock(transactions, email, work)

        work.clear()
        with pytest.raises(commands.TooMany):
            errands.sign_in(transactions, email, "wrong, and long enough", KNOCK)
        assert (work["verified"], work["hashed"], work["INSERT"]) == (0, 0, 0)
