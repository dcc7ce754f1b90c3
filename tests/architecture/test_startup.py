"""A command that needs no home is quick, because it loads nothing that only a home needs."""

import subprocess
import sys

HEAVY = ("alembic", "argon2", "cryptography", "duckdb", "flask", "jinja2", "sqlalchemy")
PROGRAM = f"""
import sys
from breachdesk.__main__ import run
assert run(["law", "deadlines", "--aware", "2026-11-20T09:00:00+01:00"]) == 0
print(*(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)
"""


class TestPureCommand:
    def test_loads_no_database_no_web_and_no_engine(self) -> None:
        done = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, "-c", PROGRAM],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )

        assert done.stderr.strip() == ""
        assert "gdpr.33.authority" in done.stdout
