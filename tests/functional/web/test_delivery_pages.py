"""What the terminal can do to a delivery, its page can: by whoever may, and with a reason."""

import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

import fake_sendgrid
from breachdesk.adapters.sendgrid_logs import SendGridLogs
from breachdesk.adapters.sendgrid_transport import Transport
from breachdesk.audit import queries as audit
from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Actor
from breachdesk.delivery import errands, queries
from breachdesk.delivery.models import Attempt, Campaign, Chunk
from breachdesk.delivery.terms import EventKind, Word
from breachdesk.desk import Desk
from breachdesk.faces.web.context import create_app
from breachdesk.incidents import queries as incidents
from breachdesk.notices import commands as notices
from breachdesk.notices import queries as notice_queries
from conftest import FixedClock, someone
from web_face import (
    ENGLISH,
    Visit,
    assert_each_leads_to_its_field,
    deliver,
    freeze,
    invite,
    whole_breach,
)


@pytest.fixture
def approved(desk: Desk, actor: Actor) -> str:
    """Return the reference of the sample's breach, whose notice two people have approved."""
    reference = whole_breach(desk, actor)
    with desk.transactions.reading(actor.organisation_id) as session:
        incident = incidents.by_reference(session, reference)
        notice = notice_queries.versions(session, incident.id)[0]
    for number in (3, 4):
        with desk.transactions.open(someone(f"Member {number}", number)) as tx:
            notices.approve(tx, notice, desk.law)
    return reference


@pytest.fixture
def told(desk: Desk, actor: Actor, approved: str, clock: FixedClock) -> Campaign:
    """Tell everyone of the sample's breach; the first message comes back."""
    transactions = desk.transactions
    deliver(desk, actor, approved)
    with transactions.reading(actor.organisation_id) as session:
        incident = incidents.by_reference(session, approved)
        [campaign] = queries.campaigns_of(session, incident.id)
    word = Word("s1", EventKind.BOUNCED, clock.now(), campaign=campaign.name, message=1)
    errands.hear(transactions, "carrier", [word])
    return campaign


def page_of(desk: Desk, actor: Actor, campaign: Campaign) -> tuple[str, str]:
    """Return the delivery page's address and the key of the person of the first message."""
    with desk.transactions.reading(actor.organisation_id) as session:
        reference = incidents.by_id(session, campaign.incident_id).reference
    return f"/incidents/{reference}/delivery/", str(campaign.notice_id)


class TestThoseNotReached:
    def test_are_listed_written_to_elsewhere_and_recorded(
        self, desk: Desk, actor: Actor, told: Campaign, ben: Visit
    ) -> None:
        page, notice = page_of(desk, actor, told)
        assert "Not reached by e-mail" in ben.get(page).text

        listed = ben.post(f"{page}elsewhere.csv", {"reason": "to go on by post"})
        rows = [each.split(",") for each in listed.get_data(as_text=True).splitlines()]
        [key] = [each[0] for each in rows if each[1:4] == ["bounced", "bounced", "letter"]]
        assert ben.post(f"{page}elsewhere.csv", {"reason": " "}).status_code == 422

        contacts = f"person_key,second_address\n{key},elsewhere@home.example"
        frozen = ben.post(f"{page}second/{notice}", {"contacts": contacts})
        assert frozen.status_code == 303
        with desk.transactions.reading(actor.organisation_id) as session:
            found = queries.campaigns_of(session, told.incident_id)
            assert [each.channel for each in found] == ["email", "second_address"]
            second = found[-1].id
        ended = ben.post(f"{page}{second}/cancel", {"why": "wrong list"})
        assert ended.status_code == 303

        addresses = (
            f"person,name,line1,postcode,city\n{key},Jo Roux,1 rue du Port,33000,Bordeaux"
        )
        paper = ben.client.post(
            f"{page}letters/{notice}.csv",
            data={
                "csrf_token": ben.token(),
                "addresses": (io.BytesIO(addresses.encode()), "addresses.csv"),
            },
        )
        assert (paper.status_code, "1 rue du Port" in paper.text) == (
            409,
            False,
        )  # not lost yet
        said = {"channel": "phone", "at": "2026-11-20T09:30", "evidence": "list"}
        assert ben.post(f"{page}told", {**said, "people": "nobody"}).status_code == 404
        assert ben.post(f"{page}told", {**said, "people": key}).status_code == 303
        assert "telephone" in ben.get(page).text


