"""How far a notice has come, and whether its facts still hold."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.kernel.states import NotFromHere, advance
from breachdesk.notices import rules
from breachdesk.notices.terms import Message, Stage, Story

MEMBERS = [UUID(int=number) for number in range(1, 4)]
digests = st.sampled_from(["this", "that"])


class TestIsApproved:
    def test_takes_two_members_and_one_text(self) -> None:
        ada, bela, _ = MEMBERS

        assert rules.is_approved("this", [(ada, "this"), (bela, "this")])
        assert not rules.is_approved("this", [(ada, "this"), (ada, "this")])
        assert not rules.is_approved("this", [(ada, "this"), (bela, "that")])
        assert not rules.is_approved("this", [])

    @given(st.lists(st.tuples(st.sampled_from(MEMBERS), digests)))
    def test_is_never_undone_by_one_more_approval(
        self, approvals: list[tuple[UUID, str]]
    ) -> None:
        for count in range(len(approvals)):
            if rules.is_approved("this", approvals[:count]):
                assert rules.is_approved("this", approvals)


class TestStages:
    def test_lead_nowhere_from_frozen_and_void(self) -> None:
        for final in (Stage.FROZEN, Stage.VOID):
            for to in Stage:
                with pytest.raises(NotFromHere):
                    advance(rules.STAGES, final, to)

    def test_never_skip_approval(self) -> None:
        with pytest.raises(NotFromHere):
            advance(rules.STAGES, Stage.DRAFT, Stage.FROZEN)

    def test_may_be_sent_once_approved(self) -> None:
        assert [each for each in Stage if rules.may_be_sent(each.value)] == [
            Stage.APPROVED,
            Stage.FROZEN,
        ]


class TestDigests:
    def test_of_a_text_depends_on_every_part(self) -> None:
        parts = ("subject", "text", "html")
        whole = Message("a", "b", "c")
        changed = [replace(whole, **{part: "x"}) for part in parts]

        assert len({rules.message_digest(each) for each in (whole, *changed)}) == 4

    def test_of_content_depends_on_scope_people_and_text_but_not_on_order(self) -> None:
        texts = [("fr", 1, "x"), ("en", 2, "y")]

        assert rules.content_digest("s", texts) == rules.content_digest("s", texts[::-1])
        assert rules.content_digest("s", texts) != rules.content_digest("t", texts)
        assert rules.content_digest("s", texts) != rules.content_digest("s", texts[:1])
        assert rules.content_digest("s", [("fr", 3, "x")]) != rules.content_digest(
            "s", [("fr", 1, "x")]
        )


class TestChanged:
    def test_is_nothing_while_the_facts_stand(self, story: Story) -> None:
        assert rules.changed(story, replace(story)) == ()
        assert not rules.is_stale(story, replace(story))

    @pytest.mark.parametrize("name", [each.name for each in fields(Story)])
    def test_names_the_fact_that_moved(self, name: str, story: Story) -> None:
        moved = replace(story, **{name: _other(getattr(story, name))})

        assert rules.changed(story, moved) == (name,)
        assert rules.facts_digest(story) != rules.facts_digest(moved)

    def test_is_nothing_where_more_could_be_said_now(self, story: Story) -> None:
        silent = replace(story, authority_told=False, complaint_filed=False)

        assert not rules.is_stale(silent, story)
        assert rules.changed(story, silent) == ("authority_told", "complaint_filed")


def _other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case str():
            return f"{value}x"
        case tuple():
            return value[1:]
        case dict():
            return {}
        case _ if hasattr(value, "tzinfo"):
            return value + timedelta(minutes=1)
        case _:
            return replace(value, name="Other")
