"""What is installed from a wheel runs from another folder, with all it ships."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = (
    "breachdesk/shipped/migrations/env.py",
    "breachdesk/shipped/templates/filings/cnil/2023/filing.toml",
    "breachdesk/shipped/templates/pages/base.html",
    "breachdesk/shipped/runbooks/breaches/ransomware/fr.md",
    "breachdesk/shipped/samples/leadjet/datamap.toml",
    "breachdesk/law/packs/eu-gdpr.toml",
    "breachdesk/access/roles.toml",
    "breachdesk/faces/web/static/desk.css",
    "breachdesk/faces/web/translations/fr/LC_MESSAGES/messages.mo",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603  (our own build)
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [built] = folder.glob("*.whl")
    return built


class TestWheel:
    def test_holds_what_people_edit(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as archive:
            names = set(archive.namelist())

        assert [name for name in SHIPPED if name not in names] == []
        assert not [name for name in names if name.startswith(("tests/", "bench/", "var/"))]

    def test_runs_the_journey_from_another_folder(self, wheel: Path, tmp_path: Path) -> None:
        installed = tmp_path / "installed"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(installed)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(installed)}
        where, told = (
            subprocess.run(  # noqa: S603  (our own command)
                [sys.executable, *arguments],
                cwd=elsewhere,
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            for arguments in (
                ("-c", "import breachdesk; print(breachdesk.__file__)"),
                ("-m", "breachdesk", "demo", "--people", "60", "--log-rows", "600",
                 "--no-serve", "--json"),
            )
        )  # fmt: skip

        assert where.startswith(str(installed))
        made = json.loads(told)
        assert made["home"] == str(elsewhere / "var")
        assert made["trail"]["whole"] is True