class TestRefused:
    """A form that is refused stands open where it was, with what was typed in it."""

    TOLD = ("2026-11-20T09:30", "usr_000001")
    FORMS: tuple[tuple[str, dict[str, str], list[str]], ...] = (
        ("{page}told", {"at": TOLD[0], "people": TOLD[1], "channel": "phone"}, ["evidence"]),
        ("{page}told", {"at": "soon", "channel": "phone", "evidence": "a list"}, ["told-at"]),
        (
            "{page}told",
            {"at": TOLD[0], "channel": "phone", "evidence": "a list"},
            ["told-people"],
        ),
        ("{page}elsewhere.csv", {"reason": " "}, ["reason-elsewhere"]),
        ("{page}second/{notice}", {"contacts": "person_key\nx"}, ["contacts"]),
        ("{page}letters/{notice}.csv", {}, ["addresses"]),
        ("{page}proof", {"person": "nobody", "reason": "asked"}, ["person"]),
        ("{page}message", {"person": "nobody", "reason": "asked"}, ["person"]),
        ("{page}proof", {"person": "nobody"}, ["look-reason"]),
        ("{page}message", {"person": "nobody", "reason": " "}, ["look-reason"]),
    )

    def test_leads_to_each_field(
        self, desk: Desk, actor: Actor, told: Campaign, ben: Visit
    ) -> None:
        page, notice = page_of(desk, actor, told)
        for path, typed, fields in self.FORMS:
            answer = ben.post(path.format(page=page, notice=notice), typed)

            assert answer.status_code in {404, 409, 422}, path
            assert "Nothing was done." in answer.text, path
            assert_each_leads_to_its_field(answer.text, fields)
            for text in typed.values():
                assert text.strip().partition("\n")[0] in answer.text

    @pytest.mark.parametrize("way", ["proof", "message"])
    def test_shows_one_person_for_a_reason_alone_and_not_without_end(
        self, desk: Desk, actor: Actor, told: Campaign, ben: Visit, clock: FixedClock, way: str
    ) -> None:
        page, _ = page_of(desk, actor, told)
        asked = {"person": "usr_000001", "reason": "Ms X asked on the telephone"}
        without = ben.post(f"{page}{way}", {"person": "usr_000001"})
        seen = [ben.post(f"{page}{way}", asked).status_code for _ in range(61)]
        clock.pass_time(timedelta(minutes=20))
        later = ben.post(f"{page}{way}", asked)

        assert (without.status_code, set(seen[:60]), seen[60]) == (422, {200}, 429)
        assert later.status_code == 403  # who is there has to be shown again
        with desk.transactions.reading(actor) as session:
            done = "delivery.prove" if way == "proof" else "delivery.preview"
            looked = audit.all_of(session, done)
        assert {each.details["reason"] for each in looked} == {asked["reason"]}

    def test_keeps_the_pace_that_was_typed(
        self, desk: Desk, actor: Actor, approved: str, ben: Visit
    ) -> None:
        freeze(desk, actor, approved)
        page = f"/incidents/{approved}/delivery/"
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incidents.by_reference(session, approved)
            [campaign] = queries.campaigns_of(session, incident.id)
        typed = {"hourly": "1000", "ramp": "quick", "waves": "1,10", "quiet": "21:00-08:00"}

        answer = ben.post(f"{page}{campaign.id}/pace", typed)

        assert answer.status_code == 422
        assert_each_leads_to_its_field(answer.text, ["ramp-1"])
        for text in typed.values():
            assert f'value="{text}"' in answer.text
        taken_back = ben.post(f"{page}{campaign.id}/withdraw")
        assert_each_leads_to_its_field(taken_back.text, ["withdraw-1"])
        gone = ben.post(
            f"{page}{campaign.id}/waive"
        )  # its form is not there once a page is open
        assert "Nothing was done." in gone.text


