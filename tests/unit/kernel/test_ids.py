"""Ids sort by time, then by order of making."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from breachdesk.kernel import ids

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
instants = st.integers(0, 2**42).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)


class TestSeries:
    def test_counts_up_within_one_instant_and_repeats_nothing(self) -> None:
        made = list(islice(ids.series(AT), 20_000))

        assert made == sorted(made)
        assert len(set(made)) == len(made)

    @given(instants, instants)
    def test_sorts_by_millisecond(self, first: datetime, second: datetime) -> None:
        if second - first >= timedelta(milliseconds=1):
            assert ids.new_id(first) < ids.new_id(second)

    @given(instants)
    def test_is_a_version_7_of_the_standard(self, at: datetime) -> None:
        made = ids.new_id(at)

        assert (made.version, made.variant) == (7, RFC_4122)
        assert made.int >> 80 == int(at.timestamp() * 1000)
