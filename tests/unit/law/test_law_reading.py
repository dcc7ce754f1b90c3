from pathlib import Path

import pytest

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.law.reading import read_packs

PACK = """\
schema = 1

[pack]
id = "xx-law"
title = {fr = "Loi", en = "Law"}
checked_on = 2026-11-22

[[facts]]
name = "of_age"
kind = "yes_no"
label = {fr = "majeur", en = "of age"}

[[duties]]
code = "xx.one.tell"
label = {fr = "Dire", en = "Tell"}
article = "Art. 1"
source = "Law of One, art. 1"
valid_from = 2020-01-01
status = "in_force"
addressee = "authority"
addressee_label = {fr = "autorité", en = "authority"}
role = "any"
trigger = "aware_at"
condition = {of_age = [true]}
period = {kind = "elapsed_hours", amount = 72}
roll = "none"
"""

BODY = """\
[[authorities]]
id = "a"
name = "A"
source = "Law of One"
valid_from = 2020-01-01
"""

CONTENT = """\
[[contents]]
code = "x"
duties = ["xx.two.do"]
article = "Art. 2"
source = "Law of One"
valid_from = 2020-01-01
label = {fr = "x", en = "y"}
"""


def problems(folder: Path, text: str, name: str = "xx-law.toml") -> list[Problem]:
    (folder / name).write_text(text, "utf-8")
    with pytest.raises(Unusable) as refused:
        read_packs(folder)
    return list(refused.value.problems)


def changed(old: str, new: str) -> str:
    assert old in PACK
    return PACK.replace(old, new)


def second(*, since: str, until: str | None = None) -> str:
    """Return the pack with a second value of its duty."""
    duty = PACK[PACK.index("[[duties]]") :].replace("2020-01-01", since)
    first = (
        PACK if until is None else PACK.replace("2020-01-01", f"2020-01-01\nvalid_to = {until}")
    )
    return f"{first}\n{duty}"


class TestAPack:
    def test_is_read_whole(self, tmp_path: Path) -> None:
        (tmp_path / "xx-law.toml").write_text(PACK, "utf-8")

        [pack] = read_packs(tmp_path).packs

        assert pack.duties[0].period.amount == 72

    def test_may_follow_one_value_by_the_next(self, tmp_path: Path) -> None:
        text = second(since="2024-07-01", until="2024-06-30")
        (tmp_path / "xx-law.toml").write_text(text, "utf-8")

        assert len(read_packs(tmp_path).values_of("xx.one.tell")) == 2

    def test_changes_the_version_with_any_byte(self, tmp_path: Path) -> None:
        (tmp_path / "xx-law.toml").write_text(PACK, "utf-8")
        before = read_packs(tmp_path).version
        (tmp_path / "xx-law.toml").write_text(PACK + "# seen\n", "utf-8")

        assert read_packs(tmp_path).version != before


