"""Whom to alert for whose people, from a file and from the list of a ring."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.kernel.errors import Unusable
from breachdesk.notices import reading, rules
from breachdesk.notices.terms import Addressee, Customer

FIRST = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)
LAST = FIRST + timedelta(hours=2)


def own(proven: int, population: int | None = None, **categories: int) -> dict[str, Any]:
    """Return what a measure counts of one customer."""
    everyone = proven if population is None else population
    return {
        "proven": proven, "reachable": proven, "population": everyone,
        "by_category": {
            each: {"proven": min(n, proven), "reachable": min(n, proven), "population": n}
            for each, n in categories.items()
        },
        "first_touch": FIRST.isoformat(), "last_touch": LAST.isoformat(),
    }  # fmt: skip


class TestReadCustomers:
    def test_reads_what_office_programs_write(self, tmp_path: Path) -> None:
        file = tmp_path / "customers.csv"
        file.write_bytes(
            "\ufeffcustomer;email;name\r\norg_1;dpo@a.example;Société A\r\n\r\n"
            "org_2; b@b.example ;\r\n".encode()
        )

        assert reading.read_customers(file) == (
            Addressee("org_1", "Société A", "dpo@a.example", None),
            Addressee("org_2", "org_2", "b@b.example", None),
        )

    def test_names_every_line_that_cannot_be_used(self, tmp_path: Path) -> None:
        file = tmp_path / "customers.csv"
        file.write_text("customer,email\norg_1,a@a.example\n,x@a.example\norg_1,b@b.example\n")

        with pytest.raises(Unusable) as refused:
            reading.read_customers(file)

        assert [(each.line, each.field) for each in refused.value.problems] == [
            (3, "customer"),
            (4, "customer"),
        ]

    @pytest.mark.parametrize("head", ["", "customer", "customer,email,phone"])
    def test_refuses_columns_that_are_missing_or_unknown(
        self, head: str, tmp_path: Path
    ) -> None:
        file = tmp_path / "customers.csv"
        file.write_text(f"{head}\n")

        with pytest.raises(Unusable, match="column"):
            reading.read_customers(file)


class TestByCustomer:
    def test_has_each_customers_own_people_data_and_hours(self) -> None:
        found = rules.by_customer(
            {"b": own(2, contacts=2), "a": own(3, 5, messages=1, contacts=3), "c": own(0, 7)},
            "proven",
            1,
        )

        assert list(found) == [None, "a", "b"]
        assert found[None] == Customer("", 1, (), None, None)
        assert found["a"] == Customer("a", 3, ("contacts", "messages"), FIRST, LAST)
        assert (found["b"].people, found["b"].categories) == (2, ("contacts",))

    def test_asks_the_ring_whose_people_are_told(self) -> None:
        counted = {"a": own(0, 7, messages=4)}

        found = rules.by_customer(counted, "population", 0)

        assert list(found) == ["a"]
        assert (found["a"].people, found["a"].categories) == (7, ("messages",))

    @given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)), st.integers(0, 9))
    def test_loses_nobody(self, counted: dict[str, int], nobodys: int) -> None:
        held = {key: own(people) for key, people in counted.items()}

        found = rules.by_customer(held, "proven", nobodys)

        assert sum(each.people for each in found.values()) == sum(counted.values()) + nobodys
        assert all(each.people for each in found.values())
