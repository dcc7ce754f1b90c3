"""Fifteen ways in which such programs were broken, and a test of each (security.md)."""

import ast
import base64
import io
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from breachdesk.access import commands, queries
from breachdesk.access.models import Member
from breachdesk.access.reading import read_limits
from breachdesk.access.terms import MemberDraft
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transaction
from breachdesk.delivery import rules as delivery
from breachdesk.desk import Desk
from breachdesk.faces.web.access import own_path
from breachdesk.incidents import queries as incidents
from breachdesk.kernel import cells
from breachdesk.kernel.errors import Forbidden, Unusable
from breachdesk.kernel.tables import NoOrganisation
from breachdesk.reminders.rules import outgoing
from conftest import ORGANISATION
from every_address import ASKS, all_rows, ask, come_in, routes
from sources import calls, sources
from web_face import ENGLISH, Visit

PROBE = "{{7*191}}{%for x in(1,)%}${7*191}<script>alert(1)</script>'\"=1+1"
WAYS = (
    "aiohttp", "ftplib", "http.client", "httpx", "requests", "sendgrid", "smtplib", "socket",
    "telnetlib", "urllib.request", "urllib3",
)  # fmt: skip
CALLING = {
    "adapters/dns_names.py: http.client",
    "adapters/dns_names.py: socket",
    "adapters/oidc_sign_on.py: requests",
    "adapters/rfc3161_stamper.py: requests",
    "adapters/sendgrid_transport.py: http.client",
    "adapters/sendgrid_transport.py: sendgrid",
    "adapters/sendgrid_transport.py: socket",
    "adapters/smtp_mailer.py: smtplib",
    "adapters/webhook.py: http.client",
    "adapters/webhook.py: socket",
}
"""Who calls out, to addresses of the settings alone; a new one is to be looked at."""
HASH = re.compile(r"\$argon2|[\"'> ][0-9a-f]{64}[\"'< ]|/vault/|/secrets/|BEGIN [A-Z ]*KEY")


def answers(
    app: Flask, values: dict[str, Any], visit: Visit, *kinds: str
) -> Iterator[tuple[str, str]]:
    """Yield every answer of these kinds that a member gets by looking, with its text."""
    for endpoint, method, path in routes(app, values):
        if method == "GET" and ASKS.get(endpoint, "read") == "read":
            answer = ask(visit, endpoint, method, path, "")
            if answer.mimetype in kinds:
                yield path, answer.text


def test_01_what_people_write_is_never_a_template(values: dict[str, Any], ben: Visit) -> None:
    """Peers ran code that stood in report and mail templates (SSTI)."""
    running = {"from_string", "render_template_string", "Template", "eval", "exec"}
    assert [
        path for path, tree in sources() for name, _ in calls(tree) if name in running
    ] == []
    place = f"/incidents/{values['reference']}"
    at = "2026-11-20T10:00"
    assert ben.post(f"{place}/timeline", {"text": PROBE, "happened_at": at}).status_code == 303
    shown = ben.get(f"{place}/part/timeline").text
    assert "{{7*191}}" in shown
    assert "1337" not in shown


def test_02_a_form_takes_what_it_names_and_no_page_shows_a_secret(
    app: Flask, values: dict[str, Any], ben: Visit, tmp_path: Path
) -> None:
    """Peers took any column that was sent, and dumped whole rows back."""
    place = f"/incidents/{values['reference']}"
    sound = {
        f"{place}/timeline": {"text": "Seen", "happened_at": "2026-11-20T10:00"},
        f"{place}/readers/": {"member": str(values["notice_id"])},
        "/preferences": {"language": "en", "zone": "Europe/Paris"},
        "/account/codes": {},
    }
    for path, form in sound.items():
        for more in ({"password_hash": "x"}, {"roles": "administrator"}):
            assert (path, ben.post(path, form | more).status_code) == (path, 422)
    for path, page in answers(app, values, ben, "text/html", "application/json", "text/csv"):
        assert (path, HASH.findall(page)) == (path, [])
        assert str(tmp_path) not in page


