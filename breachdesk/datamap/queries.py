"""The data map in force, and those before it."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.datamap import reading
from breachdesk.datamap.models import DataMapVersion
from breachdesk.datamap.terms import DataMap
from breachdesk.kernel.errors import Refused, Unknown


class NoDataMap(Refused):
    """Nothing can be measured, drafted or filed before a data map is imported."""


def current(session: Session) -> DataMap:
    """Return the data map in force. Raises NoDataMap."""
    latest = current_version(session)
    if latest is None:
        raise NoDataMap(
            "no data map is imported yet; run: breachdesk datamap import datamap.toml"
        )
    return parsed(latest)


def current_version(session: Session) -> DataMapVersion | None:
    """Return the version in force: the latest."""
    return session.scalars(
        select(DataMapVersion).order_by(DataMapVersion.version.desc()).limit(1)
    ).first()


def version(session: Session, number: int) -> DataMapVersion:
    """Return the version of that number. Raises Unknown."""
    found = session.scalars(
        select(DataMapVersion).where(DataMapVersion.version == number)
    ).first()
    if found is None:
        raise Unknown(f"there is no version {number} of the data map")
    return found


def versions(session: Session) -> Sequence[DataMapVersion]:
    """Return every version, the earliest first."""
    return session.scalars(select(DataMapVersion).order_by(DataMapVersion.version)).all()


def parsed(row: DataMapVersion) -> DataMap:
    """Return what a version says."""
    return _parsed(row.source, row.version)


@lru_cache(maxsize=16)
def _parsed(source: str, number: int) -> DataMap:
    """Read a text once: it never changes, and a page would read it again each time."""
    return reading.parse(source, f"data map, version {number}")
