"""Need to know: an incident may be for named members alone, and no query can forget it.

Which rows belong to an incident is read from the foreign keys: a table from which a chain of
them leads to `incidents` is of an incident, today's and tomorrow's. A session that reads for a
member is told once which incidents are hidden from them; every ORM statement of it then leaves
out those, and whatever hangs on them.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Uuid,
    and_,
    column,
    event,
    or_,
    select,
    table,
)
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from breachdesk.kernel.errors import Forbidden
from breachdesk.kernel.tables import ORGANISATION, Table

READER = "reader"
"""Whose eyes a session has: a member's id; without one it sees every incident."""
WHOLE = "whole"
"""The execution option of the few statements that must see all: numbering, chaining."""
_HIDDEN = "hidden incidents"
INCIDENTS = "incidents"
NAMED = "incident_id"
TRAIL = "audit_entries"
_READERS = table(
    "incident_readers",
    column("organisation_id", Uuid()),
    column("incident_id", Uuid()),
    column("member_id", Uuid()),
    column("left_at"),
)


def look_as(session: Session, member_id: UUID | None) -> None:
    """Give a session the eyes of a member, or those of the desk itself, which sees all."""
    session.info[READER] = member_id


@event.listens_for(Session, "do_orm_execute")
def _leave_out_hidden(state: ORMExecuteState) -> None:
    """Leave hidden incidents out of every ORM statement."""
    if state.is_insert or state.execution_options.get(WHOLE):
        return
    if state.session.info.get(READER) is None:
        return
    lasting = _lasting(len(Table.registry.mappers))
    for mapper in state.all_mappers:
        if mapper.class_ in lasting:
            state.statement = state.statement.options(lasting[mapper.class_])
    hidden = _hidden(state.session)
    if hidden:
        state.statement = state.statement.options(*_criteria(hidden))


@event.listens_for(Session, "before_flush")
def _refuse_hidden(session: Session, _context: object, _instances: object) -> None:
    """Refuse a row that would hang on a hidden incident, new or moved there."""
    touched = (*session.new, *session.dirty)
    hidden = _hidden(session) if touched else frozenset()
    for row in touched if hidden else ():
        if getattr(row, "incident_id", None) in hidden:
            raise Forbidden("this incident is for named members alone")


def _hidden(session: Session) -> frozenset[UUID]:
    """Return the incidents that the session's member may not see; asked once a session."""
    reader = session.info.get(READER)
    if reader is None:
        return frozenset()
    if _HIDDEN not in session.info:
        readers, house = _READERS.c, session.info[ORGANISATION]
        confined = select(readers.incident_id).where(
            readers.organisation_id == house, readers.left_at.is_(None)
        )
        mine = confined.where(readers.member_id == reader)
        rows = session.connection().execute(confined.except_(mine))
        session.info[_HIDDEN] = frozenset(row[0] for row in rows)
    found: frozenset[UUID] = session.info[_HIDDEN]
    return found


def _criteria(hidden: frozenset[UUID]) -> Iterator[Any]:
    """Yield what to leave out of each table that is of an incident, and of the trail."""
    known = of_incidents(len(Table.registry.mappers))
    for owner, path in known.items():
        yield with_loader_criteria(
            owner, _seen(owner.__table__, path, hidden), include_aliases=True
        )
    for mapper in Table.registry.mappers:
        if mapper.class_.__tablename__ == TRAIL:
            subject = mapper.class_.__table__.c.subject_id
            tied = (_tied(each.__table__, path, hidden) for each, path in known.items())
            yield with_loader_criteria(
                mapper.class_, ~or_(*(subject.in_(ids) for ids in tied)), include_aliases=True
            )


@cache
def _lasting(count: int) -> dict[type[Table], Any]:
    """Return what outlives incidents, and how to leave out what is left of those that went.

    For whom an incident was kept goes with it: what is left is for who sees every incident.
    """
    known = of_incidents(count)
    found: dict[type[Table], Any] = {}
    for mapper in Table.registry.mappers:
        owner, columns = mapper.class_, mapper.local_table.c
        if owner.__tablename__ == TRAIL:
            gone = (
                and_(
                    columns.subject_type == each.__tablename__,
                    ~_stands(each.__table__, columns.subject_id),
                )
                for each in known
            )
            found[owner] = with_loader_criteria(owner, ~or_(*gone), include_aliases=True)
        elif _outlives(mapper.local_table):
            there = _incident_of(mapper.local_table)
            found[owner] = with_loader_criteria(owner, there, include_aliases=True)
    return found


def _outlives(owner: FromClause) -> bool:
    """Tell whether rows of a table stay when their incident goes: no key holds them to it."""
    return NAMED in owner.c and not owner.c[NAMED].foreign_keys


def _stands(owner: FromClause, identity: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Tell whether the row is there of which this is the id, and its incident with it."""
    row = select(owner.c.id).where(owner.c.id == identity)
    return (row.where(_incident_of(owner)) if _outlives(owner) else row).exists()


def _incident_of(owner: FromClause) -> ColumnElement[bool]:
    there = table(INCIDENTS, column("id", Uuid()))
    return select(there.c.id).where(there.c.id == owner.c[NAMED]).exists()


@cache
def of_incidents(_count: int) -> dict[type[Table], tuple[Column[Any], ...]]:
    """Return every table that is of an incident, with the columns that lead there.

    `_count` is how many tables are known: with another one they are looked through again.
    """
    found: dict[type[Table], tuple[Column[Any], ...]] = {}
    for mapper in Table.registry.mappers:
        path = _path(mapper.local_table)
        if path is not None:
            found[mapper.class_] = path
    return found


def _path(start: Any, seen: frozenset[str] = frozenset()) -> tuple[Column[Any], ...] | None:
    """Return the shortest chain of foreign keys from a table to the incidents."""
    if start.name == INCIDENTS:
        return ()
    if NAMED in start.c:  # also where the row outlives its incident, and no key may hold it
        return (start.c[NAMED],)
    chains = [
        (key.parent, *rest)
        for key in start.foreign_keys
        if key.column.table.name not in {*seen, start.name}
        and (rest := _path(key.column.table, seen | {start.name})) is not None
    ]
    return min(chains, key=len, default=None)


def _seen(
    owner: FromClause, path: tuple[Column[Any], ...], hidden: frozenset[UUID]
) -> ColumnElement[bool]:
    if not path:
        return owner.c.id.not_in(hidden)
    return or_(path[0].is_(None), path[0].not_in(_above(path, hidden)))


def _tied(owner: FromClause, path: tuple[Column[Any], ...], hidden: frozenset[UUID]) -> Any:
    """Return the ids of the rows of `owner` that hang on hidden incidents."""
    if not path:
        return list(hidden)
    return select(owner.c.id).where(path[0].in_(_above(path, hidden)))


def _above(path: tuple[Column[Any], ...], hidden: frozenset[UUID]) -> Any:
    """Return what the first column of a path holds where it leads to hidden incidents."""
    first, *rest = path
    if not rest:
        return list(hidden)
    parent = next(iter(first.foreign_keys)).column.table
    return _tied(parent, tuple(rest), hidden)
