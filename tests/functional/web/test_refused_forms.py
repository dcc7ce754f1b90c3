"""A form that is refused: what is wrong leads to its field, and the field says it too."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from web_face import Visit, describe_data, log_breach

Tag = Mapping[str, str | None]


class Page(HTMLParser):
    """What a refused page links to from its summary, and everything that has an id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: dict[str, Tag] = {}
        self.links = re.findall(r'<a href="#([^"]+)"', text.partition('<main id="main"')[2])
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what has an id. No id may stand twice: a link would lead to the first."""
        told = {"tag": tag, **dict(attrs)}
        if name := told.get("id"):
            assert name not in self.ids, name
            self.ids[name] = told


REFUSED = (
    ("/log", {"title": "x", "aware_at": "soon", "started_at": "x"}, ["aware_at", "started_at"]),
    ("{incident}/correct", {"title": "x", "aware_at": "x"}, ["aware_at"]),
    ("{incident}/correct", {"title": "", "aware_at": "2026-11-20T09:00"}, ["title"]),
    ("{incident}/correct", {"title": "x", "aware_at": "2026-11-20T09:00"}, ["reason"]),
    ("{incident}/measure", {"text_fr": "x", "done_at": "soon"}, ["done_at"]),
    ("{incident}/close", {"lessons": ""}, ["lessons"]),
    ("/preferences", {"language": "fr", "zone": "Europe/Pariss"}, ["zone"]),
    ("/preferences/password", {"password": "wrong", "chosen": "long enough"}, ["present"]),
    (
        "{incident}/risk/answer",
        {"chapter": "people", "subjects_count": "many"},
        ["q-subjects_count"],
    ),
    ("{incident}/scope/ask", {"from": "yesterday", "until": "", "ip": "x"}, ["from", "until"]),
    ("{incident}/scope/ask", {"whole": "schema = "}, ["whole"]),
    ("/datamap/edit", {"source": "schema = "}, ["source"]),
    ("{incident}/timeline", {"text": "x", "happened_at": "soon"}, ["typed-2"]),
)


@pytest.mark.parametrize(("path", "told", "fields"), REFUSED)
def test_each_problem_leads_to_its_field_and_is_said_there(
    awa: Visit, desk: Desk, actor: Actor, path: str, told: dict[str, str], fields: list[str]
) -> None:
    describe_data(desk, actor)
    incident = f"/incidents/{log_breach(desk, actor)}"
    answer = awa.post(path.format(incident=incident), told)

    assert answer.status_code in {409, 422}
    page = Page(answer.text)
    assert set(fields) <= set(page.links)
    for link in page.links:
        field = page.ids[link]
        assert field["tag"] in {"input", "textarea", "select", "fieldset"}, link
        said = (field["aria-describedby"] or "").split()
        assert said, link
        assert set(said) <= set(page.ids), link
        assert field["tag"] == "fieldset" or field["aria-invalid"] == "true"
