"""A code is worded for whoever reads, however the page writes it."""

from flask import Flask
from flask_babel import force_locale


def test_a_code_written_in_a_page_is_worded_for_each_reader(app: Flask) -> None:
    page = app.jinja_env.from_string("{{ 'late'|word('state') }}")
    said = []
    for language in ("fr", "en"):
        with app.test_request_context(), force_locale(language):
            said.append(page.render())

    assert said == ["en retard", "late"]
