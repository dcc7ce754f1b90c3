"""What people may write or edit, pages and papers and notices, runs nothing of its own."""

import io
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from flask import Flask
from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.exceptions import SecurityError

from breachdesk.adapters.docx_writer import DocxWriter
from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Unusable
from breachdesk.notices import errands, queries
from breachdesk.notices.terms import PEOPLE, Order, Words
from every_address import come_in
from web_face import Visit

BREAKOUTS = ("{{ ''.__class__.__mro__ }}", "{{ title.format.__globals__ }}")
TYPED = "{{7*191}} <img src=x onerror=alert(1)> <a href='javascript:alert(1)'>here</a>"


@pytest.mark.parametrize("breakout", BREAKOUTS)
class TestSandbox:
    def test_holds_what_is_written_in_a_template(self, breakout: str, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").write_text(breakout)

        with pytest.raises(Unusable, match="unsafe"):
            JinjaRenderer(tmp_path).render("mine.txt", {"title": "A"})

    def test_holds_what_is_written_in_a_page(self, breakout: str, app: Flask) -> None:
        with pytest.raises(SecurityError):
            app.jinja_env.from_string(breakout).render(title="A")

    def test_holds_what_is_written_in_word(self, breakout: str, tmp_path: Path) -> None:
        made = io.BytesIO()
        book = Document()
        book.add_paragraph(breakout)
        book.save(made)
        (tmp_path / "mine.docx").write_bytes(made.getvalue())
        values = {"title": "A", "author": "B", "language": "fr"}

        with pytest.raises(Unusable, match="unsafe"):
            DocxWriter(tmp_path).write("mine.docx", values)


def test_a_template_is_given_no_function_that_knows_the_machine(tmp_path: Path) -> None:
    """Peers gave the authors of mails a function that reads the environment."""
    environment = JinjaRenderer(tmp_path)._environment  # noqa: SLF001  (what it gives is told nowhere else)

    assert environment.globals.keys() == DEFAULT_NAMESPACE.keys()


def test_a_page_does_not_know_what_signs_its_forms(app: Flask) -> None:
    known = {*app.jinja_env.globals, *app.jinja_env.filters}

    assert not known & {"config", "environ", "getenv", "current_app"}
    with app.test_request_context():
        found = app.jinja_env.from_string("{{ config is defined }}").render()
    assert found == "False"


def test_what_is_typed_stays_text_in_what_people_are_sent(
    desk: Desk, actor: Actor, values: dict[str, Any], ben: Visit
) -> None:
    """Peers sent out HTML and script addresses that somebody had typed."""
    reference = values["reference"]
    with desk.transactions.reading(actor) as session:
        incident = incidents.by_reference(session, reference)
    typed = Words(what_happened=TYPED, not_touched=(TYPED,))
    order = Order(incident.id, PEOPLE, "proven", {"fr": typed, "en": typed}, ("fr", "en"))
    errands.draft(desk.transactions, desk.renderer, actor, desk.law, desk.templates, order)
    with desk.transactions.reading(actor) as session:
        notice = queries.latest(session, incident.id)
        assert notice is not None
        keys = [each.key for each in queries.variants_of(session, notice.id)]

    assert keys
    for key in keys:
        shown = ben.get(f"/incidents/{reference}/notices/{notice.id}/{key}.html")
        assert "{{7*191}} &lt;img src=x onerror" in shown.text
        assert "<img" not in shown.text
        assert "<a href='javascript:" not in shown.text
        assert shown.headers["Content-Security-Policy"].startswith("sandbox;")


def test_a_name_runs_no_script(
    app: Flask, desk: Desk, actor: Actor, values: dict[str, Any], ben: Visit
) -> None:
    """Peers escaped texts and forgot the names of their members."""
    name = "<script>alert(1)</script>"
    come_in(app, desk, actor, name, ("responder",))
    shown = ben.get(f"/incidents/{values['reference']}/readers/").text

    assert "&lt;script&gt;alert(1)" in shown
    assert name not in shown
