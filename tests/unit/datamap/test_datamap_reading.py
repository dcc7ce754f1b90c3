import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.datamap import reading
from breachdesk.datamap.reading.places import lines_of
from breachdesk.datamap.terms import People, Retention, Role
from breachdesk.kernel.errors import Problem, Unknown, Unusable

MAP = """\
schema = 1
[organisation]
name = "Exemple SAS"
siren = "732829320"
sector = "J"
address = {lines = ["1 rue de l'Exemple"], postcode = "75000", city = "Paris", country = "FR"}
legal_representative = {name = "A. Exemple"}
contact = {name = "B. Exemple", email = "b@example.org", phone = "+33 1 99 00 00 01"}
dpo = {name = "C. Exemple", email = "dpo@example.org"}
authority = "fr-cnil"
[[categories]]
id = "identification_contact"
label = {fr = "Coordonnées", en = "Contact details"}
cnil = ["contact_details"]
edpb = ["b"]
[[populations]]
id = "account_users"
label = {fr = "Utilisateurs", en = "Users"}
cnil = ["users"]
edpb = ["h"]
minors = false
[[stores]]
id = "accounts"
system = "api"
population = "account_users"
role = "controller"
categories = ["identification_contact"]
retention = {keep = "P5Y", after = "closed_at"}
[[routes]]
match = "/users/{user_id}"
store = "accounts"
categories = ["identification_contact"]
people = "one"
"""
NONE_ROUTE = '[[routes]]\nmatch = "/users/{user_id}"\npeople = "none"\n'
DENIAL = '[[not_held]]\nwhat = "{}"\nwhy = "Nobody asks for it."\n'


def found(text: str, tmp_path: Path) -> tuple[list[Problem], list[Problem]]:
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    return reading.check(path)


def problems_of(text: str) -> tuple[Problem, ...]:
    try:
        reading.parse(text, "map.toml")
    except Unusable as unusable:
        return unusable.problems
    return ()


def changed(old: str, new: str) -> str:
    assert old in MAP
    return MAP.replace(old, new)


