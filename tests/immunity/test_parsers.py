"""Whatever comes from outside is understood or refused in one sentence: it never falls over."""

import ast
import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from breachdesk.access import queries as members
from breachdesk.access import rules
from breachdesk.access.ports import Site
from breachdesk.access.reading import read_roles, read_sign_on
from breachdesk.adapters.sendgrid_events import SendGridEvents
from breachdesk.adapters.webauthn_passkeys import WebAuthnPasskeys
from breachdesk.datamap import reading as datamap
from breachdesk.desk import Desk
from breachdesk.faces.cli.incident import read_incident
from breachdesk.kernel.errors import BreachDeskError
from breachdesk.law.reading import read_packs
from breachdesk.notices.reading import read_words
from breachdesk.reminders.rules import outgoing
from breachdesk.risk import reading as risk
from breachdesk.runbooks import reading as runbooks
from breachdesk.scoping import reading as scoping
from breachdesk.settings import read as read_settings
from breachdesk.settings import shipped
from conftest import ORGANISATION, FixedClock
from sources import calls, sources
from web_face import ENGLISH, Visit

SAMPLE = shipped("samples") / "leadjet"
PUBLIC_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKQZ8IN3uwUnhyXPhxjW8Jn2Wc5T7"
    "sJ0UgLE0cL9c3ZqGx1xPzZTJjm0S0o0yJX7jv6hXUn1Yw0f5l1jvS1mZxg=="
)
quick = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
words = st.text(max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


def mangled(text: str) -> st.SearchStrategy[str]:
    """Yield a good file with a piece taken out, doubled, or replaced by anything."""
    place = st.integers(0, len(text))
    return st.builds(
        lambda a, b, new: text[: min(a, b)] + new + text[max(a, b) :], place, place, words
    )


def survives(read: Callable[[], object]) -> None:
    """Understand, or refuse in a sentence that is ours."""
    with suppress(BreachDeskError):
        read()


HELD = datamap.read(SAMPLE / "datamap.toml")
MAP, QUESTION = ((SAMPLE / f"{n}.toml").read_text("utf-8") for n in ("datamap", "question"))
INCIDENT = (SAMPLE / "incident.toml").read_text("utf-8")


DEEP = ["x = " + "[" * 3_000, "x" + ".x" * 3_000 + " = 1", "[" * 3_000]


class TestEveryReader:
    @pytest.mark.parametrize("text", DEEP)
    def test_of_what_is_nested_without_end(self, tmp_path: Path, text: str) -> None:
        """Three kilobytes of brackets are a text like another: no reader falls over them."""
        files = [tmp_path / f"mine.{end}" for end in ("toml", "json", "yaml")]
        for file in files:
            file.write_text(text)
        readers: list[Callable[[], object]] = [
            lambda: datamap.parse(text, "datamap.toml"),
            lambda: scoping.parse(text, SAMPLE / "question.toml", HELD),
            lambda: read_sign_on(files[0]),
            lambda: read_words(files[0]),
            lambda: read_packs(tmp_path),
            *(partial(read_incident, file, "Europe/Paris") for file in files[:2]),
            *(partial(risk.read, file) for file in files),
        ]
        for read in readers:
            with pytest.raises(BreachDeskError):
                read()
        keys, site = WebAuthnPasskeys(), Site("localhost", "http://localhost")
        with pytest.raises(BreachDeskError):
            keys.read_new(site, b"", text)
        with pytest.raises(BreachDeskError):
            keys.credential_of(text)

    @quick
    @given(mangled(MAP) | words)
    @example("\0")
    def test_of_data_maps(self, text: str) -> None:
        survives(lambda: datamap.parse(text, "datamap.toml"))

    @quick
    @given(mangled(QUESTION) | words)
    def test_of_questions(self, text: str) -> None:
        survives(lambda: scoping.parse(text, SAMPLE / "question.toml", HELD))

    @quick
    @given(mangled(INCIDENT) | words | values.map(json.dumps))
    def test_of_incidents(self, tmp_path: Path, text: str) -> None:
        for name in ("incident.toml", "incident.json"):
            file = tmp_path / name
            file.write_text(text, "utf-8", errors="replace")
            survives(partial(read_incident, file, "Europe/Paris"))

    @quick
    @given(words | values.map(json.dumps) | st.binary(max_size=40))
    @example("a: &a [*a]")
    @example("- " * 3000)
    def test_of_risk_facts(self, tmp_path: Path, content: str | bytes) -> None:
        given_bytes = (
            content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        )
        for name in ("facts.yaml", "facts.json", "facts.toml"):
            file = tmp_path / name
            file.write_bytes(given_bytes)
            survives(partial(risk.read, file))

    @quick
    @given(words)
    def test_of_runbooks(self, tmp_path: Path, text: str) -> None:
        folder = tmp_path / "breaches"
        folder.mkdir(exist_ok=True)
        (folder / "mine.md").write_text("---\n" + text, "utf-8", errors="replace")
        survives(lambda: runbooks.read_all(tmp_path))

    @quick
    @given(st.binary(max_size=200), st.dictionaries(words, words, max_size=3))
    def test_of_carriers_reports(self, body: bytes, headers: dict[str, str]) -> None:
        survives(lambda: SendGridEvents(PUBLIC_KEY, FixedClock()).hear(body, headers))

    @quick
    @given(values.map(json.dumps) | words, st.binary(max_size=32))
    def test_of_passkeys(self, answer: str, challenge: bytes) -> None:
        keys, site = WebAuthnPasskeys(), Site("localhost", "http://localhost")
        survives(lambda: keys.read_new(site, challenge, answer))
        survives(lambda: keys.credential_of(answer))
        survives(lambda: keys.check(site, challenge, answer, b"key", 0))

    @quick
    @given(st.dictionaries(words, words, max_size=3), words)
    def test_of_settings(self, environment: dict[str, str], value: str) -> None:
        survives(lambda: read_settings({f"BREACHDESK_{k}": v for k, v in environment.items()}))
        survives(lambda: outgoing.target(value))
        survives(lambda: outgoing.networks(value))

    @quick
    @given(words | values.map(json.dumps))
    def test_of_sign_in_services(self, tmp_path: Path, text: str) -> None:
        file = tmp_path / "oidc.toml"
        file.write_text(text, "utf-8", errors="replace")
        survives(lambda: read_sign_on(file))

    @quick
    @given(words, words)
    def test_of_codes_names_and_devices(self, text: str, other: str) -> None:
        rules.step_of("JBSWY3DPEHPK3PXP", text, FixedClock().now(), after=0)
        assert rules.account_name(rules.account_name(text)) == rules.account_name(text)
        assert rules.device_words(other) in rules.device_words(other)
        survives(lambda: rules.check_password(text * 3, email=other))


def test_no_statement_is_made_of_what_somebody_sent() -> None:
    """Outside the engine a statement is written down, or put together from what is.

    One adapter asks another database what somebody wrote at a terminal: that is its purpose.
    """
    by_hand = [
        f"{path}:{call.lineno}"
        for path, tree in sources()
        if not path.name.startswith(("duckdb_", "sql_reader"))
        for name, call in calls(tree)
        if name in {"exec_driver_sql", "literal_column"}
        or (name == "text" and isinstance(call.func, ast.Name))
        for said in call.args[:1]
        if not _is_constant(said)
    ]
    assert by_hand == []


def _is_constant(said: ast.expr) -> bool:
    """Tell whether a text is written down, or put together from what is."""
    match said:
        case ast.Constant() | ast.Call(func=ast.Name(id="int")):
            return True
        case ast.Name(id=name):
            return name.isupper()
        case ast.JoinedStr(values=parts):
            return all(_is_constant(each) for each in parts)
        case ast.FormattedValue(value=inner):
            return _is_constant(inner)
        case ast.IfExp(body=one, orelse=other):
            return _is_constant(one) and _is_constant(other)
    return False


def test_no_program_is_run_with_what_somebody_sent() -> None:
    """One adapter runs the program that the settings name, one reads workbooks in a child.

    No shell is ever asked.
    """
    runners = {"subprocess", "multiprocessing", "pty", "asyncio"}
    running = {"system", "popen", "startfile", "posix_spawn", "posix_spawnp"}
    found = {
        path.as_posix()
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        if runners & {getattr(node, "module", ""), *(each.name for each in node.names)}
    }
    by_hand = [
        f"{path}:{call.lineno}"
        for path, tree in sources()
        for _, call in calls(tree)
        for called in (ast.unparse(call.func).removeprefix("os."),)
        if called in running
        or called.startswith(("execv", "execl", "spawnv", "spawnl"))
        or any(each.arg == "shell" for each in call.keywords)
    ]
    assert found == {"adapters/master_keys.py", "adapters/sheet_reader.py"}
    assert by_hand == []


def test_only_an_administrator_resets_what_others_sign_in_with() -> None:
    resets = {
        "access.reset_password", "access.set_password", "access.reset_factors",
        "access.assign", "access.invite", "access.link",
    }  # fmt: skip
    may = {name for name, role in read_roles().items() if role.commands & resets}
    assert may == {"administrator"}


@pytest.mark.usefixtures("password")
def test_no_header_says_who_asks(app: Flask, desk: Desk) -> None:
    with desk.transactions.reading(ORGANISATION) as session:
        own = members.member(session, ENGLISH.email)
    names = ("X-User-Id", "X-Remote-User", "Remote-User", "X-Forwarded-User", "Authorization")
    for name in names:
        for said in (own.email, str(own.id), own.name):
            answer = Visit(app).client.get("/preferences", headers={name: said})
            assert (name, answer.status_code) == (name, 303)


def test_no_secret_is_drawn_from_what_can_be_guessed() -> None:
    """Outside the made-up world of the demo, whatever is drawn is drawn by `secrets`."""
    guessable = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        if not path.name.startswith("demo_")
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and "random" in {each.name for each in node.names})
        or (isinstance(node, ast.ImportFrom) and node.module == "random")
    ]
    assert guessable == []
