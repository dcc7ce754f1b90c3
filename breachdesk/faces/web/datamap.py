"""The data map to be read, and its editor: checked, compared, joined, then put in force."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import unified_diff
from itertools import groupby
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from breachdesk.datamap import commands, queries, reading, rules
from breachdesk.datamap.terms import DataMap
from breachdesk.faces.web.visit import member, sent, transaction
from breachdesk.faces.web.visit import reading as session_of
from breachdesk.kernel.errors import Problem
from breachdesk.kernel.texts import merged

pages = Blueprint("datamap", __name__, url_prefix="/datamap")
COMMAND = "datamap.import_map"
PERIOD = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?"
)
STARTER = """schema = 1

[organisation]
name = ""
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a text of a data map would do: what is wrong with it, and what it changes."""

    problems: Sequence[Problem]
    changes: Mapping[str, Mapping[str, Sequence[str]]]
    lines: Sequence[str]

    @property
    def usable(self) -> bool:
        """Tell whether it can be put in force."""
        return not self.problems


@pages.get("/")
def show() -> ResponseReturnValue:
    """Show the map in force: systems, their stores, what lies there, about whom, how long."""
    session = session_of()
    versions = queries.versions(session)
    held = queries.parsed(versions[-1]) if versions else None
    return render_template(
        "datamap/show.html",
        held=held,
        systems=_systems(held) if held else (),
        labels={each.id: each.label for each in held.categories} if held else {},
        processors=_processors(held) if held else {},
        versions=versions,
        may_edit=member().actor.may(COMMAND),
    )


@pages.get("/edit")
def edit() -> ResponseReturnValue:
    """Show the text of the map in force, to be changed."""
    latest = queries.current_version(session_of())
    source = STARTER if latest is None else latest.source
    return _editor(source, source, None)


@pages.post("/check")
def check() -> ResponseReturnValue:
    """Say what is wrong with a text, and what it would change; nothing is kept."""
    source, before = _sent()
    return _editor(source, before, _checked(source))


@pages.post("/edit")
def put() -> ResponseReturnValue:
    """Put a text in force; joined first with what somebody else put in force meanwhile."""
    source, before = _sent()
    with transaction() as tx:
        latest = commands.in_force(tx)
        present = STARTER if latest is None else latest.source
        joined = source if before == present else merged(before, source, present)
        if joined is None:
            return _editor(source, present, _checked(source), theirs=present), 409
        found = _checked(joined)
        if not found.usable:
            return _editor(joined, present, found), 422
        commands.import_map(tx, reading.parse(joined, "datamap.toml"), joined)
    return redirect(url_for(".show"), 303)


def _sent() -> tuple[str, str]:
    sent(("source", "before"))
    return tuple(  # type: ignore[return-value]  # there are two
        request.form.get(name, "").replace("\r\n", "\n") for name in ("source", "before")
    )


def _editor(source: str, before: str, found: Checked | None, theirs: str | None = None) -> str:
    return render_template(
        "datamap/edit.html", source=source, before=before, found=found, theirs=theirs
    )


def _checked(source: str) -> Checked:
    """Read a text as the terminal does, and compare it with the map in force."""
    problems, warnings = reading.check_text(source, "datamap.toml")
    latest = queries.current_version(session_of())
    if problems:
        return Checked(problems, {}, ())
    was = None if latest is None else queries.parsed(latest)
    changes = rules.changes(was, reading.parse(source, "datamap.toml"))
    earlier = "" if latest is None else latest.source
    lines = unified_diff(earlier.splitlines(), source.splitlines(), lineterm="", n=1)
    del warnings
    return Checked((), changes.as_json(), [*lines][2:])


def _systems(held: DataMap) -> list[tuple[str, list[Any]]]:
    by_system = sorted(held.stores, key=lambda store: store.system)
    return [(name, list(found)) for name, found in groupby(by_system, lambda each: each.system)]


def _processors(held: DataMap) -> dict[str, list[Any]]:
    """Return who works on each store for us."""
    return {
        store.id: [each for each in held.processors if store.id in each.stores]
        for store in held.stores
    }


def period(value: str | timedelta) -> str:
    """Say an ISO 8601 period, or a span of time, in words."""
    if isinstance(value, timedelta):
        hours, rest = divmod(int(value.total_seconds()), 3600)
        days, hours = divmod(hours, 24) if hours >= 72 else (0, hours)  # noqa: PLR2004  (72 hours is what the law says)
        counts: tuple[int, ...] = (0, 0, 0, days, hours, rest // 60)
    else:
        match = PERIOD.fullmatch(value)
        if match is None:
            return value
        counts = tuple(int(each or 0) for each in match.groups())
    years, months, weeks, days, hours, minutes = counts
    words = (
        (years, ngettext("%(num)s year", "%(num)s years", years)),
        (months, ngettext("%(num)s month", "%(num)s months", months)),
        (weeks, ngettext("%(num)s week", "%(num)s weeks", weeks)),
        (days, ngettext("%(num)s day", "%(num)s days", days)),
        (hours, ngettext("%(num)s hour", "%(num)s hours", hours)),
        (minutes, ngettext("%(num)s minute", "%(num)s minutes", minutes)),
    )
    return " ".join(text for count, text in words if count) or _("at once")
