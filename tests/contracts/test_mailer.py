"""What every mailer promises, and what the file mailer promises on top."""

import mailbox
import os
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.adapters.file_mailer import JOURNALS, FileMailer
from breachdesk.delivery.ports import Mailer
from breachdesk.delivery.terms import (
    Finding,
    Folder,
    Outcome,
    Parcel,
    Result,
)
from conftest import NOW
from fakes import CHUNK, HTML, SLIP, TEXT, NotedMailer, parcel, read


class LyingMailer(NotedMailer):
    """Says that it posted, and posts what was recalled."""

    def post(self, parcel: Parcel) -> Outcome:
        self.recalled.clear()
        return super().post(parcel)


def posted_by(mailer: Mailer) -> list[EmailMessage]:
    """Return what left, as a reader's program understands it."""
    if isinstance(mailer, NotedMailer):
        return [read(content) for _, content in mailer.messages]
    assert isinstance(mailer, FileMailer)
    path = mailer.mbox(SLIP)
    if not path.exists():
        return []
    with_mbox = mailbox.mbox(path, create=False)
    try:
        return [read(with_mbox.get_bytes(key)) for key in with_mbox.keys()]  # noqa: SIM118  (a mailbox iterates over messages)
    finally:
        with_mbox.close()


@pytest.fixture(params=["file", "noted"])
def mailer(request: pytest.FixtureRequest, tmp_path: Path) -> Mailer:
    return FileMailer(tmp_path / "outbox") if request.param == "file" else NotedMailer()


class TestMailer:
    def test_posts_one_message_to_each_with_one_address_in_to(self, mailer: Mailer) -> None:
        outcome = mailer.post(parcel("ada@example.org", "bob@example.org"))

        messages = posted_by(mailer)
        assert outcome.result is Result.ACCEPTED
        assert outcome.proof
        assert [each["To"] for each in messages] == ["ada@example.org", "bob@example.org"]
        assert len({each["Message-ID"] for each in messages}) == 2
        assert not any(each["Cc"] or each["Bcc"] for each in messages)

    def test_posts_a_chunk_once_whatever_the_attempt(self, mailer: Mailer) -> None:
        first = mailer.post(parcel("ada@example.org"))
        again = mailer.post(parcel("ada@example.org", slip=replace(SLIP, attempt=2)))

        assert first.result is again.result is Result.ACCEPTED
        assert len(posted_by(mailer)) == 1

    def test_proves_what_was_posted(self, mailer: Mailer) -> None:
        mailer.post(parcel("ada@example.org"))

        assert mailer.recall(SLIP) is Finding.PROVED

    def test_never_posts_an_attempt_that_was_recalled(self, mailer: Mailer) -> None:
        assert mailer.recall(SLIP) is Finding.ABSENT
        late = mailer.post(parcel("ada@example.org"))
        assert late.result is Result.RECALLED
        assert posted_by(mailer) == []

        again = mailer.post(parcel("ada@example.org", slip=replace(SLIP, attempt=2)))
        assert again.result is Result.ACCEPTED
        assert len(posted_by(mailer)) == 1

    def test_posts_nothing_when_a_tag_has_no_value(self, mailer: Mailer) -> None:
        faulty = parcel("ada@example.org", "bob@example.org", text="-bdt.unheard-")

        outcome = mailer.post(faulty)

        assert outcome.result is Result.BLOCKED
        assert "unheard" in outcome.why
        assert posted_by(mailer) == []
        assert mailer.recall(SLIP) is Finding.ABSENT

    @pytest.mark.parametrize(
        "address",
        [
            "ada@example.org\nBcc: eve@example.org",
            "ada@example.org, eve@example.org",
            "ada",
            "",
        ],
    )
    def test_posts_nothing_to_what_would_add_a_header_or_a_reader(
        self, mailer: Mailer, address: str
    ) -> None:
        outcome = mailer.post(parcel("bob@example.org", address))

        assert outcome.result is Result.BLOCKED
        assert "eve" not in outcome.why
        assert posted_by(mailer) == []

    def test_says_the_same_in_both_parts_and_nothing_to_fetch(self, mailer: Mailer) -> None:
        mailer.post(parcel("ada@example.org", code="A<B"))

        [message] = posted_by(mailer)
        plain, html = message.iter_parts()
        assert message["Subject"] == "Sécurité de vos données : ce qui s’est passé"
        assert message["From"] == '"Leadjet, équipe données" <dpo@leadjet.example>'
        assert message["Date"].datetime == NOW
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["X-BreachDesk-Chunk"] == str(CHUNK)
        assert plain.get_content() == TEXT.replace("-bdt.code-", "A<B")
        assert html.get_content() == HTML.replace("-bdh.code-", "A&lt;B")
        assert [plain.get_content_type(), html.get_content_type()] == [
            "text/plain",
            "text/html",
        ]


