"""Complaint, insurer, customer, CSIRT, ICO: from the same facts, and nothing invented."""

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from breachdesk.__main__ import run
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.filings import commands, queries, reading, rules
from breachdesk.filings.commands import Receipt
from breachdesk.filings.rules.english import ENGLISH
from breachdesk.filings.rules.french import FRENCH
from breachdesk.filings.terms import Answer, Field, FilingFacts, Form, Kind, Own, Taken
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Unusable
from breachdesk.law.reading import read_packs
from breachdesk.obligations import queries as obligations
from breachdesk.obligations.terms import State
from conftest import NOW
from papers import read_paper, squeezed
from references import logged_today

TOP = Path(__file__).parents[3]
FORMS = reading.read_forms(TOP / "templates")
LAW = read_packs(None)
SAMPLE = TOP / "samples" / "leadjet"
REFERENCE = logged_today(1)


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


def report(demonstrated: Path, folder: Path, *options: str) -> dict[str, Any]:
    """Return a draft of the demonstrated breach, as a program reads it."""
    path = folder / "draft.json"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BREACHDESK_HOME", str(demonstrated))
        assert run(["filing", "draft", REFERENCE, *options, "-o", str(path)]) == 0
    made: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return made


def by_code(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["code"]: each for each in document["fields"]}


def customers(demonstrated: Path) -> dict[str, Any]:
    """Return what the measured scope counts of each customer."""
    with closing(sqlite3.connect(demonstrated / "breachdesk.sqlite")) as database:
        [found] = database.execute(
            "SELECT customers FROM scoping_scopes ORDER BY version DESC LIMIT 1"
        ).fetchone()
    counted: dict[str, Any] = json.loads(found)
    return counted


class TestCustomer:
    @pytest.mark.parametrize("form_id", ["customer-33-2", "customer-33-2-en"])
    def test_is_told_its_own_numbers_and_categories_and_nobody_elses(
        self, demonstrated: Path, tmp_path: Path, form_id: str
    ) -> None:
        counted = customers(demonstrated)
        ours = {key: held for key, held in counted.items() if held["proven"]}
        assert len({str(held["by_category"]) for held in ours.values()}) > 1
        for key, held in [*ours.items()][:4]:
            made = report(demonstrated, tmp_path, "--form", form_id, "--customer", key)
            fields, whole = by_code(made), json.dumps(made, ensure_ascii=False)

            assert fields["customer.people"]["value"] == held["proven"]
            proven = [each["proven"] for each in held["by_category"].values()]
            told = [
                int(each.rpartition("(")[2].split("\u00a0")[0])
                for each in fields["customer.categories"]["value"]
            ]
            assert sorted(told) == sorted(each for each in proven if each)
            assert "people.count" not in fields
            assert not [other for other in counted if other != key and other in whole]

    def test_never_reads_a_text_that_names_another(self) -> None:
        own = Own("red", {"proven": 1}, others=("blue",))
        facts = FilingFacts(
            "BD-1",
            Kind.INITIAL,
            NOW,
            summary="Les contacts de Blue, puis d’autres, ont été lus.",
            facts={"data_categories": ["health"], "consequences": ["discrimination"]},
            measures_after=(Taken("Nous avons appelé blue."),),
            customer=own,
        )
        form = FORMS["customer-33-2"].towards("red")
        fields = {each.code: each for each in rules.fields(form, facts)}

        for code in ("breach.account", "measures.after"):
            assert fields[code].missing
            assert "nomme un autre client" in fields[code].notes[0]
        assert fields["harms"].value is None  # what was told of everybody's data is not theirs
        typed = {"breach.account": Answer("Vos contacts ont été lus.", "Awa", NOW)}
        fields = {each.code: each for each in rules.fields(form, replace(facts, answers=typed))}
        assert fields["breach.account"].text == "Vos contacts ont été lus."
        calm = rules.fields(form, replace(facts, summary="Lu.", measures_after=()))
        [account] = [each for each in calm if each.code == "breach.account"]
        assert account.text == "Lu."
        assert "relisez-le" in account.notes[0]

    def test_is_named_or_refused(
        self, demonstrated: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
    ) -> None:
        monkeypatch.setenv("BREACHDESK_HOME", str(demonstrated))
        command = ["filing", "draft", REFERENCE, "--authority", "customer"]
        assert run(command) == 2
        assert run([*command, "--customer", "nobody"]) == 2
        assert "nobody" in capsys.readouterr().err


