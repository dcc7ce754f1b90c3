"""Sign-in by an OpenID Connect service, through Authlib: discovery, PKCE, state, nonce.

The service's own word is checked as OpenID Connect Core §3.1.3.7 asks: signature, issuer,
audience, nonce, times with two minutes for clocks that differ. What it says of itself is
outside input too: only signatures that nobody else could make count, only addresses with TLS
are called, none that leads elsewhere, and of what one answers no more is read than
`LONGEST_ANSWER`.
"""

import io
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]  # it publishes no types
from authlib.integrations.base_client.sync_openid import (  # type: ignore[import-untyped]
    OpenIDMixin,
)
from authlib.integrations.requests_client import (  # type: ignore[import-untyped]
    OAuth2Session,
)
from authlib.oauth2.rfc7523.jwt_bearer import (  # type: ignore[import-untyped]
    JoseError,
)
from urllib3.exceptions import HTTPError

from breachdesk.access.terms import Asserted, SignOn
from breachdesk.kernel import documents
from breachdesk.kernel.errors import Refused, Unusable

SECONDS = 10
"""How long a silence of the service is borne."""
LONGEST_ANSWER = 1 << 20
"""Bytes, unpacked: its word on itself, its keys or a token take some thousands."""
SKEW = 120
SCOPE = "openid email profile"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
DISCOVERY = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ALGORITHMS = "id_token_signing_alg_values_supported"
SIGNED = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"}
)
"""Signatures by a key that the service alone has: neither none nor one by our shared secret."""


class OidcSignOn:
    """Sends members to their organisation's own sign-in, and reads what comes back."""

    def __init__(self, told: SignOn, secret: str) -> None:
        """Take the service. Raises Unusable for an address without TLS, unless it is here."""
        parts = urlsplit(told.issuer)
        self._here = parts.hostname in LOOPBACK
        if not may_be_called(told.issuer, here=True) or parts.query or parts.fragment:
            raise Unusable(
                f"issuer {told.issuer!r} is not an address that begins with https://"
            )
        self._told, self._secret = told, secret

    def begin(self, redirect_uri: str) -> tuple[str, dict[str, str]]:
        """Return where to send the browser, and what to keep until it comes back.

        Raises Refused where the service does not answer.
        """
        kept = {name: secrets.token_urlsafe(48) for name in ("state", "nonce", "verifier")}
        with self._session(redirect_uri) as session:
            found = self._discovered(session)
            url, _ = session.create_authorization_url(
                found["authorization_endpoint"],
                state=kept["state"],
                nonce=kept["nonce"],
                code_verifier=kept["verifier"],
            )
        return url, kept

    def finish(
        self, redirect_uri: str, kept: Mapping[str, str], answer: Mapping[str, str]
    ) -> Asserted:
        """Return whom the service vouches for. Raises Refused where its word does not hold."""
        if not secrets.compare_digest(answer.get("state", ""), kept["state"]):
            raise Refused("the sign-in service answered another question")
        if answer.get("iss", self._told.issuer) != self._told.issuer:
            raise Refused("another sign-in service answered")
        try:
            with self._session(redirect_uri) as session:
                found = self._discovered(session)
                token = session.fetch_token(
                    found["token_endpoint"],
                    code=answer.get("code", ""),
                    code_verifier=kept["verifier"],
                )
                claims = _IdToken(session, found, self._told.client_id).parse_id_token(
                    token, kept["nonce"], self._expected(), leeway=SKEW
                )
        except (
            AuthlibBaseError, JoseError, requests.RequestException,
            ValueError, TypeError, KeyError, AttributeError, RecursionError,  # another shape
        ) as error:  # fmt: skip
            raise Refused(
                f"the sign-in service's word does not hold ({_kind(error)})"
            ) from None
        asserted = _asserted(claims or {}, self._told)
        if not all(map(str.isprintable, (asserted.subject, asserted.email, asserted.name))):
            raise Refused("the sign-in service's word holds what is no text")
        if not asserted.subject:
            raise Refused("the sign-in service vouched for nobody")
        return asserted

    def _expected(self) -> dict[str, Any]:
        """Return what the token must name: this service, and this desk among its audience."""
        return {
            "iss": {"essential": True, "values": [self._told.issuer]},
            "aud": {"essential": True, "values": [self._told.client_id]},
        }

    def _session(self, redirect_uri: str) -> Any:
        session = OAuth2Session(
            self._told.client_id,
            self._secret or None,
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post" if self._secret else "none",
            default_timeout=SECONDS,
        )
        session.max_redirects = 0  # a secret follows no redirect
        session.hooks["response"].append(_bounded)
        return session

    def _discovered(self, session: Any) -> dict[str, Any]:
        """Return what the service says of itself. Raises Refused where it is another's word."""
        address = self._told.issuer.rstrip("/") + DISCOVERY
        try:
            answered = session.request("GET", address, withhold_token=True)
            found: Any = documents.from_json(answered.content)
        except (requests.RequestException, ValueError) as error:
            raise Refused(f"the sign-in service does not answer ({_kind(error)})") from None
        if not isinstance(found, dict) or found.get("issuer") != self._told.issuer:
            raise Refused("the sign-in service says that it is another one")
        for name in ENDPOINTS:
            if not may_be_called(found.get(name), here=self._here):
                raise Refused(f"the sign-in service names no {name} that begins with https://")
        return {**{name: found[name] for name in ENDPOINTS}, ALGORITHMS: _signed(found)}


