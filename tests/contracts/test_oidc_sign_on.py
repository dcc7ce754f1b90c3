"""What a sign-in service may say, and what is believed: a service that lies, over HTTP."""

import base64
import gzip
import hmac
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwk, jwt

from breachdesk.access.terms import Asserted, SignOn
from breachdesk.adapters.oidc_sign_on import (
    ALGORITHMS,
    LONGEST_ANSWER,
    SKEW,
    OidcSignOn,
    may_be_called,
)
from breachdesk.kernel.clock import SystemClock
from breachdesk.kernel.errors import Refused

BACK = "http://localhost/sign-in/service/back"
DISCOVERY = "/.well-known/openid-configuration"
SECRET = "a secret that both of them know, long enough"
HOUR = 3600
FIRST, SECOND = (
    jwk.RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})
    for name in ("first", "second")
)
Claims = dict[str, Any]


@dataclass
class Service:
    """A sign-in service: what it publishes, how it signs, what it claims, who asked it."""

    issuer: str = ""
    nonce: str = ""
    signing: jwk.RSAKey = field(default_factory=lambda: FIRST)
    shared: bytes = b""
    published: list[jwk.RSAKey] = field(default_factory=lambda: [FIRST])
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "first"})
    claims: Claims = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    metadata: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)
    leads: str = ""
    padded: str = ""
    packed: bool = False
    asked: list[str] = field(default_factory=list)

    def of_itself(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            ALGORITHMS: ["RS256"],
            **self.metadata,
        }

    def token(self) -> dict[str, Any]:
        told = {
            "iss": self.issuer, "sub": "s-1", "aud": "desk", "nonce": self.nonce,
            "iat": now(), "exp": now() + 300, "email": "nora@x.example", **self.claims,
        }  # fmt: skip
        told = {name: value for name, value in told.items() if name not in self.without}
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.sign(told)}

    def sign(self, claims: Claims) -> str:
        if self.header["alg"] in {"none", "HS256"}:
            signed = ".".join(
                _url64(json.dumps(each).encode()) for each in (self.header, claims)
            )
            mark = hmac.digest(self.shared, signed.encode(), "sha256")
            return f"{signed}.{_url64(mark) if self.header['alg'] != 'none' else ''}"
        return jwt.encode(self.header, claims, self.signing, algorithms=[self.header["alg"]])

    def keys(self) -> dict[str, Any]:
        return {"keys": [each.as_dict(private=False) for each in self.published]}

    def answer(self, path: str) -> bytes:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        ways: dict[str, Callable[[], dict[str, Any]]] = {
            DISCOVERY: self.of_itself, "/token": self.token, "/keys": self.keys,
        }  # fmt: skip
        said = json.dumps(ways[path]()).encode()
        if path == self.padded:
            said += b" " * LONGEST_ANSWER
        return gzip.compress(said) if self.packed else said


def now() -> int:
    return int(SystemClock().now().timestamp())


def _url64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class _Handler(http.server.BaseHTTPRequestHandler):
    service: Service

    def do_GET(self) -> None:
        if self.path == self.service.leads:
            self.send_response(307)
            self.send_header("Location", f"{self.service.issuer}/elsewhere")
            self.end_headers()
            self.service.asked.append(self.path)
            return
        body = self.service.answer(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.service.packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def listening() -> Iterator[tuple[str, type[_Handler]]]:
    handler = type("Handler", (_Handler,), {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


@pytest.fixture
def service(listening: tuple[str, type[_Handler]]) -> Service:
    address, handler = listening
    handler.service = Service(issuer=address)
    return handler.service


def sign_on(service: Service) -> OidcSignOn:
    told = SignOn(issuer=service.issuer, client_id="desk", label="L", groups={})
    return OidcSignOn(told, SECRET)


def come_back(service: Service) -> Asserted:
    """Go there and come back with what the service says."""
    desk = sign_on(service)
    url, kept = desk.begin(BACK)
    service.nonce = service.nonce or parse_qs(urlsplit(url).query)["nonce"][0]
    return desk.finish(BACK, kept, {"state": kept["state"], "code": "c"})


class TestWord:
    def test_is_believed_where_all_of_it_holds(self, service: Service) -> None:
        asserted = come_back(service)

        assert (asserted.issuer, asserted.subject) == (service.issuer, "s-1")
        assert "/userinfo" not in service.asked  # nothing unsigned is asked for, or mixed in

    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://other.example"},
            {"aud": "another"},
            {"aud": ["another", "third"]},
            {"aud": ["desk", "another"]},  # for two, and it does not say who asked
            {"aud": ["desk", "another"], "azp": "another"},
            {"azp": "another"},
            {"aud": []},
            {"aud": {"desk": 1}},
            {"nonce": "another"},
            {"sub": ""},
            {"sub": 7},
            {"sub": "s\0"},
            {"email": "a@b.example\nBcc: c@d.example"},
        ],
    )
    def test_for_another_or_of_another_is_refused(
        self, service: Service, claims: Claims
    ) -> None:
        service.claims = claims

        with pytest.raises(Refused):
            come_back(service)

    @pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "iat", "nonce"])
    def test_that_lacks_a_claim_is_refused(self, service: Service, name: str) -> None:
        service.without = frozenset({name})

        with pytest.raises(Refused):
            come_back(service)

    def test_for_several_is_believed_where_it_names_who_asked(self, service: Service) -> None:
        service.claims = {"aud": ["desk", "another"], "azp": "desk"}

        assert come_back(service).subject == "s-1"


