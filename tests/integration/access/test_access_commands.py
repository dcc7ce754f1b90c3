"""People are let in, sign in, and are put out again, on both databases."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from breachdesk.access import commands, errands, queries
from breachdesk.access.models import Member
from breachdesk.access.rules import check_password
from breachdesk.access.terms import SESSION_LIFE, Asserted, Entrance, Knock, MemberDraft
from breachdesk.adapters.leaked_passwords import NoLeakedPasswords
from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.kernel.errors import Refused, Unknown, Unusable
from breachdesk.kernel.tables import EVERY_ORGANISATION
from conftest import NOW, ORGANISATION, FixedClock

DRAFT = MemberDraft(email="Awa@example.org", name="Awa", roles=("responder",))


@pytest.fixture
def awa(transactions: Transactions, actor: Actor) -> tuple[Member, str]:
    with transactions.open(actor) as tx:
        return commands.invite(tx, DRAFT)


def sign_in(transactions: Transactions, actor: Actor, password: str) -> str | None:
    with transactions.open(actor) as tx:
        member = queries.member(tx.session, "awa@EXAMPLE.org")
        entered = commands.sign_in(tx, member, right_password=queries.matches(member, password))
        return entered.token if entered is not None else None


def at_the_door(transactions: Transactions, password: str) -> Entrance | None:
    return errands.sign_in(transactions, DRAFT.email, password, Knock("127.0.0.1", "a test"))


class TestInvite:
    def test_keeps_only_a_hash_of_the_password(self, awa: tuple[Member, str]) -> None:
        member, password = awa

        assert member.password_hash.startswith("$argon2id$")
        assert password not in member.password_hash
        assert queries.matches(member, password)
        assert not queries.matches(member, password + "x")
        assert not queries.matches(None, password)

    def test_holds_for_some_days_alone(
        self,
        transactions: Transactions,
        awa: tuple[Member, str],
        clock: FixedClock,
    ) -> None:
        clock.pass_time(timedelta(days=7, seconds=-1))
        assert at_the_door(transactions, awa[1]) is not None

        clock.pass_time(timedelta(seconds=1))
        with pytest.raises(commands.FirstPasswordOver, match="ask an administrator to invite"):
            at_the_door(transactions, awa[1])
        assert at_the_door(transactions, awa[1] + "x") is None  # who guesses learns nothing
        with transactions.reading(ORGANISATION) as session:
            refused = session.scalars(
                select(AuditEntry).where(AuditEntry.action == "refused")
            ).one()
        assert refused.actor_id == awa[0].id

    def test_again_renews_until_they_chose_their_own(
        self,
        transactions: Transactions,
        actor: Actor,
        awa: tuple[Member, str],
        clock: FixedClock,
    ) -> None:
        with pytest.raises(Unusable, match="member already"), transactions.open(actor) as tx:
            commands.invite(tx, DRAFT)  # the first still holds
        clock.pass_time(timedelta(days=8))
        with transactions.open(actor) as tx:
            again, password = commands.invite(tx, replace(DRAFT, roles=("auditor",)), "P1D")
            assert (again.id, again.roles) == (awa[0].id, ["auditor"])
        assert at_the_door(transactions, awa[1]) is None
        assert at_the_door(transactions, password) is not None

        with transactions.open(actor) as tx:
            own = queries.member(tx.session, DRAFT.email)
            commands.set_password(tx, own, "a long sentence of mine")
        clock.pass_time(timedelta(days=9))
        assert at_the_door(transactions, "a long sentence of mine") is not None
        with pytest.raises(Unusable, match="member already"), transactions.open(actor) as tx:
            commands.invite(tx, DRAFT)

    def test_refuses_a_role_that_is_not_there(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        pirate = MemberDraft(email="p@example.org", name="P", roles=("pirate",))
        with (
            pytest.raises(Unusable, match="'pirate' is not a role"),
            transactions.open(actor) as tx,
        ):
            commands.invite(tx, pirate)


class TestSignIn:
    def test_opens_a_session_that_ends(
        self,
        transactions: Transactions,
        actor: Actor,
        awa: tuple[Member, str],
    ) -> None:
        token = sign_in(transactions, actor, awa[1])
        assert token is not None

        with transactions.reading(ORGANISATION) as session:
            found = queries.session_of(session, token, NOW)
            assert found is not None
            assert found[1].email == "Awa@example.org"
            assert token not in found[0].token_digest
            assert queries.session_of(session, token, NOW + SESSION_LIFE) is None
            assert queries.session_of(session, token + "x", NOW) is None

    def test_ends_sessions_when_roles_or_password_change(
        self,
        transactions: Transactions,
        actor: Actor,
        awa: tuple[Member, str],
    ) -> None:
        changes = (
            lambda tx, member: commands.assign(tx, member, ["auditor"]),
            lambda tx, member: commands.set_password(tx, member, "a long sentence of mine"),
            commands.reset_password,
        )
        password = awa[1]
        for change in changes:
            token = sign_in(transactions, actor, password)
            assert token is not None
            with transactions.open(actor) as tx:
                change(tx, queries.member(tx.session, DRAFT.email))
            with transactions.reading(ORGANISATION) as session:
                assert queries.session_of(session, token, NOW) is None
            with transactions.open(actor) as tx:
                password = commands.reset_password(tx, queries.member(tx.session, DRAFT.email))


class TestPassword:
    def test_is_never_a_weak_one_whoever_sets_it(
        self, transactions: Transactions, actor: Actor, awa: tuple[Member, str]
    ) -> None:
        own, leaked = queries.actor(awa[0]), NoLeakedPasswords()
        for weak in ("short", "awa@example.org awa", "aaaaaaaaaaaaaaaa", "Leadjet breachdesk"):
            with pytest.raises(Unusable), transactions.open(actor) as tx:
                commands.set_password(tx, queries.member(tx.session, DRAFT.email), weak)
            with pytest.raises(Unusable), transactions.open(own) as tx:
                member = queries.member(tx.session, DRAFT.email)
                commands.change_password(tx, member, weak, right_password=True, leaked=leaked)
        with transactions.open(actor) as tx:
            member = queries.member(tx.session, DRAFT.email)
            given = (awa[1], commands.reset_password(tx, member))
        for password in given:  # those that nobody chooses are as good
            check_password(password, email=DRAFT.email, words=(DRAFT.name,))


class TestDismiss:
    def test_ends_all_that_was_theirs_until_they_are_invited_again(
        self, transactions: Transactions, actor: Actor, awa: tuple[Member, str]
    ) -> None:
        boss = MemberDraft(email="boss@example.org", name="Boss", roles=("administrator",))
        with transactions.open(actor) as tx:
            commands.invite(tx, boss)
        token = sign_in(transactions, actor, awa[1])
        assert token is not None

        with transactions.open(actor) as tx:
            commands.dismiss(tx, queries.member(tx.session, DRAFT.email), "moved on")

        with transactions.reading(EVERY_ORGANISATION) as session:
            assert queries.session_of(session, token, NOW) is None
            assert [each.email for each in queries.members(session)] == [boss.email]
        assert at_the_door(transactions, awa[1]) is None
        vouched = Asserted(
            issuer="https://id.example",
            subject="1",
            email="AWA@example.org",
            email_verified=True,
            name="Awa",
            groups=(),
        )
        with (
            pytest.raises(Refused, match="there is an account"),
            transactions.open(actor) as tx,
        ):
            commands.admit(tx, vouched, ("responder",))

        with transactions.open(actor) as tx:
            again, password = commands.invite(tx, replace(DRAFT, roles=("auditor",)))
        assert (again.id, again.roles) == (awa[0].id, ["auditor"])
        assert at_the_door(transactions, awa[1]) is None
        assert at_the_door(transactions, password) is not None

    def test_lets_nobody_lock_the_house_or_themselves_out(
        self, transactions: Transactions, actor: Actor, awa: tuple[Member, str]
    ) -> None:
        boss = MemberDraft(email="boss@example.org", name="Boss", roles=("administrator",))
        with transactions.open(actor) as tx:
            only, _ = commands.invite(tx, boss)
        for who, whom, why, said in (
            (actor, only, "left", "is the last administrator"),
            (replace(actor, member_id=awa[0].id), awa[0], "left", "dismisses themselves"),
            (actor, awa[0], " ", "say why they go"),
        ):
            with (
                pytest.raises((Refused, Unusable), match=said),
                transactions.open(who) as tx,
            ):
                commands.dismiss(tx, queries.by_id(tx.session, whom.id), why)

    def test_leaves_an_address_of_another_house_alone(
        self, transactions: Transactions, actor: Actor, awa: tuple[Member, str]
    ) -> None:
        other = replace(actor, organisation_id=UUID(int=ORGANISATION.int + 1))
        with transactions.open(other) as tx:
            commands.found(tx, "Elsewhere")
        with (
            pytest.raises(Unusable, match="member of another organisation"),
            transactions.open(other) as tx,
        ):
            commands.invite(tx, DRAFT)
        assert at_the_door(transactions, awa[1]) is not None


class TestMember:
    def test_is_named_when_unknown(self, transactions: Transactions) -> None:
        with (
            transactions.reading(ORGANISATION) as session,
            pytest.raises(Unknown, match=r"nobody@example\.org"),
        ):
            queries.member(session, "nobody@example.org")