class TestContract:
    def test_finds_out_a_mailer_that_lies(self) -> None:
        with pytest.raises(AssertionError):
            TestMailer().test_never_posts_an_attempt_that_was_recalled(LyingMailer())


class TestFileMailer:
    def test_keeps_an_mbox_for_each_campaign_and_kind_of_reader(self, tmp_path: Path) -> None:
        mailer = FileMailer(tmp_path / "outbox")
        for slip in (SLIP, replace(SLIP, folder=Folder.CUSTOMERS), replace(SLIP, campaign="b")):
            mailer.post(parcel("ada@example.org", slip=slip))

        found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.mbox")}
        assert found == {
            "outbox/people/BD-2026-0001-1.mbox",
            "outbox/customers/BD-2026-0001-1.mbox",
            "outbox/people/b.mbox",
        }
        assert all(path.stat().st_mode & 0o77 == 0 for path in tmp_path.rglob("*.mbox"))

    @settings(deadline=None)  # a disk may take its time
    @given(cut=st.integers(0, 100), journal_cut=st.integers(0, 10))
    def test_repairs_whatever_a_dead_process_left(
        self, tmp_path_factory: pytest.TempPathFactory, cut: int, journal_cut: int
    ) -> None:
        outbox = tmp_path_factory.mktemp("outbox")
        mailer = FileMailer(outbox)
        mailer.post(parcel("ada@example.org"))
        second = replace(SLIP, chunk=UUID(int=2))
        mbox, journal = mailer.mbox(SLIP), outbox / JOURNALS / "people" / SLIP.campaign
        kept = journal.stat().st_size
        mailer.post(parcel("bob@example.org", "cy@example.org", slip=second))
        # the second posting died: some bytes are there, and less than all of its line
        os.truncate(mbox, mbox.stat().st_size - min(cut, 100))
        os.truncate(journal, kept + journal_cut)

        assert mailer.recall(second) is Finding.ABSENT
        mailer.post(
            parcel("bob@example.org", "cy@example.org", slip=replace(second, attempt=2))
        )

        to = [each["To"] for each in posted_by(mailer)]
        assert to == ["ada@example.org", "bob@example.org", "cy@example.org"]

    def test_blocks_when_its_mbox_was_taken_away(self, tmp_path: Path) -> None:
        mailer = FileMailer(tmp_path)
        mailer.post(parcel("ada@example.org"))
        mailer.mbox(SLIP).unlink()

        outcome = mailer.post(parcel("b@example.org", slip=replace(SLIP, chunk=UUID(int=2))))

        assert outcome.result is Result.BLOCKED
        assert "moved" in outcome.why

    def test_blocks_when_the_outbox_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "people").write_text("a file in the way")

        outcome = FileMailer(tmp_path).post(parcel("ada@example.org"))

        assert outcome.result is Result.BLOCKED
        assert "the outbox cannot be written" in outcome.why

    @pytest.mark.parametrize("harm", ["mbox cut", "journal damaged"])
    def test_cannot_tell_what_somebody_tampered_with(self, tmp_path: Path, harm: str) -> None:
        mailer = FileMailer(tmp_path)
        mailer.post(parcel("ada@example.org"))
        if harm == "mbox cut":
            os.truncate(mailer.mbox(SLIP), 10)
        else:
            (tmp_path / JOURNALS / "people" / SLIP.campaign).write_text("posted nonsense\n")
        other = replace(SLIP, chunk=UUID(int=2))

        assert mailer.recall(other) is Finding.CANNOT_TELL
        assert mailer.post(parcel("b@example.org", slip=other)).result is Result.BLOCKED
