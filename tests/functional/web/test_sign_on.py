"""Signing in by a real OpenID Connect service on this machine, and what its word is worth."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import requests
from flask import Flask, Response, request
from oidc_provider_mock import (  # type: ignore[import-untyped]  # it publishes no types
    User,
    run_server_in_thread,
)
from werkzeug.serving import make_server

from breachdesk.access import commands, queries
from breachdesk.access.ports import Elsewhere
from breachdesk.access.reading import read_sign_on
from breachdesk.access.terms import SignOn
from breachdesk.adapters.oidc_sign_on import OidcSignOn
from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.faces.web.context import create_app
from breachdesk.kernel.errors import Refused, Unusable
from conftest import ORGANISATION
from web_face import FRENCH, Visit, invite

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning"  # the provider's own ways with its library, in its thread
)
BACK = "http://localhost/sign-in/service/back"


def person(sub: str, **claims: object) -> User:
    return User(sub=sub, claims=claims)


PEOPLE = (
    person(
        "s-1", email="nora@x.example", email_verified=True, name="Nora", groups=["security"]
    ),
    person("s-2", email="noel@x.example", email_verified=True, groups=["kitchen"]),
    person("s-3", email=FRENCH.email, email_verified=False, groups=["security"]),
    person("s-4", email=FRENCH.email, email_verified=True, groups=["security", "privacy"]),
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Run a real provider over loopback."""
    with run_server_in_thread(user_claims=PEOPLE) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def told(issuer: str) -> SignOn:
    found = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
    groups: dict[str, tuple[str, ...]] = {"security": ("responder",), "privacy": ("dpo",)}
    return SignOn(issuer=found["issuer"], client_id="desk", label="Their door", groups=groups)


@pytest.fixture
def app(desk: Desk, told: SignOn) -> Flask:
    return door(desk, told)


def door(desk: Desk, told: SignOn) -> Flask:
    elsewhere = Elsewhere(told, OidcSignOn(told, "secret"))
    return create_app(replace(desk, elsewhere=elsewhere), bytes(32))


def go(visit: Visit) -> str:
    """Press the button; return where it leads."""
    page = visit.post("/sign-in/service").text
    found = re.search(r'href="(http[^"]+oauth2/authorize[^"]+)"', page)
    assert found is not None
    return unescape(found[1])


def vouch(url: str, subject: str) -> str:
    """Sign in at the service as `subject`; return the path to which it leads back."""
    answer = requests.post(url, data={"sub": subject}, allow_redirects=False, timeout=10)
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