class _IdToken(OpenIDMixin):  # type: ignore[misc]  # Authlib publishes no types
    """Checks an identity token with Authlib's own rules, over our session."""

    def __init__(self, session: Any, metadata: dict[str, Any], client_id: str) -> None:
        self._session, self.server_metadata, self.client_id = session, metadata, client_id

    def load_server_metadata(self) -> dict[str, Any]:
        return self.server_metadata

    def _get_session(self) -> Any:
        return self._session


def _bounded(answer: requests.Response, **_: object) -> None:
    """Read an answer, unpacked, before anybody else does. Raises Refused for a long one."""
    try:
        content = answer.raw.read(LONGEST_ANSWER + 1, decode_content=True)
    except HTTPError as error:
        raise requests.ConnectionError(_kind(error)) from None
    if len(content) > LONGEST_ANSWER:
        answer.close()
        raise Refused(
            f"the sign-in service answers more than {LONGEST_ANSWER >> 20} MiB; "
            "check the address of its issuer"
        )
    answer.raw = io.BytesIO(content)


def may_be_called(address: object, *, here: bool) -> bool:
    """Tell whether an address may be called: over TLS, or, from `here`, on this machine.

    A service elsewhere sends nobody to what listens on this machine alone.
    """
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.hostname in LOOPBACK:
        return here and parts.scheme in {"http", "https"}
    return bool(parts.hostname) and parts.scheme == "https"


def _signed(found: Mapping[str, Any]) -> list[str]:
    """Return the signatures to accept of a service: of its own, those that prove something."""
    named = found.get(ALGORITHMS)
    offered = (
        {each for each in named if isinstance(each, str)} if isinstance(named, list) else ()
    )
    return sorted(SIGNED.intersection(offered)) or ["RS256"]


def _asserted(claims: Mapping[str, Any], told: SignOn) -> Asserted:
    groups = claims.get(told.groups_claim, ())
    return Asserted(
        issuer=told.issuer,
        subject=str(claims.get("sub", "")),
        email=str(claims.get("email", "")),
        email_verified=claims.get("email_verified") is True,
        name=str(claims.get("name") or claims.get("email") or claims.get("sub", "")),
        groups=tuple(map(str, groups)) if isinstance(groups, list | tuple) else (),
    )


def _kind(error: Exception) -> str:
    """Return the kind of an error alone: its words may hold a code or a token."""
    return type(error).__name__
