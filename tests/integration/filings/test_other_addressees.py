"""Complaint, insurer, customer, CSIRT, ICO: from the same facts, and nothing invented."""

import json
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from breachdesk.__main__ import run
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.filings import commands, queries, reading
from breachdesk.filings.commands import Receipt
from breachdesk.filings.terms import Field, Form, Kind
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft, MeasureDraft, Phase
from breachdesk.kernel.errors import Unusable
from breachdesk.law.reading import read_packs
from breachdesk.obligations import queries as obligations
from breachdesk.obligations.terms import State
from conftest import NOW

TOP = Path(__file__).parents[3]
FORMS = reading.read_forms(TOP / "templates")
LAW = read_packs(None)
SAMPLE = TOP / "samples" / "leadjet"
REFERENCE = "BD-2026-0001"
WORDS = ("Zéphyr", "Quartz", "Mistral", "Ocelot", "Brume", "Galet")


def filled(
    transactions: Transactions, actor: Actor, incident: Incident, form: Form
) -> dict[str, Field]:
    with transactions.reading(actor.organisation_id) as session:
        fields = queries.filled(session, LAW, incident, form, Kind.INITIAL, NOW)
    return {each.code: each for each in fields}


class TestComplaint:
    def test_has_a_chronology_and_the_list_of_evidence(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            tx.session.add(incident)
            incidents.add_to_timeline(
                tx, incident, NOW - timedelta(hours=20), "Un client signale un appel."
            )
            incidents.note_evidence(
                tx, incident, name="acces.log.gz", size=2048, sha256="ab" * 32, note=""
            )
        fields = filled(transactions, actor, incident, FORMS["plainte-lopmi"])

        lines = fields["chronology"].text.splitlines()
        assert lines[2].endswith("Un client signale un appel.")
        assert len(lines) == 5  # beginning, end, the call, first sign, awareness
        assert fields["evidence"].text == (
            f"acces.log.gz (2\u202f048\u00a0octets), SHA-256\u00a0: {'ab' * 32}"
        )
        assert fields["complaint.articles"].missing

    def test_meets_its_duty_with_its_receipt(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            tx.session.add(incident)
            form = FORMS["plainte-lopmi"]
            commands.record_receipt(tx, incident, LAW, form, Receipt("PV 2026/1", NOW))
        with transactions.reading(actor.organisation_id) as session:
            duties = {each.duty: each for each in obligations.of(session, LAW, incident)}
        assert duties["fr.lopmi.complaint"].state is State.MET
        assert duties["gdpr.33.authority"].state is State.OPEN


class TestNis:
    def test_says_that_it_is_voluntary_in_france(self) -> None:
        for form_id in ("nis2-early-warning", "nis2-notification"):
            assert "volontaire en France" in FORMS[form_id].title.fr
            assert "voluntary in France" in FORMS[form_id].title.en


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the home of a breach that is measured, with customers of many sizes."""
    home = tmp_path_factory.mktemp("demo") / "home"
    people = ("--people", "600", "--log-rows", "6000", "--home", str(home))
    assert run(["demo", *people, "--no-serve", "--json"]) == 0
    return home


class TestCustomer:
    def test_is_told_its_own_numbers_and_nobody_elses(
        self, demonstrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BREACHDESK_HOME", str(demonstrated))
        told = {}
        for key in ("org_00000", "org_00001"):
            path = tmp_path / f"{key}.json"
            command = ("filing", "draft", REFERENCE, "--authority", "customer")
            assert run([*command, "--customer", key, "-o", str(path)]) == 0
            told[key] = json.loads(path.read_text("utf-8"))
        one, other = ({each["code"]: each for each in told[key]["fields"]} for key in told)

        assert one["customer.people"]["value"] != other["customer.people"]["value"]
        whole = json.dumps(told["org_00000"], ensure_ascii=False)
        assert "org_00001" not in whole
        assert "people.count" not in one
        numbers = [each for each in one["breach.account"]["text"].split() if each.isdigit()]
        assert str(one["customer.people"]["value"]) not in numbers

    def test_is_named_or_refused(
        self, demonstrated: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
    ) -> None:
        monkeypatch.setenv("BREACHDESK_HOME", str(demonstrated))
        command = ["filing", "draft", REFERENCE, "--authority", "customer"]
        assert run(command) == 2
        assert run([*command, "--customer", "nobody"]) == 2
        assert "nobody" in capsys.readouterr().err


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
    @pytest.mark.parametrize("form_id", sorted(set(FORMS) - {"customer-33-2"}))
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


class TestCorrectedLabels:
    def test_come_from_a_file_of_the_home(self, tmp_path: Path) -> None:
        folder = tmp_path / "templates" / "filings"
        folder.mkdir(parents=True)
        (folder / "cnil-2023.toml").write_text(
            '[sections]\n2 = "Votre organisme"\n[fields]\n"controller.siren" = "SIREN"\n'
            '[choices.channels]\nemail = "Courriel"\n',
            "utf-8",
        )
        form = reading.form(TOP / "templates", "cnil-2023", tmp_path)

        assert form.sections[1].label == "Votre organisme"
        assert form.sections[1].fields[0].label == "SIREN"
        [email] = [each for each in form.lists["channels"] if each.code == "email"]
        assert (email.label, email.shown) == ("Courriel", True)
        assert reading.form(TOP / "templates", "cnil-2023").sections[1].label != "SIREN"

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ('[fields]\n"no.such" = "x"\n', "fields.no.such"),
            ('[choices.origins]\nmagic = "x"\n', "choices.origins.magic"),
            ('[colours]\na = "x"\n', "colours"),
            ('[sections]\n2 = ""\n', "sections.2"),
        ],
    )
    def test_that_the_form_does_not_have_are_refused_with_their_place(
        self, tmp_path: Path, wrong: str, field: str
    ) -> None:
        folder = tmp_path / "templates" / "filings"
        folder.mkdir(parents=True)
        (folder / "cnil-2023.toml").write_text(wrong, "utf-8")
        with pytest.raises(Unusable) as refused:
            reading.form(TOP / "templates", "cnil-2023", tmp_path)
        assert [each.field for each in refused.value.problems] == [field]
