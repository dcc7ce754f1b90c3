"""What is asked beside a password, proved again, and ended on the server."""

import re
from datetime import timedelta

import pyotp
from flask import Flask
from sqlalchemy import Engine, func, select

from breachdesk.access import commands, queries
from breachdesk.access.models import Challenge, RecoveryCode, TimedCode
from breachdesk.access.reading import read_limits
from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from conftest import ORGANISATION, FixedClock
from web_face import FRENCH, Visit

SECRET = re.compile(r'class="secret">([A-Z2-7]+)<')
RECOVERY = re.compile(r"<code>([a-z2-7-]{19})</code>")


def enrol(visit: Visit, clock: FixedClock) -> tuple[pyotp.TOTP, list[str]]:
    """Add an authenticator; return it with the recovery codes."""
    found = SECRET.search(visit.post("/account/codes").text)
    assert found is not None
    device = pyotp.TOTP(found[1])
    shown = visit.post("/account/codes/confirm", {"code": device.at(clock.now())})
    return device, RECOVERY.findall(shown.text)


def last_entry(desk: Desk) -> AuditEntry:
    with desk.transactions.reading(ORGANISATION) as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
    assert found is not None
    return found


class TestTimedCodes:
    def test_are_asked_for_once_they_are_confirmed_and_open_the_door_once_each(
        self, app: Flask, awa: Visit, password: str, clock: FixedClock
    ) -> None:
        device, _ = enrol(awa, clock)
        clock.pass_time(timedelta(minutes=1))
        code = device.at(clock.now())

        again = Visit(app)
        assert again.sign_in(FRENCH.email, password).location == "/sign-in/second"
        assert again.get("/").location == "/sign-in/second"
        assert again.post("/sign-in/second", {"code": "000000"}).status_code == 422
        half_open = again.client.get_cookie("breachdesk")
        assert again.post("/sign-in/second", {"code": code}).location == "/"
        assert again.get("/account/").status_code == 200
        whole = again.client.get_cookie("breachdesk")
        assert half_open is not None
        assert whole is not None
        assert half_open.value != whole.value

        replayed = Visit(app)
        replayed.sign_in(FRENCH.email, password)
        assert replayed.post("/sign-in/second", {"code": code}).status_code == 422

    def test_are_limited(
        self, app: Flask, awa: Visit, password: str, clock: FixedClock
    ) -> None:
        device, _ = enrol(awa, clock)
        guesser = Visit(app)
        guesser.sign_in(FRENCH.email, password)
        answers = [
            guesser.post("/sign-in/second", {"code": f"{n:06}"}).status_code for n in range(9)
        ]
        clock.pass_time(timedelta(seconds=30))
        right = guesser.post("/sign-in/second", {"code": device.at(clock.now())})

        assert answers[:7] == [422] * 7
        assert answers[-1] == 429
        assert right.status_code == 429

    def test_rest_sealed_and_recovery_codes_hashed(
        self, desk: Desk, awa: Visit, clock: FixedClock
    ) -> None:
        device, recovery = enrol(awa, clock)

        assert len(recovery) == 10
        with desk.transactions.reading(ORGANISATION) as session:
            sealed = session.scalars(select(TimedCode.sealed)).one()
            kept = session.scalars(select(RecoveryCode.digest)).all()
        assert device.secret.encode() not in sealed
        assert not {code.replace("-", "") for code in recovery} & set(kept)

    def test_are_asked_of_everyone_where_the_organisation_says_so(
        self, app: Flask, desk: Desk, actor: Actor, password: str, clock: FixedClock
    ) -> None:
        with desk.transactions.open(actor) as tx:
            house = queries.organisation_of(tx.session, ORGANISATION)
            commands.ask_second_factor(tx, house, asked=True)
        awa = Visit(app)
        assert awa.sign_in(FRENCH.email, password).location == "/account/"
        assert awa.get("/preferences").location == "/account/"
        assert awa.post("/preferences/password").location == "/account/"

        enrol(awa, clock)

        assert awa.get("/preferences").status_code == 200
        assert awa.post("/account/codes/drop").status_code == 409


class TestRecoveryCodes:
    def test_open_the_door_once(
        self, app: Flask, awa: Visit, password: str, clock: FixedClock
    ) -> None:
        _, recovery = enrol(awa, clock)
        answers = []
        for _ in range(2):
            visit = Visit(app)
            visit.sign_in(FRENCH.email, password)
            given = recovery[3].upper().replace("-", " ")
            answers.append(visit.post("/sign-in/second", {"code": given}).status_code)

        assert answers == [303, 422]


