"""A form that is refused: what is wrong leads to its field, and the field says it too."""

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from web_face import Visit, assert_each_leads_to_its_field, describe_data, log_breach

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
    ("{incident}/notices/draft", {"kind": "follow_up", "news-fr": "x"}, ["choose-kind"]),
    ("{incident}/notices/customers", {"rows": "customer;email\nx;"}, ["rows"]),
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
    assert_each_leads_to_its_field(answer.text, fields)
