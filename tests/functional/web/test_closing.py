"""Closing on the page: what is open is listed, each with its own reason or one for all."""

import re
from typing import Any

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.incidents import queries as incidents
from breachdesk.obligations import commands as obligations
from breachdesk.register import queries as register
from web_face import Visit, log_breach

LESSONS = "Raccourcir la vie des jetons."


@pytest.fixture
def reference(desk: Desk, actor: Actor) -> str:
    return log_breach(desk, actor)


def waive(desk: Desk, actor: Actor, reference: str) -> None:
    with desk.transactions.open(actor) as tx:
        incident = incidents.by_reference(tx.session, reference)
        for duty in ("gdpr.33.authority", "gdpr.34.people"):
            obligations.waive(tx, incident, desk.law, duty, "Données chiffrées, clé sûre.")


class TestClosing:
    def test_is_refused_while_the_authority_or_the_people_are_owed(
        self, ben: Visit, reference: str
    ) -> None:
        answer = ben.post(f"/incidents/{reference}/close", {"lessons": LESSONS})

        assert answer.status_code == 409
        assert "gdpr.33.authority" in answer.text
        assert LESSONS in answer.text

    def test_takes_a_reason_for_each_thing_left_open(
        self, ben: Visit, desk: Desk, actor: Actor, reference: str
    ) -> None:
        waive(desk, actor, reference)
        shown = ben.get(f"/incidents/{reference}/close").text
        names = re.findall(r'name="open" value="([^"]+)"', shown)
        assert len(names) > 1
        told: dict[str, Any] = {
            "lessons": LESSONS,
            "open": names,
            "because": ["Porté plainte.", *names[1:]],
        }
        lacking = {**told, "because": ["Porté plainte.", *("" for _ in names[1:])]}
        refused = ben.post(f"/incidents/{reference}/close", lacking)
        assert refused.status_code == 409
        assert names[1] in refused.text
        assert 'value="Porté plainte."' in refused.text

        assert ben.post(f"/incidents/{reference}/close", told).status_code == 303
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incidents.by_reference(session, reference)
            line = register.frozen_line(session, incident.id)
        assert line is not None
        assert line.content["left_open"] == names
        reasons = str(line.content["left_open_reason"]).splitlines()
        assert reasons[0] == f"{names[0]}: Porté plainte."
        assert len(reasons) == len(names)
