"""What opens a door once opens it once, also for two who try at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest

from breachdesk.access import commands, errands, queries
from breachdesk.access.terms import Knock, MemberDraft, Stage
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from conftest import FixedClock

KNOCK = Knock("203.0.113.7", "")
DRAFT = MemberDraft(email="awa@example.org", name="Awa", roles=("responder",))
AT_ONCE = 6


@pytest.mark.parametrize("kind", ["recovery code", "timed code"])
def test_a_code_opens_one_of_many_doors_at_once(
    transactions: Transactions, actor: Actor, clock: FixedClock, kind: str
) -> None:
    with transactions.open(actor) as tx:
        member, password = commands.invite(tx, DRAFT)
    own = queries.actor(member)
    entered = errands.sign_in(transactions, DRAFT.email, password, KNOCK)
    assert entered is not None
    with transactions.open(own) as tx:
        secret = commands.begin_timed_codes(tx, member)
    with transactions.open(own) as tx:
        found = queries.session_of(tx.session, entered.token, tx.now)
        assert found is not None
        code = pyotp.TOTP(secret).at(clock.now())
        recovery = commands.confirm_timed_codes(tx, member, found[0], code)
    clock.pass_time(timedelta(minutes=1))
    shown = recovery[0] if kind == "recovery code" else pyotp.TOTP(secret).at(clock.now())
    doors = [
        errands.sign_in(transactions, DRAFT.email, password, KNOCK) for _ in range(AT_ONCE)
    ]
    assert all(each is not None and each.stage is Stage.FACTOR for each in doors)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        opened = list(
            pool.map(
                lambda door: (
                    door and errands.pass_factor(transactions, door.token, shown, KNOCK)
                ),
                doors,
            )
        )

    assert [each is not None for each in opened].count(True) == 1
