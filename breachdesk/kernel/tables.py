"""The base of every table: constraint names, UTC instants, rows owned by an organisation."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Dialect, ForeignKey, MetaData, Uuid, event
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.types import JSON, TypeDecorator

from breachdesk.kernel.times import utc

ORGANISATION = "organisation_id"
EVERY_ORGANISATION = "every organisation"


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC: SQLite forgets zones, we do not. Refuses naive times."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC on the way in; SQLite's column has no room for the offset."""
        if value is None:
            return None
        moved = utc(value)
        return moved.replace(tzinfo=None) if dialect.name == "sqlite" else moved

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what was stored, aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Table(DeclarativeBase):
    """The base of every table: each row has a UUIDv7 of ours, never one of the database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant(),
        UUID: Uuid(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)


class Owned:
    """A row that belongs to one organisation; no session sees another organisation's."""

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)


class NoOrganisation(RuntimeError):
    """A session that speaks for no organisation asked for rows that belong to one."""


@event.listens_for(Session, "do_orm_execute")
def _only_own_rows(state: ORMExecuteState) -> None:
    """Add the organisation to every ORM statement on owned rows, so that none can forget it."""
    touches_owned = any(issubclass(mapper.class_, Owned) for mapper in state.all_mappers)
    if not touches_owned or state.is_insert:
        return
    owner = state.session.info.get(ORGANISATION)
    if owner == EVERY_ORGANISATION:
        return
    if owner is None:
        raise NoOrganisation(str(state.statement))
    state.statement = state.statement.options(_of(owner))


@lru_cache(256)
def _of(owner: UUID) -> ExecutableOption:
    """Return the condition that rows are of `owner`; to build it costs as much as a query."""
    return with_loader_criteria(
        Owned, lambda table: table.organisation_id == owner, include_aliases=True
    )


@event.listens_for(Session, "before_flush")
def _own_new_rows(session: Session, _context: object, _instances: object) -> None:
    """Write the session's organisation on every new owned row; refuse a row of another.

    A row that is there already is refused on its way to another organisation, too.
    """
    owner = session.info.get(ORGANISATION)
    for row in session.dirty:
        if isinstance(row, Owned) and owner not in {row.organisation_id, EVERY_ORGANISATION}:
            raise NoOrganisation(type(row).__name__)
    for row in session.new:
        if isinstance(row, Owned) and owner != EVERY_ORGANISATION:
            if owner is None or row.organisation_id not in {None, owner}:
                raise NoOrganisation(type(row).__name__)
            row.organisation_id = owner
