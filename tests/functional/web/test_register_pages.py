"""The register's pages: few statements however long it is, filters, years, files."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, event, insert

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents import rules as incident_rules
from breachdesk.incidents.models import Incident
from breachdesk.kernel import ids
from breachdesk.register.models import RegisterLine
from breachdesk.register.terms import CODES
from conftest import NOW
from web_face import Visit

MANY, FEW = 20_000, 2_000
EACH = 50
"""Every so many lines one is of an open incident."""
MOST = 12
"""Statements that a page may cost, the sign-in's own among them."""


def columns(row: Incident) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}


def frozen(reference: str, *, late: bool, cause: str) -> dict[str, object]:
    """Return a line with something in every column that a list, a filter or a year reads."""
    began = NOW - timedelta(days=20)
    return {
        **dict.fromkeys(CODES),
        "number": reference,
        "title": f"Fuite {reference}",
        "status": "closed",
        "occurred_from": began.isoformat(),
        "detected_at": (began + timedelta(hours=30)).isoformat(),
        "aware_at": NOW.isoformat(),
        "causes": [cause],
        "people_count": 10,
        "sa_decision": "notified",
        "sa_on_time": not late,
        "subjects_decision": "done",
        "communications": [{"audience": "people", "people": 10, "accepted": 9, "delivered": 0}],
        "risk_conclusion": "high",
    }


@pytest.fixture(params=[FEW])
def long_register(
    request: pytest.FixtureRequest,
    transactions: Transactions,
    engine: Engine,
    actor: Actor,
    incident: Incident,
) -> Engine:
    """Fill the register: closed lines through the years, open ones among the latest."""
    many = request.param
    assert transactions.clock
    new_ids, like = ids.series(NOW), columns(incident)
    rows, lines = [], []
    for at in range(1, many):
        year, number = 2006 + (at * 20) // many, at + 1
        reference = incident_rules.reference(year, number)
        live = at % EACH == 0
        place = {"id": next(new_ids), "year": year, "number": number, "reference": reference}
        rows.append({**like, **place, "stage": "open" if live else "closed"})
        if not live:
            content = frozen(reference, late=at == many - 2, cause="internal_accidental")
            lines.append(
                {
                    "id": next(new_ids),
                    "organisation_id": actor.organisation_id,
                    "incident_id": place["id"],
                    "reference": reference,
                    "content": content,
                    "digest": "",
                    "closed_at": NOW,
                    "closed_by": "Awa",
                }
            )
    with engine.begin() as connection:
        connection.execute(insert(Incident), rows)
        connection.execute(insert(RegisterLine), lines)
    return engine


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Count what is asked of the database."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement != "BEGIN":  # how our SQLite begins, asked of nobody
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


class TestLongRegister:
    @pytest.mark.parametrize("long_register", [MANY], indirect=True)
    def test_costs_few_statements_on_the_first_page_and_on_the_fortieth(
        self, long_register: Engine, ben: Visit
    ) -> None:
        with counted(long_register) as asked:
            page = ben.get("/register/").text
        assert len(asked) <= MOST, "\n".join(asked)
        seen = re.findall(r"BD-20\d\d-\d+(?=</a>)", page)
        for _ in range(38):
            page = ben.get(older(page)).text
            seen += re.findall(r"BD-20\d\d-\d+(?=</a>)", page)
        with counted(long_register) as asked:
            page = ben.get(older(page)).text
        assert len(asked) <= MOST, "\n".join(asked)
        seen += re.findall(r"BD-20\d\d-\d+(?=</a>)", page)

        assert len(seen) == len({*seen}) == 40 * 20
        assert seen == sorted(seen, reverse=True)

    def test_goes_back_to_the_page_that_one_came_from(
        self, long_register: Engine, ben: Visit
    ) -> None:
        assert long_register.dialect.name
        first = ben.get("/register/").text
        second = ben.get(older(first)).text
        [back] = re.findall(r'href="([^"]+)" rel="prev"', second)

        again = ben.get(back.replace("&amp;", "&")).text
        assert re.findall(r"BD-20\d\d-\d+(?=</a>)", again) == re.findall(
            r"BD-20\d\d-\d+(?=</a>)", first
        )

    def test_is_sifted_and_handed_out_as_it_is_sifted(
        self, long_register: Engine, ben: Visit
    ) -> None:
        assert long_register.dialect.name
        page = ben.get("/register/?year=2025&late=yes").text
        assert len(re.findall(r"BD-2025-\d+(?=</a>)", page)) == 1
        assert ben.get("/register/?year=2025&late=yes&cause=other").text.count("</th>") == 0

        with ben.get("/register/register.json?year=2025&late=yes") as sent:
            told = json.loads(sent.data)
        with ben.get("/register/register.xlsx?year=2025&late=yes") as sent:
            table = CalamineWorkbook.from_filelike(BytesIO(sent.data)).get_sheet_by_index(0)
        assert [row["number"] for row in told] == [table.to_python()[1][0]]

    def test_counts_a_year(self, long_register: Engine, ben: Visit) -> None:
        assert long_register.dialect.name
        page = ben.get("/register/years?year=2025&status=closed").text

        assert page.count('role="img"') == page.count("<desc") >= 4
        assert page.count("<table") >= 4
        assert "internal, accidental" in page
        assert "99 %" in page
        assert "30" in page


def older(page: str) -> str:
    [address] = re.findall(r'href="([^"]+)" rel="next"', page)
    return str(address).replace("&amp;", "&")
