"""What nobody reaches without signing in, and what every answer carries."""

from datetime import timedelta

import pytest
from flask import Flask

from breachdesk.faces.web.security import OPEN
from breachdesk.incidents.models import Incident
from conftest import FixedClock
from every_address import NOWHERE, routes
from web_face import FRENCH, Visit

VALUES = {
    "notice_id": NOWHERE,
    "passkey_id": NOWHERE,
    "session_id": NOWHERE,
    "campaign_id": NOWHERE,
    "identity": NOWHERE,
    "subject": NOWHERE,
    "form_id": "cnil-2023",
    "number": 1,
}
"""Something to put into each part of an address; anything else is a choice of it, or x."""


def closed_routes(app: Flask) -> list[tuple[str, str]]:
    """Return method and address of every route that is not open, from the map of the app."""
    return [
        (method, path) for endpoint, method, path in routes(app, VALUES) if endpoint not in OPEN
    ]


class TestEveryRoute:
    def test_asks_a_stranger_to_sign_in_first(self, app: Flask, stranger: Visit) -> None:
        routes = closed_routes(app)
        assert len(routes) >= 20
        for method, path in routes:
            if method == "GET":
                answer = stranger.get(path)
                assert (answer.status_code, path) == (303, path)
                assert answer.location.startswith("/sign-in")
            else:
                assert (stranger.post(path).status_code, path) == (401, path)

    def test_refuses_a_form_without_its_token(self, app: Flask, awa: Visit) -> None:
        posts = [path for method, path in closed_routes(app) if method == "POST"]
        assert posts
        for path in [*posts, "/sign-in"]:
            assert (awa.client.post(path).status_code, path) == (400, path)
        assert awa.get("/").status_code == 200

    def test_has_nothing_that_changes_by_looking(self, app: Flask) -> None:
        both = {
            rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())
        } & {
            rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
        }

        assert both == set()

    def test_tells_a_stranger_nothing_about_which_addresses_exist(
        self, stranger: Visit
    ) -> None:
        assert stranger.get("/nothing/here").status_code == 303


class TestHeaders:
    @pytest.mark.parametrize("path", ["/sign-in", "/", "/incidents/BD-1999-0001", "/healthz"])
    def test_forbid_what_a_page_does_not_need(self, awa: Visit, path: str) -> None:
        headers = awa.get(path).headers

        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "camera=()" in headers["Permissions-Policy"]

    def test_a_page_holds_no_script_or_style_of_its_own(
        self, awa: Visit, incident: Incident
    ) -> None:
        page = awa.get(f"/incidents/{incident.reference}").text

        assert "<style" not in page
        assert " style=" not in page
        assert page.count("<script") == page.count("<script src=")
        assert "http://" not in page.replace("http://www.w3.org", "")


class TestHost:
    def test_is_refused_unless_it_is_known(self, stranger: Visit) -> None:
        assert stranger.get("/sign-in", Host="desk.example").status_code == 400
        assert stranger.get("/sign-in", Host="127.0.0.1:8437").status_code == 200


class TestRequest:
    def test_is_refused_when_it_is_too_large(self, awa: Visit) -> None:
        answer = awa.post("/log", {"title": "x" * (1 << 20)})

        assert answer.status_code == 413

    @pytest.mark.parametrize("path", ["/incidents/%00", "/?page=%00", "/register/BD%00"])
    def test_with_a_nul_is_refused_before_any_database(self, awa: Visit, path: str) -> None:
        assert awa.get(path).status_code == 400

    def test_with_a_nul_in_its_form_is_refused(self, awa: Visit) -> None:
        answer = awa.post("/log", {"title": "a\0b", "aware_at": "2026-11-20T10:30"})

        assert answer.status_code == 400

    @pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 40])
    def test_for_a_page_that_is_not_there_shows_a_page(self, awa: Visit, page: str) -> None:
        assert awa.get(f"/?page={page}").status_code == 200
        assert awa.get(f"/register/?page={page}").status_code == 200


