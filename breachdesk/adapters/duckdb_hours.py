"""When the intruder was there: their rows by hour, and those that reached anybody's data."""

from breachdesk.adapters.duckdb_engine import Engine


def count(engine: Engine) -> tuple[tuple[str, int, int], ...]:
    """Return each hour with a row of the intruder's: the hour in UTC, the rows, those that hit.

    A row hits when its path, method and status fit a route that shows somebody's data.
    """
    rows = engine.rows("""SELECT date_trunc('hour', q.instant) AS hour, count(*),
    count(h.request)
FROM requests AS q LEFT JOIN (SELECT DISTINCT h.request FROM hits AS h
    JOIN routes AS r ON h.route = r.route WHERE h.applies AND r.people <> 'none') AS h
  ON q.id = h.request
GROUP BY date_trunc('hour', q.instant) ORDER BY hour""")
    return tuple((f"{hour.isoformat()}+00:00", every, hits) for hour, every, hits in rows)
