"""What goes over the wire: headers, cookies, proxies, sizes; over real HTTP on this machine."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from breachdesk.access.terms import SESSION_LIFE
from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.faces.web import security, uploads
from breachdesk.faces.web.context import create_app
from breachdesk.faces.web.serving import HEADER_BYTES, Room, Wsgi, open_server
from breachdesk.faces.web.visit import COOKIE
from conftest import FixedClock
from web_face import FRENCH, Visit, log_breach

LARGEST = 1 << 16
FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a fresh SQLite database: a header does not depend on the kind."""
    return sqlite_url


@contextmanager
def served(app: Wsgi, *, proxy: str = "", room: Room | None = None) -> Iterator[int]:
    """Serve an application as the desk is served; yield its port."""
    server = open_server(
        app,
        listen="127.0.0.1:0",
        proxy=proxy,
        room=room or (lambda _cookies: LARGEST),
        headers=security.headers(https=True),
    )

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


def wire(port: int, *parts: bytes) -> bytes:
    """Send bytes as they are, and return all that comes back until the server hangs up."""
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as opened:
        with suppress(ConnectionError):  # it reads no more of what it refused
            opened.sendall(b"".join(parts))
        with suppress(ConnectionError):
            while part := opened.recv(65_536):
                said += part
    return said


def cookies_of(visit: Visit) -> str:
    names = (COOKIE, "breachdesk_forms")
    found = {name: visit.client.get_cookie(name) for name in names}
    return "; ".join(f"{name}={each.value}" for name, each in found.items() if each is not None)


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
        with served(echo) as port:
            said = wire(port, head, b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", smuggled)

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


class TestRoom:
    """What has no room is refused by its head: nothing of it comes to lie on the disk."""

    HEAD = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n"

    @pytest.mark.parametrize(
        "shown", ["", "breachdesk_forms=x.y.z", "breachdesk=somebody", "a stranger's own"]
    )
    def test_is_small_for_whoever_is_nobody(self, app: Flask, shown: str) -> None:
        if shown.startswith("a "):
            stranger = Visit(app)
            stranger.token()
            shown = cookies_of(stranger)
        cookie = f"Cookie: {shown}\r\n".encode() if shown else b""
        length = f"Content-Length: {uploads.LARGEST_REQUEST + 1}\r\n\r\n".encode()
        waits = b"Expect: 100-continue\r\n"
        with served(app, room=uploads.room_of(app)) as port:
            for told in (self.HEAD + cookie, self.HEAD + cookie + waits):
                assert wire(port, told, length).startswith(b"HTTP/1.1 413")
            begun = self.HEAD + cookie + b"Transfer-Encoding: chunked\r\n\r\n100000\r\n"
            whole = b"x" * uploads.LARGEST_REQUEST
            assert wire(port, begun, whole).startswith(b"HTTP/1.1 413")

    def test_is_large_for_a_member_as_long_as_a_sign_in_lasts(
        self, app: Flask, awa: Visit, clock: FixedClock
    ) -> None:
        awa.get("/")
        room, shown = uploads.room_of(app), cookies_of(awa)

        assert room(shown) == uploads.LARGEST_UPLOAD
        clock.pass_time(SESSION_LIFE)
        assert room(shown) == uploads.LARGEST_REQUEST
        awa.post("/sign-out")
        assert room(cookies_of(awa)) == uploads.LARGEST_REQUEST

    def test_is_enough_for_the_file_of_a_member(
        self, app: Flask, awa: Visit, desk: Desk, actor: Actor
    ) -> None:
        path = f"/incidents/{log_breach(desk, actor)}/scope/files"
        form = {
            "csrf_token": awa.token(),
            "files": (BytesIO(b"{}\n" * (1 << 20)), "big.ndjson"),
        }
        made = EnvironBuilder(method="POST", data=form).get_environ()
        with made["wsgi.input"] as content:
            body = content.read()
        sent = {"Content-Type": made["CONTENT_TYPE"], "Cookie": cookies_of(awa)}
        with served(app, room=uploads.room_of(app)) as port:
            status, told, _ = ask(port, "POST", path, sent, body)

        assert len(body) > 2 * uploads.LARGEST_REQUEST
        assert (status, told["location"].rpartition("/")[2]) == (303, "ask")

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.text(st.characters(max_codepoint=255), max_size=60))
    def test_is_small_whatever_else_a_cookie_says(self, app: Flask, cookies: str) -> None:
        room = uploads.room_of(app)

        for shown in (cookies, f"breachdesk_forms={cookies}"):
            assert room(shown) == uploads.LARGEST_REQUEST


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

    @pytest.mark.parametrize(
        ("asked", "status"),
        [
            (b"rubbish\r\n\r\n", b"400"),
            (b"GET / HTTP/1.1\r\nX-Long: ".ljust(HEADER_BYTES, b"x"), b"431"),
            (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
            (b"GET /falls HTTP/1.1\r\nConnection: close\r\n\r\n", b"500"),
        ],
    )
    def test_of_the_server_alone_carries_them_too(self, asked: bytes, status: bytes) -> None:
        def falls(_environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
            raise ValueError("a password of mine")

        with served(falls) as port:
            head, _, body = wire(port, asked).partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")

        assert first.split()[1].encode() == status
        told = {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
        wanted = security.headers(https=True)
        assert {name: told[name.lower()] for name in wanted} == wanted
        assert b"password" not in body

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

        app.view_functions["access.let_in"] = fall
        answer = Visit(app).sign_in(FRENCH.email, secret)

        assert answer.status_code == 500
        assert secret not in answer.text + caplog.text
        assert "ValueError at POST access.let_in" in caplog.text
        assert "in fall" in caplog.text