class TestRead:
    def test_takes_the_whole_map(self) -> None:
        datamap = reading.parse(MAP)

        [store] = datamap.stores
        [route] = datamap.routes
        assert store.role is Role.CONTROLLER
        assert store.retention == Retention("P5Y", "closed_at")
        assert (route.people, route.methods, route.status) == (People.ONE, ("GET",), ("2xx",))
        assert datamap.store("accounts") is store
        assert datamap.organisation.dpo.email == "dpo@example.org"
        assert datamap.category("identification_contact").label["fr"] == "Coordonnées"
        assert not datamap.population("account_users").minors
        with pytest.raises(Unknown, match="no store 'account'"):
            datamap.store("account")

    def test_finds_nothing_wrong_with_it(self, tmp_path: Path) -> None:
        assert found(MAP, tmp_path) == ([], [])

    def test_names_every_problem_in_one_pass(self, tmp_path: Path) -> None:
        text = (
            changed("732829320", "732829321")
            .replace("P5Y", "5 years")
            .replace('population = "account_users"', 'population = "account_user"')
            .replace("minors = false", 'minors = "no"')
            + 'stauts = ["2xx"]\n'
        )
        problems, _ = found(text, tmp_path)

        assert [(each.line, each.field) for each in problems] == [
            (4, "organisation.siren"),
            (21, "populations[0].minors"),
            (25, "stores[0].population"),
            (28, "stores[0].retention.keep"),
            (34, "routes[0].stauts"),
        ]
        assert {each.file for each in problems} == {str(tmp_path / "map.toml")}
        with pytest.raises(Unusable) as refusal:
            reading.read(tmp_path / "map.toml")
        assert list(refusal.value.problems) == problems

    @pytest.mark.parametrize(
        ("old", "new", "field", "says"),
        [
            ("schema = 1", "schema = 2", "schema", "expected 1"),
            ("schema = 1\n", "", "schema", "is missing"),
            ('sector = "J"', 'sector = "Z"', "organisation.sector", "A to U"),
            ('"fr-cnil"', '"CNIL"', "organisation.authority", "fr-cnil"),
            ('country = "FR"', 'country = "France"', "organisation.address.country", "FR"),
            (', email = "dpo@example.org"', "", "organisation.dpo.email", "art. 34(2)"),
            ("dpo@example.org", "dpo at example", "organisation.dpo.email", "e-mail"),
            ("+33 1 99", "01 99", "organisation.contact.phone", "+33"),
            ('["contact_details"]', '["contacts"]', "categories[0].cnil[0]", "contact_details"),
            ('edpb = ["b"]', 'edpb = ["z"]', "categories[0].edpb[0]", "EDPB list"),
            ('cnil = ["users"]', 'cnil = ["user"]', "populations[0].cnil[0]", "'users'"),
            ('en = "Users"', "en = 5", "populations[0].label.en", "text in quotes"),
            ('name = "Exemple SAS"\n', "", "organisation.name", "is missing"),
            ('authority = "fr-cnil"\n', "", "organisation.authority", "fr-cnil"),
            ('"controller"', '"owner"', "stores[0].role", "controller, processor"),
            ("closed_at", "closed at", "stores[0].retention.after", "column"),
            ('"P5Y"', '"P0Y"', "stores[0].retention.keep", "lasts no time"),
            ('"P5Y"', "5", "stores[0].retention.keep", "text in quotes"),
            ("retention =", "retenton =", "stores[0].retenton", "'retention'"),
            ('people = "one"', 'people = "each"', "routes[0].people", "one, all, some, none"),
            ('people = "one"', 'people = "none"', "routes[0].store", "drop one"),
            ('store = "accounts"\n', "", "routes[0].store", "id of a store"),
            ('"/users/{user_id}"', '"users"', "routes[0].match", "begin with"),
            ("people =", 'methods = ["get"]\npeople =', "routes[0].methods[0]", "'GET'"),
            ("people =", 'status = ["ok"]\npeople =', "routes[0].status[0]", "2xx"),
            ("people =", "status = []\npeople =", "routes[0].status", "never match"),
            ("[[stores]]", "[stores]", "stores", "[[stores]]"),
            ("dpo =", "siret = '73282932000075'\ndpo =", "organisation.siret", "of 732829320"),
            ("dpo =", "zone = 'Paris'\ndpo =", "organisation.zone", "Europe/Paris"),
            ("dpo =", "headcount = -1\ndpo =", "organisation.headcount", "whole number"),
            ("dpo =", "languages = ['fr', 'fr']\ndpo =", "organisation.languages[1]", "twice"),
            ("dpo =", "domains = 'example.org'\ndpo =", "organisation.domains", "a list"),
        ],
    )  # fmt: skip
    def test_says_where_and_what_was_expected(
        self, old: str, new: str, field: str, says: str, tmp_path: Path
    ) -> None:
        problems, _ = found(changed(old, new), tmp_path)

        [problem] = [each for each in problems if each.field == field]
        assert says in problem.problem
        assert problem.line is not None or field == "schema"

    def test_refuses_an_id_that_stands_twice(self, tmp_path: Path) -> None:
        category = MAP[MAP.index("[[categories]]") : MAP.index("[[populations]]")]
        problems, _ = found(MAP + category, tmp_path)

        assert [each.field for each in problems] == ["categories[1].id"]

    def test_names_the_nearest_store(self, tmp_path: Path) -> None:
        problems, _ = found(changed('store = "accounts"', 'store = "account"'), tmp_path)

        [problem] = problems
        assert problem.field == "routes[0].store"
        assert "the nearest is 'accounts'" in problem.problem

    @pytest.mark.parametrize(
        ("text", "line"), [("schema = \n", 1), (MAP + "x == 1\n", 34), ('a = """\n', 2)]
    )
    def test_gives_the_line_of_what_is_not_toml(
        self, text: str, line: int, tmp_path: Path
    ) -> None:
        [problem], _ = found(text, tmp_path)

        assert problem.line == line
        assert problem.problem.startswith("is not TOML: ")

    def test_says_that_a_file_is_missing(self, tmp_path: Path) -> None:
        [problem], _ = reading.check(tmp_path / "none.toml")

        assert problem.problem == "cannot be read: no such file or directory"

    def test_says_that_a_file_is_not_text(self, tmp_path: Path) -> None:
        (tmp_path / "map.toml").write_bytes(b"schema = 1 # \xe9")
        [problem], _ = reading.check(tmp_path / "map.toml")

        assert problem.problem == "is not UTF-8 at byte 13"

    def test_reads_what_windows_writes(self, tmp_path: Path) -> None:
        path = tmp_path / "map.toml"
        path.write_bytes(b"\xef\xbb\xbf" + MAP.replace("\n", "\r\n").encode())

        assert reading.read(path) == reading.parse(MAP)

    @given(
        number=st.integers(0, MAP.count("\n") - 1),
        value=st.sampled_from(
            ["", "5", "true", "[]", "{}", '""', "[1]", "[[]]", '"x"', "1.5", '["**"]']
        ),
    )
    def test_never_stumbles_over_a_strange_value(self, number: int, value: str) -> None:
        lines = MAP.splitlines()
        key, assigned, _ = lines[number].partition(" =")
        lines[number] = f"{key} = {value}" if assigned and value else ""

        problems = problems_of("\n".join(lines))

        assert all(each.file == "map.toml" for each in problems)
        assert all(each.field or each.line for each in problems)


