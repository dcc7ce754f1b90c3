"""No secret is shown by any command, however it fails."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from breachdesk import settings
from breachdesk.kernel.errors import Unusable

CANARY = "canary-of-this-test"
MASTER = base64.b64encode(b"C" * 32).decode()
SECRETS = {
    "BREACHDESK_DATABASE_URL": f"postgresql://desk:{CANARY}-database@127.0.0.1:1/breachdesk",
    "BREACHDESK_MAILER": "smtp",
    "BREACHDESK_SMTP_URL": "smtps://desk@127.0.0.1:1",
    "BREACHDESK_SMTP_PASSWORD": f"{CANARY}-smtp",
    "SENDGRID_API_KEY": f"SG.{CANARY}",
    "BREACHDESK_MASTER_KEY": MASTER,
}
COMMANDS = (
    "settings", "settings --json", "doctor", "trail verify", "vault rotate", "backup x.bak",
    "restore x.bak", "purge", "member list", "work", "incident list",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_shows_no_secret(command: str, tmp_path: Path) -> None:
    environment = {**os.environ, **SECRETS, "BREACHDESK_HOME": str(tmp_path / "home")}
    environment["BREACHDESK_MASTER_KEY_FORMER"] = base64.b64encode(b"D" * 32).decode()

    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-m", "breachdesk", *command.split()],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=120,
    )

    said = done.stdout + done.stderr
    assert said.strip()
    assert "Traceback" not in said
    assert CANARY not in said
    assert "CCCC" not in said
    assert MASTER not in said


def test_a_setting_that_cannot_be_is_refused_without_repeating_it() -> None:
    with pytest.raises(Unusable, match="BREACHDESK_MASTER_KEY must be") as refused:
        settings.read({"BREACHDESK_MASTER_KEY": CANARY})

    assert CANARY not in str(refused.value)
    assert CANARY not in repr(settings.read({"BREACHDESK_SMTP_PASSWORD": CANARY}))
    for told in settings.shown(settings.read(SECRETS | {"SENDGRID_API_KEY": CANARY})).values():
        assert CANARY not in told