class TestPasskeys:
    def test_are_asked_for_as_often_as_the_limits_say(
        self, app: Flask, awa: Visit, engine: Engine
    ) -> None:
        limit = read_limits()["passkey_options"]
        assert limit.account is not None
        assert limit.address is not None
        questions = select(func.count()).select_from(Challenge)
        for visit, path, most in (
            (awa, "/account/passkeys/options", limit.account.times),
            (Visit(app), "/sign-in/passkey/options", limit.address.times),
        ):
            with engine.connect() as connection:
                before = connection.scalar(questions)
            form = {"csrf_token": visit.token()}
            answers = [visit.client.post(path, data=form) for _ in range(most + 2)]
            with engine.connect() as connection:
                kept = connection.scalar(questions)

            assert [each.status_code for each in answers] == [200] * most + [429] * 2
            assert int(answers[-1].headers["Retry-After"]) > 0
            assert (kept or 0) - (before or 0) == most


class TestReset:
    def test_has_a_reason_and_ends_every_session(
        self, desk: Desk, actor: Actor, awa: Visit, app: Flask, password: str, clock: FixedClock
    ) -> None:
        enrol(awa, clock)
        with desk.transactions.open(actor) as tx:
            own = queries.member(tx.session, FRENCH.email)
            commands.reset_factors(tx, own, "telephone lost, seen in person")

        assert last_entry(desk).details == {"reason": "telephone lost, seen in person"}
        assert awa.get("/account/").status_code == 303
        assert Visit(app).sign_in(FRENCH.email, password).location == "/"


class TestSessions:
    def test_are_listed_with_their_devices_and_ended_one_by_one_or_all_others(
        self, app: Flask, awa: Visit, password: str
    ) -> None:
        others = [Visit(app) for _ in range(3)]
        firefox = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}
        for each in others:
            each.client.environ_base["HTTP_USER_AGENT"] = firefox["User-Agent"]
            each.sign_in(FRENCH.email, password)

        page = awa.get("/account/").text
        assert page.count("Firefox, Linux") >= 3
        first = re.findall(r"/account/sessions/([0-9a-f-]+)/end", page)[-1]
        assert awa.post(f"/account/sessions/{first}/end").status_code == 303
        assert [each.get("/account/").status_code for each in others].count(303) == 1

        awa.post("/account/sessions/end-others")
        assert [each.get("/account/").status_code for each in others] == [303] * 3
        assert awa.get("/account/").status_code == 200

    def test_of_somebody_else_cannot_be_ended(self, awa: Visit, ben: Visit) -> None:
        page = awa.get("/account/").text
        assert "/end" not in page.replace("/sessions/end-others", "")
        other = re.search(r"[0-9a-f-]{36}", ben.get("/account/").text)
        stolen = other[0] if other else "01935000-0000-7000-8000-000000000000"

        assert awa.post(f"/account/sessions/{stolen}/end").status_code == 404
        assert ben.get("/account/").status_code == 200


class TestProof:
    def test_is_asked_for_after_a_quarter_of_an_hour_and_leads_back(
        self, awa: Visit, password: str, clock: FixedClock, desk: Desk
    ) -> None:
        clock.pass_time(timedelta(minutes=14))
        assert awa.post("/account/codes").status_code == 200
        clock.pass_time(timedelta(minutes=1))

        asked = awa.post("/account/codes")
        assert asked.status_code == 403
        assert 'action="/account/prove?after=/account' in asked.text.replace("%2F", "/")
        assert last_entry(desk).action == "refused"
        assert awa.post("/account/prove", {"password": "wrong"}).status_code == 422
        assert awa.post("/account/codes").status_code == 403
        assert awa.post("/account/prove", {"password": password}).status_code == 303
        assert last_entry(desk).action == "access.prove"
        assert awa.post("/account/codes").status_code == 200

    def test_is_the_second_factor_of_whoever_has_one(
        self, awa: Visit, password: str, clock: FixedClock
    ) -> None:
        device, _ = enrol(awa, clock)
        clock.pass_time(timedelta(minutes=16))

        assert awa.post("/account/prove", {"password": password}).status_code == 422
        proved = awa.post("/account/prove", {"code": device.at(clock.now())})
        assert proved.status_code == 303
        assert awa.post("/account/recovery").status_code == 200

    def test_is_limited(self, awa: Visit) -> None:
        wrong = {"password": "wrong"}
        answers = [awa.post("/account/prove", wrong).status_code for _ in range(11)]

        assert answers == [422] * 10 + [429]
