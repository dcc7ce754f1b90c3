from dataclasses import replace
from pathlib import Path

import pytest

from breachdesk.datamap import reading, rules
from breachdesk.datamap.terms import DataMap, NotHeld, Retention

SAMPLE = Path(__file__).parents[3] / "samples" / "leadjet" / "datamap.toml"


@pytest.fixture
def datamap() -> DataMap:
    return reading.read(SAMPLE)


class TestChanges:
    def test_adds_everything_to_nothing(self, datamap: DataMap) -> None:
        changes = rules.changes(None, datamap)

        assert not changes.removed
        assert not changes.changed
        assert set(changes.added["stores"]) == {each.id for each in datamap.stores}
        assert len(changes.added["routes"]) == len(datamap.routes)

    def test_finds_none_where_only_the_order_differs(self, datamap: DataMap) -> None:
        turned = replace(
            datamap,
            stores=datamap.stores[::-1],
            routes=tuple(
                replace(route, categories=route.categories[::-1])
                for route in reversed(datamap.routes)
            ),
        )

        assert not rules.changes(datamap, turned)
        assert rules.digest(turned) == rules.digest(datamap)

    def test_names_what_came_went_and_changed(self, datamap: DataMap) -> None:
        first, *others = datamap.stores
        edited = replace(
            datamap,
            organisation=replace(datamap.organisation, headcount=15),
            stores=(replace(first, retention=Retention("P3Y", "closed_at")), *others[:-1]),
            not_held=(*datamap.not_held, NotHeld("health", {"fr": "Non", "en": "No"})),
        )

        assert rules.changes(datamap, edited).as_json() == {
            "added": {"not_held": ["health"]},
            "removed": {"stores": [others[-1].id]},
            "changed": {"organisation": ["headcount"], "stores": [first.id]},
        }
        assert rules.digest(edited) != rules.digest(datamap)
