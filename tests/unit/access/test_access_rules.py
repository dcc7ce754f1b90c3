"""What roles permit and how long a guesser waits."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.access import rules
from breachdesk.access.reading import read_roles
from breachdesk.access.terms import SESSION_IDLE, MemberDraft
from breachdesk.kernel.errors import Unusable

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


class TestPermits:
    def test_gives_an_unknown_role_nothing(self) -> None:
        assert rules.permits(["pirate"], read_roles()) == frozenset()

    def test_lets_the_auditor_write_only_of_themselves(self) -> None:
        writes = rules.permits(["auditor"], read_roles())

        assert {name for name in writes if not name.startswith("access.")} == {
            "reminders.open_feed",
            "reminders.revoke_feed",
        }
        assert not writes & {"access.invite", "access.assign", "access.reset_password"}

    def test_adds_roles_up(self) -> None:
        known = read_roles()
        both = rules.permits(["responder", "approver"], known)

        assert both == known["responder"].commands | known["approver"].commands


class TestCheckPassword:
    @pytest.mark.parametrize(
        ("password", "why"),
        [("elevenchars", "11 characters"), ("x-awa@example.org-x", "must not contain")],
    )
    def test_refuses_short_ones_and_the_address(self, password: str, why: str) -> None:
        with pytest.raises(Unusable, match=why):
            rules.check_password(password, email="Awa@example.org")


class TestWaitAfter:
    @given(st.integers(0, 60))
    def test_never_gets_shorter_nor_passes_a_quarter_hour(self, failures: int) -> None:
        assert rules.wait_after(failures) <= rules.wait_after(failures + 1)
        assert rules.wait_after(failures) <= timedelta(minutes=15)

    def test_leaves_a_typist_alone(self) -> None:
        assert rules.wait_after(4) == timedelta(0)
        assert rules.wait_after(5) > timedelta(0)


class TestHasEnded:
    @pytest.mark.parametrize(
        ("expires_in", "idle_for", "ended"),
        [
            (timedelta(hours=1), timedelta(0), False),
            (timedelta(0), timedelta(0), True),
            (timedelta(hours=1), SESSION_IDLE, True),
            (timedelta(hours=1), SESSION_IDLE - timedelta(seconds=1), False),
        ],
    )
    def test_is_so_when_old_or_idle(
        self, expires_in: timedelta, idle_for: timedelta, *, ended: bool
    ) -> None:
        assert rules.has_ended(NOW + expires_in, NOW - idle_for, now=NOW) is ended


class TestMemberDraft:
    @pytest.mark.parametrize(
        ("email", "name", "language", "why"),
        [
            ("nobody", "Awa", "fr", "not an e-mail address"),
            ("awa@example.org", " ", "fr", "no name"),
            ("awa@example.org", "Awa", "xx", "not a language"),
        ],
    )
    def test_refuses_what_cannot_be(
        self, email: str, name: str, language: str, why: str
    ) -> None:
        with pytest.raises(Unusable, match=why):
            MemberDraft(email=email, name=name, roles=(), language=language)