class TestRefusals:
    @pytest.mark.parametrize(
        ("old", "new", "line", "field", "said"),
        [
            ('article = "Art. 1"\n', "", 13, "duties[0].article", "is missing"),
            ('source = "Law of One, art. 1"\n', "", 13, "duties[0].source", "is missing"),
            ('source = "Law of One, art. 1"', 'source = " "', 17, "duties[0].source", "empty"),
            ("valid_from = 2020-01-01\n", "", 13, "duties[0].valid_from", "is missing"),
            ('role = "any"', 'rôle = "any"', 22, None, "is not TOML"),
            ('roll = "none"', 'roll = "none"\nday = 1', 27, "duties[0].day", "is no key"),
            ('role = "any"', 'role = "boss"', 22, "duties[0].role", "'boss'"),
            ('status = "in_force"', 'status = "soon"', 19, "duties[0].status", "'soon'"),
            (
                "valid_from = 2020-01-01",
                'valid_from = "2020"',
                18,
                "duties[0].valid_from",
                "day",
            ),
            ("amount = 72", "amount = 0", 25, "duties[0].period.amount", "greater than 0"),
            ("amount = 72", "hours = 72", 25, "duties[0].period.hours", "is no key"),
            (", amount = 72", "", 25, "duties[0].period", "either amount or amount_fact"),
            ('roll = "none"', 'roll = "eu1182_3_4"', 26, "duties[0].roll", "never rolled"),
            ('trigger = "aware_at"', 'trigger = "noon"', 23, "duties[0].trigger", "no instant"),
            ('trigger = "aware_at"', 'after = "xx.two.do"', 23, "duties[0].after", "no other"),
            ('trigger = "aware_at"\n', "", 13, "duties[0].trigger", "either trigger or after"),
            ("of_age = [true]", "adult = [true]", 24, "duties[0].condition.adult", "no fact"),
            ("of_age = [true]", 'of_age = ["x"]', 24, "duties[0].condition.of_age", "no value"),
            ("of_age = [true]", "of_age = {}", 24, "duties[0].condition.of_age", "no bound"),
            ('id = "xx-law"', 'id = "yy-law"', 4, "pack.id", "name of its file"),
            ('kind = "yes_no"', 'kind = "choice"', 8, "facts[0].choices", "has choices"),
            ('name = "of_age"', 'name = "risk"', 9, "facts[0].name", "declared twice"),
            (
                'kind = "yes_no"',
                'kind = "yes_no"\notherwise = "aware_at"',
                11,
                "facts[0].otherwise",
                "only an instant",
            ),
            (
                'kind = "yes_no"',
                'kind = "instant"\notherwise = "noon"',
                11,
                "facts[0].otherwise",
                "no instant",
            ),
            (
                'kind = "yes_no"',
                'kind = "yes_no"\ncountry = "FR"',
                11,
                "facts[0].country",
                "only a number",
            ),
            (
                'kind = "yes_no"',
                'kind = "yes_no"\npresumed = 3',
                11,
                "facts[0].presumed",
                "does not fit",
            ),
            (
                'kind = "yes_no"',
                'kind = "number"\nread_from = [{fact = "cause", values = ["x"], means = true}]',
                11,
                "facts[0].read_from",
                "only a yes or no",
            ),
            (
                'kind = "elapsed_hours"',
                'kind = "qualitative"',
                25,
                "duties[0].period",
                "no amount",
            ),
            (
                'roll = "none"',
                'roll = "none"\ncap = {trigger = "noon", hours = 4}',
                27,
                "duties[0].cap.trigger",
                "no instant",
            ),
            (
                '{kind = "elapsed_hours", amount = 72}',
                '{kind = "qualitative"}\ncap = {trigger = "aware_at", hours = 4}',
                26,
                "duties[0].cap",
                "elapsed_hours",
            ),
            (
                "amount = 72",
                'amount_fact = "of_age"',
                25,
                "duties[0].period.amount_fact",
                "no number",
            ),
            ("[[duties]]", f"{CONTENT}[[duties]]", 15, "contents[0].duties", "is no duty"),
            (
                "[[duties]]",
                f"{BODY}{BODY}[[duties]]",
                19,
                "authorities[1].id",
                "described twice",
            ),
            (
                "of_age = [true]",
                "of_age = {at_least = 0}",
                24,
                "duties[0].condition.of_age.at_least",
                "greater",
            ),
            ('role = "any"', 'role = ["any"]', 22, "duties[0].role", "input should be"),
            ("schema = 1", "schema = 2", 1, "schema", "2"),
            ("[pack]", "[pack", 3, None, "is not TOML"),
        ],
    )
    def test_name_file_line_and_field(
        self, tmp_path: Path, old: str, new: str, line: int, field: str | None, said: str
    ) -> None:
        found = problems(tmp_path, changed(old, new))[0]

        assert found.file == "xx-law.toml"
        assert found.field == field
        assert said in found.problem
        assert found.line == line

    def test_a_gap_between_two_values(self, tmp_path: Path) -> None:
        [found] = problems(tmp_path, second(since="2024-07-01", until="2024-05-31"))

        assert (found.line, found.field) == (34, "duties[1].valid_from")
        assert "no value between 2024-05-31 and 2024-07-01" in found.problem

    def test_two_values_for_one_day(self, tmp_path: Path) -> None:
        [found] = problems(tmp_path, second(since="2024-07-01"))

        assert found.field == "duties[1].valid_from"
        assert "still holds on 2024-07-01" in found.problem

    def test_an_end_before_the_beginning(self, tmp_path: Path) -> None:
        found = problems(tmp_path, changed("2020-01-01", "2020-01-01\nvalid_to = 2019-12-31"))

        assert found[0].field == "duties[0].valid_to"

    def test_a_duty_that_stands_in_two_packs(self, tmp_path: Path) -> None:
        (tmp_path / "aa-law.toml").write_text(
            PACK.replace("xx-law", "aa-law").replace("of_age", "adult"), "utf-8"
        )

        found = problems(tmp_path, PACK)

        assert {problem.file for problem in found} == {"aa-law.toml", "xx-law.toml"}
        assert all("also stands in" in problem.problem for problem in found)

    def test_every_problem_at_once(self, tmp_path: Path) -> None:
        text = changed('article = "Art. 1"\n', "").replace('role = "any"', 'role = "boss"')

        assert len(problems(tmp_path, text)) == 2

    def test_instants_that_lead_in_a_circle(self, tmp_path: Path) -> None:
        circle = "".join(
            f'[[facts]]\nname = "{name}"\nkind = "instant"\notherwise = "{other}"\n'
            'label = {fr = "x", en = "y"}\n\n'
            for name, other in (("dusk", "dawn"), ("dawn", "dusk"))
        )

        found = problems(tmp_path, changed("[[duties]]", f"{circle}[[duties]]"))

        assert "leads back to itself" in found[0].problem

    def test_text_that_is_not_utf8(self, tmp_path: Path) -> None:
        (tmp_path / "xx-law.toml").write_bytes(b"schema = 1\n# caf\xe9\n")

        with pytest.raises(Unusable, match=r"xx-law\.toml:2: is not UTF-8"):
            read_packs(tmp_path)

    def test_a_folder_without_packs(self, tmp_path: Path) -> None:
        with pytest.raises(Unusable, match="no law pack"):
            read_packs(tmp_path)
