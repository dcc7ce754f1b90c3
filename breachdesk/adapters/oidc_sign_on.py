"""Sign-in by an OpenID Connect service, through Authlib: discovery, PKCE, state, nonce.

The service's own word is checked as OpenID Connect Core §3.1.3.7 asks: signature, issuer,
audience, nonce, times with two minutes for clocks that differ.
"""

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

from breachdesk.access.terms import Asserted, SignOn
from breachdesk.kernel.errors import Refused, Unusable

SECONDS = 10
SKEW = 120
SCOPE = "openid email profile"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
DISCOVERY = "/.well-known/openid-configuration"


class OidcSignOn:
    """Sends members to their organisation's own sign-in, and reads what comes back."""

    def __init__(self, told: SignOn, secret: str) -> None:
        """Take the service. Raises Unusable for an address without TLS, unless it is here."""
        parts = urlsplit(told.issuer)
        safe = parts.scheme == "https" or parts.hostname in LOOPBACK
        if not parts.hostname or not safe or parts.query or parts.fragment:
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
                    timeout=SECONDS,
                )
                claims = _IdToken(session, found, self._told.client_id).parse_id_token(
                    token, kept["nonce"], self._expected(), leeway=SKEW
                )
        except (AuthlibBaseError, JoseError, requests.RequestException, ValueError) as error:
            raise Refused(
                f"the sign-in service's word does not hold ({_kind(error)})"
            ) from None
        if not claims:
            raise Refused("the sign-in service vouched for nobody")
        return _asserted(dict(claims), self._told)

    def _expected(self) -> dict[str, Any]:
        """Return what the token must name: this service, and this desk among its audience."""
        return {
            "iss": {"essential": True, "values": [self._told.issuer]},
            "aud": {"essential": True, "values": [self._told.client_id]},
        }

    def _session(self, redirect_uri: str) -> Any:
        return OAuth2Session(
            self._told.client_id,
            self._secret or None,
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post" if self._secret else "none",
        )

    def _discovered(self, session: Any) -> dict[str, Any]:
        """Return what the service says of itself. Raises Refused where it is another's word."""
        address = self._told.issuer.rstrip("/") + DISCOVERY
        try:
            found: dict[str, Any] = session.request(
                "GET", address, withhold_token=True, timeout=SECONDS, allow_redirects=False
            ).json()
        except (requests.RequestException, ValueError) as error:
            raise Refused(f"the sign-in service does not answer ({_kind(error)})") from None
        if found.get("issuer") != self._told.issuer:
            raise Refused("the sign-in service says that it is another one")
        return found


class _IdToken(OpenIDMixin):  # type: ignore[misc]  # Authlib publishes no types
    """Checks an identity token with Authlib's own rules, over our session."""

    def __init__(self, session: Any, metadata: dict[str, Any], client_id: str) -> None:
        self._session, self.server_metadata, self.client_id = session, metadata, client_id

    def load_server_metadata(self) -> dict[str, Any]:
        return self.server_metadata

    def _get_session(self) -> Any:
        return self._session


def _asserted(claims: Mapping[str, Any], told: SignOn) -> Asserted:
    groups = claims.get(told.groups_claim, ())
    return Asserted(
        issuer=told.issuer,
        subject=str(claims["sub"]),
        email=str(claims.get("email", "")),
        email_verified=claims.get("email_verified") is True,
        name=str(claims.get("name") or claims.get("email") or claims["sub"]),
        groups=tuple(map(str, groups)) if isinstance(groups, list | tuple) else (),
    )


def _kind(error: Exception) -> str:
    """Return the kind of an error alone: its words may hold a code or a token."""
    return type(error).__name__
