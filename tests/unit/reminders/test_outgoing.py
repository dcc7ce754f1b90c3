"""Which addresses may be called: the open network, or one that somebody named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.kernel.errors import Unusable
from breachdesk.reminders.rules.outgoing import Target, networks, permitted, target

CLOSED = (
    "127.0.0.1", "127.8.9.10", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1", "239.1.2.3",
    "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd12:3456::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1",
    "2002:a00:1::", "2001:0:7f00:1::1", "localhost", "", "1",
)  # fmt: skip
OPEN = ("93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1")


class TestPermitted:
    @pytest.mark.parametrize("address", CLOSED)
    def test_refuses_what_is_not_of_the_open_network(self, address: str) -> None:
        assert not permitted(address)

    @pytest.mark.parametrize("address", OPEN)
    def test_lets_the_open_network_through(self, address: str) -> None:
        assert permitted(address)

    def test_lets_a_named_network_through_and_no_other(self) -> None:
        named = networks("10.20.0.0/16, fd12:3456::/32")

        assert permitted("10.20.1.2", named)
        assert permitted("::ffff:10.20.1.2", named)
        assert permitted("fd12:3456::9", named)
        assert not permitted("10.21.1.2", named)
        assert not permitted("64:ff9b::a15:102", named)  # it carries 10.21.1.2

    @given(st.ip_addresses(network="127.0.0.0/8") | st.ip_addresses(network="fe80::/10"))
    def test_calls_nothing_of_this_machine(self, address: object) -> None:
        assert not permitted(str(address))


class TestNetworks:
    def test_are_none_where_none_is_named(self) -> None:
        assert networks(" , ") == ()

    def test_refuses_what_is_no_network(self) -> None:
        with pytest.raises(Unusable, match=r"'10\.20\.0\.1/16' is no network"):
            networks("10.20.0.1/16")


class TestTarget:
    def test_is_read_whole(self) -> None:
        assert target("https://hook.example:8443/a/b?c=d") == Target(
            secure=True, host="hook.example", port=8443, path="/a/b?c=d"
        )
        assert target("https://hook.example") == Target(
            secure=True, host="hook.example", port=443, path="/"
        )

    def test_takes_http_only_where_somebody_said_so(self) -> None:
        with pytest.raises(Unusable, match="must begin with https://"):
            target("http://hook.example/")
        assert target("http://hook.example/", clear=True).port == 80

    @pytest.mark.parametrize(
        "url",
        [
            "", "hook.example", "ftp://hook.example/", "https://", "https://h:port/",
            "https://me@hook.example/", "https://hook.example/#x", "https://ho ok.example/",
            "https://hook.example/\r\nX: y", "https://höök.example/", "https://h:99999/",
        ],
    )  # fmt: skip
    def test_refuses_what_cannot_be_called(self, url: str) -> None:
        with pytest.raises(Unusable):
            target(url)
