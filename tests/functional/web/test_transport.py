"""What goes over the wire: headers, cookies, proxies, sizes; over real HTTP on this machine."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from breachdesk.desk import Desk
from breachdesk.faces.web.context import create_app
from breachdesk.faces.web.serving import HEADER_BYTES, Wsgi, open_server
from breachdesk.faces.web.visit import COOKIE
from web_face import FRENCH, Visit

LARGEST = 1 << 16
FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a fresh SQLite database: a header does not depend on the kind."""
    return sqlite_url


@contextmanager
def served(app: Wsgi, *, proxy: str = "") -> Iterator[int]:
    """Serve an application as the desk is served; yield its port."""
    server = open_server(app, listen="127.0.0.1:0", proxy=proxy, largest=LARGEST)

    def run() -> None:
        with suppress(OSError):  # it is closed while it listens
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()
    thread.join(timeout=10)


def ask(
    port: int, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body or None, headers or {})
    answer = connection.getresponse()
    found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    connection.close()
    return found


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer who is seen to ask, and how."""
    start("200 OK", [("Content-Type", "application/json")])
    seen = {name: environ.get(name) for name in ("REMOTE_ADDR", "wsgi.url_scheme")}
    return [json.dumps(seen).encode()]


class TestProxy:
    def test_is_believed_where_it_is_named(self) -> None:
        with served(echo, proxy="127.0.0.1") as port:
            seen = json.loads(ask(port, "GET", "/", FORWARDED)[2])

        assert seen == {"REMOTE_ADDR": "203.0.113.9", "wsgi.url_scheme": "https"}

    @pytest.mark.parametrize("proxy", ["", "192.0.2.1"])
    def test_is_not_believed_where_it_is_not(self, proxy: str) -> None:
        with served(echo, proxy=proxy) as port:
            seen = json.loads(ask(port, "GET", "/", FORWARDED)[2])

        assert seen == {"REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http"}


class TestLength:
    def test_told_twice_is_refused_and_nothing_behind_it_is_read(self) -> None:
        smuggled = b"GET /behind HTTP/1.1\r\nHost: localhost\r\n\r\n"
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        with (
            served(echo) as port,
            socket.create_connection(("127.0.0.1", port), timeout=20) as wire,
        ):
            wire.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled)
            said = b"".join(iter(lambda: wire.recv(65_536), b""))

        assert said.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
        assert said.count(b"HTTP/1.") == 1


class TestSize:
    def test_of_a_body_has_an_end(self) -> None:
        with served(echo) as port:
            assert ask(port, "POST", "/", body=b"x" * (LARGEST - 1))[0] == 200
            assert ask(port, "POST", "/", body=b"x" * (LARGEST + 1))[0] == 413

    def test_of_a_head_has_an_end(self) -> None:
        with served(echo) as port:
            status = ask(port, "GET", "/", {"X-Long": "x" * (HEADER_BYTES + 1)})[0]

        assert status in {400, 431}


class TestEveryAnswer:
    def test_carries_its_headers_whatever_it_is(self, desk: Desk) -> None:
        asks = {
            "/sign-in": 200,
            "/healthz": 200,
            "/nothing": 303,
            "/assets/x/desk.css": 404,
            "/calendar/x.ics": 404,
            "/sign-in?x=%00": 400,
        }
        with served(create_app(desk, bytes(32), https=True)) as port:
            for path, status in asks.items():
                got, headers, _ = ask(port, "GET", path, {"Host": f"localhost:{port}"})
                assert (path, got) == (path, status)
                policy = headers["content-security-policy"]
                assert "unsafe" not in policy
                assert "default-src 'none'" in policy
                assert headers["strict-transport-security"].startswith("max-age=")
                assert headers["referrer-policy"] == "no-referrer"
                assert headers["x-content-type-options"] == "nosniff"
                assert headers["cross-origin-opener-policy"] == "same-origin"
                assert headers["cross-origin-resource-policy"] == "same-origin"
                assert "geolocation=()" in headers["permissions-policy"]
                assert "server" not in headers

    def test_for_another_host_is_a_refusal(self, desk: Desk) -> None:
        with served(create_app(desk, bytes(32))) as port:
            assert ask(port, "GET", "/sign-in", {"Host": "evil.example"})[0] == 400


class TestCookies:
    def test_behind_tls_belong_to_this_host_alone(self, desk: Desk, password: str) -> None:
        visit = Visit(create_app(desk, bytes(32), https=True))
        answer = visit.client.get("/sign-in", base_url="https://localhost")
        [forms] = answer.headers.getlist("Set-Cookie")
        token = answer.text.split('name="csrf_token" value="')[1].split('"')[0]
        signed_in = visit.client.post(
            "/sign-in",
            base_url="https://localhost",
            headers={"Referer": "https://localhost/sign-in"},
            data={"csrf_token": token, "email": FRENCH.email, "password": password},
        )
        cookies = [forms, *signed_in.headers.getlist("Set-Cookie")]
        session = [each for each in cookies if each.startswith(f"__Host-{COOKIE}=")]

        assert len(session) == 1
        for each in (forms, *session):
            assert each.startswith("__Host-")
            assert {"Secure", "HttpOnly", "Path=/"} <= {
                part.strip() for part in each.split(";")
            }
            assert "Domain" not in each


class TestFault:
    def test_of_ours_is_logged_by_kind_and_place_and_repeats_nothing(
        self, desk: Desk, caplog: pytest.LogCaptureFixture
    ) -> None:
        app, secret = create_app(desk, bytes(32)), "a password of mine"

        def fall() -> str:
            raise ValueError(secret)

        app.view_functions["access.sign_in"] = fall
        answer = Visit(app).get("/sign-in")

        assert answer.status_code == 500
        assert secret not in answer.text + caplog.text
        assert "ValueError at GET access.sign_in" in caplog.text
        assert "in fall" in caplog.text
