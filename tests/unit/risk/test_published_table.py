"""The table of published cases in the runbooks is what the rules answer."""

from published_table import PAGE, page


class TestTable:
    def test_is_what_the_rules_answer_today(self) -> None:
        assert PAGE.read_text("utf-8") == page(), "run python tests/published_table.py"

    def test_departs_in_one_place(self) -> None:
        assert page().count("stricter authority") == 1
