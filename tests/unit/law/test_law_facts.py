from datetime import UTC, datetime

import pytest

from breachdesk.kernel.errors import Unknown, Unusable
from breachdesk.law.reading import read_packs
from breachdesk.law.reading.facts import read_facts

LAW = read_packs()


class TestFacts:
    @pytest.mark.parametrize(
        ("pair", "value"),
        [
            ("insured=yes", True),
            ("insured=FALSE", False),
            ("insured = non", False),
            ("uk_people=12", 12),
            ("risk=high", "high"),
            (
                "detected_at=2026-11-17T10:20:00+01:00",
                datetime(2026, 11, 17, 9, 20, tzinfo=UTC),
            ),
        ],
    )
    def test_are_read_by_what_they_are(self, pair: str, value: object) -> None:
        [values] = read_facts(LAW, [pair]).values()

        assert values == (value,)

    def test_may_be_told_several_times(self) -> None:
        told = read_facts(LAW, ["role=controller", "role=processor"])

        assert told == {"role": ("controller", "processor")}

    def test_are_as_if_not_told_where_unknown(self) -> None:
        assert read_facts(LAW, ["insured=unknown", "risk=unknown"]) == {
            "insured": (),
            "risk": (),
        }

    @pytest.mark.parametrize(
        ("pair", "said"),
        [
            ("insured=maybe", "insured: 'maybe' cannot be used; it is yes or no"),
            ("insured", "write it like insured=yes"),
            ("risk=severe", "it is unlikely, risk, high"),
            ("uk_people=-1", "a whole number"),
            ("uk_people=²", "a whole number"),
            ("detected_at=2026-11-17T10:20:00", "has no offset"),
        ],
    )
    def test_that_do_not_fit_are_refused(self, pair: str, said: str) -> None:
        with pytest.raises(Unusable, match=said):
            read_facts(LAW, [pair])

    @pytest.mark.parametrize("name", ["weather", "aware_at", ""])
    def test_that_nobody_asks_for_are_refused_with_those_known(self, name: str) -> None:
        with pytest.raises(Unknown, match=r"attack_on_information_system.*role"):
            read_facts(LAW, [f"{name}=yes"])