def test_03_an_object_is_authorised_by_its_own_id_and_a_change_before_and_after(
    app: Flask, desk: Desk, actor: Actor, values: dict[str, Any]
) -> None:
    """Peers checked the parent, or the value of before, or nothing on the way in."""
    visit = come_in(app, desk, actor, "both", ("responder", "dpo", "approver"))
    visit.post("/log", {"title": "Another", "aware_at": "2026-11-20T10:00"})
    stolen = f"/incidents/BD-2026-0002/notices/{values['notice_id']}"
    assert visit.get("/incidents/BD-2026-0002").status_code == 200
    assert visit.get(stolen).status_code == 404
    assert visit.post(f"{stolen}/approve").status_code == 404
    with desk.transactions.reading(ORGANISATION) as session:
        both = queries.actor(queries.member(session, "both@example.org"))
    owner = MemberDraft(email="mine@example.org", name="M", roles=("administrator",))
    with pytest.raises(Forbidden), desk.transactions.open(both) as tx:
        commands.invite(tx, owner)
    foreign = UUID(int=actor.organisation_id.int + 1)
    with desk.transactions.open(replace(actor, organisation_id=foreign)) as tx:
        commands.found(tx, "Elsewhere")
    with pytest.raises(NoOrganisation), desk.transactions.open(actor) as tx:
        member = queries.member(tx.session, "both@example.org")
        member.organisation_id = foreign  # a change that would carry it out of the house


def test_04_looking_changes_nothing(
    app: Flask, engine: Engine, values: dict[str, Any], ben: Visit, password: str
) -> None:
    """Peers changed state by GET, or believed a password in a header: any site could."""
    before = all_rows(engine)
    for endpoint, method, path in routes(app, values):
        if method == "GET":
            assert ask(ben, endpoint, method, path, "").status_code < 500
    assert all_rows(engine) == before
    for method in ("put", "patch", "delete"):
        assert getattr(ben.client, method)("/log").status_code in {400, 405}
    known = base64.b64encode(f"{ENGLISH.email}:{password}".encode()).decode()
    for told in (f"Basic {known}", "Basic YWRtaW46YWRtaW4="):
        assert ben.get("/log", Authorization=told).status_code == 200
        assert Visit(app).get("/log", Authorization=told).status_code == 303


def test_05_feeds_lists_exports_and_numbers_obey_as_pages_do(
    app: Flask, desk: Desk, actor: Actor, reference: str
) -> None:
    """Peers' activity feeds, charts and searches showed what the page refused."""
    visit = come_in(app, desk, actor, "outside", ("responder",))
    feed = re.search(r"/calendar/[\w-]+\.ics", visit.post("/clocks/feed").text)
    assert feed is not None
    exports = ("/", "/?q=BD", "/clocks/", "/register/", "/register/register.json",
               "/register/register.csv", "/trail/", "/register/years", feed[0])  # fmt: skip
    drawn = 'id="year-2026"'  # its chart counts it, and does not name it

    def telling() -> list[str]:
        found = []
        for path in exports:
            answer = visit.get(path)
            found += [path] if reference in answer.text or drawn in answer.text else []
            answer.close()
        return found

    assert telling() == [*exports]
    with desk.transactions.open(actor) as tx:
        draft = MemberDraft(email="in@example.org", name="In", roles=("responder",))
        inside = commands.invite(tx, draft)[0]
        commands.restrict(tx, incidents.by_reference(tx.session, reference), [inside])
    assert telling() == []


