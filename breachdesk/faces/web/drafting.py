"""A notice is drafted at the desk: for whom, what happened, what is new, in each language."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from breachdesk.datamap import queries as datamap
from breachdesk.faces.web.refusing import refusal
from breachdesk.faces.web.visit import desk, member, reading, transaction
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.notices import commands, errands, queries
from breachdesk.notices import reading as notice_reading
from breachdesk.notices.terms import (
    CUSTOMERS,
    FIRST,
    KINDS,
    PEOPLE,
    PUBLIC,
    Order,
    Words,
)

pages = Blueprint("drafting", __name__, url_prefix="/incidents/<reference>/notices")

DUTIES = (PEOPLE, CUSTOMERS, PUBLIC)
CUSTOMER_COLUMNS = "customer;email;name;locale"
NOTHING = asdict(Words())
RINGS = ("proven", "reachable", "population")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for on the page."""

    obligation: str
    kind: str
    ring: str


@pages.get("/draft")
def ask(reference: str) -> ResponseReturnValue:
    """Show what a draft is written from, with the words of the last one."""
    wanted = _wanted(request.args)
    session = reading()
    incident = incidents.by_reference(session, reference)
    last = queries.latest(session, incident.id, wanted.obligation, wanted.kind)
    words = queries.words_of(last or queries.latest(session, incident.id, wanted.obligation))
    return _page(reference, wanted, {key: asdict(each) for key, each in words.items()}, None)


@pages.post("/draft")
def draft(reference: str) -> ResponseReturnValue:
    """Draft the notice; a fault keeps all that was typed."""
    wanted = _wanted(request.form)
    session = reading()
    incident = incidents.by_reference(session, reference)
    library = notice_reading.read_library(desk().templates, wanted.obligation)
    words = {
        language: said
        for language in library.manifest.languages
        if (said := _said(language)) != Words()
    }
    order = Order(incident.id, wanted.obligation, wanted.ring, words, kind=wanted.kind)
    here = desk()
    try:
        drafted = errands.draft(
            here.transactions, here.renderer, member().actor, here.law, here.templates, order
        )
    except (Refused, Unusable) as fault:
        typed = {language: asdict(each) for language, each in words.items()}
        return _page(reference, wanted, typed, fault), 422
    return redirect(url_for("notices.show", reference=reference, notice_id=drafted.id), 303)


@pages.post("/customers")
def name_customers(reference: str) -> ResponseReturnValue:
    """Keep, sealed, where the customers are alerted; the rows are pasted as CSV."""
    try:
        named = notice_reading.customers_in(request.form.get("rows", ""), "rows")
    except Unusable as fault:
        return _page(reference, Wanted(CUSTOMERS, FIRST, RINGS[0]), {}, fault), 422
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.name_customers(tx, incident, named)
    return redirect(url_for(".ask", reference=reference, obligation=CUSTOMERS), 303)


def _page(
    reference: str,
    wanted: Wanted,
    typed: Mapping[str, Mapping[str, Any]],
    fault: Refused | Unusable | None,
) -> str:
    session = reading()
    incident = incidents.by_reference(session, reference)
    library = notice_reading.read_library(desk().templates, wanted.obligation)
    own = datamap.current(session).organisation.languages or ("fr",)
    return render_template(
        "notices/draft.html",
        incident=incident,
        wanted=wanted,
        duties=DUTIES,
        kinds=KINDS,
        rings=RINGS,
        languages=sorted(
            library.manifest.languages, key=lambda each: (each not in own, each != own[0])
        ),
        open_languages={*own[:1], *typed},
        typed={each: typed.get(each) or NOTHING for each in library.manifest.languages},
        wrong=fault and refusal(fault),
        rows=request.form.get("rows", f"{CUSTOMER_COLUMNS}\n"),
        customers=queries.customers_counted(session, incident.id),
        row_columns=CUSTOMER_COLUMNS,
    )


def _wanted(given: Mapping[str, str]) -> Wanted:
    """Return what is asked for; anything unknown is the first notice to people."""
    obligation, kind, ring = (given.get(name, "") for name in ("obligation", "kind", "ring"))
    return Wanted(
        obligation if obligation in DUTIES else PEOPLE,
        kind if kind in KINDS else FIRST,
        ring if ring in RINGS else RINGS[0],
    )


def _said(language: str) -> Words:
    field = {name: request.form.get(f"{name}-{language}", "") for name in asdict(Words())}
    lines = (each.strip() for each in field["not_touched"].splitlines())
    return Words(
        field["what_happened"].strip(),
        tuple(each for each in lines if each),
        field["news"].strip(),
    )
