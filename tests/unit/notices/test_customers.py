"""Whom to alert for whose people, from a file and from the list of a ring."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.kernel.errors import Unusable
from breachdesk.notices import reading, rules
from breachdesk.notices.terms import Addressee
from breachdesk.scoping.terms import Person

FIRST = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)


def person(
    number: int, customer: str | None, *, role: str = "processor", kind: str = "messages"
) -> Person:
    at = FIRST + timedelta(hours=number)
    return Person(
        f"p{number}", None, None, None, customer, ("crm",), role, (kind,), at, at, 1, ()
    )


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
    def test_counts_each_customers_own_people_data_and_hours(self) -> None:
        people = [
            person(1, "a"),
            person(2, "a", kind="contacts"),
            person(3, "b"),
            person(4, "a", role="controller"),
            person(5, None),
        ]

        found = rules.by_customer(people, "processor")

        assert list(found) == [None, "a", "b"]
        assert (found["a"].people, found["a"].categories) == (2, ("contacts", "messages"))
        assert found["a"].first_touch == FIRST + timedelta(hours=1)
        assert found["a"].last_touch == FIRST + timedelta(hours=2)

    @given(st.lists(st.sampled_from(["a", "b", "c"])))
    def test_loses_nobody(self, customers: list[str]) -> None:
        people = [person(number, each) for number, each in enumerate(customers)]

        found = rules.by_customer(people, "processor")

        assert sum(each.people for each in found.values()) == len(people)