class TestWarnings:
    def test_knows_the_authoritys_wrong_address(self, tmp_path: Path) -> None:
        text = changed('"1 rue de l\'Exemple"', '"CNIL", "TSA 80751"')
        problems, warnings = found(text, tmp_path)

        assert problems == []
        assert [(each.line, each.field) for each in warnings] == [
            (6, "organisation.address.lines[1]")
        ]
        assert "TSA 80715" in warnings[0].problem

    def test_knows_it_in_a_file_with_problems_too(self, tmp_path: Path) -> None:
        text = changed('"1 rue de l\'Exemple"', '"TSA 80751"').replace("P5Y", "5Y")
        problems, warnings = found(text, tmp_path)

        assert (len(problems), len(warnings)) == (1, 1)

    @pytest.mark.parametrize("what", ["identification_contact", "contact details"])
    def test_sees_a_store_that_holds_what_is_denied(self, what: str, tmp_path: Path) -> None:
        _, warnings = found(MAP + DENIAL.format(what), tmp_path)

        assert [each.field for each in warnings] == [
            "stores[0].categories[0]",
            "routes[0].categories[0]",
        ]

    @pytest.mark.parametrize(
        ("gone", "field"),
        [
            ("siren = .*\n", "organisation.siren"),
            ("sector = .*\n", "organisation.sector"),
            ("address = .*\n", "organisation.address"),
            ("legal_representative = .*\n", "organisation.legal_representative"),
            (', en = "Contact details"', "categories[0].label"),
            ("label = .*Users.*\n", "populations[0].label"),
            ('cnil = ."users".\n', "populations[0].cnil"),
        ],
    )
    def test_leaves_the_map_usable_where_only_a_filing_misses_something(
        self, gone: str, field: str, tmp_path: Path
    ) -> None:
        text, count = re.subn(gone, "", MAP)
        problems, warnings = found(text, tmp_path)

        assert count == 1
        assert problems == []
        assert [each.field for each in warnings] == [field]

    def test_has_a_label_in_both_languages_all_the_same(self) -> None:
        half = reading.parse(changed(', en = "Contact details"', ""))
        none = reading.parse(changed('label = {fr = "Utilisateurs", en = "Users"}\n', ""))

        assert half.categories[0].label == {"fr": "Coordonnées", "en": "Coordonnées"}
        assert none.populations[0].label["fr"] == "account_users"

    def test_sees_that_nothing_is_ever_erased(self, tmp_path: Path) -> None:
        _, [warning] = found(
            changed('retention = {keep = "P5Y", after = "closed_at"}\n', ""), tmp_path
        )

        assert (warning.line, warning.field) == (22, "stores[0].retention")

    def test_sees_a_route_that_shows_what_its_store_does_not_list(self, tmp_path: Path) -> None:
        category = MAP[MAP.index("[[categories]]") : MAP.index("[[populations]]")]
        more = category.replace("identification_contact", "bank_account")
        route = MAP[MAP.index("[[routes]]") :].replace(
            '["identification_contact"]', '["bank_account"]'
        )
        problems, warnings = found(MAP + more + route, tmp_path)

        assert problems == []
        assert [each.field for each in warnings] == ["routes[1].categories[0]"]

    def test_sees_that_none_takes_nothing_away(self, tmp_path: Path) -> None:
        _, [warning] = found(MAP + NONE_ROUTE, tmp_path)

        assert warning.field == "routes[1].match"
        assert "takes nothing away" in warning.problem

    def test_sees_a_route_in_the_shadow_of_another(self, tmp_path: Path) -> None:
        route = MAP[MAP.index("[[routes]]") :]
        shadowed = route + 'status = ["200"]\n'
        _, [warning] = found(MAP + shadowed, tmp_path)

        assert warning.field == "routes[1].match"
        assert "shadowed: routes[0]" in warning.problem

    def test_sees_categories_of_nobody(self, tmp_path: Path) -> None:
        route = (
            NONE_ROUTE.replace("users", "jobs") + 'categories = ["identification_contact"]\n'
        )
        _, [warning] = found(MAP + route, tmp_path)

        assert (warning.field, warning.line) == ("routes[1].categories[0]", 37)

    def test_sees_a_population_without_a_store(self, tmp_path: Path) -> None:
        population = MAP[MAP.index("[[populations]]") : MAP.index("[[stores]]")]
        _, [warning] = found(MAP + population.replace("account_users", "visitors"), tmp_path)

        assert warning.field == "populations[1].id"

    def test_sees_a_transfer_without_a_safeguard(self, tmp_path: Path) -> None:
        processor = (
            '[[processors]]\nname = "Envoi Exemple"\ndoes = {fr = "Envoi", en = "Sending"}\n'
            'country = "US"\nstores = ["accounts"]\n'
        )
        safe = processor + 'safeguard = "Standard contractual clauses"\n'
        _, [warning] = found(MAP + processor, tmp_path)

        assert warning.field == "processors[0].safeguard"
        assert "outside the EEA" in warning.problem
        assert found(MAP + safe, tmp_path) == ([], [])
        assert found(MAP + processor.replace("US", "IE"), tmp_path) == ([], [])
        [problem], _ = found(MAP + safe.replace('["accounts"]', '["account"]'), tmp_path)
        assert problem.field == "processors[0].stores[0]"

    def test_leaves_a_route_with_other_methods_alone(self, tmp_path: Path) -> None:
        route = MAP[MAP.index("[[routes]]") :] + 'methods = ["PUT"]\n'

        assert found(MAP + route, tmp_path) == ([], [])

    def test_sees_an_export_of_every_customers_people(self, tmp_path: Path) -> None:
        text = changed('"controller"', '"processor"').replace('"one"', '"all"')
        _, warnings = found(text, tmp_path)

        assert [each.field for each in warnings] == ["routes[0].people"]


class TestLinesOf:
    def test_knows_tables_keys_and_what_stands_inside_them(self) -> None:
        text = (
            "# [not.a.table]\n"
            'a = """\n[nor.this]\nb = 1\n"""\n'
            "list = [\n  1, # ]\n  2,\n]\n"
            "[[stores]]\nid = 'x' # y = 1\n"
            "[stores.retention]\nkeep = 'P1Y'\n"
            '[[stores]]\n"odd key" = 1\nx.y.z = 2\n'
        )

        assert lines_of(text) == {
            ("a",): 2,
            ("list",): 6,
            ("stores",): 10,
            ("stores", 0): 10,
            ("stores", 0, "id"): 11,
            ("stores", 0, "retention"): 12,
            ("stores", 0, "retention", "keep"): 13,
            ("stores", 1): 14,
            ("stores", 1, "odd key"): 15,
            ("stores", 1, "x"): 16,
            ("stores", 1, "x", "y"): 16,
            ("stores", 1, "x", "y", "z"): 16,
        }
