"""Who is who: the rows of the directories as people, each in the stores that they are in."""

from breachdesk.adapters.duckdb_engine import Engine

DETAILS = ("email", "second_email", "locale", "country", "customer")


def find(engine: Engine) -> bool:
    """Make `people`, `members`, `lasting` and `twice` of `listed`; tell if no key comes twice.

    `people` has a number for each key, `members` a row for each person in a store, `lasting`
    when a person had left every store; `twice` the keys that a store holds several times.
    """
    # keys of different hashes differ; should two keys have one, the longer way is as right
    hashes = engine.one("SELECT count(DISTINCT hash(person)) FROM listed")
    rows = engine.one("SELECT count(*) FROM listed")  # alone: both at once take twice as long
    if rows == hashes:
        for view in (
            "members AS SELECT number AS id, * EXCLUDE (number) FROM listed",
            "people AS SELECT person, id FROM members",
            "twice AS SELECT store, person FROM listed WHERE false",
            "lasting AS SELECT id, erased FROM members",
        ):
            engine.read(f"CREATE VIEW {view}")
        return True
    _number(engine)
    return False


def _number(engine: Engine) -> None:
    """Make a key that stands several times in a store one person, there if one row says so."""
    engine.read(
        "CREATE TABLE people AS SELECT person, (row_number() OVER ())::INTEGER AS id "
        "FROM (SELECT DISTINCT person FROM listed)"
    )
    engine.read(
        "CREATE TABLE twice AS SELECT store, person FROM listed "
        "GROUP BY store, person HAVING count(*) > 1"
    )
    columns = f"store, person, {', '.join(DETAILS)}, erased, over, gone, by_retention"
    details = ", ".join(
        f"first({each} ORDER BY l.number) FILTER ({each} IS NOT NULL)" for each in DETAILS
    )
    latest = ", ".join(
        f"CASE WHEN count({each}) = count(*) THEN max({each}) END"
        for each in ("erased", "over", "gone")
    )
    engine.read(
        f"CREATE TABLE members AS SELECT p.id, m.* FROM (SELECT {columns} "
        "FROM listed ANTI JOIN twice USING (store, person) UNION ALL "
        f"SELECT store, person, {details}, {latest}, bool_or(by_retention) "
        "FROM listed AS l SEMI JOIN twice USING (store, person) GROUP BY store, person) AS m "
        "JOIN people AS p USING (person)"
    )
    engine.read(
        "CREATE TABLE lasting AS SELECT id, "
        "CASE WHEN count(erased) = count(*) THEN max(erased) END AS erased "
        "FROM members GROUP BY id"
    )