def test_06_a_file_is_handed_out_as_a_file_and_named_by_us(
    values: dict[str, Any], ben: Visit, tmp_path: Path
) -> None:
    """Peers stored uploads under their own names and served them as pages."""
    answer = ben.get("/register/register.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    answer.close()
    place = f"/incidents/{values['reference']}/scope/files"
    names = ("../../evil.csv", "..\\cron.csv", f"{tmp_path}/outside.csv", "../evil.svg")
    told = []
    for name in names:
        content = f"at,ip,by\nnow,::1,{name}\n".encode()
        sent = {"csrf_token": ben.token(), "files": (io.BytesIO(content), name)}
        answer = ben.client.post(place, data=sent, content_type="multipart/form-data")
        told.append(answer.status_code)
    ours = {"evil", "cron", "outside"}
    assert [each for each in tmp_path.rglob("*") if ours & {*each.stem.split(".")}] == []
    assert told == [303] * len(names)


def test_07_a_page_runs_no_script_of_anybodys(
    app: Flask, values: dict[str, Any], ben: Visit
) -> None:
    """Peers escaped field by field, and missed one each time (stored XSS)."""
    place = f"/incidents/{values['reference']}"
    page = ben.get(f"{place}/correct").text
    instants = re.findall(r'name="(\w+_at)" value="([^"]*)"', page)
    told = {"title": PROBE, "summary": f"[x](javascript:alert(1)) {PROBE}", "reason": PROBE}
    assert ben.post(f"{place}/correct", {**dict(instants), **told}).status_code == 303
    happened = {"text": PROBE, "happened_at": "2026-11-20T10:00"}
    assert ben.post(f"{place}/timeline", happened).status_code == 303
    for path, page in answers(app, values, ben, "text/html"):
        assert "<script>alert" not in page, path
        assert 'href="javascript:' not in page, path
        assert not re.search(r"<[a-z]+[^>]* on[a-z]+=", page), path
    policy = ben.get(place).headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy


@pytest.mark.parametrize(
    "how", ["sign_out", "own_password", "password", "roles", "factors", "unlinked"]
)
def test_08_a_session_ends_on_the_server(
    app: Flask, desk: Desk, actor: Actor, ben: Visit, password: str, how: str
) -> None:
    """Peers' sessions lived on after sign-out, a new password, another role."""
    assert ben.get("/preferences").status_code == 200
    thief = Visit(app)
    cookie = ben.client.get_cookie("breachdesk")
    assert cookie is not None
    thief.client.set_cookie("breachdesk", cookie.value)
    assert thief.get("/preferences").status_code == 200

    if how == "sign_out":
        ben.post("/sign-out")
    elif how == "own_password":
        chosen = {"password": password, "chosen": "a sentence of nineteen"}
        assert ben.post("/preferences/password", chosen).location == "/sign-in"
    else:
        _change(desk, actor, how)

    assert thief.get("/preferences").status_code == 303
    assert thief.post("/log", {"title": "x"}).status_code == 401


def _change(desk: Desk, actor: Actor, how: str) -> None:
    changes: dict[str, Callable[[Transaction, Member], object]] = {
        "password": lambda tx, own: commands.set_password(tx, own, "a sentence of nineteen"),
        "roles": lambda tx, own: commands.assign(tx, own, ("auditor",)),
        "factors": lambda tx, own: commands.reset_factors(tx, own, "lost the telephone"),
        "unlinked": lambda tx, own: commands.unlink(tx, commands.link(tx, own, "i", "s")),
    }
    with desk.transactions.open(actor) as tx:
        own = queries.member(tx.session, ENGLISH.email)
        changes[how](tx, own)


def test_09_what_is_guessed_or_sent_is_counted_in_the_shared_store(
    app: Flask, engine: Engine, password: str
) -> None:
    """Peers had no limit, or one per process, or one that counted the proxy."""
    answers = [Visit(app).sign_in(ENGLISH.email, "guess").status_code for _ in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert Visit(app).sign_in(ENGLISH.email, password).status_code == 429
    with engine.connect() as connection:
        kept = connection.scalars(text("SELECT limit_name FROM allowances")).all()
    assert "sign_in" in kept
    assert {"sign_in", "second_factor", "invite", "code_page", "test_send", "export"} <= set(
        read_limits()
    )


@pytest.mark.parametrize(
    "same", ["BEN@leadjet.example", " ben@leadjet.example ", "ｂｅｎ@leadjet.example"]
)
@pytest.mark.usefixtures("password")
def test_10_a_name_is_one_however_it_is_written(desk: Desk, actor: Actor, same: str) -> None:
    """Peers compared names with and without spaces, and gave one account to another."""
    draft = MemberDraft(email=same.strip(), name="Twin", roles=())
    with pytest.raises(Unusable, match="member already"), desk.transactions.open(actor) as tx:
        commands.invite(tx, draft)
    with pytest.raises(IntegrityError), desk.transactions.open(actor) as tx:
        twin = Member(
            id=tx.new_id(), email="other@x", account=ENGLISH.email, name="T", language="fr",
            zone="UTC", roles=[], password_hash="", invited_at=tx.now,
        )  # fmt: skip
        tx.session.add(twin)
    with desk.transactions.reading(ORGANISATION) as session:
        known = queries.member(session, ENGLISH.email)
    assert not any(queries.matches(each, "") for each in (known, None))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "2130706433", "0x7f000001",
        "0177.0.0.1", "127.1", "0.0.0.1", "169.254.169.254", "::ffff:169.254.169.254",
        "10.0.0.1", "fd00::1", "fe80::1", "100.64.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_11_no_call_leaves_for_a_closed_network(address: str, calling: set[str]) -> None:
    """Peers fetched whatever address they were given (SSRF).

    That the name is resolved once, that every address of it is looked at and no redirect is
    followed, tests/contracts/test_webhook.py shows on real sockets.
    """
    assert not outgoing.permitted(address)
    assert calling == CALLING


@pytest.fixture(scope="module")
def calling() -> set[str]:
    """Return which module knows which way to call somebody elsewhere."""
    return {
        f"{path}: {way}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in (getattr(node, "module", ""),)
        for name in (each.name for each in node.names)
        for way in WAYS
        if way in {name, module, f"{module}.{name}"}
    }


@pytest.mark.parametrize(
    "after",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "/%2f%2fevil.example", "/../\\evil.example", "javascript:alert(1)", "/\t/evil.example",
        "/\r\nLocation: x", "http:evil.example", "///evil.example", "https://evil.example/log",
        "//evil.example/log", "/\\evil.example/../log", "http:/log", "log",
    ],
)  # fmt: skip
def test_12_a_redirect_stays_here(app: Flask, after: str) -> None:
    """Peers led to wherever the request said (open redirect)."""
    with app.test_request_context("/sign-in"):
        assert own_path(after) == "/"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =1"])
def test_13_a_cell_computes_nothing_and_a_header_has_one_line(cell: str) -> None:
    """Peers' exports ran formulas; mail headers took line breaks."""
    assert cells.safe(cell).startswith("'")
    assert not delivery.usable("a@b.example\r\nBcc: all@b.example")
    assert not delivery.usable("a@b.example\nX: y")


def test_14_no_secret_is_logged_shown_or_said(
    app: Flask,
    desk: Desk,
    actor: Actor,
    password: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Peers logged the first password, and put keys into error messages."""
    caplog.set_level(logging.DEBUG)
    with desk.transactions.open(actor) as tx:
        draft = MemberDraft(email="new@example.org", name="New", roles=("responder",))
        invited, first = commands.invite(tx, draft)
        second = commands.reset_password(tx, invited)
    visit = Visit(app)
    visit.sign_in(ENGLISH.email, password)
    said = Visit(app).sign_in(ENGLISH.email, "wrong-password-of-mine").text
    said += visit.client.post("/log", data={"csrf_token": "not ours"}).text
    secret = re.search(r'class="secret">(\w+)<', visit.post("/account/codes").text)
    cookie = visit.client.get_cookie("breachdesk")
    assert secret is not None
    assert cookie is not None
    visit.post("/account/prove", {"password": password})
    said += caplog.text + "".join(capsys.readouterr())
    said += repr(vars(desk.transactions)) + repr(desk)
    with desk.transactions.reading(ORGANISATION) as session:
        said += repr(queries.member(session, ENGLISH.email))
    told = (password, first, second, "wrong-password-of-mine", secret[1], cookie.value)
    signing = (bytes(32), bytes(range(32)))  # of the forms, and of the vault
    for hidden in (*told, "$argon2", *(said_of for key in signing for said_of in spelt(key))):
        assert hidden not in said


def spelt(key: bytes) -> tuple[str, ...]:
    """Return a key as a page or a log would show it, escaped or not."""
    return repr(key)[2:-1], key.hex(), base64.b64encode(key).decode()


def test_15_every_way_in_goes_through_the_same_command() -> None:
    """Peers checked on update and not on create, on the page and not in the import."""
    writes = {"add", "add_all", "merge", "delete", "execute", "bulk_insert_mappings"}
    by_hand = [
        f"{path}:{call.lineno}"
        for path, tree in sources("faces")
        for name, call in calls(tree)
        if name in writes and "session" in ast.unparse(call.func)
    ]
    models = [
        f"{path}"
        for path, tree in sources("faces")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".models")
    ]
    assert by_hand == models == []
