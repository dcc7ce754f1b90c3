"""What roles permit, and how often a thing may be tried."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.access import rules
from breachdesk.access.reading import read_roles
from breachdesk.access.terms import SESSION_IDLE, MemberDraft, Rate
from breachdesk.kernel.errors import Unusable

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
RATE = Rate(5, timedelta(minutes=5))


class TestPermits:
    def test_gives_an_unknown_role_nothing(self) -> None:
        assert rules.permits(["pirate"], read_roles()) == frozenset()

    def test_lets_the_auditor_write_only_of_themselves(self) -> None:
        writes = rules.permits(["auditor"], read_roles())

        assert {name for name in writes if not name.startswith("access.")} == {
            "incidents.drop_view",  # a search of one's own
            "incidents.save_view",
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


class TestSpend:
    @given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
    def test_never_allows_more_than_a_burst_and_what_time_gives_back(
        self, pauses: list[int]
    ) -> None:
        at, free_at, used = NOW, None, []
        for pause in pauses:
            at += timedelta(seconds=pause)
            wanted = rules.spend(free_at, RATE, at)
            if not rules.seconds_over(wanted, RATE, at):
                free_at = wanted
                used.append(at)
        for first in used:
            within = [each for each in used if first <= each < first + RATE.within]
            assert len(within) < 2 * RATE.times

    def test_allows_a_burst_then_one_at_a_time(self) -> None:
        free_at = None
        for _ in range(RATE.times):
            free_at = rules.spend(free_at, RATE, NOW)
            assert rules.seconds_over(free_at, RATE, NOW) == 0

        one_more = rules.spend(free_at, RATE, NOW)
        assert rules.seconds_over(one_more, RATE, NOW) == 60
        assert rules.seconds_over(one_more, RATE, NOW + timedelta(seconds=60)) == 0

    def test_holds_nobody_longer_than_its_window_when_the_clock_is_set_back(self) -> None:
        ahead = NOW + timedelta(hours=9)
        again = rules.spend(ahead, RATE, NOW)

        assert rules.seconds_over(again, RATE, NOW) <= RATE.within.total_seconds()


class TestLineOf:
    @pytest.mark.parametrize(
        ("address", "line"),
        [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            ("unix", "unix"),
            ("", ""),
        ],
    )
    def test_is_what_one_customer_has(self, address: str, line: str) -> None:
        assert rules.line_of(address) == line

    @given(st.text())
    def test_never_fails(self, text: str) -> None:
        assert isinstance(rules.line_of(text), str)


class TestAccountName:
    @pytest.mark.parametrize(
        "same", ["Awa@Example.org", " awa@example.org ", "ＡＷＡ@example.org"]
    )
    def test_is_one_spelling(self, same: str) -> None:
        assert rules.account_name(same) == "awa@example.org"


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