class TestClocks:
    @pytest.mark.parametrize(
        ("name", "seconds"),
        [("exp", 30 - SKEW), ("iat", SKEW - 30), ("nbf", SKEW - 30)],
    )
    def test_may_differ_a_little(self, service: Service, name: str, seconds: int) -> None:
        service.claims = {name: now() + seconds}

        assert come_back(service).subject == "s-1"

    @pytest.mark.parametrize(
        ("name", "seconds"), [("exp", -HOUR), ("iat", HOUR), ("nbf", HOUR), ("exp", -SKEW - 30)]
    )
    def test_may_not_differ_much(self, service: Service, name: str, seconds: int) -> None:
        service.claims = {name: now() + seconds}

        with pytest.raises(Refused):
            come_back(service)


class TestSignature:
    @pytest.mark.parametrize(
        "offered", [["RS256"], ["RS256", "none", "HS256"], "none", None, 7]
    )
    @pytest.mark.parametrize("alg", ["none", "HS256"])
    def test_that_anybody_could_make_is_refused(
        self, service: Service, alg: str, offered: object
    ) -> None:
        """By nothing, or by the public key or our own secret taken for a shared key."""
        service.metadata = {ALGORITHMS: offered}
        service.header = {"alg": alg}
        for key in (FIRST.as_pem(private=False), SECRET.encode()):
            service.shared = key
            with pytest.raises(Refused):
                come_back(service)

    def test_of_an_unknown_key_is_asked_for_once_more(self, service: Service) -> None:
        desk = sign_on(service)
        url, kept = desk.begin(BACK)
        service.nonce = parse_qs(urlsplit(url).query)["nonce"][0]
        service.signing, service.header = SECOND, {"alg": "RS256", "kid": "second"}
        old, new = json.dumps(service.keys()).encode(), [FIRST, SECOND]

        class Rotating(dict[str, bytes]):
            """The first answer is of before the rotation."""

            def __contains__(self, path: object) -> bool:
                return path == "/keys" and service.asked.count("/keys") == 1

        service.published, service.answers = new, Rotating({"/keys": old})
        asserted = desk.finish(BACK, kept, {"state": kept["state"], "code": "c"})

        assert asserted.subject == "s-1"
        assert service.asked.count("/keys") == 2

    def test_of_a_key_that_is_not_published_is_refused(self, service: Service) -> None:
        service.signing, service.header = SECOND, {"alg": "RS256", "kid": "second"}

        with pytest.raises(Refused):
            come_back(service)
        assert service.asked.count("/keys") == 2  # once more, and no third time

        service.header = {"alg": "RS256", "kid": "first"}  # it calls itself by the other's name
        with pytest.raises(Refused):
            come_back(service)


class TestService:
    @pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
    def test_leads_nowhere_else(self, service: Service, path: str) -> None:
        service.leads = path

        with pytest.raises(Refused):
            come_back(service)
        assert "/elsewhere" not in service.asked

    @pytest.mark.parametrize("packed", [False, True])
    @pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
    def test_is_read_no_further_than_the_longest_answer(
        self, service: Service, path: str, packed: bool
    ) -> None:
        """The answer is right but for its length: whoever reads it whole believes it."""
        service.padded, service.packed = path, packed

        with pytest.raises(Refused, match="1 MiB"):
            come_back(service)

    def test_may_pack_what_it_answers(self, service: Service) -> None:
        service.packed = True

        assert come_back(service).subject == "s-1"

    @pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
    @pytest.mark.parametrize(
        "address",
        [
            None,
            7,
            "",
            "http://far.example/x",
            "javascript:alert(1)",
            "file:///etc",
            "https://[",
        ],
    )
    def test_is_called_over_tls_alone(
        self, service: Service, name: str, address: object
    ) -> None:
        service.metadata = {name: address}

        with pytest.raises(Refused, match=name):
            sign_on(service).begin(BACK)

    @pytest.mark.parametrize(
        "address",
        [
            "http://127.0.0.1:6379/",
            "http://localhost/",
            "https://[::1]/",
            "https://localhost/x",
        ],
    )
    def test_of_another_machine_sends_nobody_to_this_one(self, address: str) -> None:
        assert not may_be_called(address, here=False)
        assert may_be_called(address, here=True)

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.sampled_from([DISCOVERY, "/token", "/keys"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["id_token", "access_token", "keys", "kty", "n", "error", "issuer"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=8,
        ).map(lambda told: json.dumps(told).encode())
        | st.binary(max_size=40),
    )
    def test_says_anything_and_is_refused_in_a_sentence(
        self, service: Service, path: str, said: bytes
    ) -> None:
        service.answers = {path: said}

        with pytest.raises(Refused) as refusal:
            come_back(service)
        service.answers = {}
        assert SECRET not in str(refusal.value)

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.dictionaries(
            st.sampled_from(
                ["sub", "email", "name", "groups", "email_verified", "aud", "exp", "azp"]
            ),
            st.none()
            | st.integers()
            | st.text(max_size=9)
            | st.lists(st.text(max_size=4), max_size=2),
        )
    )
    def test_claims_anything_and_is_read_or_refused(
        self, service: Service, claims: Claims
    ) -> None:
        service.claims, service.nonce = claims, ""
        try:
            asserted = come_back(service)
        except Refused:
            return
        assert asserted.subject == claims.get("sub", "s-1")
        assert asserted.email_verified is False
