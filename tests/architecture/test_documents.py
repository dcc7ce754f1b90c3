"""What is written for people leads where it says, and the first page does what it says."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from breachdesk import __main__ as command
from references import logged_today

ROOT = Path(__file__).parents[2]
MAINTAINING = ROOT / "runbooks/maintaining"
LINK = re.compile(r"\]\(([^)#:]+)(?:#([^)]+))?\)")
PAGES = sorted(
    [ROOT / "README.md"]
    + [
        path
        for folder in ("runbooks", "templates", "samples", "breachdesk")
        for path in (ROOT / folder).rglob("*.md")
    ]
)


def headings(page: Path) -> set[str]:
    """Return the anchors of a page."""
    found = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each).strip().lower().replace(" ", "-") for each in found}


class TestPages:
    @pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
    def test_link_to_what_is_there(self, page: Path) -> None:
        for target, anchor in LINK.findall(page.read_text("utf-8")):
            found = page.parent / target
            assert found.exists(), target
            assert not anchor or anchor in headings(found), f"{target}#{anchor}"

    def test_are_all_in_the_index(self) -> None:
        index = {target for target, _ in LINK.findall((MAINTAINING / "README.md").read_text())}
        there = {str(path.relative_to(MAINTAINING)) for path in MAINTAINING.rglob("*.md")}

        assert index == there - {"README.md"}

    def test_of_decisions_begin_with_their_number(self) -> None:
        for path in (MAINTAINING / "decisions").glob("*.md"):
            assert path.read_text("utf-8").startswith(f"# {int(path.name[:4])}. "), path.name


class TestTonight:
    def test_goes_as_the_first_page_says(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        readme = (ROOT / "README.md").read_text("utf-8")
        section = readme.partition("## Tonight")[2].partition("\n## ")[0]
        lines = re.findall(r"^    breachdesk (.*)$", section, re.MULTILINE)
        shutil.copytree(ROOT / "samples/tonight", tmp_path / "tonight")
        monkeypatch.chdir(tmp_path / "tonight")
        monkeypatch.setenv("BREACHDESK_HOME", str(tmp_path / "home"))

        for line in lines:
            said_then = line.replace("BD-2026-0001", logged_today(1))
            assert command.run(shlex.split(said_then, comments=True)) == 0, line

        said = capsys.readouterr().out
        assert len(lines) == 6
        assert "2  proven" in said
        assert "usr_1,identification_contact," in said
        assert "usr_3,identification_contact," not in said
