"""A list that was fixed is shown as the ledger holds it, before anything leaves."""

import re
from dataclasses import replace

from breachdesk.audit.terms import Actor
from breachdesk.delivery import queries
from breachdesk.desk import Desk
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.terms import IncidentDraft
from campaigns import frozen
from fakes import SETS, readers
from web_face import Visit


class TestListThatIsFixed:
    def test_says_as_the_ledger_who_is_written_to_and_who_has_no_address(
        self, desk: Desk, actor: Actor, ben: Visit
    ) -> None:
        people = [
            replace(each, address=address, locale="fr", categories=SETS[0])
            for each, address in zip(
                readers(5),
                ("a@example.org", "a@example.org", "b@example.org", None, "no address"),
                strict=True,
            )
        ]
        with desk.transactions.open(actor) as tx:
            incident = incidents.log(tx, IncidentDraft(title="A list", aware_at=tx.now))
            tx.session.flush()  # the campaign refers to it
            tx.vault.make_key(incident.id)
            frozen(tx, incident, people, start=False)
        with desk.transactions.reading(actor.organisation_id) as session:
            report = queries.report(session, incident.id)
        assert (report.people, report.reasons["waiting"]) == (5, 3)

        said = _facts(ben.get(f"/incidents/{incident.reference}/delivery/").text)

        assert said["On the list"] == f"{report.people} people"
        assert said["Are written to"] == "3 people, 2 messages"
        for reason, word in (
            ("no_address", "no address"),
            ("unusable_address", "unusable address"),
        ):
            assert report.reasons[reason] == 1
            assert said[f"Are not written to: {word}"] == "1 person"


def _facts(page: str) -> dict[str, str]:
    """Return what a page says in its lists of facts."""
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    return dict(pairs)
