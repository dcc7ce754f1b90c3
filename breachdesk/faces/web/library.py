"""What people may reword, as it will read: runbooks, notices, forms; and the law's words."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from breachdesk.faces.web import specimen
from breachdesk.faces.web.filings import form_of
from breachdesk.faces.web.visit import desk
from breachdesk.filings import reading as forms
from breachdesk.kernel.errors import Unknown
from breachdesk.runbooks import reading as runbooks

pages = Blueprint("library", __name__, url_prefix="/library")


@pages.get("/")
def show() -> ResponseReturnValue:
    """List every runbook, notice and form."""
    return render_template(
        "library/show.html",
        runbooks=runbooks.read_all(desk().runbooks),
        notices=_notices(desk().templates),
        forms=sorted(forms.read_forms(desk().templates).items()),
    )


@pages.get("/runbooks/<name>")
def runbook(name: str) -> ResponseReturnValue:
    """Show a runbook as its tasks will read; printable, for when screens are gone."""
    for each in runbooks.read_all(desk().runbooks):
        if each.id == name:
            return render_template("library/runbook.html", runbook=each)
    raise Unknown(f"there is no runbook {name!r}")


@pages.get("/notices/<name>/<variant>")
def notice(name: str, variant: str) -> ResponseReturnValue:
    """Show a notice in one language as it will read, with made-up facts."""
    known = _notices(desk().templates)
    if variant not in known.get(name, ()):
        raise Unknown(f"there is no notice {name!r} in {variant!r}")
    return render_template(
        "library/notice.html",
        name=name,
        variant=variant,
        known=known[name],
        message=specimen.message(name, variant),
    )


@pages.get("/forms/<form_id>")
def form(form_id: str) -> ResponseReturnValue:
    """Show what a form asks, section by section."""
    return render_template("library/form.html", form=form_of(form_id))


@pages.get("/words")
def words() -> ResponseReturnValue:
    """Explain every legal term in one sentence, with its article."""
    return render_template("library/words.html", terms=_glossary(desk().templates))


def glossary(key: str) -> Mapping[str, Any]:
    """Return one legal term: word, sentence, article. Raises Unknown."""
    known = _glossary(desk().templates)
    if key not in known:
        raise Unknown(f"there is no term {key!r}")
    return known[key]


@cache
def _glossary(templates: Path) -> dict[str, Mapping[str, Any]]:
    return tomllib.loads((templates / "pages" / "glossary.toml").read_text("utf-8"))


def _notices(templates: Path) -> dict[str, list[str]]:
    """Return the languages of each notice, by its name."""
    return {
        folder.name: sorted(each.name for each in folder.iterdir() if each.is_dir())
        for folder in sorted((templates / "notices").iterdir())
        if (folder / "notice.toml").is_file()
    }