class TestSignIn:
    def test_sets_a_cookie_that_scripts_and_other_sites_do_not_get(
        self, stranger: Visit, password: str
    ) -> None:
        answer = stranger.sign_in(FRENCH.email, password)

        [cookie] = [
            each for each in answer.headers.getlist("Set-Cookie") if "breachdesk=" in each
        ]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie

    def test_answers_alike_whether_the_address_or_the_password_is_wrong(
        self, stranger: Visit, password: str
    ) -> None:
        wrong_password = stranger.sign_in(FRENCH.email, password + "x")
        wrong_address = stranger.sign_in("eve@leadjet.example", password)

        assert wrong_password.status_code == wrong_address.status_code == 422
        strip = wrong_address.text.replace("eve@leadjet.example", FRENCH.email)
        assert _without_tokens(wrong_password.text) == _without_tokens(strip)

    def test_says_plainly_that_a_first_password_holds_no_more(
        self, stranger: Visit, password: str, clock: FixedClock
    ) -> None:
        clock.pass_time(timedelta(days=7))
        wrong, over = (stranger.sign_in(FRENCH.email, password + end) for end in ("x", ""))

        assert wrong.status_code == over.status_code == 422
        sentence = "Ce premier mot de passe n’est plus valable."
        assert (sentence in wrong.text, sentence in over.text) == (False, True)
        assert stranger.get("/").status_code == 303

    @pytest.mark.parametrize(
        "after",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "/%09/evil.example",
            "\t//evil.example",
            "/sign-out",
            "javascript:alert(1)",
        ],
    )
    def test_never_leads_to_another_site(
        self, stranger: Visit, password: str, after: str
    ) -> None:
        answer = stranger.client.post(
            "/sign-in",
            query_string={"after": after},
            data={"csrf_token": stranger.token(), "email": FRENCH.email, "password": password},
        )

        assert (answer.status_code, answer.location) == (303, "/")

    def test_leads_to_no_address_that_takes_forms_alone(self, stranger: Visit) -> None:
        answer = stranger.get("/sign-in/passkey?after=/log")

        assert (answer.status_code, answer.location) == (303, "/sign-in")

    def test_leads_to_the_page_that_was_asked_for(self, stranger: Visit, password: str) -> None:
        asked = stranger.get("/log").location
        token = stranger.token()
        answer = stranger.client.post(
            asked, data={"csrf_token": token, "email": FRENCH.email, "password": password}
        )

        assert answer.location == "/log"

    def test_is_limited_for_an_account_that_exists_as_for_one_that_does_not(
        self, app: Flask, password: str
    ) -> None:
        answers = {}
        for email in (FRENCH.email, "eve@leadjet.example"):
            tries = [Visit(app).sign_in(email, "wrong") for _ in range(11)]
            assert [each.status_code for each in tries] == [422] * 10 + [429]
            assert tries[-1].headers["Retry-After"] == "90"
            answers[email] = _without_tokens(tries[-1].text.replace(email, ""))

        assert len(set(answers.values())) == 1
        assert Visit(app).sign_in(FRENCH.email, password).status_code == 429


class TestSignOut:
    def test_ends_the_session_on_the_server(self, app: Flask, awa: Visit) -> None:
        cookie = awa.client.get_cookie("breachdesk")
        assert cookie is not None
        awa.post("/sign-out")

        thief = Visit(app)
        thief.client.set_cookie("breachdesk", cookie.value)
        assert thief.get("/").status_code == 303

    def test_keeps_what_was_typed_when_the_session_ended_meanwhile(self, awa: Visit) -> None:
        awa.client.delete_cookie("breachdesk")
        answer = awa.post("/log", {"title": "Stolen <laptop>", "summary": "On the train"})

        assert answer.status_code == 401
        assert "Stolen &lt;laptop&gt;" in answer.text
        assert "On the train" in answer.text


def _without_tokens(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrf_token" not in line)
