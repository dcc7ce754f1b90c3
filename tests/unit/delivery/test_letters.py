"""Messages are what RFC 5322 and every mbox reader understand, whatever they hold."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.delivery.rules import Letters
from breachdesk.delivery.terms import Recipient, Sender
from breachdesk.kernel.errors import Unusable
from breachdesk.notices.rules import UnknownTag
from fakes import SLIP, parcel, read


class TestLetters:
    @pytest.mark.parametrize(
        ("address", "in_to"),
        [
            ('"odd name"@example.org', '"odd name"@example.org'),
            ('"a\\"b,c"@example.org', '"a\\"b,c"@example.org'),
            ("O'Hara+crm@EXAMPLE.org", "O'Hara+crm@EXAMPLE.org"),
            ("zoé@exemple.fr", "zoé@exemple.fr"),
            ("ada@société.example", "ada@xn--socit-esab.example"),
        ],
    )
    def test_writes_any_one_address(self, address: str, in_to: str) -> None:
        message = read(Letters(parcel(address)).message(Recipient(1, address, {"code": "x"})))

        assert message["To"] == in_to
        assert len(message["To"].addresses) == 1

    @given(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=300),
        st.sampled_from(["", "From ", ">From ", "From From From ", ". ", "--", "=_"]),
    )
    def test_gives_back_every_text_and_no_separator(self, text: str, start: str) -> None:
        text = f"{start}{text}\n{start}{start}{text} \n"
        sent = Letters(parcel("a@example.org", text=text)).message(
            Recipient(1, "a@example.org", {"code": "x"})
        )

        [plain, _] = read(sent).iter_parts()
        assert plain.get_payload(decode=True) == text.encode()
        assert not re.search(rb"(?m)^>*From ", sent)
        assert max(map(len, sent.split(b"\n\n", 1)[1].split(b"\n"))) <= 76

    @given(st.lists(st.sampled_from(["From ", ">From ", "x", " "]), max_size=60))
    def test_never_wraps_into_a_separator(self, words: list[str]) -> None:
        text = "".join(words)
        sent = Letters(parcel("a@example.org", text=text)).message(
            Recipient(1, "a@example.org", {"code": "x"})
        )

        [plain, _] = read(sent).iter_parts()
        assert plain.get_payload(decode=True) == text.encode()
        assert not re.search(rb"(?m)^>*From ", sent)

    def test_fills_a_subject_that_holds_a_tag(self) -> None:
        one = replace(parcel("a@example.org"), subject="Données : -bdt.code-")
        sent = Letters(one).message(Recipient(1, "a@example.org", {"code": "é\nBcc: x@y.org"}))

        assert read(sent)["Subject"] == "Données : é Bcc: x@y.org"
        assert read(sent)["Bcc"] is None

    def test_refuses_a_frame_with_a_tag_that_has_no_value(self) -> None:
        letters = Letters(parcel("a@example.org"))
        with pytest.raises(UnknownTag):
            letters.message(Recipient(1, "a@example.org", {}))

    @pytest.mark.parametrize(
        "sender",
        [
            Sender("Leadjet", "no address", "dpo@leadjet.example"),
            Sender("Leadjet", "dpo@leadjet.example", "a@b.org\nBcc: c@d.org"),
        ],
    )
    def test_refuses_a_sender_no_header_can_hold(self, sender: Sender) -> None:
        with pytest.raises(Unusable):
            Letters(replace(parcel("a@example.org"), sender=sender))

    def test_refuses_a_subject_that_would_add_a_header(self) -> None:
        with pytest.raises(Unusable, match="line end"):
            Letters(replace(parcel("a@example.org"), subject="Hello\nBcc: c@d.org"))

    def test_gives_each_message_of_a_campaign_an_id_of_its_own_that_stays(self) -> None:
        def ids(chunk: int) -> list[str]:
            slip = replace(SLIP, attempt=chunk)
            letters = Letters(parcel("a@example.org", slip=slip))
            sent = [letters.message(Recipient(n, "a@b.org", {"code": "x"})) for n in (1, 2)]
            return [read(each)["Message-ID"] for each in sent]

        assert (
            ids(1)
            == ids(2)
            == [
                "<BD-2026-0001-1.1@leadjet.example>",
                "<BD-2026-0001-1.2@leadjet.example>",
            ]
        )
