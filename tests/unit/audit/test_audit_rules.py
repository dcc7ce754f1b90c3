"""The chain shows every way of tampering with it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.audit import rules
from breachdesk.audit.terms import Entry

CHAIN = UUID(int=1)
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
Link = tuple[Entry, str, str]


def chain_of(length: int) -> list[Link]:
    links: list[Link] = []
    previous = rules.GENESIS
    for number in range(1, length + 1):
        entry = Entry(
            chain=CHAIN,
            sequence=number,
            at=AT + timedelta(minutes=number),
            actor="Awa",
            actor_id=UUID(int=2),
            action="incidents.log",
            subject_type="incidents",
            subject_id=UUID(int=100 + number),
            details={"number": number},
        )
        digest = rules.digest(entry, previous)
        links.append((entry, previous, digest))
        previous = digest
    return links


class TestFirstGap:
    @given(st.integers(0, 12))
    def test_finds_none_in_a_whole_chain(self, length: int) -> None:
        links = chain_of(length)
        head = (length, links[-1][2]) if links else None

        assert rules.first_gap(links, head) is None

    @given(st.integers(1, 12), st.data())
    def test_finds_any_entry_taken_out(self, length: int, data: st.DataObject) -> None:
        links = chain_of(length)
        head = (length, links[-1][2])
        taken = data.draw(st.integers(0, length - 1))
        del links[taken]

        assert rules.first_gap(links, head) is not None

    @given(st.integers(1, 12), st.data())
    def test_finds_any_entry_altered(self, length: int, data: st.DataObject) -> None:
        links = chain_of(length)
        head = (length, links[-1][2])
        which = data.draw(st.integers(0, length - 1))
        entry, previous, digest = links[which]
        altered = data.draw(
            st.sampled_from(
                [
                    replace(entry, actor="Bela"),
                    replace(entry, action="refused"),
                    replace(entry, at=entry.at + timedelta(microseconds=1)),
                    replace(entry, details={"number": -1}),
                    replace(entry, subject_id=UUID(int=1)),
                    replace(entry, chain=UUID(int=9)),
                ]
            )
        )
        links[which] = (altered, previous, digest)

        assert rules.first_gap(links, head) == (
            f"entry {entry.sequence} was altered: its digest does not match"
        )

    def test_finds_a_chain_written_anew_from_an_altered_entry(self) -> None:
        sealed = chain_of(3)[-1][2]
        rewritten = [(entry, previous, digest) for entry, previous, digest in chain_of(2)]
        last = replace(chain_of(3)[2][0], actor="Bela")
        rewritten.append((last, rewritten[-1][2], rules.digest(last, rewritten[-1][2])))

        assert rules.first_gap(rewritten, (3, sealed)) == (
            "entry 3 is not the one sealed in the vault"
        )

    @pytest.mark.parametrize("left", [0, 1, 2])
    def test_finds_a_trail_cut_short(self, left: int) -> None:
        links = chain_of(3)

        assert rules.first_gap(links[:left], (3, links[2][2])) == (
            f"the trail ends at entry {left}; the vault has sealed entry 3"
        )

    def test_believes_an_unsealed_trail_for_its_first_instant_alone(self) -> None:
        links = chain_of(3)

        assert rules.first_gap(links[:1], None) is None
        assert rules.first_gap(links, None) == (
            "entry 2 stands, and the vault has no sealed head any more"
        )
