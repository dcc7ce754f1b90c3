"""No statement of the engine holds a text of somebody else that is not quoted.

The engine's statements are put together from pieces, so no linter can tell a good one: this
follows every text from outside through the code, to the statement that it comes to stand in.
"""

import ast

import pytest

from breachdesk.datamap import terms as datamap
from breachdesk.datamap.terms import patterns
from breachdesk.scoping.terms import question
from foreign_texts import Flow, texts_of
from sources import sources

CASES = {"fields"}
"""Holds cases, whose own texts are followed."""
KEYED = {"columns", "fields"}
"""Mappings from words of ours: the reader of questions knows no other field."""
OURS = {
    "copy.stem": "a copy in the workplace is called by a number",
    "target.stem": "so is what a log is converted to",
    "retention.after": "it is compared with the fields that the reader of questions knows",
}


def engine() -> dict[str, ast.Module]:
    return {
        path.stem: tree for path, tree in sources("adapters") if path.name.startswith("duckdb_")
    }


def flow(trees: dict[str, ast.Module]) -> Flow:
    texts = texts_of(question, datamap, patterns) - CASES
    return Flow(trees, texts, keyed=KEYED, ours=OURS)


def test_the_engine_is_met_in_these_modules_alone() -> None:
    elsewhere = [
        path
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        if "duckdb" in {*(each.name for each in node.names), getattr(node, "module", "")}
        if not path.name.startswith("duckdb_")
    ]
    assert elsewhere == []


def test_no_statement_holds_a_text_from_outside_that_is_not_quoted() -> None:
    assert sorted(flow(engine()).statements()) == []


@pytest.mark.parametrize(
    "careless",
    [
        "engine.run(f\"SELECT 1 WHERE a = '{log.columns['at']}'\")",
        "engine.rows('SELECT ' + directory.columns['person'])",
        "engine.read('SELECT {}'.format(question.intruder.token[0]))",
        "engine.stream(f\"FROM read_csv('{file.path}')\")",
        "engine.one(f\"SELECT {', '.join(each for each in question.intruder.ip)}\")",
        'engine.run(f"SELECT {given}")',
        "engine.run(f\"SELECT {engine.one('SELECT a FROM t')[0]}\")",
        "asked = f'SELECT {route.match}'; engine.run(asked + ' LIMIT 1')",
        "parts = []; parts.append(route.status[0]); engine.run(' OR '.join(parts))",
        "engine.run(made(log.zone))",
        "for _, column in log.columns.items(): engine.run(f'SELECT {column}')",
        "held = Held(log.zone); engine.run(held.zoned)",
        "engine.run(Held(log.zone).shown)",
        "duckdb.execute(question.text)",
    ],
)
def test_a_careless_statement_is_found(careless: str) -> None:
    body = "\n    ".join(careless.split("; "))
    source = f"""
class Held:
    zoned: str

    @property
    def shown(self) -> str:
        return f"x{{self.zoned}}"

def made(text: str) -> str:
    return f"SELECT '{{text}}'"

def careless(engine, question, log, directory, route, file, given: str) -> None:
    {body}
"""
    found = list(flow({"duckdb_new": ast.parse(source)}).statements())
    assert len(found) == 1
    assert found[0].startswith("duckdb_new:")


@pytest.mark.parametrize(
    "careful",
    [
        "engine.run(f'SELECT {text(log.zone)}')",
        "engine.run(f'SELECT {name(column)}' for column in log.columns.values())",
        "engine.run(f'SELECT {len(route.match)}, {int(given)}')",
        "engine.run(', '.join(f'{field}' for field, _ in log.columns.items()))",
    ],
)
def test_a_careful_one_is_not(careful: str) -> None:
    source = f"def careful(engine, log, route, given: str) -> None:\n    {careful}\n"
    found = flow({"duckdb_new": ast.parse(source)}).statements()
    assert list(found) == []
