"""Which answers would change the result: held against trying each of them by hand."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.risk import reading, rules
from breachdesk.risk.rules.words import labels_of
from breachdesk.risk.terms import COUNTS, WORST, Facts, Level, Turn

ORDINARY = {
    "cause": "misdirected_email",
    "data_categories": ["identification_contact", "health"],
    "recipient_kind": "known_untrusted",
    "recipients_count": 1,
    "exfiltration": "confirmed",
    "containment": "confirmed",
}


def told(turn: Turn, before: dict[str, Any]) -> dict[str, Any]:
    """Return the facts with that one answer changed, as somebody would write them."""
    value = turn.value
    if isinstance(WORST[turn.field], frozenset):
        present = set(before.get(turn.field, default(turn.field)))
        value = sorted(present | {str(value)} if turn.present else present - {str(value)})
    return {**before, turn.field: value}


def default(field: str) -> list[str]:
    return [str(each) for each in getattr(Facts(), field)]


class TestTurning:
    def test_finds_what_makes_it_worse_and_what_makes_it_better(self) -> None:
        found = {
            (turn.field, str(turn.value), turn.level)
            for turn in rules.turning(reading.from_mapping(ORDINARY))
        }

        assert ("exfiltration", "excluded", Level.UNLIKELY) in found
        assert ("data_categories", "health", Level.UNLIKELY) in found
        assert ("special_categories", "minor", Level.UNLIKELY) in found
        assert not [field for field, _, level in found if level is Level.HIGH]

    @settings(max_examples=60)
    @given(
        st.sampled_from(["holder", "loss", "plain"]), st.sets(st.sampled_from(sorted(ORDINARY)))
    )
    def test_is_true_of_each_answer_and_misses_none_of_the_words(
        self, kind: str, left_out: set[str]
    ) -> None:
        more: dict[str, dict[str, Any]] = {
            "holder": {"recipient_relation": "co_worker", "vulnerable": ["minors"]},
            "loss": {"breach_types": ["availability"], "backup": "none", "recovery_hours": 30},
            "plain": {},
        }
        facts = {k: v for k, v in ORDINARY.items() if k not in left_out} | more[kind]
        present = rules.assess(reading.from_mapping(facts)).level
        turns = rules.turning(reading.from_mapping(facts))

        for turn in turns:
            changed = rules.assess(reading.from_mapping(told(turn, facts)))
            assert changed.level is turn.level is not present
        turned = {(turn.field, str(turn.value)) for turn in turns}
        for name, field in rules.vocabulary().items():
            for word in field["words"] if field["kind"] == "word" else ():
                level = rules.assess(reading.from_mapping({**facts, name: word})).level
                unknown = word == "unknown" and name != "recipient_kind"
                if not unknown:
                    assert (level is not present) is ((name, word) in turned)

    def test_leaves_alone_what_a_group_makes_high_already(self) -> None:
        facts = {
            **ORDINARY,
            "subgroups": [{"name": "a child", "recipient_relation": "adverse"}],
        }

        assert rules.turning(reading.from_mapping(facts)) == ()


class TestInterview:
    def test_asks_each_field_of_the_vocabulary_once(self) -> None:
        asked = [each.field for chapter in rules.interview() for each in chapter.questions]

        assert sorted(asked) == sorted(rules.vocabulary())
        assert len(asked) == len(set(asked))

    def test_calls_every_word_by_a_name_in_both_languages(self) -> None:
        known = rules.vocabulary()
        for chapter in rules.interview():
            for each in chapter.questions:
                assert set(each.answers) == set(known[each.field]["words"])
                for texts in (each.ask, each.why, each.source, *each.answers.values()):
                    assert all(texts[language].strip() for language in ("fr", "en"))
                assert labels_of(each.field) in {each.field, "data_categories"}

    def test_has_french_spaces(self) -> None:
        texts = [
            text["fr"]
            for chapter in rules.interview()
            for each in chapter.questions
            for text in (each.ask, each.why, each.source)
        ]

        assert not [text for text in texts if " ?" in text or " ;" in text or " :" in text]

    def test_knows_counts_from_hours(self) -> None:
        kinds = {each.field: each.kind for c in rules.interview() for each in c.questions}

        assert {name for name, kind in kinds.items() if kind == "count"} == COUNTS
