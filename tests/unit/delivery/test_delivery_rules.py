"""States lead somewhere, sums close, addresses are what they seem."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from enum import Enum
from functools import reduce
from itertools import combinations
from random import Random
from typing import TypeVar

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from breachdesk.datamap.terms import Address, Contact, Organisation
from breachdesk.delivery import rules
from breachdesk.delivery.terms import (
    CampaignState,
    ChunkState,
    EventKind,
    Finding,
    Folder,
    Reason,
    Report,
    Result,
    Sender,
    Standing,
    Tally,
)
from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.states import NotFromHere, advance
from conftest import NOW

FOREIGN = [
    "",
    "é",
    ".",
    '"',
    "\\",
    ",",
    ";",
    ":",
    " ",
    "<",
    "(c)",
    "@x.org",
    "\n",
    "\r\nBcc: e@x.org",
]
S = TypeVar("S", bound=Enum)
tallies = st.lists(
    st.builds(
        Tally,
        chunk=st.none() | st.sampled_from(ChunkState),
        event=st.none() | st.sampled_from(EventKind),
        reason=st.none() | st.sampled_from(Reason),
        people=st.integers(0, 10**7),
    )
)


def reached(table: Mapping[S, frozenset[S]], start: S) -> set[S]:
    found, edge = {start}, [start]
    while edge:
        edge = [to for state in edge for to in table[state] if to not in found]
        found.update(edge)
    return found


class TestTables:
    def test_name_every_state(self) -> None:
        assert set(rules.CHUNK) == set(ChunkState)
        assert set(rules.CAMPAIGN) == set(CampaignState)

    def test_leave_no_state_out_of_reach(self) -> None:
        assert reached(rules.CHUNK, ChunkState.READY) == set(ChunkState)
        assert reached(rules.CAMPAIGN, CampaignState.DRAFT) == set(CampaignState)

    def test_let_every_chunk_come_to_an_end(self) -> None:
        ends = {state for state, following in rules.CHUNK.items() if not following}
        assert all(reached(rules.CHUNK, state) & ends for state in ChunkState)

    @pytest.mark.parametrize("state", [ChunkState.ACCEPTED, ChunkState.CANCELLED])
    def test_never_leave_an_end(self, state: ChunkState) -> None:
        with pytest.raises(NotFromHere):
            advance(rules.CHUNK, state, ChunkState.READY)

    def test_let_what_was_taken_be_called_back_and_nothing_else(self) -> None:
        assert rules.CHUNK[ChunkState.ACCEPTED] == {ChunkState.CANCELLED}

    def test_never_go_from_posting_to_ready_by_way_of_claimed(self) -> None:
        assert ChunkState.CLAIMED not in rules.CHUNK[ChunkState.POSTING]
        assert ChunkState.POSTING not in rules.CHUNK[ChunkState.READY]


class TestSettled:
    @given(st.sampled_from(Result), st.integers(1, 1000))
    def test_takes_no_doubtful_outcome_for_a_sure_one(
        self, result: Result, messages: int
    ) -> None:
        to = rules.settled(result, messages)

        assert (to is ChunkState.ACCEPTED) == (result is Result.ACCEPTED)
        assert (to is ChunkState.READY) == (result is Result.RETRY)

    def test_rejects_only_a_message_that_stands_alone(self) -> None:
        assert rules.settled(Result.REFUSED, 2) is ChunkState.SPLIT
        assert rules.settled(Result.REFUSED, 1) is ChunkState.REJECTED


class TestResolved:
    @given(st.timedeltas(timedelta(0), timedelta(days=9)))
    def test_repeats_only_what_is_proved_absent(self, waited: timedelta) -> None:
        ends = {
            finding: rules.resolved(finding, since=NOW - waited, now=NOW) for finding in Finding
        }

        assert ends[Finding.PROVED] is ChunkState.ACCEPTED
        assert ends[Finding.ABSENT] is ChunkState.READY
        patient = waited < rules.QUARANTINE
        doubtful = ChunkState.UNKNOWN if patient else ChunkState.DOUBT
        assert ends[Finding.CANNOT_TELL] is doubtful


class TestWaitAfter:
    def test_doubles_up_to_a_minute(self) -> None:
        seconds = [rules.wait_after(n).total_seconds() for n in range(1, 9)]

        assert seconds == [1, 2, 4, 8, 16, 32, 60, 60]
        assert rules.wait_after(10**6) == timedelta(minutes=1)


class TestSums:
    @given(tallies)
    def test_put_each_person_in_one_standing(self, counted: list[Tally]) -> None:
        standings, reasons = rules.sums(counted)

        assert sum(standings.values()) == sum(each.people for each in counted)
        assert set(standings) == set(Standing)
        assert sum(reasons.values()) <= standings[Standing.NOT_INFORMED]

    @given(st.sampled_from(ChunkState), st.none() | st.sampled_from(EventKind))
    def test_give_a_reason_for_all_who_are_not_informed(
        self, chunk: ChunkState, event: EventKind | None
    ) -> None:
        assume(chunk is not ChunkState.SPLIT)  # its people are in the halves
        tally = Tally(chunk, event, None, 1)

        not_informed = rules.standing(chunk, event) is Standing.NOT_INFORMED
        assert (rules.reason(tally) is not None) == not_informed

    def test_bear_the_names_of_the_report(self) -> None:
        assert {each.value for each in Standing} <= set(Report.__slots__)


class TestTellAgain:
    @given(
        chunk=st.none() | st.sampled_from(ChunkState),
        event=st.none() | st.sampled_from(EventKind),
        same_address=st.booleans(),
    )
    def test_never_writes_to_whom_the_letter_reached_or_may_reach(
        self, *, chunk: ChunkState | None, event: EventKind | None, same_address: bool
    ) -> None:
        if rules.tell_again(chunk, event, same_address=same_address):
            assert rules.standing(chunk, event) in {
                Standing.NOT_INFORMED,
                Standing.BOUNCED,
                Standing.DROPPED,
            }
            assert chunk not in {ChunkState.READY, ChunkState.CLAIMED} or event

    def test_tries_another_address_after_a_bounce(self) -> None:
        accepted, bounced = ChunkState.ACCEPTED, EventKind.BOUNCED
        assert rules.tell_again(accepted, bounced, same_address=False)
        assert not rules.tell_again(accepted, bounced, same_address=True)


class TestStronger:
    @given(st.lists(st.sampled_from(EventKind), min_size=1), st.randoms())
    def test_is_the_same_for_any_order_and_for_repeats(
        self, told: list[EventKind], chance: Random
    ) -> None:
        shuffled = told * 2
        chance.shuffle(shuffled)

        assert reduce(rules.stronger, shuffled) is reduce(rules.stronger, told)

    def test_counts_a_bounce_after_a_delivery_and_a_complaint_after_all(self) -> None:
        assert rules.stronger(EventKind.DELIVERED, EventKind.BOUNCED) is EventKind.BOUNCED
        assert rules.stronger(EventKind.DELIVERED, EventKind.DEFERRED) is EventKind.DELIVERED
        assert rules.said_by(EventKind.COMPLAINED) is Standing.DELIVERED

    @given(st.sampled_from(EventKind), st.sampled_from(EventKind))
    def test_takes_the_place_of_the_weaker_alone(
        self, kept: EventKind, told: EventKind
    ) -> None:
        replaces = kept in rules.weaker_than(told)

        assert replaces == (rules.stronger(kept, told) is not kept)


class TestFolder:
    def test_keeps_people_customers_and_staff_apart(self) -> None:
        assert rules.folder("gdpr.34.people") is Folder.PEOPLE
        assert rules.folder("gdpr.33.controller") is Folder.CUSTOMERS
        assert rules.folder("anything else") is Folder.STAFF


class TestUsable:
    @pytest.mark.parametrize(
        "address",
        [
            "ada@example.org",
            "Ada.Lovelace+crm@EXAMPLE.org",
            "o'hara@example.org",
            '"From him"@example.org',
            '"a,b"@example.org',
            "zoé@société.example",
            "ada@xn--socit-esab.example",
        ],
    )
    def test_takes_every_address(self, address: str) -> None:
        assert rules.usable(address)

    @pytest.mark.parametrize(
        "address",
        [
            "", "ada", "@example.org", "ada@", "a b@example.org", "ada@example.org,b@c.org",
            "ada@example.org\nBcc: b@c.org", "ada@example.org\r", "<ada@example.org>",
            "Ada <ada@example.org>", "a@b@c.org", ".ada@example.org", "a..b@example.org",
            "ada@exa mple.org", "a@-example.org", "ada@example..org", "x" * 65 + "@example.org",
            "ada@" + "x" * 260, "ada@example.org\u2028", "ada@.org", "(c)ada@example.org",
            "ada@example.org (her)", "undisclosed:;",
        ],
    )  # fmt: skip
    def test_refuses_everything_else(self, address: str) -> None:
        assert not rules.usable(address)

    @given(st.emails(), st.sampled_from(FOREIGN), st.integers(0, 40))
    def test_lets_through_one_address_and_no_header(
        self, address: str, foreign: str, place: int
    ) -> None:
        altered = address[:place] + foreign + address[place:]
        if rules.usable(altered):
            message = EmailMessage(policy=default)
            message["To"] = rules.travelling(altered)
            assert len(message["To"].addresses) == 1
            assert "\n" not in rules.travelling(altered)
        else:
            with pytest.raises(Unusable):
                rules.travelling(altered)


class TestMailbox:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (" Ada@Example.ORG ", "ada@example.org"),
            ("zoe\u0301@example.org", "zoé@example.org"),
            ("a@SOCIÉTÉ.example", "a@xn--socit-esab.example"),
            ("STRASSE@example.org", "straße@example.org"),
        ],
    )
    def test_is_equal_for_equal_mailboxes(self, one: str, other: str) -> None:
        assert rules.mailbox(one) == rules.mailbox(other)

    @pytest.mark.parametrize("address", ["a@\u2024.\u2024", "a@x\u200by", "A@", "nobody", ""])
    def test_says_something_of_what_is_no_address(self, address: str) -> None:
        assert rules.mailbox(address) == rules.mailbox(address.upper())
        assert not rules.usable(address)

    def test_keeps_dots_and_plus_tags(self) -> None:
        apart = ["ada@example.org", "a.da@example.org", "ada+crm@example.org"]

        assert len({rules.mailbox(each) for each in apart}) == 3

    @given(st.emails())
    def test_is_the_same_of_itself(self, address: str) -> None:
        once = rules.mailbox(address)

        assert rules.mailbox(once) == once


class TestMark:
    def test_differs_by_kind_and_key(self) -> None:
        marks = [
            rules.mark(b"k", "person", "a"),
            rules.mark(b"k", "mailbox", "a"),
            rules.mark(b"l", "person", "a"),
        ]

        assert all(one != other for one, other in combinations(marks, 2))


class TestSenderOf:
    def test_is_the_officer_or_else_the_contact(self) -> None:
        officer, contact = Contact("D", "dpo@x.org"), Contact("C", "c@x.org")
        organisation = Organisation(
            name="X",
            siren="",
            address=Address((), "", "", "FR"),
            sector="",
            legal_representative=contact,
            contact=contact,
            dpo=officer,
            authority="fr-cnil",
        )

        assert rules.sender_of(organisation) == Sender("X", "dpo@x.org", "dpo@x.org")
        without = replace(organisation, dpo=Contact("D"))
        assert rules.sender_of(without).address == "c@x.org"


class TestBatches:
    @given(st.lists(st.integers()), st.integers(1, 9))
    def test_hold_everything_in_order_and_no_more_than_asked(
        self, things: list[int], size: int
    ) -> None:
        batches = list(rules.batches(things, size))

        assert [each for batch in batches for each in batch] == things
        assert all(0 < len(batch) <= size for batch in batches)


class TestDigest:
    def test_is_the_sha_256(self) -> None:
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        assert rules.digest(b"") == f"sha256:{empty}"


class TestReport:
    def test_is_one_document(self) -> None:
        report = Report(1, 1, 0, 0, 0, 0, 0, 1, {"accepted": 1}, {}, (), whole=True)

        assert json.loads(json.dumps(report.as_json()))["people"] == 1


class TestReferenceCode:
    @given(st.integers(1, 10**7), st.integers(0, 10), st.integers(0, 29))
    def test_shows_one_wrong_letter(self, number: int, place: int, shift: int) -> None:
        code = rules.reference_code(b"k", "BD-2026-0001-1", number).replace("-", "")
        alphabet = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
        wrong = alphabet[(alphabet.index(code[place]) + 1 + shift) % 31]
        altered = code[:place] + wrong + code[place + 1 :]

        assert rules.check_character(code[:10]) == code[10]
        assert rules.check_character(altered[:10]) != altered[10]

    @given(st.integers(1, 10**7), st.integers(0, 8))
    def test_shows_two_letters_that_changed_places(self, number: int, place: int) -> None:
        code = rules.reference_code(b"k", "BD-2026-0001-1", number).replace("-", "")
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assume(swapped != code)

        assert rules.check_character(swapped[:10]) != swapped[10]

    def test_is_another_for_every_message(self) -> None:
        codes = {rules.reference_code(b"k", "a", n) for n in range(5000)}

        assert len(codes) == 5000
        assert {len(code) for code in codes} == {13}
