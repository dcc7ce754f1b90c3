"""Thirty incidents are logged; what stands in their filings comes from what was logged."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.filings import queries, reading
from breachdesk.filings.terms import Field, Form, Kind
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft, MeasureDraft, Phase
from breachdesk.law.reading import read_packs
from conftest import NOW

FORMS = reading.read_forms(Path(__file__).parents[3] / "templates")
LAW = read_packs(None)
WORDS = ("Zéphyr", "Quartz", "Mistral", "Ocelot", "Brume", "Galet")


def filled(
    transactions: Transactions, actor: Actor, incident: Incident, form: Form
) -> dict[str, Field]:
    with transactions.reading(actor.organisation_id) as session:
        fields = queries.filled(session, LAW, incident, form, Kind.INITIAL, NOW)
    return {each.code: each for each in fields}


def made_up(random: Random) -> IncidentDraft:
    """Return an incident of which some things are known, and some are not."""
    hours = sorted(random.sample(range(1, 90), 4), reverse=True)
    at = [NOW - timedelta(hours=each) for each in hours]
    known = [random.random() < 0.6 for _ in range(4)]
    facts: dict[str, Any] = {}
    if known[0]:
        facts["cause"] = random.choice(["ransomware", "lost_device", "misdirected_email"])
    if known[1]:
        facts["malicious"] = random.random() < 0.5
    if known[2]:
        facts["breach_types"] = random.sample(["confidentiality", "integrity"], 1)
    return IncidentDraft(
        title=f"Violation {random.choice(WORDS)}",
        summary=f"Le dossier {random.choice(WORDS)} a été lu." if known[3] else "",
        aware_at=at[3],
        detected_at=at[2] if random.random() < 0.5 else None,
        started_at=at[0] if random.random() < 0.5 else None,
        ended_at=at[1] if random.random() < 0.5 else None,
        facts=facts,
    )


class TestNothingIsInvented:
    @pytest.mark.parametrize("form_id", ["cnil-2023", "edpb-1.0", "ico-1.0"])
    def test_in_thirty_incidents(
        self, form_id: str, transactions: Transactions, actor: Actor
    ) -> None:
        """What differs between two incidents comes from what differs in their facts."""
        random, form = Random(7), FORMS[form_id]  # noqa: S311  (made-up incidents, the same ones each time)
        labels = {each.label for choices in form.lists.values() for each in choices}
        drafts = [made_up(random) for _ in range(30)]
        logged, measures = [], []
        with transactions.open(actor) as tx:
            for number, draft in enumerate(drafts):
                logged.append(incidents.log(tx, draft))
                text = f"Mesure {number + 4000}"
                if random.random() < 0.5:
                    incidents.add_measure(
                        tx, logged[-1], MeasureDraft(phase=Phase.AFTER, text={"fr": text})
                    )
                    measures.append(text)
                else:
                    measures.append("")
        for incident, draft, measure in zip(logged, drafts, measures, strict=True):
            known = f"{incident.reference} {draft.title} {draft.summary} {measure}"
            for field in filled(transactions, actor, incident, form).values():
                if not field.text:
                    assert field.source == "nobody" or field.value in (None, "", [])
                    continue
                assert field.source != "nobody", field.code
                for word in WORDS:
                    assert word not in field.text or word in known, field.code
                if "Mesure 4" in field.text:
                    assert measure
                    assert measure in field.text
                if field.text.splitlines()[0] in labels:
                    assert draft.facts or field.source in {"filing", "obligation"}, field.code
            self._dates(filled(transactions, actor, incident, form), draft)

    def _dates(self, fields: dict[str, Field], draft: IncidentDraft) -> None:
        """Every instant of the timeline is one that was told."""
        for name in ("started_at", "ended_at", "aware_at"):
            field = fields.get(f"timeline.{name}")
            told = getattr(draft, name)
            if field is not None and field.value is not None:
                assert told is not None
                assert field.value == told.isoformat()

    def test_by_an_empty_desk(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        for form in FORMS.values():
            if form.authority != "customer":
                fields = filled(transactions, actor, incident, form)
                assert not [
                    each
                    for each in fields.values()
                    if each.code == "people.count" and each.text
                ]
                assert all(
                    each.missing or each.text or not each.required for each in fields.values()
                )
