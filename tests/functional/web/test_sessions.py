"""Sessions last while somebody works; passwords are one's own to change."""

from datetime import timedelta

from flask import Flask

from conftest import FixedClock
from web_face import FRENCH, Visit

CHOSEN = "une longue phrase à moi"


class TestSession:
    def test_lasts_while_somebody_works_and_ends_when_nobody_does(
        self, awa: Visit, clock: FixedClock
    ) -> None:
        for _ in range(5):
            clock.pass_time(timedelta(hours=1, minutes=30))
            assert awa.get("/").status_code == 200

        clock.pass_time(timedelta(hours=2))
        assert awa.get("/").status_code == 303

    def test_ends_after_half_a_day_however_busy(self, awa: Visit, clock: FixedClock) -> None:
        for _ in range(11):
            clock.pass_time(timedelta(hours=1))
            assert awa.get("/").status_code == 200

        clock.pass_time(timedelta(hours=1))
        assert awa.get("/").status_code == 303


class TestPassword:
    def test_is_changed_by_whoever_knows_it_and_ends_every_session(
        self, app: Flask, awa: Visit, password: str
    ) -> None:
        fields = {"password": password, "chosen": CHOSEN}
        assert awa.post("/preferences/password", fields).status_code == 303

        assert awa.get("/").status_code == 303
        assert Visit(app).sign_in(FRENCH.email, password).status_code == 422
        assert Visit(app).sign_in(FRENCH.email, CHOSEN).status_code == 303

    def test_stays_when_the_present_one_is_wrong_or_the_new_one_short(
        self, app: Flask, awa: Visit, password: str
    ) -> None:
        wrong = awa.post("/preferences/password", {"password": "guess", "chosen": CHOSEN})
        short = awa.post("/preferences/password", {"password": password, "chosen": "court"})

        assert (wrong.status_code, short.status_code) == (422, 422)
        assert "mot de passe actuel" in wrong.text
        assert "douze caractères" in short.text
        assert password not in wrong.text + short.text
        assert Visit(app).sign_in(FRENCH.email, password).status_code == 303
