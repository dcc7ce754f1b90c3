"""What carriers post, and what whoever holds a code may read, over HTTP on both databases."""

import re
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, event, update

from breachdesk.adapters.sendgrid_events import SendGridEvents
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, errands, queries, rules
from breachdesk.delivery.models import Campaign, Published
from breachdesk.desk import Desk
from breachdesk.faces.web.context import create_app
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.models import Incident
from breachdesk.notices import queries as notices
from breachdesk.notices.commands import approve
from campaigns import frozen
from conftest import FixedClock, someone
from fakes import NotedMailer, readers
from sendgrid_reports import PUBLIC_KEY, posted, signed
from web_face import Visit, freeze, whole_breach

_TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')
EVENTS = "/carriers/sendgrid/events"


@pytest.fixture
def campaign(
    transactions: Transactions, actor: Actor, incident: Incident, desk: Desk
) -> Campaign:
    del desk
    with transactions.open(actor) as tx:
        row = frozen(tx, incident, readers(4))
    errands.send_waiting(transactions, NotedMailer(), actor)
    return row


@pytest.fixture
def carrier(desk: Desk, clock: FixedClock) -> Visit:
    """Return somebody at a desk that knows the carrier's key."""
    return Visit(create_app(replace(desk, ear=SendGridEvents(PUBLIC_KEY, clock)), bytes(32)))


def told(campaign: Campaign, clock: FixedClock) -> bytes:
    return posted(
        [
            {
                "email": "person0@example.org",
                "timestamp": int(clock.now().timestamp()),
                "event": "delivered",
                "sg_event_id": "one",
                "bd_c": campaign.name,
                "bd_n": "1",
            }
        ]
    )


class TestEvents:
    def test_are_taken_signed_and_only_so(
        self,
        carrier: Visit,
        stranger: Visit,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        campaign: Campaign,
    ) -> None:
        body = told(campaign, clock)
        headers = signed(body, clock.now())
        post = carrier.client.post

        assert post(EVENTS, data=body).status_code == 403
        assert post(EVENTS, data=body[:-2], headers=headers).status_code == 403
        taken = post(EVENTS, data=body, headers=headers, content_type="application/json")
        assert taken.status_code == 204
        assert post(EVENTS, data=body, headers=headers).status_code == 204
        no_list = b"{}"
        unread = post(EVENTS, data=no_list, headers=signed(no_list, clock.now()))
        assert unread.status_code == 400
        assert stranger.client.post(EVENTS, data=body, headers=headers).status_code == 404
        with transactions.reading(actor.organisation_id) as session:
            assert queries.report(session, campaign.incident_id).delivered == 1


class TestGenuine:
    @pytest.fixture
    def code(self, desk: Desk, campaign: Campaign) -> Callable[[int], str]:
        secret = queries.secret(desk.transactions.vault, campaign.incident_id)
        return lambda number: rules.reference_code(secret, campaign.name, number)

    def test_shows_sender_and_common_text_and_nothing_of_the_reader(
        self, stranger: Visit, code: Callable[[int], str]
    ) -> None:
        page = stranger.post("/genuine/", {"code": code(2).lower().replace("-", " ")})

        assert page.status_code == 200
        assert "dpo@leadjet.example" in page.text
        assert "Sécurité de vos données" in page.text
        assert "connection_logs" not in page.text
        assert "person" not in page.text.replace("personne", "").replace("personnel", "")

    def test_answers_every_other_code_alike(
        self, stranger: Visit, code: Callable[[int], str]
    ) -> None:
        known = stranger.post("/genuine/", {"code": code(2)})
        right = code(2)
        others = [
            code(5),  # beyond the campaign's messages
            ("2" if right[0] != "2" else "3") + right[1:],
            "K7M4-QD2X-9R3",
            "",
            "x" * 500,
            "<script>",
            "0000-0000-000",
        ]
        pages = [stranger.post("/genuine/", {"code": each}) for each in others]

        assert {each.status_code for each in pages} == {200}
        assert len({_TOKEN.sub("", each.text) for each in pages}) == 1
        assert {len(each.data) for each in pages} == {len(known.data)}

    def test_asks_the_database_as_much_for_a_known_code_as_for_an_unknown_one(
        self, stranger: Visit, engine: Engine, code: Callable[[int], str]
    ) -> None:
        token = stranger.token()
        asked: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            asked.append(statement)

        stranger.client.post("/genuine/", data={"csrf_token": token, "code": "to warm up"})
        event.listen(engine, "before_cursor_execute", note)
        costs = []
        for each in (code(2), rules.reference_code(bytes(32), "of another", 2), "nonsense"):
            asked.clear()
            form = {"csrf_token": token, "code": each}
            assert stranger.client.post("/genuine/", data=form).status_code == 200
            costs.append(list(asked))
        event.remove(engine, "before_cursor_execute", note)

        assert costs[0] == costs[1] == costs[2] != []

    def test_makes_each_answer_as_long_as_the_longest_there_is(
        self, stranger: Visit, engine: Engine, code: Callable[[int], str]
    ) -> None:
        with engine.begin() as connection:
            connection.execute(update(Published).values(texts={"fr": "é" * 50_000}))

        known, unknown = (
            stranger.post("/genuine/", {"code": each}) for each in (code(2), "nonsense")
        )

        assert "ééé" in known.text
        assert len(known.data) == len(unknown.data) == 131_072

    def test_is_counted(self, stranger: Visit, app: Flask) -> None:
        del app
        statuses = [
            stranger.post("/genuine/", {"code": f"try {n}"}).status_code for n in range(25)
        ]
        assert statuses[0] == 200
        assert statuses[-1] == 429

    def test_says_nothing_once_it_is_withdrawn(
        self,
        stranger: Visit,
        transactions: Transactions,
        actor: Actor,
        campaign: Campaign,
        code: Callable[[int], str],
    ) -> None:
        with transactions.open(actor) as tx:
            row = tx.session.get_one(Campaign, UUID(str(campaign.id)))
            commands.withdraw(tx, row, "the text was wrong")

        assert "dpo@leadjet" not in stranger.post("/genuine/", {"code": code(2)}).text


