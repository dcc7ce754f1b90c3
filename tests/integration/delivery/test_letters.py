"""Who cannot be reached by e-mail gets the same approved text on paper, with a code."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from breachdesk.adapters.pdf_writer import PdfWriter
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, errands, queries, reading, rules
from breachdesk.delivery.terms import Channel, PaperLetter, Postal, Print
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Refused, Unknown, Unusable
from breachdesk.kernel.tables import EVERY_ORGANISATION
from breachdesk.law.reading import read_packs
from breachdesk.notices.models import Notice
from breachdesk.scoping.terms import Person
from breachdesk.settings import shipped
from conftest import NOW
from fakes import NotedMailer, persons

LAW = read_packs(None)
POSTAL = {
    f"usr_{n:06d}": Postal((f"Mme Person {n}", f"{n} rue des Lilas", "75011 Paris"))
    for n in range(6)
}


@pytest.fixture
def people() -> list[Person]:
    """Return eight people: four have no e-mail, and two of these no postal address."""
    return [
        replace(each, email=None) if number in {1, 2, 6, 7} else each
        for number, each in enumerate(persons(8))
    ]


@pytest.fixture
def printed(
    transactions: Transactions,
    actor: Actor,
    incident: Incident,
    notice: Notice,
    people: list[Person],
) -> Callable[[], Print]:
    """Return what prints letters for the people, who were frozen and written to before."""
    with transactions.open(actor) as tx:
        commands.start(tx, commands.freeze(tx, incident, notice, people, LAW))
        [campaign] = queries.campaigns_of(tx.session, incident.id)
        commands.publish(tx, campaign)
    errands.send_waiting(transactions, NotedMailer(), actor, incident.id)

    def run() -> Print:
        with transactions.open(actor) as tx:
            return commands.print_letters(tx, incident, notice, people, POSTAL)

    return run


class TestPrintLetters:
    def test_go_to_those_alone_whom_no_message_reached(
        self, printed: Callable[[], Print]
    ) -> None:
        batch = printed()

        assert {each.to[0] for each in batch.letters} == {"Mme Person 1", "Mme Person 2"}
        assert batch.without_address == 2

    def test_bear_codes_that_the_public_page_knows_and_keep_them(
        self, printed: Callable[[], Print], transactions: Transactions
    ) -> None:
        first, second = printed(), printed()

        assert [each.code for each in first.letters] == [each.code for each in second.letters]
        with transactions.reading(EVERY_ORGANISATION) as session:
            for each in first.letters:
                assert each.code in each.text
                assert queries.genuine(session, transactions.vault, each.code) is not None

    def test_are_not_printed_again_for_those_written_to_by_post(
        self,
        printed: Callable[[], Print],
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
    ) -> None:
        batch = printed()
        with transactions.open(actor) as tx:
            commands.tell_otherwise(
                tx,
                incident,
                [batch.letters[0].person],
                Channel.LETTER,
                NOW,
                "posting receipt 7",
            )

        assert {each.person for each in printed().letters} == {batch.letters[1].person}

    def test_leave_for_proof_which_text_was_on_paper(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        printed: Callable[[], Print],
    ) -> None:
        letter = printed().letters[0]

        with transactions.reading(actor.organisation_id) as session:
            proof = queries.proof(
                session, transactions.vault, incident.id, incident.reference, letter.person
            )

        [told] = proof.letters
        assert told.note == f"on paper in {letter.language}: {letter.digest}"

    def test_need_a_frozen_campaign(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        notice: Notice,
        people: list[Person],
    ) -> None:
        with transactions.open(actor) as tx, pytest.raises(Refused, match="nothing is frozen"):
            commands.print_letters(tx, incident, notice, people, POSTAL)


class TestPreview:
    def test_is_the_very_message_that_left(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        notice: Notice,
        people: list[Person],
    ) -> None:
        mailer = NotedMailer()
        with transactions.open(actor) as tx:
            commands.start(tx, commands.freeze(tx, incident, notice, people, LAW))
            [campaign] = queries.campaigns_of(tx.session, incident.id)
            commands.publish(tx, campaign)
            before = commands.preview(tx, incident, people[0].person_key)
        errands.send_waiting(transactions, mailer, actor, incident.id)

        assert before in [content for _, content in mailer.messages]

    def test_knows_only_who_gets_a_message(
        self, printed: Callable[[], Print], transactions: Transactions, actor: Actor,
        incident: Incident,
    ) -> None:  # fmt: skip
        printed()
        with transactions.open(actor) as tx, pytest.raises(Unknown):
            commands.preview(tx, incident, "usr_000001")


class TestPaper:
    def test_is_one_file_with_every_address_text_and_code(
        self, printed: Callable[[], Print]
    ) -> None:
        batch = printed()
        paper = rules.letter_paper(
            batch.letters, batch.sender, batch.reference, date(2026, 11, 22)
        )

        made = PdfWriter(shipped("templates")).write("notices/letter.typ", paper)

        read = " ".join(
            "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).split()
        )
        for each in batch.letters:
            assert each.to[1] in read
            assert each.code in read
        assert "22 novembre 2026" in read

    def test_as_a_mail_merge_computes_nothing(self) -> None:
        letter = PaperLetter("u1", ("=HYPERLINK(1)", "1 rue"), "fr", "Objet", "-x", "K7", "")

        row = rules.merged(letter)

        assert row["address_1"] == "'=HYPERLINK(1)"
        assert row["text"] == "'-x"
        assert set(row) == set(rules.MERGED)


class TestReadPostal:
    def test_reads_lines_in_the_order_of_an_envelope(self, tmp_path: Path) -> None:
        file = tmp_path / "addresses.csv"
        file.write_text(
            "person;name;line1;line2;postcode;city;country\n"
            "u1;Ada Martin;3 rue X;;75011;Paris;France\n",
            "utf-8",
        )

        assert reading.read_postal(file) == {
            "u1": Postal(("Ada Martin", "3 rue X", "75011 Paris", "France"))
        }

    def test_names_each_line_that_cannot_be_used(self, tmp_path: Path) -> None:
        file = tmp_path / "addresses.csv"
        with file.open("w", newline="") as out:
            csv.writer(out).writerows(
                [
                    ["person", "name", "line1", "postcode", "city"],
                    ["u1", "Ada", "", "75011", "Paris"],
                    ["u2", "Bob", "1 rue", "75011", "Paris"],
                    ["u2", "Bob", "2 rue", "75011", "Paris"],
                ]
            )

        with pytest.raises(Unusable) as refused:
            reading.read_postal(file)

        assert [(each.line, each.field) for each in refused.value.problems] == [
            (2, "line1"),
            (4, "person"),
        ]
