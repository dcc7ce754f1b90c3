"""Why each person is on the list: sentences that suffice to find the row."""

from breachdesk.adapters.duckdb_engine import Engine
from breachdesk.scoping.terms import Question

BETWEEN = "\n"
"""Stands between two sentences; no sentence holds it, for names of files are one line."""


def write(engine: Engine, question: Question) -> None:
    """Make `reasons` of what is proven of a person, `open_reasons` of what stood open."""
    names = {str(file.path): file.name for part in question.parts for file in part.files}
    names |= engine.copies
    engine.lend("files", {"path": "VARCHAR", "said": "VARCHAR"}, names.items())
    engine.run("""CREATE TABLE places AS
SELECT q.id, coalesce(f.said, q.file) || ' row ' || q.row || ', '
    || strftime(q.instant, '%Y-%m-%dT%H:%M:%S.%fZ') AS said
FROM requests AS q LEFT JOIN files AS f ON q.file = f.path""")
    engine.run(f"""CREATE TABLE reasons AS
WITH rows AS (SELECT id, route, how, min_by(request, (instant, request)) AS request,
    count(*) AS n FROM pairs GROUP BY id, route, how),
exports_first AS (SELECT route, min_by(request, (instant, request)) AS request
    FROM exports WHERE NOT mixed GROUP BY route),
sentences AS (
  SELECT w.id, 0 AS place, w.route, p.said || ': ' || r.said || ', ' || w.how
      || CASE WHEN w.n > 1 THEN ' (' || w.n || ' rows)' ELSE '' END AS said
  FROM rows AS w JOIN places AS p ON w.request = p.id JOIN routes AS r ON w.route = r.route
  UNION ALL
  SELECT w.id, 1, w.route, p.said || ': ' || r.said || ', whole store'
      || CASE WHEN w.n > 1 THEN ' (' || w.n || ' rows)' ELSE '' END
  FROM whole AS w JOIN routes AS r ON w.route = r.route
  JOIN exports_first AS e ON w.route = e.route JOIN places AS p ON e.request = p.id
  UNION ALL
  SELECT m.id, 2, m.row, coalesce(f.said, m.file) || ' line ' || m.row || ': on the list'
  FROM matched AS m SEMI JOIN leaked AS l ON m.id = l.id
  LEFT JOIN files AS f ON m.file = f.path)
SELECT id, string_agg(said, '{BETWEEN}' ORDER BY place, route, said) AS why
FROM sentences GROUP BY id""")
    engine.run(f"""CREATE TABLE open_reasons AS
SELECT g.present, string_agg(o.said || coalesce(': ' || p.said, ''), '{BETWEEN}'
    ORDER BY o.store, o.said) AS why
FROM (SELECT DISTINCT present FROM rings WHERE ring = 1) AS g
JOIN openings AS o ON (g.present & (1::BIGINT << o.store)) <> 0
LEFT JOIN places AS p ON o.request = p.id GROUP BY g.present""")