class TestHandedOver:
    """What goes to an outsider as it is shows nothing of our work, once it is whole."""

    def test_a_whole_report_shows_no_working_columns(
        self, demonstrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BREACHDESK_HOME", str(demonstrated))
        towards = ["--form", "customer-33-2-en", "--customer", max(customers(demonstrated))]

        def papers() -> list[str]:
            paths = [tmp_path / f"report.{layout}" for layout in ("html", "docx", "pdf")]
            for path in paths:
                how = ["--format", path.suffix[1:], "-o", str(path)]
                assert run(["filing", "draft", REFERENCE, *towards, *how]) == 0
            return [read_paper(path) for path in paths]

        working = papers()
        for code, each in by_code(report(demonstrated, tmp_path, *towards)).items():
            if each["missing"]:
                assert run(["filing", "answer", REFERENCE, code, "Known", *towards]) == 0
        told = by_code(report(demonstrated, tmp_path, *towards))
        proposed = [code for code, each in told.items() if each["proposed"]]
        assert run(["filing", "confirm", REFERENCE, *proposed, *towards]) == 0

        for before, clean in zip(working, papers(), strict=True):
            assert squeezed(told["controller.legal_name"]["text"]) in clean
            assert squeezed(told["customer.next"]["text"]) in clean
            for name in ("origin", "copied", "handed", "decide", "confirm"):
                words = squeezed(ENGLISH.said[name])
                assert words in before, name
                assert words not in clean, name


class TestLanguage:
    """A form is in the language of its addressee, whoever drafts it."""

    @pytest.mark.parametrize("layout", ["html", "docx", "pdf"])
    def test_of_an_english_authority_is_english_in_every_document(
        self, demonstrated: Path, tmp_path: Path, layout: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BREACHDESK_HOME", str(demonstrated))
        path = tmp_path / f"draft.{layout}"
        command = ["filing", "draft", REFERENCE, "--authority", "ico", "--format", layout]
        assert run([*command, "-o", str(path)]) == 0
        paper = read_paper(path)

        for name in ("field", "to type", "origin", "copied", "prepares", "decide", "lacks"):
            start = ENGLISH.said[name].partition("{")[0]
            assert squeezed(start) in paper
            assert squeezed(FRENCH.said[name].partition("{")[0]) not in paper
        assert squeezed("18 November 2026 at 21:00") in paper
        assert squeezed("(UK time)") in paper

    def test_is_told_to_those_who_hear_the_document(
        self, demonstrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BREACHDESK_HOME", str(demonstrated))
        for authority, language in (("ico", "en"), ("cnil", "fr")):
            path = tmp_path / f"{authority}.pdf"
            command = ["filing", "draft", REFERENCE, "--authority", authority]
            assert run([*command, "--format", "pdf", "-o", str(path)]) == 0
            made = PdfReader(path)
            assert str(made.root_object["/Lang"]).startswith(language)
            assert made.xmp_metadata is not None
            claimed = made.xmp_metadata.stream.get_data()
            for each in (b"pdfaid:part>2<", b"pdfaid:conformance>A<", b"pdfuaid:part>1<"):
                assert each in claimed
            assert made.root_object["/MarkInfo"]["/Marked"]  # type: ignore[index]  # pypdf types no dictionary

    def test_of_sentences_and_choices_is_one(self, demonstrated: Path, tmp_path: Path) -> None:
        """Only what people typed in French, in French alone, is left as it is, and says so."""
        fields = by_code(report(demonstrated, tmp_path, "--authority", "ico"))
        typed = {
            code for code, each in fields.items() if ENGLISH.said["as typed"] in each["notes"]
        }

        assert typed == {"breach.account"}
        for code, each in fields.items():
            if code not in typed | {"dpo.name"}:
                said = " ".join([each["label"], each["text"], *each["notes"]])
                assert not re.search("[àâçéèêëîïôûùœ«»]", said), code

    def test_that_nobody_speaks_is_refused_and_so_is_a_clock_of_nowhere(
        self, tmp_path: Path
    ) -> None:
        told = (TOP / "templates/filings/cnil/2023/filing.toml").read_text("utf-8")
        for line, field in (('language = "tlh"', "language"), ('zone = "Mars/Here"', "zone")):
            (tmp_path / "filing.toml").write_text(f"{line}\n{told}", "utf-8")
            with pytest.raises(Unusable) as refused:
                reading.read_form(tmp_path)
            assert [each.field for each in refused.value.problems] == [field]


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