@contextmanager
def lying(told: SignOn, *, of_itself: bool = True) -> Iterator[SignOn]:
    """Serve a service that hands out tokens which the real one made for another client.

    Not lying `of_itself` it says that it is the real one.
    """
    real: dict[str, Any] = requests.get(
        f"{told.issuer}/.well-known/openid-configuration", timeout=10
    ).json()
    app = Flask("liar")

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        here = request.host_url.rstrip("/")
        if not of_itself:
            return real
        return {**real, "issuer": here, "token_endpoint": f"{here}/token"}

    @app.post("/token")
    def token() -> Response:
        form = {**request.form.to_dict(), "client_id": "other"}
        got = requests.post(real["token_endpoint"], data=form, timeout=10)
        return Response(got.content, got.status_code, mimetype="application/json")

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield replace(told, issuer=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


class TestSignOn:
    def test_lets_in_and_makes_a_member_with_the_roles_of_the_groups(
        self, app: Flask, desk: Desk
    ) -> None:
        visit = Visit(app)
        url = go(visit)
        asked = parse_qs(urlsplit(url).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert {"state", "nonce", "code_challenge"} <= set(asked)

        assert visit.get(vouch(url, "s-1")).location == "/"
        assert visit.get("/account/").status_code == 200
        with desk.transactions.reading(ORGANISATION) as session:
            made = queries.member(session, "nora@x.example")
        assert (made.name, made.roles) == ("Nora", ["responder"])

        again = Visit(app)
        assert again.get(vouch(go(again), "s-1")).status_code == 303
        with desk.transactions.reading(ORGANISATION) as session:
            assert len(queries.members(session)) == 1

    def test_keeps_outside_whom_no_group_lets_in(self, app: Flask, desk: Desk) -> None:
        visit = Visit(app)

        assert visit.get(vouch(go(visit), "s-2")).status_code == 422
        with desk.transactions.reading(ORGANISATION) as session:
            assert queries.member_by_email(session, "noel@x.example") is None

    @pytest.mark.parametrize("subject", ["s-3", "s-4"])
    def test_never_leads_into_an_account_by_its_address_alone(
        self, app: Flask, password: str, subject: str
    ) -> None:
        visit = Visit(app)

        assert password
        assert visit.get(vouch(go(visit), subject)).status_code == 422
        assert visit.get("/account/").status_code == 303

    def test_leads_into_an_account_by_a_verified_address_where_that_counts(
        self, desk: Desk, told: SignOn, password: str
    ) -> None:
        app = door(desk, replace(told, link_by_email=True))
        assert password
        unverified, verified = Visit(app), Visit(app)

        assert unverified.get(vouch(go(unverified), "s-3")).status_code == 422
        assert verified.get(vouch(go(verified), "s-4")).status_code == 303
        with desk.transactions.reading(ORGANISATION) as session:
            assert queries.member(session, FRENCH.email).roles == ["dpo", "responder"]

    def test_vouches_for_nobody_of_another_house(
        self, desk: Desk, told: SignOn, actor: Actor, password: str
    ) -> None:
        assert password
        other = replace(actor, organisation_id=UUID(int=ORGANISATION.int + 1))
        with desk.transactions.open(other) as tx:
            commands.found(tx, "Elsewhere")
        theirs = replace(told, link_by_email=True, organisation="Elsewhere")
        visit = Visit(door(desk, theirs))

        assert visit.get(vouch(go(visit), "s-4")).status_code == 422
        with desk.transactions.reading(ORGANISATION) as session:
            known = queries.member(session, FRENCH.email)
            assert tuple(known.roles) == FRENCH.roles

    def test_leads_into_an_account_that_an_administrator_linked(
        self, app: Flask, desk: Desk, actor: Actor, told: SignOn
    ) -> None:
        invite(desk.transactions, actor, FRENCH)
        with desk.transactions.open(actor) as tx:
            own = queries.member(tx.session, FRENCH.email)
            commands.link(tx, own, told.issuer, "s-3")
        visit = Visit(app)

        assert visit.get(vouch(go(visit), "s-3")).location == "/"

    def test_still_asks_for_a_second_factor_of_our_own(
        self, desk: Desk, told: SignOn, actor: Actor
    ) -> None:
        with desk.transactions.open(actor) as tx:
            house = queries.organisation_of(tx.session, ORGANISATION)
            commands.ask_second_factor(tx, house, asked=True)
        strict = Visit(door(desk, told))
        trusting = Visit(door(desk, replace(told, asks_second_factor=True)))

        assert strict.get(vouch(go(strict), "s-1")).location == "/account/"
        assert trusting.get(vouch(go(trusting), "s-1")).location == "/"

    def test_answers_once_to_the_browser_that_asked(self, app: Flask) -> None:
        asked, other = Visit(app), Visit(app)
        go(other)
        back = vouch(go(asked), "s-1")

        assert other.get(back).status_code == 422
        assert asked.get(back).status_code == 303
        assert Visit(app).get(back).status_code == 422


class TestWord:
    def test_of_another_question_is_refused(self, told: SignOn) -> None:
        service = OidcSignOn(told, "secret")
        url, kept = service.begin(BACK)
        query = parse_qs(urlsplit(vouch(url, "s-1")).query)
        answer = {name: values[0] for name, values in query.items()}

        for wrong in ({"state": "another"}, {"iss": "https://other.example"}):
            with pytest.raises(Refused):
                service.finish(BACK, kept, {**answer, **wrong})
        with pytest.raises(Refused, match="InvalidClaim"):
            service.finish(BACK, {**kept, "nonce": "another"}, answer)

    def test_for_another_audience_is_refused(self, told: SignOn) -> None:
        with lying(told) as liar:
            service = OidcSignOn(liar, "secret")
            url, kept = service.begin(BACK)
            query = parse_qs(urlsplit(vouch(url, "s-1")).query)
            answer = {name: values[0] for name, values in query.items()}

            with pytest.raises(Refused, match="does not hold"):
                service.finish(BACK, kept, answer)

    def test_names_this_desk_and_this_service(self, told: SignOn) -> None:
        url, kept = OidcSignOn(told, "secret").begin(BACK)
        query = parse_qs(urlsplit(vouch(url, "s-1")).query)
        answer = {name: values[0] for name, values in query.items()}

        asserted = OidcSignOn(told, "secret").finish(BACK, kept, answer)
        assert (asserted.issuer, asserted.subject) == (told.issuer, "s-1")

    def test_of_a_service_that_calls_itself_otherwise_is_refused(self, told: SignOn) -> None:
        with lying(told, of_itself=False) as liar:
            service = OidcSignOn(liar, "secret")
            with pytest.raises(Refused, match="another one"):
                service.begin(BACK)

    def test_goes_over_tls(self, told: SignOn) -> None:
        with pytest.raises(Unusable, match="https"):
            OidcSignOn(replace(told, issuer="http://login.example"), "secret")


class TestFile:
    GOOD = 'issuer = "https://x.example"\nclient_id = "d"\nlabel = "L"\n[groups]\na = ["dpo"]\n'

    def test_names_groups_and_roles(self, tmp_path: Path) -> None:
        path = tmp_path / "oidc.toml"
        path.write_text(self.GOOD)

        assert read_sign_on(path).groups == {"a": ("dpo",)}

    @pytest.mark.parametrize(
        ("was", "becomes", "says"),
        [
            ("client_id", "clientid", "clientid: is not known"),
            ('"dpo"', '"pirate"', "groups.a: names no role"),
            ('label = "L"', "", "label: is missing"),
            ('"L"', "7", "label: is no text"),
            ("[groups]", "[groups", "oidc.toml"),
        ],
    )
    def test_is_refused_where_it_says_what_cannot_be(
        self, tmp_path: Path, was: str, becomes: str, says: str
    ) -> None:
        path = tmp_path / "oidc.toml"
        path.write_text(self.GOOD.replace(was, becomes))

        with pytest.raises(Unusable, match=re.escape(says)):
            read_sign_on(path)
