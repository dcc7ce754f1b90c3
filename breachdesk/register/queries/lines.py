"""The register: derived lines of open incidents, frozen lines of closed ones."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from breachdesk.datamap import queries as datamap
from breachdesk.filings import rules as filing_rules
from breachdesk.filings.terms import Form
from breachdesk.incidents.queries import Incident
from breachdesk.law.terms import Law
from breachdesk.register import rules
from breachdesk.register.models import RegisterLine
from breachdesk.register.queries.deriving import facts_of_many
from breachdesk.register.terms import Page, Place, Reader, Row, Sought

PARIS = "Europe/Paris"
"""The clock of a house that names none."""
BATCH = 100
"""Incidents that are read at once: a statement for each kind of row of so many."""
ANY = Sought()
KEYS = (Incident.id, Incident.year, Incident.number)
"""All that is read of an incident whose line is frozen."""
Ts = TypeVarTuple("Ts")


def lines(
    session: Session, law: Law, form: Form, now: datetime, sought: Sought = ANY
) -> Iterator[Row]:
    """Yield the register, the earliest number first: a batch is in memory at a time."""
    order = (Incident.year, Incident.number)
    last: Place | None = None
    while True:
        found = _sifted(select(*KEYS), sought).order_by(*order).limit(BATCH)
        if last is not None:
            found = found.where(tuple_(*order) > (last.year, last.number))
        batch = session.execute(found).all()
        for _, row in _rows(session, law, form, now, batch, sought):
            yield row
        if len(batch) < BATCH:
            return
        last = Place(batch[-1].year, batch[-1].number)


def page(  # noqa: PLR0913  (what `lines` takes, and where the page begins)
    session: Session,
    law: Law,
    form: Form,
    now: datetime,
    sought: Sought = ANY,
    *,
    before: Place | None = None,
    after: Place | None = None,
    size: int = 20,
) -> Page:
    """Return one page of the register, the latest number first, without counting the rest.

    It ends before the place `before`, or begins after the place `after`. Derived lines hold
    numbers and decisions, no texts. A filter that only a line's own words answer reads on
    until the page is full.
    """
    backwards = after is None
    order = (Incident.year, Incident.number)
    found: list[tuple[Place, Row]] = []
    edge = before if backwards else after
    start = edge
    while len(found) <= size:
        statement = _sifted(select(Incident), sought).limit(
            BATCH if _reads_on(sought) else size + 1
        )
        if edge is not None:
            place = (edge.year, edge.number)
            statement = statement.where(
                tuple_(*order) < place if backwards else tuple_(*order) > place
            )
        statement = statement.order_by(*((c.desc() for c in order) if backwards else order))
        batch = session.scalars(statement).all()
        found += _rows(session, law, form, now, batch, sought, texts=False)
        if len(batch) < size + 1:
            break
        edge = Place(batch[-1].year, batch[-1].number)
    more, shown = len(found) > size, found[:size]
    if not backwards:
        shown.reverse()
    ends = [place for place, _ in shown]
    return Page(
        rows=tuple(row for _, row in shown),
        older=ends[-1] if ends and (more or not backwards) else None,
        newer=ends[0] if ends and (more if not backwards else start is not None) else None,
    )


def line(session: Session, law: Law, form: Form, incident: Incident, now: datetime) -> Row:
    """Return the line of one incident: the frozen one if it is closed, else derived."""
    frozen = frozen_line(session, incident.id)
    if frozen is not None:
        return {**frozen.content}
    return rules.line(facts_of_many(session, law, form, [incident], now)[incident.id])


def reader(session: Session, law: Law, form: Form) -> Reader:
    """Return who reads the register: the house of the data map, its clock and the words."""
    version = datamap.current_version(session)
    house = None if version is None else datamap.parsed(version).organisation
    zone = (house and house.zone) or PARIS
    return Reader(
        house="" if house is None else house.name,
        zone=zone,
        clock=filing_rules.clock(zone),
        labels=rules.labels(form),
        duties={duty.code: duty.label["fr"] for pack in law.packs for duty in pack.duties},
    )


def frozen_line(session: Session, incident_id: UUID) -> RegisterLine | None:
    """Return the frozen line that stands; None while the incident is open."""
    return session.scalars(
        select(RegisterLine)
        .where(RegisterLine.incident_id == incident_id, RegisterLine.reopened_at.is_(None))
        .order_by(RegisterLine.id.desc())
        .limit(1)
    ).first()


def frozen_lines(session: Session, incident_id: UUID) -> Sequence[RegisterLine]:
    """Return every line that was frozen, those of reopened incidents too, the first first."""
    return session.scalars(
        select(RegisterLine)
        .where(RegisterLine.incident_id == incident_id)
        .order_by(RegisterLine.id)
    ).all()


def _sifted(found: Select[*Ts], sought: Sought) -> Select[*Ts]:
    """Return the incidents that are asked for, as far as columns can tell."""
    if not sought.drills:
        found = found.where(Incident.drill.is_(False))
    if sought.year is not None:
        found = found.where(Incident.year == sought.year)
    if sought.status is not None:
        found = found.where(Incident.stage == sought.status.value)
    return found


def _reads_on(sought: Sought) -> bool:
    """Tell whether the lines themselves must be read to know which are asked for."""
    return bool(sought.text) or (sought.cause, sought.notified, sought.late) != (None,) * 3


def _rows(
    session: Session,
    law: Law,
    form: Form,
    now: datetime,
    batch: Sequence[Any],
    sought: Sought,
    *,
    texts: bool = True,
) -> Iterator[tuple[Place, Row]]:
    """Yield the lines of a batch that are asked for, each with its place.

    A batch is of incidents, or of their keys alone: most are closed, and need no more.
    """
    frozen = _frozen(session, [each.id for each in batch])
    live = [each for each in batch if each.id not in frozen]
    if live and not isinstance(live[0], Incident):
        of_these = select(Incident).where(Incident.id.in_([each.id for each in live]))
        live = [*session.scalars(of_these)]
    facts = facts_of_many(session, law, form, live, now, texts=texts) if live else {}
    for each in batch:
        row = frozen.get(each.id) or rules.line(facts[each.id])
        if rules.meets(row, sought):
            yield Place(each.year, each.number), row


def _frozen(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the lines that stand frozen, as they were stored, by their incidents' ids."""
    rows = session.execute(
        select(RegisterLine.incident_id, RegisterLine.content).where(
            RegisterLine.incident_id.in_(ids), RegisterLine.reopened_at.is_(None)
        )
    )
    return {row.incident_id: row.content for row in rows}
