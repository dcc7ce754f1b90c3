"""What every mailer promises; each keeps to it as far as the world behind it lets it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from breachdesk.delivery.terms import Finding, Outcome, Parcel, Result
from conftest import NOW
from fakes import CHUNK, HTML, SLIP, TEXT, NotedMailer, parcel, read
from mailer_ways import WAYS, Way


class LyingMailer(NotedMailer):
    """Says that it posted, and posts what was recalled."""

    def post(self, parcel: Parcel) -> Outcome:
        self.recalled.clear()
        return super().post(parcel)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    with WAYS[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture(params=["file", "noted"])
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    """Return a way of sending that keeps a record of what left."""
    with WAYS[request.param](tmp_path) as opened:
        yield opened


class TestMailer:
    def test_posts_one_message_to_each_with_one_address_in_to(self, way: Way) -> None:
        outcome = way.post(parcel("ada@example.org", "bob@example.org"))

        messages = way.posted()
        assert outcome.result is Result.ACCEPTED
        assert outcome.proof
        assert [each["To"] for each in messages] == ["ada@example.org", "bob@example.org"]
        assert len({each["Message-ID"] for each in messages}) == 2
        assert not any(each["Cc"] or each["Bcc"] for each in messages)

    def test_says_of_what_it_took_what_became_of_it(self, way: Way) -> None:
        slip = way.slip()
        way.mailer.post(parcel("ada@example.org", slip=slip))

        assert way.mailer.recall(slip) is way.of_posted
        assert len(way.posted()) == (0 if way.of_posted is Finding.ABSENT else 1)

    def test_reaches_nobody_by_an_attempt_that_was_recalled(self, way: Way) -> None:
        slip = way.slip()
        assert way.mailer.recall(slip) is way.of_unposted
        way.mailer.post(parcel("ada@example.org", slip=slip))
        late = 0 if way.of_unposted is Finding.ABSENT else 1
        assert len(way.posted()) == late

        again = way.post(parcel("ada@example.org", slip=replace(SLIP, attempt=2)))
        assert again.result is Result.ACCEPTED
        assert len(way.posted()) == late + 1

    def test_posts_nothing_when_a_tag_has_no_value(self, way: Way) -> None:
        faulty = parcel("ada@example.org", "bob@example.org", text="-bdt.unheard-")

        outcome = way.post(faulty)

        assert outcome.result is Result.BLOCKED
        assert "unheard" in outcome.why
        assert way.posted() == []

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
        self, way: Way, address: str
    ) -> None:
        outcome = way.post(parcel("bob@example.org", address))

        assert outcome.result is Result.BLOCKED
        assert "eve" not in outcome.why
        assert way.posted() == []

    def test_says_the_same_in_both_parts_and_nothing_to_fetch(self, way: Way) -> None:
        way.post(parcel("ada@example.org", code="A<B"))

        [message] = way.posted()
        plain, html = message.iter_parts()
        assert message["Subject"] == "Sécurité de vos données : ce qui s’est passé"
        assert message["From"] == way.sender
        assert (message["Date"] is not None) is way.dates
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Content-Language"] == "fr"
        assert message["X-BreachDesk-Chunk"] == str(CHUNK)
        assert lines(plain.get_content()) == lines(TEXT.replace("-bdt.code-", "A<B"))
        assert lines(html.get_content()) == lines(HTML.replace("-bdh.code-", "A&lt;B"))
        assert [plain.get_content_type(), html.get_content_type()] == [
            "text/plain",
            "text/html",
        ]


class TestRecordingMailer:
    def test_posts_a_chunk_once_whatever_the_attempt(self, recording: Way) -> None:
        first = recording.post(parcel("ada@example.org"))
        again = recording.post(parcel("ada@example.org", slip=replace(SLIP, attempt=2)))

        assert first.result is again.result is Result.ACCEPTED
        assert len(recording.posted()) == 1

    def test_proves_what_was_posted(self, recording: Way) -> None:
        recording.post(parcel("ada@example.org"))

        assert recording.mailer.recall(SLIP) is Finding.PROVED

    def test_says_of_a_late_posting_that_it_was_recalled(self, recording: Way) -> None:
        assert recording.mailer.recall(SLIP) is Finding.ABSENT
        assert recording.post(parcel("ada@example.org")).result is Result.RECALLED

    def test_leaves_nothing_behind_when_it_posts_nothing(self, recording: Way) -> None:
        recording.post(parcel("ada@example.org", text="-bdt.unheard-"))

        assert recording.mailer.recall(SLIP) is Finding.ABSENT

    def test_dates_a_message_by_when_it_was_begun(self, recording: Way) -> None:
        recording.post(parcel("ada@example.org"))

        assert recording.posted()[0]["Date"].datetime == NOW


class TestContract:
    def test_finds_out_a_mailer_that_lies(self) -> None:
        liar = LyingMailer()
        way = Way(liar, lambda: [read(content) for _, content in liar.messages])
        with pytest.raises(AssertionError):
            TestMailer().test_reaches_nobody_by_an_attempt_that_was_recalled(way)


def lines(text: str) -> list[str]:
    """Return the lines of a part, however they end."""
    return text.splitlines()
