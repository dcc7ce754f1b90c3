"""Hours in which nothing leaves, by the clocks of the readers.

A country is known, a town is not. So where a country has several clocks, hours are quiet while
they are by any of them: nobody is woken, and fewer hours are left.
"""

import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

from breachdesk.delivery.terms import Quiet
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.times import zone as known_zone

BETWEEN = "|"
LOOKED_AT = tuple(timedelta(weeks=n) for n in range(10))
"""Clocks that agree so long are the same: no campaign lasts longer."""
NOWHERE = "ZZ"
"""What CLDR calls an unknown country; the world and its parts are numbers."""
NO_HOUR_LEFT = timedelta(days=2)


class Clocks:
    """Gives readers whose clocks agree the same name: Paris, Berlin and Rome are one."""

    def __init__(self, now: datetime) -> None:
        """Compare clocks from `now` on."""
        self._now = now
        self._names: dict[tuple[timedelta | None, ...], str] = {}
        self._known: dict[tuple[str | None, str | None], str | None] = {}

    def of(self, country: str | None, locale: str | None) -> str | None:
        """Return the zones of a reader's clocks, joined; None where nothing tells.

        The country decides, else the one that the locale names (fr-CA).
        """
        reader = country, locale
        if reader not in self._known:
            self._known[reader] = self._zones(_territory(country, locale))
        return self._known[reader]

    def _zones(self, territory: str | None) -> str | None:
        if territory is None:
            return None
        found = {name for zone in _zones_of()[territory] if (name := self._name(zone))}
        return BETWEEN.join(sorted(found)) or None

    def _name(self, zone: str) -> str | None:
        try:
            where = ZoneInfo(zone)
        except ZoneInfoNotFoundError:
            return None  # younger than the system's table
        clock = tuple((self._now + each).astimezone(where).utcoffset() for each in LOOKED_AT)
        return self._names.setdefault(clock, zone)


def quiet_until(quiet: Quiet | None, now: datetime) -> datetime | None:
    """Return when the quiet hours that `now` lies in are over; None outside them."""
    if quiet is None:
        return None
    where = ZoneInfo(quiet.zone)
    local = now.astimezone(where)
    since, until = time.fromisoformat(quiet.since), time.fromisoformat(quiet.until)
    clock = local.time()
    inside = since <= clock < until if since < until else clock >= since or clock < until
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if since > until and clock >= since else 0)
    over = datetime.combine(day, until, where)
    return over if over.astimezone(UTC) > now else over.replace(fold=1)  # the hour came twice


def quiet_hours(text: str, zone_name: str) -> Quiet | None:
    """Read `21:00-08:00` in a zone; None for `none`. Raises Unusable."""
    if text in {"", "none"}:
        return None
    since, _, until = text.partition("-")
    try:
        begins, ends = time.fromisoformat(since.strip()), time.fromisoformat(until.strip())
    except ValueError:
        raise Unusable(Problem("are written 21:00-08:00, or none", field="quiet")) from None
    if begins == ends or begins.tzinfo or ends.tzinfo:
        raise Unusable(Problem("begin and end at two hours of the day", field="quiet"))
    known_zone(zone_name)
    return Quiet(f"{begins:%H:%M}", f"{ends:%H:%M}", zone_name)


def quiet_for(quiet: Quiet | None, zones: str | None, at: datetime) -> datetime | None:
    """Return when hours that are quiet by any of a reader's clocks are over; None outside them.

    Where the clocks of a country leave no hour at all, and where none is known, those of the
    campaign's own zone count.
    """
    if quiet is None or zones is None:
        return quiet_until(quiet, at)
    own = [replace(quiet, zone=zone) for zone in zones.split(BETWEEN)]
    until = at
    while overs := [over for each in own if (over := quiet_until(each, until))]:
        until = max(overs)
        if until - at > NO_HOUR_LEFT:
            return quiet_until(quiet, at)
    return until if until > at else None


def _territory(country: str | None, locale: str | None) -> str | None:
    parts = re.split("[-_]", locale or "")[1:]
    for each in (country or "", *parts):
        if each.strip().upper() in _zones_of():
            return each.strip().upper()
    return None


@cache
def _zones_of() -> dict[str, tuple[str, ...]]:
    """Return the zones of each country (Unicode CLDR), by the code of ISO 3166-1."""
    found: dict[str, list[str]] = defaultdict(list)
    for zone, territory in get_global("zone_territories").items():
        if territory.isalpha() and territory != NOWHERE:
            found[territory].append(zone)
    return {territory: tuple(sorted(zones)) for territory, zones in found.items()}
