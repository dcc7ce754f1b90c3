"""How texts of evidence are understood: addresses, e-mails, statuses, instants."""

import ipaddress
import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.scoping import rules

PARIS = ZoneInfo("Europe/Paris")
ZONES = (
    "Europe/Paris", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia",
    "Africa/Casablanca", "Asia/Kolkata", "UTC",
)  # fmt: skip


class TestAddress:
    @pytest.mark.parametrize(
        "text", ["2001:db8::1", "2001:0DB8:0:0:0:0:0:1", " 2001:db8:0::0:1 ", "[2001:db8::1]"]
    )
    def test_is_the_same_in_any_spelling(self, text: str) -> None:
        assert rules.address(text) == ipaddress.ip_address("2001:db8::1")

    @pytest.mark.parametrize("text", ["::ffff:203.0.113.9", "::FFFF:cb00:7109", "203.0.113.9"])
    def test_is_ipv4_when_mapped(self, text: str) -> None:
        assert rules.address(text) == ipaddress.ip_address("203.0.113.9")

    @pytest.mark.parametrize("text", ["", "203.0.113", "203.0.113.256", "host", "1.2.3.4:80"])
    def test_is_none_for_anything_else(self, text: str) -> None:
        assert rules.address(text) is None

    def test_lies_in_a_mapped_network(self) -> None:
        network = rules.network("::ffff:203.0.113.0/120")

        assert network == ipaddress.ip_network("203.0.113.0/24")
        assert network is not None
        assert rules.within("203.0.113.77", [network])
        assert not rules.within("203.0.114.77", [network])
        assert not rules.within("2001:db8::1", [network])

    @given(st.ip_addresses(v=4), st.integers(0, 32))
    def test_begins_as_its_network_says(
        self, address: ipaddress.IPv4Address, length: int
    ) -> None:
        network = ipaddress.ip_network((address, length), strict=False)

        assert str(address).startswith(rules.prefix(network))

    @given(st.ip_addresses(v=6))
    def test_of_version_six_is_never_taken_for_a_plain_one(
        self, address: ipaddress.IPv6Address
    ) -> None:
        network = ipaddress.ip_network(address)

        assert not str(address).startswith(rules.prefix(network)) or str(address)[0] == ":"


class TestEmail:
    @given(st.text(st.characters(exclude_characters="@")))
    def test_is_compared_trimmed_composed_and_folded(self, text: str) -> None:
        folded = unicodedata.normalize("NFC", text.strip()).casefold()

        assert rules.email(f" {text}\n") == folded
        assert rules.email(f" {text}@X.fr\n") == f"{folded}@x.fr" or text != text.strip()

    def test_has_one_domain_in_letters_and_on_the_wire(self) -> None:
        assert rules.email("a@b\u00fccher.example") == "a@xn--bcher-kva.example"
        assert rules.email("a@XN--Bcher-KVA.example") == "a@xn--bcher-kva.example"
        assert rules.email("a@\u00e0..b") == "a@\u00e0..b"

    @pytest.mark.parametrize(
        ("written", "wire"),
        [
            ("stra\u00dfe.de", "xn--strae-oqa.de"),
            ("\u03b2\u03cc\u03bb\u03bf\u03c2.com", "xn--nxasmm1c.com"),
        ],
    )
    def test_has_the_domain_that_its_letters_name(self, written: str, wire: str) -> None:
        assert rules.email(f"a@{written}") == rules.email(f"A@{wire}") == f"a@{wire}"
        assert rules.email("a@strasse.de") != rules.email("a@stra\u00dfe.de")

    def test_keeps_dots_and_tags(self) -> None:
        assert rules.email("A.B+c@X.fr") == "a.b+c@x.fr"

    def test_folds_what_lower_case_leaves(self) -> None:
        assert rules.email("STRASSE@x.fr") == rules.email("stra\u00dfe@x.fr")
        assert rules.email("e\u0301@x.fr") == rules.email("\u00c9@x.fr")


class TestStatus:
    @pytest.mark.parametrize("text", ["200", " 200 ", "200.0"])
    def test_is_a_number_however_written(self, text: str) -> None:
        assert rules.status(text) == 200

    @pytest.mark.parametrize("text", ["", "2xx", "2e2", "20", "2000", "-200", "200.5"])
    def test_is_none_for_anything_else(self, text: str) -> None:
        assert rules.status(text) is None


