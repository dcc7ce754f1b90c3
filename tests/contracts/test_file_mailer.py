"""What the file mailer promises on top of every mailer."""

import os
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.adapters.file_mailer import JOURNALS, FileMailer
from breachdesk.delivery.terms import Finding, Folder, Result
from fakes import SLIP, parcel
from mailer_ways import in_mbox


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

        to = [each["To"] for each in in_mbox(mbox)]
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
