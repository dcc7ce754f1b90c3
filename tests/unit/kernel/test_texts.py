"""Two people change one text: what both wrote is joined, or nothing is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.kernel import texts

BASE = "Un jeton a été volé. Il donnait accès à l’API.\nLes accès ont été coupés.\n"
WORDS = st.sampled_from(
    ["un", "jeton", "volé.", "hier,", "l’accès\n", "coupé", "!", "et", "\xa0:", "puis"]
)
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)


class TestMerged:
    def test_joins_changes_of_different_sentences(self) -> None:
        first = BASE.replace("volé.", "volé à un prestataire.")
        second = BASE.replace("coupés.", "coupés à 6 h 30.")

        assert texts.merged(BASE, first, second) == (
            "Un jeton a été volé à un prestataire. Il donnait accès à l’API.\n"
            "Les accès ont été coupés à 6 h 30.\n"
        )

    def test_joins_changes_of_neighbours(self) -> None:
        first = BASE.replace("volé.", "copié.")
        second = BASE.replace("à l’API.", "à tout.")

        assert texts.merged(BASE, first, second) == first.replace("à l’API.", "à tout.")

    def test_joins_a_sentence_put_in_front_and_one_behind(self) -> None:
        joined = texts.merged(BASE, f"Le 19 novembre. {BASE}", f"{BASE}Les clés changent.")

        assert joined == f"Le 19 novembre. {BASE}Les clés changent."

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (BASE.replace("volé", "dérobé"), BASE.replace("volé", "copié")),
            (f"{BASE}Douze personnes.", f"{BASE}Quinze personnes."),
            (BASE.replace("Un jeton a été volé. ", ""), BASE.replace("volé", "copié")),
        ],
        ids=["same sentence", "same place", "one takes away what the other rewrites"],
    )
    def test_leaves_one_sentence_changed_by_both_to_a_person(
        self, first: str, second: str
    ) -> None:
        assert texts.merged(BASE, first, second) is None

    def test_reads_the_line_ends_of_browsers(self) -> None:
        sent = BASE.replace("volé", "copié").replace("\n", "\r\n")

        assert texts.merged(BASE, sent, BASE) == BASE.replace("volé", "copié")

    @given(TEXTS, TEXTS, TEXTS)
    def test_loses_no_word_that_somebody_wrote(self, base: str, one: str, other: str) -> None:
        joined = texts.merged(base, one, other)

        if joined is not None:
            written = ({*one.split()} | {*other.split()}) - {*base.split()}
            assert written <= {*joined.split()}

    @given(TEXTS, TEXTS)
    def test_takes_the_only_change(self, base: str, changed: str) -> None:
        assert texts.merged(base, changed, base) == changed
        assert texts.merged(base, base, changed) == changed
        assert texts.merged(base, changed, changed) == changed

    @given(st.text())
    def test_cuts_a_text_into_pieces_that_make_it_up(self, text: str) -> None:
        assert "".join(texts.pieces(text)) == text
