"""Making a fact worse never lowers the level, and never takes a notice back."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.risk import reading, rules
from breachdesk.risk.terms import Assessment, BreachType, Category, Consequence, Vulnerable

CHAINS: dict[str, list[list[Any]]] = {
    "role": [["processor", "joint_controller", "controller"]],
    "cause": [
        ["human_error", "hacking", "unknown"],
        ["misdirected_email", "insider", "unknown"],
        ["outage", "ransomware", "unknown"],
    ],
    "malicious": [[False, True]],
    # «minor» corrects a listed category downwards, so it is no step above «none».
    "special_categories": [["none", "substantial"], ["minor", "substantial"]],
    "criminal_data": [[False, True]],
    "profile_depth": [["basic", "enriched", "full_file"]],
    "subjects_count": [[0, 1, 9_999, 10_000, 5_000_000]],
    "identifiability": [["pseudonymous", "indirect", "direct"]],
    "protection": [["encrypted", "none"], ["hashed_salted", "hashed_weak", "none"]],
    "key_safe": [[True, False]],
    "backup": [["full", "not_applicable", "partial", "none"]],
    "recovery_hours": [[0, 24, 25, 500]],
    "permanent_loss": [[False, True]],
    "service_impact": [["none", "minor", "moderate", "serious", "critical"]],
    "exfiltration": [["excluded", "not_applicable", "possible", "likely", "confirmed"]],
    "recipient_kind": [
        ["internal", "trusted_external", "known_untrusted", "unknown"],
        ["known_untrusted", "attacker"],
        ["known_untrusted", "public"],
    ],
    "recipients_count": [[1, 20, 21, 999, 1000, 50_000]],
    "containment": [["returned", "confirmed", "requested", "none"]],
    "publicly_disclosed": [[False, True]],
    "targeted_or_misused": [[False, True]],
    "safety_risk": [[False, True]],
    "scope_uncertain": [[False, True]],
    "detected_after_hours": [[0, 10, 5_000]],
    "already_public": [[True, False]],
    "access": [["excluded", "not_stated", "confirmed"]],
    "assurance_from": [["supervised", "bound", "not_stated", "unverified"]],
    "recipient_relation": [
        ["none", "relative", "adverse"],
        ["none", "co_worker", "adverse"],
        ["none", "employer", "adverse"],
    ],
    "need_to_know": [[True, False]],
    "relied_on": [[False, True]],
    "nobody_depends": [[True, False]],
    "publication": [["link_only", "not_stated", "published"]],
}
SETS: dict[str, type[BreachType | Category | Vulnerable | Consequence]] = {
    "breach_types": BreachType,
    "data_categories": Category,
    "vulnerable": Vulnerable,
    "consequences": Consequence,
    "context_reveals": Category,
}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw facts that somebody could write down; some left out."""
    told = {
        name: draw(st.sampled_from(sorted({v for chain in chains for v in chain}, key=str)))
        for name, chains in CHAINS.items()
        if draw(st.booleans())
    }
    for name, words in SETS.items():
        if draw(st.booleans()):
            told[name] = draw(_some(words, least=name in {"breach_types", "data_categories"}))
    return told


def _some(words: Any, *, least: bool) -> st.SearchStrategy[list[str]]:
    values = [word.value for word in words]
    return st.lists(st.sampled_from(values), unique=True, min_size=int(least), max_size=4)


@st.composite
def worsened(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw facts, and the same with one of them worse."""
    told = draw(documents())
    name = draw(st.sampled_from([*CHAINS, *SETS]))
    if name in SETS:
        least = name in {"breach_types", "data_categories"}
        fewer = draw(_some(SETS[name], least=least))
        more = sorted({*fewer, *draw(_some(SETS[name], least=False))})
        return {**told, name: fewer}, {**told, name: more}
    chain = draw(st.sampled_from(CHAINS[name]))
    low = draw(st.integers(0, len(chain) - 2))
    high = draw(st.integers(low + 1, len(chain) - 1))
    return {**told, name: chain[low]}, {**told, name: chain[high]}


def assess(told: dict[str, Any]) -> Assessment:
    return rules.assess(reading.from_mapping(told))


def no_lower(better: Assessment, worse: Assessment) -> bool:
    return (
        worse.level.rank >= better.level.rank
        and worse.notify_authority >= better.notify_authority
        and worse.notify_people >= better.notify_people
    )


class TestAssess:
    @settings(max_examples=300, deadline=None)
    @given(worsened())
    def test_never_asks_less_of_worse_facts(
        self, pair: tuple[dict[str, Any], dict[str, Any]]
    ) -> None:
        better, worse = (assess(each) for each in pair)

        assert no_lower(better, worse)

    @settings(max_examples=300, deadline=None)
    @given(documents(), st.sampled_from([*CHAINS, *SETS]))
    def test_reads_what_nobody_knows_at_its_worst(
        self, told: dict[str, Any], name: str
    ) -> None:
        known = assess(told)
        unknown = assess({**told, name: "unknown"})

        assert no_lower(known, unknown)
        assert name in unknown.unknown

    @settings(max_examples=100, deadline=None)
    @given(documents())
    def test_reads_null_like_unknown(self, told: dict[str, Any]) -> None:
        blank = dict.fromkeys(told)

        assert assess(blank) == assess(dict.fromkeys(told, "unknown"))

    @settings(max_examples=100, deadline=None)
    @given(documents(), documents())
    def test_lets_the_worst_group_of_people_count(
        self, told: dict[str, Any], others: dict[str, Any]
    ) -> None:
        others.pop("role", None)
        whole = assess(told)
        group = assess({**told, **others})
        together = assess({**told, "subgroups": [{"name": "others", **others}]})

        assert together.level.rank == max(whole.level.rank, group.level.rank)
        assert together.notify_people is (whole.notify_people or group.notify_people)

    @settings(max_examples=100, deadline=None)
    @given(documents())
    def test_says_nothing_to_anyone_as_processor_but_the_controller(
        self, told: dict[str, Any]
    ) -> None:
        answer = assess({**told, "role": "processor"})

        assert (answer.notify_authority, answer.notify_people) == (False, False)
        assert answer.duty == "gdpr.33.controller"

    @settings(max_examples=100, deadline=None)
    @given(documents())
    def test_tells_people_only_where_the_authority_is_told(self, told: dict[str, Any]) -> None:
        answer = assess(told)

        assert answer.notify_authority >= answer.notify_people

    @settings(max_examples=100, deadline=None)
    @given(documents())
    def test_writes_facts_so_that_they_can_be_read_again(self, told: dict[str, Any]) -> None:
        told = {**told, "subgroups": [{"name": "few", "vulnerable": ["minors"]}]}
        facts = reading.from_mapping(told)

        assert reading.from_mapping(rules.as_plain(facts)) == facts
        assert not rules.is_stale(rules.digest(facts), facts)
