"""The trail speaks: every command has its words, in both languages."""

import ast

from babel.messages.mofile import read_mo

import breachdesk.app  # noqa: F401  (brings every table in)
from breachdesk.access.reading import read_roles
from breachdesk.faces.web.context import TRANSLATIONS
from breachdesk.faces.web.words.detailing import DETAILING
from breachdesk.faces.web.words.doing import DOING
from breachdesk.kernel.tables import Table
from breachdesk.settings import shipped

CODE = shipped("breachdesk")


def test_every_command_has_its_words_in_both_languages() -> None:
    with (TRANSLATIONS / "fr" / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        french = {each.id: each.string for each in read_mo(file) if isinstance(each.id, str)}
    words = DOING["command"]
    commands = {"refused"}.union(*(role.commands for role in read_roles().values()))
    assert set(words) == commands
    english = [str(words[each]) for each in sorted(commands)]
    assert len(set(english)) == len(english)
    assert [each for each in english if not french.get(each)] == []


def test_only_what_is_there_has_a_name() -> None:
    assert set(DOING["thing"]) <= set(Table.metadata.tables)


def test_everything_said_beside_a_step_has_a_name() -> None:
    recorded = {
        keyword.arg
        for path in CODE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "record"
        for keyword in node.keywords
        if keyword.arg is not None
    }
    assert len(recorded) > 100
    assert recorded <= set(DETAILING["detail"])
