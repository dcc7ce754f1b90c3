"""What codes of the stations are called on a page."""

from collections.abc import Iterable

from flask import Flask
from jinja2 import pass_context
from jinja2.runtime import Context

from breachdesk.faces.web.words.detailing import DETAILING
from breachdesk.faces.web.words.doing import DOING
from breachdesk.faces.web.words.knowing import KNOWING
from breachdesk.faces.web.words.telling import TELLING

WORDS = {**DETAILING, **DOING, **KNOWING, **TELLING}


def name(app: Flask) -> None:
    """Let pages say what a code is called."""
    app.add_template_filter(_said, "word")
    app.add_template_filter(worded)


@pass_context  # else a code that a page writes out would be worded once, for its first reader
def _said(context: Context, code: object, family: str) -> str:
    del context
    return word(code, family)


def word(code: object, family: str) -> str:
    """Return what `code` is called; a code without a word is shown as it is."""
    plain = str(getattr(code, "value", code))
    return str(WORDS[family].get(plain, plain))


def worded(codes: Iterable[object], family: str) -> str:
    """Return what several codes are called, in one line."""
    return ", ".join(word(code, family) for code in codes)
