"""Texts of evidence as values: the common spellings in SQL, every other one by the rules."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from breachdesk.adapters.duckdb_engine import Engine, text
from breachdesk.adapters.duckdb_files import Source
from breachdesk.scoping import rules
from breachdesk.scoping.rules import Network
from breachdesk.scoping.terms import Format

_DAY = r"[1-9]\d{3}-\d\d-\d\d[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?"
WITH_OFFSET = rf"{_DAY}(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)"
WITHOUT_OFFSET = _DAY
OF_COMBINED = (
    r"\d\d/[A-Z][a-z][a-z]/\d{4}:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d "
    r"[+-](?:[01]\d|2[0-3])[0-5]\d"
)
SINCE_EPOCH = r"\d{10}(?:\.\d{1,6})?|\d{13}|\d{16}"
_OCTET = r"(?:0|1(?:\d\d?)?|2(?:[0-4]\d?|5[0-5]?|[6-9])?|[3-9]\d?)"
"""0 to 255, so that each character leaves one way on: it is tested once."""
PLAIN_IPV4 = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
COMMON = {
    20: "%Y-%m-%dT%H:%M:%SZ",
    24: "%Y-%m-%dT%H:%M:%S.%gZ",
    25: "%Y-%m-%dT%H:%M:%S%z",
    27: "%Y-%m-%dT%H:%M:%S.%fZ",
    29: "%Y-%m-%dT%H:%M:%S.%g%z",
    32: "%Y-%m-%dT%H:%M:%S.%f%z",
}
"""The spellings read without a regular expression, by their lengths: with the length, no
part can be shorter than it should be."""
ZONED, ZONED_NS = "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"
"""How the engine calls instants that know their offset, to the micro- and nanosecond."""
WHOLE_NUMBERS = {
    f"{sign}{kind}" for sign in ("", "U") for kind in ("BIGINT", "INTEGER", "SMALLINT")
}


def moment(
    engine: Engine, source: Source, field: str, column: str, zone: ZoneInfo | None
) -> str:
    """Return the instant in `column` in UTC; NULL where it is not written in a common way.

    `column` is the text of the source's `field`.
    """
    if source.format is Format.COMBINED:
        plain = f"try_strptime({column}, '%d/%b/%Y:%H:%M:%S %z')"
        return f"CASE WHEN {_fits(column, OF_COMBINED)} THEN CAST({plain} AS TIMESTAMP) END"
    kind = source.types.get(field, "VARCHAR")
    if kind.startswith("TIMESTAMP"):
        typed = f"make_timestamp(epoch_us({field}_typed))"
        if kind.endswith("_NS"):  # a cast would round up what is cut off of texts
            typed = f"make_timestamp(epoch_ns({field}_typed) // 1000)"
        elif kind != ZONED:
            typed = f"CAST({field}_typed AS TIMESTAMP)"
        if kind == ZONED_NS:  # it has no infinity
            return typed
        if kind != ZONED:
            typed = _local(engine, typed, zone)
        return f"CASE WHEN isfinite({field}_typed) THEN {typed} END"
    if kind in WHOLE_NUMBERS:
        return _counted(f"CAST({field}_typed AS BIGINT)")
    return f"coalesce({_common(column)}, {_spelt(engine, column, zone)})"


def _common(column: str) -> str:
    """Return the instant in a text that is written as most are, and quickly."""
    cases = []
    for length, spelling in COMMON.items():
        test = f"strlen({column}) = {length} AND {column} BETWEEN '1' AND ':'"
        instant = f"try_strptime({column}, '{spelling}')"
        if spelling.endswith("%z"):
            test += f" AND right({column}, 5) < '24' AND right({column}, 2) < '60'"
            instant = f"make_timestamp(epoch_us({instant}))"
        cases.append(f"WHEN {test} THEN {instant}")
    return f"CASE {' '.join(cases)} END"


def _spelt(engine: Engine, column: str, zone: ZoneInfo | None) -> str:
    """Return the instant in a text of any other spelling that the engine reads as we do."""
    plain = f"make_timestamp(epoch_us(try_cast({column} AS TIMESTAMPTZ)))"
    whole = f"try_cast({column} AS BIGINT)"
    micros = f"try_cast(left({column}, 10) || rpad(substring({column}, 12), 6, '0') AS BIGINT)"
    cases = (
        f"WHEN {_fits(column, WITH_OFFSET)} THEN {plain} WHEN {_fits(column, SINCE_EPOCH)} "
        f"THEN CASE WHEN contains({column}, '.') THEN make_timestamp({micros}) "
        f"ELSE {_counted(whole)} END"
    )
    if zone is not None:
        local = _local(engine, f"try_cast({column} AS TIMESTAMP)", zone)
        cases += f" WHEN {_fits(column, WITHOUT_OFFSET)} THEN {local}"
    return f"CASE {cases} END"


def _counted(number: str) -> str:
    """Return the instant of a whole number of seconds, milli-, micro- or nanoseconds."""
    return (
        f"CASE WHEN {number} BETWEEN 1000000000 AND 9999999999 "
        f"THEN make_timestamp({number} * 1000000) "
        f"WHEN {number} BETWEEN 1000000000000 AND 9999999999999 "
        f"THEN make_timestamp({number} * 1000) "
        f"WHEN {number} BETWEEN 1000000000000000 AND 9999999999999999 "
        f"THEN make_timestamp({number}) END"
    )


def plain_address(field: str) -> str:
    """Return whether a field is empty or an IPv4 address as they are commonly written."""
    return f"({_fits(field, PLAIN_IPV4)} OR {field} IS NULL)"


def plain_status(source: Source) -> str:
    """Return whether the status of a source is written as they commonly are."""
    if source.types.get("status", "VARCHAR") in WHOLE_NUMBERS:
        return "coalesce(status_typed BETWEEN 100 AND 999, false)"
    return (
        "CASE WHEN status IN ('200', '404') THEN true "
        r"ELSE coalesce(regexp_full_match(status, '[1-9]\d\d'), false) END"
    )


def resolve_addresses(engine: Engine, log: str, networks: Sequence[Network] = ()) -> None:
    """Make a table of the addresses of a log: are they any, and are they the intruder's?

    It leaves out those that are plainly addresses and in no network.
    """
    near = [f"starts_with(ip, {text(rules.prefix(each))})" for each in networks]
    doubtful = " OR ".join((f"NOT {plain_address('ip')}", *near))
    seen = engine.stream(f"SELECT DISTINCT ip FROM {log} WHERE ip IS NOT NULL AND ({doubtful})")
    engine.lend(
        f"{log}_addresses",
        {"ip": "VARCHAR", "known": "BOOLEAN", "hit": "BOOLEAN"},
        ((ip, rules.address(ip) is not None, rules.within(ip, networks)) for (ip,) in seen),
    )


def resolve_statuses(engine: Engine, log: str) -> None:
    """Make a table of the statuses of a log as numbers."""
    seen = engine.stream(f"SELECT DISTINCT status FROM {log} WHERE status IS NOT NULL")
    engine.lend(
        f"{log}_statuses",
        {"status": "VARCHAR", "code": "SMALLINT"},
        ((status, rules.status(status)) for (status,) in seen),
    )


def resolve_moments(
    engine: Engine, table: str, query: str, zone: ZoneInfo | None, *, dates: bool = False
) -> None:
    """Make `table` of the instants in the texts of `query`; NULL if not understood."""
    engine.lend(
        table,
        {"said": "VARCHAR", "instant": "TIMESTAMP"},
        (
            (said, _plain(rules.moment(said, zone, dates=dates)))
            for (said,) in engine.stream(query)
        ),
    )


def timestamp(at: datetime) -> str:
    """Return an instant as SQL writes it, in UTC."""
    return f"TIMESTAMP {written(at)}"


def written(at: datetime) -> str:
    """Return an instant in UTC as a text that SQL reads."""
    return text(_plain(at) or "")


def _plain(at: datetime | None) -> str | None:
    return None if at is None else at.replace(tzinfo=None).isoformat(" ")


def _fits(field: str, pattern: str) -> str:
    return f"regexp_full_match({field}, {text(pattern)})"


def _local(engine: Engine, local: str, zone: ZoneInfo | None) -> str:
    """Return a local time in UTC; NULL without a zone, and where it comes twice or never."""
    if zone is None:
        return "CAST(NULL AS TIMESTAMP)"
    macro = f"from_{str(zone).encode().hex()}"
    table = [(at, seconds) for at, seconds in rules.offsets(zone)]
    engine.run(f"CREATE OR REPLACE TEMP MACRO {macro}(local) AS {_search(table)}")
    return f"{macro}({local})"


def _search(table: Sequence[tuple[datetime, int | None]]) -> str:
    """Return a binary search for the offset that holds at `local`."""
    if len(table) == 1:
        seconds = table[0][1]
        return "NULL" if seconds is None else f"local - to_seconds({seconds})"
    middle = len(table) // 2
    at = table[middle][0].isoformat(" ")
    early, late = _search(table[:middle]), _search(table[middle:])
    return f"CASE WHEN local < TIMESTAMP '{at}' THEN {early} ELSE {late} END"