class TestCallBack:
    def test_ends_a_campaign_for_a_reason_and_tells_how_many(
        self,
        desk: Desk,
        actor: Actor,
        told: Campaign,
        ben: Visit,
        clock: FixedClock,
        engine: Engine,
    ) -> None:
        page, _ = page_of(desk, actor, told)
        later = clock.now() + timedelta(hours=1)
        with engine.begin() as connection:  # as if a carrier held it
            connection.execute(update(Attempt).values(leaves_at=later, ticket="t"))
        assert "Call back what can be" in ben.get(page).text

        assert ben.post(f"{page}{told.id}/call-back").status_code == 422
        assert (
            ben.post(f"{page}{told.id}/call-back", {"why": "a wrong date"}).status_code == 303
        )

        with desk.transactions.reading(actor.organisation_id) as session:
            row = session.get_one(Campaign, told.id)
            assert (row.state, row.why) == ("cancelled", "a wrong date")


class TestDoubt:
    def test_is_decided_with_a_reason(
        self, desk: Desk, actor: Actor, told: Campaign, ben: Visit, engine: Engine
    ) -> None:
        page, _ = page_of(desk, actor, told)
        with engine.begin() as connection:
            connection.execute(update(Chunk).values(state="doubt"))
        assert "Nobody can tell whether these messages left" in ben.get(page).text

        told_so = {"decision": "not_informed", "reason": "the carrier lost its logs"}
        assert ben.post(f"{page}{told.id}/decide", {"decision": "perhaps"}).status_code == 422
        assert ben.post(f"{page}{told.id}/decide", told_so).status_code == 303

        with desk.transactions.reading(actor.organisation_id) as session:
            assert set(session.scalars(select(Chunk.state))) == {"rejected"}


class TestTrials:
    def test_go_to_members_and_are_noted(
        self, desk: Desk, actor: Actor, told: Campaign, ben: Visit
    ) -> None:
        page, notice = page_of(desk, actor, told)

        tried = ben.post(f"{page}{notice}/test", {"to": "ben@leadjet.example"})
        assert (tried.status_code, "accepted" in tried.text) == (200, True)
        assert (
            ben.post(f"{page}{notice}/test", {"to": "x@elsewhere.example"}).status_code == 409
        )
        assert ben.post(f"{page}{notice}/rehearse").status_code == 409  # no sandbox here
        assert "addresses look like another" in ben.post(f"{page}{told.id}/preflight").text
        with desk.transactions.reading(actor.organisation_id) as session:
            noted = session.scalars(
                select(AuditEntry.action).where(AuditEntry.action == "delivery.note_trial")
            ).all()
        assert len(noted) == 1


class TestRehearsal:
    @pytest.fixture
    def carried(self, desk: Desk, actor: Actor, clock: FixedClock) -> Iterator[Visit]:
        """Return somebody at a desk whose carrier has a sandbox."""
        password = invite(desk.transactions, actor, ENGLISH)
        with (
            fake_sendgrid.serving(clock.now) as fake,
            closing(Transport(fake.url, fake_sendgrid.API_KEY)) as transport,
        ):
            witness = SendGridLogs(transport, clock)
            visit = Visit(create_app(replace(desk, witness=witness), bytes(32)))
            assert visit.sign_in(ENGLISH.email, password).status_code == 303
            yield visit

    def test_that_nobody_made_is_said_at_the_button_and_stands_on_the_trail(
        self, desk: Desk, actor: Actor, carried: Visit
    ) -> None:
        reference = whole_breach(desk, actor)
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incidents.by_reference(session, reference)
            notice = notice_queries.versions(session, incident.id)[0].id
        page = f"/incidents/{reference}/notices/{notice}"
        warning = "These texts were not rehearsed in the carrier’s sandbox."
        assert warning in carried.get(page).text
        assert carried.post(f"{page}/approve").status_code == 303

        rehearsed = carried.post(f"/incidents/{reference}/delivery/{notice}/rehearse")

        assert "accepted" in rehearsed.text
        assert warning not in carried.get(page).text
        with desk.transactions.reading(actor.organisation_id) as session:
            [approved] = session.scalars(
                select(AuditEntry.details).where(AuditEntry.action == "notices.approve")
            ).all()
        assert approved["rehearsed"] is False
