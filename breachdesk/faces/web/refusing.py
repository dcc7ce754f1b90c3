"""A form that is refused is shown again where it stands, open and with what was typed in it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from breachdesk.access.commands import TooMany
from breachdesk.faces.web import said
from breachdesk.faces.web.errors import say, status_of
from breachdesk.faces.web.visit import typed
from breachdesk.kernel.errors import Forbidden, Problem, Refused, Unknown, Unusable

NOT_OF_THE_FORM = (Forbidden, TooMany)
"""Refusals that no other words in the form would change."""
FIELDS = (
    (re.compile(r"say what proves it.*"), "evidence"),
    (re.compile(r"nobody was told in the future"), "at"),
    (re.compile(r"nobody is on the list|the list names somebody .*"), "people"),
    (re.compile(r"no (letter|message) of .* for that person"), "person"),
    (re.compile(r".* was not alerted of .*"), "customer"),
    (re.compile(r"say why: a decision .*"), "reason"),
    (re.compile(r"say why.*"), "why"),
    (re.compile(r"nobody in the ring .*"), "ring"),
    (re.compile(r"nobody was told yet: .*"), "kind"),
    (re.compile(r"a test goes to members .*"), "to"),
)
"""Which field a refusal of a command is about, where it names none."""
RENAMED = {"bounce_rate": "bounces", "complaint_rate": "complaints"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """The form that was refused: its address, what is wrong with it, what was typed."""

    action: str
    problems: Mapping[str, tuple[str, str | None]]
    typed: Mapping[str, str]


def show_again(
    pages: Blueprint, shown: Callable[[str, Wrong], str], *, besides: str = ""
) -> None:
    """Answer what forms of `pages` are refused for with the page `shown` of the incident.

    A form of another page goes to the endpoint `besides`.
    """

    def answer(error: Unusable | Refused) -> ResponseReturnValue:
        wrong = refusal(error)
        here = request.method == "POST" and request.endpoint != besides
        if not here or isinstance(error, NOT_OF_THE_FORM) or wrong is None:
            return say(error)
        reference = (request.view_args or {})["reference"]
        try:
            return shown(reference, wrong), status_of(error)
        except Unknown as gone:  # of an incident that is not theirs to see there is no form
            return say(gone)

    pages.register_error_handler(Unusable, answer)
    pages.register_error_handler(Refused, answer)


def refusal(error: Unusable | Refused) -> Wrong | None:
    """Return what is wrong with the form; None where it is not the form that is."""
    problems = error.problems if isinstance(error, Unusable) else (Problem(str(error)),)
    if any(each.problem.startswith("there is no ") for each in problems):
        return None
    by_field = {_field(each): _sentence(each) for each in reversed(problems)}
    return Wrong(request.path, by_field, dict(typed()))


def _field(found: Problem) -> str:
    """Return which field of the form a problem is about; empty where it is none of them."""
    if found.file is not None:  # the field that held the rows: a text, or a file
        return found.file
    if found.field:
        return RENAMED.get(found.field, found.field.partition(".")[0])
    fitting = (name for pattern, name in FIELDS if pattern.fullmatch(found.problem))
    return next(fitting, "")


def _sentence(found: Problem) -> tuple[str, str | None]:
    """Return what is wrong, with its language, and with its place in rows that were given."""
    words, language = said.problem(found)
    if found.line is None:
        return words, language
    place = _("line %(line)s", line=found.line)
    column = f", {found.field}" if found.field else ""
    return f"{place}{column}{_(':')} {words}", language
