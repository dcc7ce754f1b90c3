"""Which runbook fits, when a task is due, and what may become of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.kernel.states import NotFromHere, advance
from breachdesk.runbooks import rules
from breachdesk.runbooks.terms import Runbook, Stage

AWARE = datetime(2026, 11, 19, 21, 0, tzinfo=UTC)


def runbook(name: str, *causes: str) -> Runbook:
    words = {"fr": name, "en": name}
    return Runbook(id=name, title=words, opening=words, causes=frozenset(causes), steps=())


KNOWN = (runbook("mail", "misdirected_email"), runbook("token", "stolen_token", "phishing"))


class TestMatching:
    def test_takes_the_runbook_of_the_cause(self) -> None:
        assert rules.matching(KNOWN, {"cause": "phishing"}) is KNOWN[1]

    @pytest.mark.parametrize("facts", [{}, {"cause": "unknown"}, {"cause": "outage"}])
    def test_takes_none_where_no_runbook_is_for_the_cause(self, facts: dict[str, str]) -> None:
        assert rules.matching(KNOWN, facts) is None


class TestDueAt:
    @given(st.integers(0, 10**7), st.timedeltas(timedelta(0), timedelta(days=30)))
    def test_follows_a_corrected_awareness(self, within: int, later: timedelta) -> None:
        moved = rules.due_at(AWARE + later, within) - rules.due_at(AWARE, within)

        assert moved == later


class TestIsLate:
    def test_is_so_only_while_it_waits_and_after_the_instant(self) -> None:
        after = AWARE + timedelta(seconds=1)

        assert rules.is_late("open", AWARE, now=after)
        assert not rules.is_late("open", AWARE, now=AWARE)
        assert not rules.is_late("done", AWARE, now=after)
        assert not rules.is_late("skipped", AWARE, now=after)


class TestStages:
    def test_let_a_skipped_task_be_done_and_nothing_be_undone(self) -> None:
        assert advance(rules.STAGES, Stage.SKIPPED, Stage.DONE) is Stage.DONE
        for to in Stage:
            with pytest.raises(NotFromHere):
                advance(rules.STAGES, Stage.DONE, to)