class TestPages:
    def test_hold_a_frozen_list_until_somebody_goes_on(
        self, awa: Visit, desk: Desk, actor: Actor
    ) -> None:
        reference = whole_breach(desk, actor)
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incidents.by_reference(session, reference)
            drafted = notices.latest(session, incident.id)
        assert drafted is not None
        for number in (3, 4):
            with desk.transactions.open(someone(f"Member {number}", number)) as tx:
                approve(tx, drafted, desk.law)
        freeze(desk, actor, reference)
        with desk.transactions.reading(actor.organisation_id) as session:
            [campaign] = queries.campaigns_of(session, incident.id)
        place = f"/incidents/{reference}/delivery/"
        at = f"{place}{campaign.id}/"

        shown = awa.get(place).text
        assert shown.count(f'action="{at}pause"') == 1
        assert shown.count("btn-primary") == 1  # one next step
        assert awa.post(f"{at}pause", {"why": "a doubt"}).status_code == 303
        assert f'action="{at}start"' not in awa.get(place).text
        assert awa.post(f"{at}start").status_code == 409
        assert awa.post(f"{at}resume").status_code == 303
        assert awa.post(f"{at}start").status_code == 303

    def test_show_progress_control_and_proof(
        self,
        awa: Visit,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        desk: Desk,
    ) -> None:
        del desk
        with transactions.open(actor) as tx:
            campaign = frozen(tx, incident, readers(4))
        place = f"/incidents/{incident.reference}/delivery/"
        at = f"{place}{campaign.id}/"
        assert awa.get(place).status_code == 200

        pace = {"hourly": "600", "ramp": "1,5", "quiet": "21:00-08:00", "bounces": "4"}
        assert awa.post(f"{at}pace", pace).status_code == 303
        assert awa.post(f"{at}pace", {"hourly": "many"}).status_code == 422
        assert awa.post(f"{at}pause", {"why": "a doubt"}).status_code == 303
        alone = {"HX-Request": "true"}
        assert "a doubt" in awa.get(f"{place}progress", **alone).text
        assert awa.post(f"{at}resume").status_code == 303
        assert awa.post(f"{at}withdraw", {"why": "reworded"}).status_code == 303
        assert awa.post(f"{at}publish").status_code == 303
        assert awa.post(f"{at}pace").status_code == 303  # no cap: the clock stands still
        errands.send_waiting(transactions, NotedMailer(), actor)
        shown = awa.get(place).text
        assert "BD-2026-0001-1" in shown
        assert 'lang="fr"' in shown

        proof = awa.post(f"{place}proof", {"person": "usr_000001", "reason": "asked"})
        assert proof.status_code == 200
        assert "noted" in proof.text
        assert "person1@" not in proof.text
        unknown = awa.post(f"{place}proof", {"person": "usr_999999", "reason": "asked"})
        assert unknown.status_code == 404
        other = f"/incidents/{incident.reference}/delivery/{incident.id}/pause"
        assert awa.post(other).status_code == 404
