"""Settings are read once, refused where they cannot be, documented; secrets stay unseen."""

import re

import pytest

from breachdesk.app import pieces
from breachdesk.kernel.errors import Unusable
from breachdesk.settings import KNOWN, PREFIX, read, shipped, shown

SECRET = "SG.secret-of-this-test"
SENDGRID = {
    "BREACHDESK_MAILER": "sendgrid",
    "BREACHDESK_SENDGRID_HOST": "https://sendgrid.example",
    "SENDGRID_API_KEY": SECRET,
}
SMTP = {
    "BREACHDESK_MAILER": "smtp",
    "BREACHDESK_SMTP_URL": "smtps://desk@relay.example",
    "BREACHDESK_SMTP_PASSWORD": SECRET,
}


class TestRead:
    def test_tells_every_setting_in_the_documentation_and_no_other(self) -> None:
        page = (shipped("runbooks") / "maintaining" / "settings.md").read_text("utf-8")
        rows = [line for line in page.splitlines() if line.startswith("| `")]
        told = [
            name for row in rows for name in re.findall(r"`([A-Z][A-Z_]+)`", row.split("|")[1])
        ]

        assert sorted(told) == sorted(KNOWN)

    @pytest.mark.parametrize(
        ("given", "missing"),
        [
            (SENDGRID, "BREACHDESK_SENDGRID_HOST"),
            (SENDGRID, "SENDGRID_API_KEY"),
            (SMTP, "BREACHDESK_SMTP_URL"),
        ],
    )
    def test_names_what_a_carrier_lacks(self, given: dict[str, str], missing: str) -> None:
        with pytest.raises(Unusable, match=missing):
            read({**given, missing: ""})

    @pytest.mark.parametrize("given", [SENDGRID, SMTP])
    def test_shows_no_secret(self, given: dict[str, str]) -> None:
        assert SECRET not in repr(read(given))

    @pytest.mark.parametrize(
        ("name", "value", "told"),
        [
            ("DATABASE_URL", f"postgresql://u:p@/{SECRET}@db/x?a={SECRET}", "postgresql://u:***@db/x?***"),
            ("WEBHOOK_URL", f"https://u:{SECRET}@hook.example/a/{SECRET}?b={SECRET}", "https://hook.example/***"),
            ("ANCHOR_URL", f"https://{SECRET}@tsa.example", "https://tsa.example"),
            ("SMTP_URL", f"smtps://desk@relay.example?c={SECRET}", "smtps://desk@relay.example?***"),
            ("MASTER_KEY_COMMAND", f"/bin/kms --token {SECRET}", "/bin/kms ***"),
        ],
    )  # fmt: skip
    def test_shows_an_address_without_what_opens_it(
        self, name: str, value: str, told: str
    ) -> None:
        chosen = read({PREFIX + name: value, PREFIX + "WEBHOOK_SECRET": "s"})
        seen = shown(chosen)[name.lower()]

        assert SECRET not in str(shown(chosen))
        assert seen.removesuffix("?***") == told.removesuffix("?***")
        assert SECRET not in repr(chosen)

    def test_names_the_setting_that_was_meant(self) -> None:
        with pytest.raises(Unusable, match=r"did you mean BREACHDESK_MAILER\?.*settings\.md"):
            read({"BREACHDESK_MAILR": "smtp"})

    def test_refuses_a_carrier_it_does_not_know(self) -> None:
        with pytest.raises(Unusable, match="it can be file, smtp, sendgrid"):
            read({"BREACHDESK_MAILER": "pigeon"})


class TestMailer:
    @pytest.mark.parametrize("given", [{}, SMTP, SENDGRID])
    def test_is_the_one_that_is_named(self, given: dict[str, str]) -> None:
        mailer = pieces.mailer(read(given))

        assert mailer.name == given.get("BREACHDESK_MAILER", "file")
        assert SECRET not in repr(vars(mailer))

    @pytest.mark.parametrize(
        ("given", "wrong", "says"),
        [
            (SENDGRID, {"BREACHDESK_SENDGRID_HOST": "http://sendgrid.example"}, "https://"),
            (SENDGRID, {"BREACHDESK_SENDGRID_HOST": "sendgrid.example"}, "no base address"),
            (SENDGRID, {"BREACHDESK_SENDGRID_HOST": "https://u@x.example"}, "no base address"),
            (SENDGRID, {"BREACHDESK_SENDGRID_HOST": "https://x.example:no"}, "no base address"),
            (SENDGRID, {"SENDGRID_API_KEY": f"{SECRET}\nX-Other: 1"}, "SENDGRID_API_KEY"),
            (SMTP, {"BREACHDESK_SMTP_URL": f"smtps://desk:{SECRET}@x"}, "holds a password"),
            (SMTP, {"BREACHDESK_SMTP_URL": "https://x.example"}, "smtps://"),
            (SMTP, {"BREACHDESK_SMTP_URL": "smtps://x.example:no"}, "smtps://"),
            (SMTP, {"BREACHDESK_SMTP_URL": "smtp+plain://desk@x"}, "would show a password"),
            (SMTP, {"BREACHDESK_SMTP_PASSWORD": ""}, "BREACHDESK_SMTP_PASSWORD"),
        ],
    )
    def test_refuses_what_cannot_be_without_repeating_a_secret(
        self, given: dict[str, str], wrong: dict[str, str], says: str
    ) -> None:
        with pytest.raises(Unusable, match=says) as refused:
            pieces.mailer(read({**given, **wrong}))

        assert SECRET not in str(refused.value)
