"""Rules of the house that the linters cannot say."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp

from breachdesk import settings
from breachdesk.access.reading import read_roles
from breachdesk.audit.transaction import COMMANDS
from breachdesk.faces.cli.commands import COMMANDS as IN_TERMINAL
from conftest import all_commands

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "breachdesk"


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


class TestTables:
    def test_are_read_by_their_own_station_alone(self) -> None:
        graph = grimp.build_graph("breachdesk")
        strangers = {
            (importer, models)
            for models in graph.modules
            if models.endswith(".models")
            for importer in graph.find_modules_that_directly_import(models)
            if importer.split(".")[1] != models.split(".")[1]
        }

        assert strangers == set()

    def test_have_no_methods(self) -> None:
        methods = [
            f"{path}:{node.lineno}"
            for path, tree in trees()
            if path.name == "models.py"
            for owner in ast.walk(tree)
            if isinstance(owner, ast.ClassDef)
            for node in owner.body
            if isinstance(node, ast.FunctionDef)
            and not any(getattr(d, "id", "") == "property" for d in node.decorator_list)
        ]

        assert methods == []


class TestTransactions:
    def test_are_never_ended_by_hand(self) -> None:
        by_hand = [
            f"{path}:{node.lineno}"
            for path, tree in trees()
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr == "commit"
        ]

        assert by_hand == []


class TestCommands:
    def test_stand_where_their_name_says(self) -> None:
        all_commands()
        misplaced = {
            name: f"{function.__module__}.{function.__name__}"
            for name, function in COMMANDS.items()
            if function.__name__ != name.split(".")[1]
            or not f"{function.__module__}.".startswith(
                f"breachdesk.{name.split('.')[0]}.commands."
            )
        }

        assert misplaced == {}

    def test_are_those_of_the_role_table(self) -> None:
        permitted = {name for role in read_roles().values() for name in role.commands}

        assert permitted == all_commands()


class TestDocuments:
    def test_name_every_setting_role_and_pack(self) -> None:
        text = "\n".join(
            path.read_text("utf-8") for path in (ROOT / "runbooks/maintaining").rglob("*.md")
        )
        packs = [path.stem for path in (PACKAGE / "law/packs").glob("*.toml")]
        names = [
            *settings.KNOWN,
            *read_roles(),
            *packs,
        ]

        assert [name for name in names if name not in text] == []

    def test_name_every_command_of_the_terminal(self) -> None:
        text = (ROOT / "runbooks/maintaining/commands.md").read_text("utf-8")

        assert [name for name in IN_TERMINAL if f"breachdesk {name}" not in text] == []

    def test_name_every_permitted_command(self) -> None:
        text = (ROOT / "runbooks/maintaining/roles.md").read_text("utf-8")

        assert [name for name in sorted(all_commands()) if f"`{name}`" not in text] == []


class TestLocks:
    def test_hold_no_address(self) -> None:
        for lock in ROOT.glob("requirements*.lock"):
            assert "://" not in lock.read_text("utf-8")

    def test_name_what_the_project_asks_for(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        lock = (ROOT / "requirements.lock").read_text("utf-8").lower()
        asked = [
            name.split(">")[0].split("[")[0].split("<")[0].split("=")[0].lower()
            for name in project["dependencies"]
        ]

        assert [name for name in asked if f"{name}==" not in lock.replace("[binary]", "")] == []