class TestMoment:
    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-18T22:00:00+01:00",
            "2026-11-18 21:00:00Z",
            "20261118T210000Z",
            "2026-11-18T21:00:00z",
            "2026-11-18 21:00:00 UTC",
            "2026-11-18 21:00:00.000 GMT",
            "2026-11-18T22:00:00,000+0100",
            "1795035600",
            "1795035600000",
            "1795035600000000",
            "1795035600.0",
        ],
    )
    def test_is_the_same_in_any_spelling(self, text: str) -> None:
        assert rules.moment(text, None) == datetime(2026, 11, 18, 21, tzinfo=UTC)

    def test_keeps_fractions(self) -> None:
        at = rules.moment("2026-11-18T21:00:00.123456789Z", None)

        assert at == datetime(2026, 11, 18, 21, 0, 0, 123456, tzinfo=UTC)

    @pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30T10:00:00Z", "12345", "2026"])
    def test_is_none_for_anything_else(self, text: str) -> None:
        assert rules.moment(text, PARIS) is None

    @pytest.mark.parametrize("text", ["2026-11-18", "20261118", "2026-W47-3"])
    def test_is_not_told_by_a_day_alone(self, text: str) -> None:
        end = datetime(2026, 11, 18, 22, 59, 59, 999999, tzinfo=UTC)

        assert rules.moment(text, PARIS) is None
        assert rules.moment(text, PARIS, dates=True) == end

    def test_needs_an_offset_or_a_zone(self) -> None:
        assert rules.moment("2026-11-18T22:00:00", None) is None
        assert rules.moment("2026-11-18T22:00:00", PARIS) == datetime(
            2026, 11, 18, 21, tzinfo=UTC
        )

    @pytest.mark.parametrize("text", ["2026-10-25T02:30:00", "2026-03-29T02:30:00"])
    def test_is_none_where_a_local_time_comes_twice_or_never(self, text: str) -> None:
        assert rules.moment(text, PARIS) is None

    def test_of_a_day_is_its_last(self) -> None:
        assert rules.moment("2026-11-18", None, dates=True) == datetime(
            2026, 11, 18, 23, 59, 59, 999999, tzinfo=UTC
        )
        assert rules.moment("2026-11-18", PARIS, dates=True) == datetime(
            2026, 11, 18, 22, 59, 59, 999999, tzinfo=UTC
        )

    @pytest.mark.parametrize("text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
    def test_is_none_outside_the_calendar(self, text: str) -> None:
        assert rules.moment(text, None) is None


class TestOffsets:
    @settings(deadline=None)
    @given(
        st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 31)),  # noqa: DTZ001  (local times)
        st.sampled_from(ZONES),
    )
    def test_agree_with_the_zone_at_every_local_time(self, at: datetime, name: str) -> None:
        zone = ZoneInfo(name)
        moment = rules.moment(at.isoformat(), zone)
        offset = rules.offset_at(at, zone)

        assert (moment is None) == (offset is None)
        if offset is not None:
            assert moment == (at - timedelta(seconds=offset)).replace(tzinfo=UTC)

    @pytest.mark.parametrize("name", ZONES[:6])
    @pytest.mark.parametrize("apart", [-1, 0, 1])
    def test_agree_with_the_zone_to_the_second_round_each_change(
        self, name: str, apart: int
    ) -> None:
        zone = ZoneInfo(name)
        changes = [at for at, _ in rules.offsets(zone)[1:]]

        assert changes
        for change in changes:
            at = change + timedelta(seconds=apart)
            moment = rules.moment(at.isoformat(), zone)
            assert (moment is None) == (rules.offset_at(at, zone) is None)


class TestUnread:
    @pytest.mark.parametrize(
        ("read", "unread", "too_many"),
        [(999, 1, False), (998, 1, True), (0, 0, False), (0, 1, True), (9990, 10, False)],
    )
    def test_is_too_much_above_one_in_a_thousand(
        self, read: int, unread: int, *, too_many: bool
    ) -> None:
        assert rules.too_many_unread(read, unread) is too_many
