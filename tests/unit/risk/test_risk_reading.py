"""Facts are read from three formats alike; what is foreign is named, with its place."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.risk import reading, rules
from breachdesk.risk.terms import WORST, Category, Facts, Level, RecipientKind

TOML = """
cause = "misdirected_email"
data_categories = [
    "identification_contact",
    "health",
]
subjects_count = 12
"""
YAML = """
cause: misdirected_email
data_categories: [identification_contact, health]
subjects_count: 12
"""
JSON = json.dumps(
    {
        "cause": "misdirected_email",
        "data_categories": ["identification_contact", "health"],
        "subjects_count": 12,
    }
)


def problems_of(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(Unusable) as caught:
        reading.read(path)
    return caught.value.problems


def written(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


class TestRead:
    def test_reads_the_same_from_three_formats(self, tmp_path: Path) -> None:
        read = [
            reading.read(written(tmp_path, name, text))
            for name, text in [("f.toml", TOML), ("f.yaml", YAML), ("f.json", JSON)]
        ]

        assert read[0] == read[1] == read[2]
        assert read[0].data_categories == {Category.IDENTIFICATION_CONTACT, Category.HEALTH}

    def test_reads_a_case_with_inputs_on_defaults(self, tmp_path: Path) -> None:
        case = written(
            tmp_path,
            "case.yaml",
            "id: X\nexpected: {notify_sa: true}\n"
            "defaults: {malicious: false, cause: outage}\ninputs: {cause: hacking}\n"
            "subgroups: [{name: children, vulnerable: [minors]}]\n",
        )

        facts = reading.read(case)

        assert facts.cause == "hacking"
        assert [(name, each.cause) for name, each in facts.subgroups] == [
            ("children", "hacking")
        ]

    @pytest.mark.parametrize("name", ["empty.toml", "empty.yaml", "empty.json"])
    def test_reads_an_empty_file_as_the_defaults(self, tmp_path: Path, name: str) -> None:
        assert reading.read(written(tmp_path, name, "")) == Facts()

    def test_takes_other_words_for_ours(self) -> None:
        facts = reading.from_mapping({"recipient_kind": "colleague"})

        assert facts.recipient_kind is RecipientKind.INTERNAL

    def test_names_line_field_and_nearest_word_of_a_foreign_category(
        self, tmp_path: Path
    ) -> None:
        path = written(tmp_path, "f.toml", TOML.replace('"health"', '"helth"'))

        [problem] = problems_of(path)

        assert (problem.file, problem.line, problem.field) == (str(path), 5, "data_categories")
        assert problem.problem == "'helth' is not a known category; the nearest is 'health'"

    @pytest.mark.parametrize(
        ("text", "line", "field", "says"),
        [
            ("malicious: true\ncuase: outage\n", 2, "cuase", "the nearest is 'cause'"),
            ("cause: outtage\n", 1, "cause", "the nearest is 'outage'"),
            ("malicious: maybe\n", 1, "malicious", "'maybe' is not true, false or unknown"),
            ("subjects_count: -1\n", 1, "subjects_count", "not a whole number from 0"),
            ("subjects_count: 1.5\n", 1, "subjects_count", "not a whole number from 0"),
            ("subjects_count: true\n", 1, "subjects_count", "not a whole number from 0"),
            ("recovery_hours: .nan\n", 1, "recovery_hours", "not a number of hours from 0"),
            ("vulnerable: minors\n", 1, "vulnerable", "'minors' is not a list"),
            ("vulnerable: [[minors]]\n", 1, "vulnerable", "is not a known value"),
            ("subgroups: 3\n", 1, "subgroups", "is not a list of tables"),
            ("id: x\ninputs: 3\n", 2, "inputs", "is not a table"),
            ("inputs: {}\nexpectd: {}\n", 2, "expectd", "the nearest is 'expected'"),
            ("subgroups:\n- role: processor\n", 2, "subgroups[0].role", "another data set"),
        ],
    )
    def test_names_what_it_cannot_use(
        self, tmp_path: Path, text: str, line: int, field: str, says: str
    ) -> None:
        [problem] = problems_of(written(tmp_path, "f.yaml", text))

        assert (problem.line, problem.field) == (line, field)
        assert says in problem.problem

    @pytest.mark.parametrize(
        ("name", "text", "line"),
        [
            ("f.toml", "cause = \n", 1),
            ("f.json", '{"cause": }', 1),
            ("f.yaml", "cause: [\n", 2),
            ("f.yaml", "when: 2026-13-45\n", None),
            ("f.yaml", "cause: outage\ncause: hacking\n", 2),
            ("f.yaml", "- cause\n", 1),
            ("f.json", "[]", 1),
        ],
    )
    def test_names_the_line_where_a_document_breaks(
        self, tmp_path: Path, name: str, text: str, line: int | None
    ) -> None:
        [problem] = problems_of(written(tmp_path, name, text))

        assert problem.line == line

    def test_refuses_a_field_given_twice_in_json(self, tmp_path: Path) -> None:
        [problem] = problems_of(
            written(tmp_path, "f.json", '{"malicious": true, "malicious": false}')
        )

        assert problem.problem == "malicious is given twice"

    def test_refuses_a_missing_file_an_unknown_ending_and_foreign_bytes(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "latin.toml").write_bytes(b'cause = "\xe9"')

        assert problems_of(tmp_path / "none.toml")[0].problem == "No such file or directory"
        assert problems_of(written(tmp_path, "f.txt", ""))[0].problem == (
            "name it .toml, .yaml or .json"
        )
        assert problems_of(tmp_path / "latin.toml")[0].problem == "is not UTF-8 text"

    def test_tells_every_problem_at_once(self, tmp_path: Path) -> None:
        found = problems_of(written(tmp_path, "f.yaml", "cuase: x\nmalicious: 3\n"))

        assert [problem.field for problem in found] == ["cuase", "malicious"]


words = st.sampled_from(
    [
        "cause",
        "inputs",
        "subgroups",
        "role",
        "unknown",
        "health",
        "data_categories",
        "name",
        "1",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


class TestWhateverIsWritten:
    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from([".toml", ".yaml", ".json"]), st.text(max_size=60) | values)
    def test_is_read_or_refused_in_words(self, suffix: str, document: object) -> None:
        text = document if isinstance(document, str) else json.dumps(document)
        with TemporaryDirectory() as place:
            path = Path(place) / f"facts{suffix}"
            path.write_bytes(text.encode("utf-8", "surrogatepass"))
            try:
                problems: tuple[Problem, ...] = ()
                reading.read(path)
            except Unusable as error:
                problems = error.problems

        assert all(problem.file == str(path) and problem.problem for problem in problems)

    def test_is_refused_where_a_key_is_no_word(self, tmp_path: Path) -> None:
        assert problems_of(written(tmp_path, "f.yaml", "? {a: b}\n: 1\n"))[0].line == 1


class TestFromMapping:
    def test_places_what_is_wrong_where_the_text_is_given(self) -> None:
        with pytest.raises(Unusable) as caught:
            reading.from_mapping(
                {"cuase": "outage"}, "i.toml", 'title = "x"\ncuase = "outage"\n'
            )

        [problem] = caught.value.problems
        assert (problem.file, problem.line, problem.field) == ("i.toml", 2, "cuase")

    def test_takes_a_list_of_which_something_is_unknown_for_unknown(self) -> None:
        facts = reading.from_mapping({"data_categories": ["health", "unknown"]})

        assert facts.unknown == {"data_categories"}
        assert facts.data_categories == set(Category)

    @pytest.mark.parametrize("field", sorted(reading.OTHER_WORDS))
    def test_knows_other_words_only_for_words_of_ours(self, field: str) -> None:
        for other, ours in reading.OTHER_WORDS[field].items():
            wrap = [other] if field == "data_categories" else other
            same = [ours] if field == "data_categories" else ours

            assert reading.from_mapping({field: wrap}) == reading.from_mapping({field: same})


class TestUnknown:
    def test_is_listed_and_read_at_its_worst(self) -> None:
        told = dict.fromkeys(WORST, "unknown")

        assessment = rules.assess(reading.from_mapping(told))

        assert assessment.level is Level.HIGH
        assert set(assessment.unknown) == set(WORST)

    def test_of_an_empty_file_is_what_would_decide(self) -> None:
        assessment = rules.assess(Facts())

        assert assessment.level is Level.RISK
        assert {"data_categories", "exfiltration", "recipient_kind"} <= set(assessment.unknown)
        assert "subjects_count_basis" not in assessment.unknown

    def test_asks_for_the_key_where_the_data_were_encrypted(self) -> None:
        facts = reading.from_mapping(
            {
                "data_categories": ["identification_contact"],
                "protection": "encrypted",
                "recipient_kind": "attacker",
                "exfiltration": "confirmed",
            }
        )

        assert rules.assess(facts).unknown == ("key_safe",)
