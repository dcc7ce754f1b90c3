"""SendGrid's signed reports, as its own library verifies them and as ours reads them."""

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from sendgrid.helpers.eventwebhook import EventWebhook

from breachdesk.adapters.sendgrid_events import SendGridEvents
from breachdesk.delivery.terms import EventKind
from breachdesk.kernel.errors import Forbidden, Unusable
from conftest import NOW, FixedClock
from sendgrid_reports import PUBLIC_KEY, SIGNATURE, STAMP, posted, signed

EVENT = {
    "email": "ada@example.org",
    "timestamp": int(NOW.timestamp()),
    "event": "bounce",
    "type": "bounce",
    "status": "5.1.1",
    "reason": "550 5.1.1 <ada@example.org> Ada Lovelace does not live here",
    "bounce_classification": "Invalid Address",
    "sg_event_id": "Ym91bmNlLTA",
    "sg_message_id": "XBg2.recvd-1",
    "category": ["BD-2026-0001-1"],
    "bd_c": "BD-2026-0001-1",
    "bd_k": "01900000-0000-7000-8000-000000000001",
    "bd_a": "2",
    "bd_n": "7",
}


@pytest.fixture
def ear() -> SendGridEvents:
    return SendGridEvents(PUBLIC_KEY, FixedClock())


class TestSignature:
    def test_is_what_the_official_library_verifies(self, ear: SendGridEvents) -> None:
        body = posted([EVENT])
        headers = signed(body, NOW)
        library = EventWebhook()

        assert library.verify_signature(
            body.decode(),
            headers[SIGNATURE],
            headers[STAMP],
            library.convert_public_key_to_ecdsa(PUBLIC_KEY),
        )
        assert len(ear.hear(body, headers)) == 1

    @given(st.binary(max_size=40), st.text(max_size=40), st.text(max_size=20))
    def test_is_refused_when_it_is_anything_else(
        self, body: bytes, signature: str, stamp: str
    ) -> None:
        with pytest.raises(Forbidden):
            SendGridEvents(PUBLIC_KEY, FixedClock()).hear(
                body, {SIGNATURE: signature, STAMP: stamp}
            )

    def test_covers_every_byte_and_the_stamp(self, ear: SendGridEvents) -> None:
        body = posted([EVENT])
        headers = signed(body, NOW)
        other = ec.generate_private_key(ec.SECP256R1())
        for altered, given_headers in (
            (body.rstrip(), headers),
            (body.replace(b"ada", b"bob"), headers),
            (body, headers | {STAMP: str(int(headers[STAMP]) + 1)}),
            (body, {SIGNATURE: headers[SIGNATURE]}),
            (body, signed(body, NOW, other)),
        ):
            with pytest.raises(Forbidden, match="no signature"):
                ear.hear(altered, given_headers)

    @pytest.mark.parametrize("away", [timedelta(days=-4), timedelta(minutes=20)])
    def test_of_another_time_is_refused(self, ear: SendGridEvents, away: timedelta) -> None:
        body = posted([EVENT])
        with pytest.raises(Forbidden, match="another time"):
            ear.hear(body, signed(body, NOW + away))

    @pytest.mark.parametrize("key", ["", "no key", "YWJj", PUBLIC_KEY[:-8] + "AAAAAAA="])
    def test_needs_a_key_that_is_one(self, key: str) -> None:
        with pytest.raises(Unusable, match="WEBHOOK_KEY"):
            SendGridEvents(key, FixedClock())


class TestWords:
    def test_hold_our_marks_and_codes_and_no_words_of_a_server(
        self, ear: SendGridEvents
    ) -> None:
        body = posted([EVENT])
        [word] = ear.hear(body, signed(body, NOW))

        assert (word.campaign, word.message, word.attempt) == ("BD-2026-0001-1", 7, 2)
        assert (word.kind, word.at, word.receipt) == (EventKind.BOUNCED, NOW, "XBg2")
        assert word.reason == "Invalid Address 5.1.1"
        assert "ada" not in repr(word)

    @pytest.mark.parametrize(
        ("told", "kind"),
        [
            ({"type": "blocked"}, EventKind.BLOCKED),
            ({"event": "spamreport"}, EventKind.COMPLAINED),
            ({"event": "dropped"}, EventKind.DROPPED),
            ({"event": "processed"}, EventKind.PROCESSED),
        ],
    )
    def test_are_what_the_provider_publishes(
        self, ear: SendGridEvents, told: dict[str, str], kind: EventKind
    ) -> None:
        body = posted([EVENT | told])
        assert [each.kind for each in ear.hear(body, signed(body, NOW))] == [kind]

    def test_of_openings_and_of_what_cannot_be_read_are_left_out(
        self, ear: SendGridEvents
    ) -> None:
        odd: list[object] = [
            EVENT | {"event": "open"},
            EVENT | {"sg_event_id": None},
            EVENT | {"sg_event_id": "x" * 101},
            EVENT | {"timestamp": "soon"},
            "bounce",
            None,
            EVENT | {"bd_n": "7; DROP", "bd_k": "x", "category": "old"},
        ]
        body = json.dumps(odd).encode()
        [word] = ear.hear(body, signed(body, NOW))
        assert (word.message, word.chunk, word.campaign) == (None, None, "BD-2026-0001-1")

    def test_name_nothing_that_no_database_holds(self, ear: SendGridEvents) -> None:
        half = {"email": "\ud800@x.example", "bd_c": "\ud800", "sg_message_id": "\ud800.1"}
        body = json.dumps([EVENT | half]).encode()
        [word] = ear.hear(body, signed(body, NOW))
        assert (word.address, word.campaign, word.receipt) == ("", "", "")

    @pytest.mark.parametrize("body", [b"{}", b"", b"[", b"\xff", b"[" * 100_000])
    def test_come_as_a_list(self, ear: SendGridEvents, body: bytes) -> None:
        with pytest.raises(Unusable):
            ear.hear(body, signed(body, NOW))
