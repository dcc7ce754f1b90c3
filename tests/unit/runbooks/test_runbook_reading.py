"""Runbooks are read from Markdown; what is wrong is named with file and line."""

from datetime import timedelta
from pathlib import Path

import pytest

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.runbooks import reading
from breachdesk.runbooks.terms import LANGUAGES, Owner, Phase
from breachdesk.settings import shipped

OURS = shipped("runbooks")
ENGLISH = """+++
title = "Lost laptop"
causes = ["lost_device"]
+++

Breathe, then act.

## Contain

- `lock-it engineer PT30M` **Lock it from afar.** Then erase it.

  Twice if need be:
  - once at once
- `tell-desk support P1DT2H` **Tell the *help* desk.**

## Learn

- `think management P2W` **Think.** Slowly.
"""
FRENCH = (
    ENGLISH.replace("Lost laptop", "Portable perdu")
    .replace("Contain", "Contenir")
    .replace("Learn", "Apprendre")
    .replace("Lock it from afar.", "Le verrouiller à distance.")
)


def folder(tmp_path: Path, english: str = ENGLISH, french: str = FRENCH) -> Path:
    place = tmp_path / "breaches" / "lost-laptop"
    place.mkdir(parents=True)
    (place / "en.md").write_text(english, "utf-8")
    (place / "fr.md").write_text(french, "utf-8")
    return tmp_path


def problems_of(root: Path) -> tuple[Problem, ...]:
    with pytest.raises(Unusable) as caught:
        reading.read_all(root)
    return caught.value.problems


class TestReadAll:
    def test_makes_steps_of_list_items_under_phases(self, tmp_path: Path) -> None:
        [runbook] = reading.read_all(folder(tmp_path))

        assert (runbook.id, set(runbook.causes)) == ("lost-laptop", {"lost_device"})
        assert runbook.title == {"fr": "Portable perdu", "en": "Lost laptop"}
        assert runbook.opening["en"] == "Breathe, then act."
        assert [(step.id, step.phase, step.owner) for step in runbook.steps] == [
            ("lock-it", Phase.CONTAIN, Owner.ENGINEER),
            ("tell-desk", Phase.CONTAIN, Owner.SUPPORT),
            ("think", Phase.LEARN, Owner.MANAGEMENT),
        ]
        assert [step.within for step in runbook.steps] == [
            timedelta(minutes=30),
            timedelta(days=1, hours=2),
            timedelta(weeks=2),
        ]

    def test_keeps_title_and_detail_of_a_step_in_each_language(self, tmp_path: Path) -> None:
        [runbook] = reading.read_all(folder(tmp_path))
        first, second, _ = runbook.steps

        assert first.title == {"fr": "Le verrouiller à distance.", "en": "Lock it from afar."}
        assert first.detail["en"] == "Then erase it.\n\nTwice if need be:\n- once at once"
        assert (second.title["en"], second.detail["en"]) == ("Tell the help desk.", "")

    @pytest.mark.parametrize(
        ("was", "becomes", "line", "says"),
        [
            ("+++\ntitle", "title", 1, "does not open with TOML"),
            ('title = "Lost laptop"', "title = ", 2, "Invalid value"),
            ('title = "Lost laptop"', 'titel = "x"', 2, "is not a field of a runbook"),
            ('causes = ["lost_device"]', "causes = []", 3, "is missing or empty"),
            ("lost_device", "lost_divice", 3, "'lost_divice' is not a cause"),
            ("## Contain", "## Panic", 8, "'Panic' is not a phase"),
            ("engineer PT30M", "engineer", 10, "names id, owner and period"),
            ("`lock-it engineer PT30M` ", "", 10, "a step reads"),
            ("**Think.**", "Think.", 18, "a step reads"),
            ("lock-it engineer", "Lock_It engineer", 10, "is not an id"),
            ("lock-it engineer", "lock-it nobody", 10, "'nobody' is not an owner"),
            ("PT30M", "soon", 10, "'soon' is not an ISO 8601 period"),
            ("PT30M", "P1M", 10, "has months or years"),
            ("tell-desk", "lock-it", 14, "stands here twice"),
        ],
    )
    def test_names_file_and_line_of_what_is_wrong(
        self, tmp_path: Path, was: str, becomes: str, line: int, says: str
    ) -> None:
        found = problems_of(folder(tmp_path, english=ENGLISH.replace(was, becomes, 1)))

        assert any(
            (problem.line, Path(str(problem.file)).name) == (line, "en.md")
            and says in problem.problem
            for problem in found
        ), found

    @pytest.mark.parametrize(
        ("was", "becomes", "says"),
        [
            (
                "`lock-it engineer PT30M`",
                "`lock-it engineer PT45M`",
                "which has 'lock-it' here",
            ),
            ("`think", "`ponder", "which has 'think' here"),
            ('["lost_device"]', '["stolen_device"]', "differs from fr.md"),
            ("- `think management P2W` **Think.** Slowly.\n", "", "holds 2 steps, fr.md 3"),
        ],
    )
    def test_refuses_languages_that_ask_different_things(
        self, tmp_path: Path, was: str, becomes: str, says: str
    ) -> None:
        [problem] = problems_of(folder(tmp_path, english=ENGLISH.replace(was, becomes)))

        assert says in problem.problem

    def test_refuses_a_missing_language_and_a_runbook_without_steps(
        self, tmp_path: Path
    ) -> None:
        root = folder(tmp_path, english=ENGLISH.split("## Contain", maxsplit=1)[0])
        (root / "breaches" / "lost-laptop" / "fr.md").unlink()

        assert [problem.problem for problem in problems_of(root)] == [
            "No such file or directory",
            "holds no step",
        ]

    def test_refuses_foreign_bytes(self, tmp_path: Path) -> None:
        root = folder(tmp_path)
        (root / "breaches" / "lost-laptop" / "fr.md").write_bytes(b"\xe9")

        assert [problem.problem for problem in problems_of(root)] == ["is not UTF-8 text"]

    def test_refuses_a_cause_that_another_runbook_has(self, tmp_path: Path) -> None:
        root = folder(tmp_path)
        other = root / "breaches" / "other"
        other.mkdir()
        (other / "en.md").write_text(ENGLISH, "utf-8")
        (other / "fr.md").write_text(FRENCH, "utf-8")

        [problem] = problems_of(root)

        assert problem.problem == "'lost_device' is a cause of lost-laptop already"

    def test_refuses_a_folder_that_holds_none(self, tmp_path: Path) -> None:
        with pytest.raises(Unusable, match="is not a folder of runbooks"):
            reading.read_all(tmp_path)


class TestOurRunbooks:
    def test_can_all_be_read_and_go_through_every_phase(self) -> None:
        found = reading.read_all(OURS)

        assert [runbook.id for runbook in found] == [
            "misdirected-mail",
            "ransomware",
            "stolen-api-token",
        ]
        for runbook in found:
            assert {step.phase for step in runbook.steps} == set(Phase)

    def test_leave_time_before_the_limits_of_the_law(self) -> None:
        for runbook in reading.read_all(OURS):
            due = {step.id: step.within for step in runbook.steps}

            assert due["notify-authority"] < timedelta(hours=72)
            assert due["sign-risk"] < due["notify-authority"]

    def test_say_everything_in_both_languages(self) -> None:
        for runbook in reading.read_all(OURS):
            for step in runbook.steps:
                assert all(step.title[language] for language in LANGUAGES)
                assert all(step.detail[language] for language in LANGUAGES)
                assert step.detail["fr"] != step.detail["en"]
