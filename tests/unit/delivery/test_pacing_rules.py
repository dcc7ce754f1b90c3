"""Caps, quiet hours, waves, forecasts and codes, by property."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.delivery import rules
from breachdesk.delivery.terms import (
    Channel,
    Check,
    EventKind,
    Pace,
    Quiet,
    Reason,
    Standing,
    Verdict,
    pace_of,
)
from breachdesk.kernel.errors import Unusable

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
instants = st.integers(0, 3 * 365 * 86400).map(lambda n: NOW + timedelta(seconds=n))
SECRET = bytes(32)


class TestCodes:
    @given(st.integers(1, rules.MOST_MESSAGES), st.text(max_size=20))
    def test_hold_the_number_for_whoever_has_the_key(self, number: int, name: str) -> None:
        code = rules.reference_code(SECRET, name, number)

        assert rules.message_of(SECRET, name, code) == number
        assert rules.message_of(SECRET, name, code.lower().replace("-", " ")) == number
        assert rules.message_of(bytes(31) + b"x", name, code) != number
        assert rules.message_of(SECRET, name + "x", code) is None

    @given(st.text(max_size=60))
    def test_are_hard_to_make_up(self, text: str) -> None:
        assert rules.message_of(SECRET, "BD-1", text) is None

    @given(st.integers(1, 10**6), st.integers(0, 10), st.integers(1, 30))
    def test_show_a_wrong_letter(self, number: int, place: int, by: int) -> None:
        letters = rules.spelt(rules.reference_code(SECRET, "BD-1", number))
        assert letters is not None
        alphabet = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
        other = alphabet[(alphabet.index(letters[place]) + by) % 31]
        assert rules.spelt(letters[:place] + other + letters[place + 1 :]) is None


class TestQuiet:
    @given(instants, st.sampled_from(["21:00-08:00", "12:00-14:00", "23:30-00:30"]))
    def test_is_over_at_its_end_and_not_before(self, at: datetime, hours: str) -> None:
        quiet = rules.quiet_hours(hours, "Europe/Paris")
        over = rules.quiet_until(quiet, at)
        if over is not None:
            assert timedelta(0) < over - at <= timedelta(hours=12)
            assert rules.quiet_until(quiet, over) is None

    @pytest.mark.parametrize(
        ("at", "over"),
        [
            ("2027-10-31T00:10:00+00:00", "2027-10-31T00:30:00+00:00"),  # 02:10, once
            ("2027-10-31T01:10:00+00:00", "2027-10-31T01:30:00+00:00"),  # 02:10 again
            ("2027-03-28T00:50:00+00:00", "2027-03-28T01:30:00+00:00"),  # there is no 02:30
        ],
    )
    def test_end_by_the_clock_where_it_changes(self, at: str, over: str) -> None:
        quiet = rules.quiet_hours("21:00-02:30", "Europe/Paris")
        now = datetime.fromisoformat(at)

        found = rules.quiet_until(quiet, now)

        assert found is not None
        assert found.astimezone(UTC) == datetime.fromisoformat(over)
        assert rules.quiet_for(quiet, "Europe/Paris", now) is not None

    @pytest.mark.parametrize("text", ["9", "21:00", "21:00-21:00", "25:00-08:00", "a-b"])
    def test_is_written_as_two_hours(self, text: str) -> None:
        with pytest.raises(Unusable, match="quiet"):
            rules.quiet_hours(text, "Europe/Paris")


class TestClocks:
    def test_that_agree_are_one(self) -> None:
        clocks = rules.Clocks(NOW)

        paris = clocks.of("FR", "fr")
        assert paris == "Europe/Paris"
        assert {clocks.of("DE", "de"), clocks.of(None, "it-IT"), clocks.of("be", None)} == {
            paris
        }
        assert clocks.of("GB", "fr-FR") == "Europe/London"
        assert clocks.of(None, "fr") is clocks.of("ZZ", None) is clocks.of("", "") is None
        several = clocks.of("US", None)
        assert several is not None
        assert len(several.split("|")) >= 6

    @given(instants, st.sampled_from(["FR", "US", "RU", "JP", "AU", "BR", "ES"]))
    def test_are_all_outside_quiet_hours_when_these_are_over(
        self, at: datetime, country: str
    ) -> None:
        zones = rules.Clocks(NOW).of(country, None)
        assert zones is not None
        quiet = Quiet("21:00", "08:00", "Europe/Paris")
        over = rules.quiet_for(quiet, zones, at)
        then = over or at
        for zone in zones.split("|"):
            hour = then.astimezone(ZoneInfo(zone)).hour
            assert 8 <= hour < 21
        assert over is None or at < over <= at + timedelta(days=1)

    def test_that_leave_no_hour_give_way_to_those_of_the_campaign(self) -> None:
        zones = rules.Clocks(NOW).of("RU", None)
        quiet = Quiet("13:00", "11:00", "UTC")
        assert rules.quiet_for(quiet, zones, NOW) == rules.quiet_until(quiet, NOW)
        assert rules.quiet_for(None, zones, NOW) is None


class TestCap:
    @given(st.integers(1, 10**6), st.integers(1, 1000), st.integers(1, 200))
    def test_never_lets_more_leave_in_an_hour(
        self, hourly: int, size: int, requests: int
    ) -> None:
        most = rules.together(hourly, size)
        turn, left = NOW, []
        for _ in range(requests):
            left.append((turn, most))
            turn = rules.next_turn(turn, hourly, most, turn) or turn
        last = left[-1][0]
        recent = sum(n for at, n in left if last - at < timedelta(minutes=59, seconds=59))
        assert most <= size
        assert recent <= max(hourly * 7 / 6, 1) + 1

    def test_grows_by_its_ramp(self) -> None:
        pace = Pace(hourly=20, ramp=1.5)
        hours = [rules.hourly_now(pace, NOW, NOW + timedelta(hours=n)) for n in range(4)]
        assert hours == [20, 30, 45, 67]
        assert rules.hourly_now(Pace(), NOW, NOW) is None


class TestForecast:
    def test_counts_ramp_and_quiet_hours(self) -> None:
        pace = Pace(hourly=100, quiet=Quiet("12:00", "14:00", "UTC"))
        ahead = rules.forecast(pace, left=400, measured=None, started_at=NOW, now=NOW)
        assert ahead.ends_at == NOW + timedelta(hours=6)

    def test_is_not_known_where_nothing_has_left(self) -> None:
        ahead = rules.forecast(Pace(), left=4, measured=None, started_at=None, now=NOW)
        assert (ahead.left, ahead.ends_at) == (4, None)
        over = rules.forecast(Pace(), left=0, measured=None, started_at=None, now=NOW)
        assert over.ends_at == NOW


class TestWaves:
    @given(
        st.lists(st.integers(1, 1000), min_size=1, max_size=40),
        st.sampled_from([(0.01, 0.1, 1.0), (0.5, 1.0), (1.0,)]),
    )
    def test_hold_everybody_and_the_same_share_of_every_text(
        self, texts: list[int], waves: tuple[float, ...]
    ) -> None:
        total, sizes = sum(texts), rules.wave_sizes(texts, waves)
        assert [sum(each) for each in sizes] == texts
        assert min(min(each) for each in sizes) >= 0
        for number, share in enumerate(waves[:-1]):
            first = [sum(each[: number + 1]) for each in sizes]
            assert sum(first) == min(max(number + 1, int(total * share)), total)
            real = sum(first) / total
            slack = len(waves) - number  # each cut rounds
            assert all(abs(n - of * real) <= slack for n, of in zip(first, texts, strict=True))

    @pytest.mark.parametrize("text", ["10,1", "0,10", "101", "x"])
    def test_grow(self, text: str) -> None:
        with pytest.raises(Unusable):
            Pace(waves=rules.shares(text))

    def test_are_kept_as_they_were_said(self) -> None:
        pace = Pace(5, 1.5, (0.1, 1.0), Quiet("21:00", "08:00", "Europe/Paris"), 0.1, 0.01)
        assert pace_of(pace.as_json()) == pace
        assert pace_of(None) == Pace()


class TestHalt:
    def test_stops_on_bounces_and_on_complaints_and_not_on_one(self) -> None:
        pace = Pace()
        good = EventKind.DELIVERED
        assert rules.why_halt(pace, {good: 1, EventKind.BOUNCED: 4}, 0) is None
        assert "5 of 50" in str(rules.why_halt(pace, {good: 45, EventKind.BOUNCED: 5}, 0))
        assert "5 of 50" in str(rules.why_halt(pace, {good: 45}, 5))
        assert rules.why_halt(pace, {good: 200, EventKind.BOUNCED: 5}, 0) is None
        told = rules.why_halt(pace, {good: 98, EventKind.COMPLAINED: 2}, 0)
        assert "2 of 100 readers complained" in str(told)


class TestChannels:
    def test_come_in_their_order_and_end_in_public(self) -> None:
        held = {Channel.LETTER, Channel.SECOND_ADDRESS}
        assert rules.next_channel({Channel.EMAIL}, held) is Channel.SECOND_ADDRESS
        tried = {Channel.EMAIL, Channel.SECOND_ADDRESS}
        assert rules.next_channel(tried, held) is Channel.LETTER
        assert rules.next_channel({*tried, Channel.LETTER}, held) is Channel.PUBLIC

    def test_are_for_those_whom_the_letter_did_not_reach(self) -> None:
        assert rules.goes_elsewhere(Standing.BOUNCED, None)
        assert rules.goes_elsewhere(Standing.NOT_INFORMED, Reason.NO_ADDRESS)
        assert not rules.goes_elsewhere(Standing.NOT_INFORMED, Reason.WAITING)
        assert not rules.goes_elsewhere(Standing.IN_DOUBT, None)


def verdict(check: Check) -> Verdict:
    return check.verdict


class TestChecks:
    @pytest.mark.parametrize(
        ("texts", "found"),
        [
            (["v=spf1 include:sendgrid.net -all", "other"], Verdict.GOOD),
            (["v=spf1 +all"], Verdict.BAD),
            (["v=spf1 -all", "v=spf1 ~all"], Verdict.BAD),
            (["v=spf10 -all"], Verdict.BAD),
            ([], Verdict.BAD),
            (None, Verdict.NOT_KNOWN),
        ],
    )
    def test_of_spf(self, texts: list[str] | None, found: Verdict) -> None:
        assert verdict(rules.spf("a.example", texts)) is found

    @pytest.mark.parametrize(
        ("texts", "found"),
        [
            (["v=DKIM1; k=rsa; p=MIIB"], Verdict.GOOD),
            (["p=MIIB"], Verdict.GOOD),
            (["v=DKIM1; p="], Verdict.BAD),
            ([], Verdict.BAD),
            (None, Verdict.NOT_KNOWN),
        ],
    )
    def test_of_dkim(self, texts: list[str] | None, found: Verdict) -> None:
        assert verdict(rules.dkim("a.example", {"s1": texts})) is found

    def test_of_dkim_takes_the_key_in_use_beside_a_revoked_one(self) -> None:
        keys = {"s1": ["v=DKIM1; p="], "s2": ["v=DKIM1; p=MIIB"]}

        assert rules.dkim("a.example", keys).said == "a.example has the key s2"

    @pytest.mark.parametrize(
        ("texts", "found"),
        [
            (["v=DMARC1; p=reject; rua=mailto:x@y"], Verdict.GOOD),
            (["v=DMARC1; p=none"], Verdict.LOOK),
            (["v=DMARC1"], Verdict.BAD),
            ([], Verdict.BAD),
            (None, Verdict.NOT_KNOWN),
        ],
    )
    def test_of_dmarc(self, texts: list[str] | None, found: Verdict) -> None:
        assert verdict(rules.dmarc("a.example", texts)) is found

    def test_of_the_list(self) -> None:
        twice = rules.duplicates(["a.da@x.org", "ada+crm@x.org", "bob@x.org"])
        dead = rules.dead_domains({"x.org": False, "y.org": True}, {"x.org": 3, "y.org": 1})
        assert (twice.count, dead.count) == (1, 3)
        assert verdict(rules.dead_domains({"x.org": None}, {"x.org": 1})) is Verdict.NOT_KNOWN


class TestPublic:
    def test_text_is_what_all_are_told_and_nothing_of_anyone(self) -> None:
        one = "Hello\n\nYour e-mail.\ncode -bdt.code-\nWho to ask\n"
        other = "Hello\n\nYour e-mail and log.\ncode -bdt.code-\nWho to ask\n"
        assert rules.common_text([one, other]) == "Hello\n\nWho to ask\n"
