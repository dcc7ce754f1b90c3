"""How many persons stand behind the records of the directories, and how many there may be."""

from breachdesk.adapters.duckdb_engine import Engine
from breachdesk.scoping.terms import Question

PHONE_DIGITS = 9
"""So many last digits of a telephone number are compared: what stands before is a prefix."""


def count(engine: Engine, question: Question) -> dict[str, int]:
    """Return records, persons, and persons if every suggestion held.

    One person is who has one key, or in two stores one e-mail address that nobody shares
    there. An equal telephone number only suggests it: matching on it makes too few people.
    """
    records, people = engine.one(
        "SELECT (SELECT count(*) FROM listed), (SELECT count(*) FROM people)"
    )
    stores = {each.store for each in question.directories}
    sources = []
    if len(stores) > 1 and any("email" in each.columns for each in question.directories):
        sources.append("SELECT id, mark FROM mail_marks")
        _mails(engine)
    fewer = _merged(engine, sources, "same_mail")
    suggested = fewer
    if any("phone" in each.columns for each in question.directories):
        _phones(engine)
        suggested = _merged(engine, [*sources, "SELECT id, mark FROM phone_marks"], "same_any")
    return {
        "records": int(records),
        "persons": int(people) - fewer,
        "persons_if_suggestions_held": int(people) - suggested,
    }


def _mails(engine: Engine) -> None:
    """Make `mail_marks`: the people of each address that several stores have, none twice."""
    engine.read(
        "CREATE TABLE mail_marks AS WITH held AS (SELECT a.id, a.email, m.store "
        "FROM addresses AS a JOIN members AS m ON a.id = m.id), "
        "each_store AS (SELECT email, store, count(DISTINCT id) AS n FROM held "
        "GROUP BY email, store), alone AS (SELECT email FROM each_store GROUP BY email "
        "HAVING max(n) = 1 AND count(*) > 1) "
        "SELECT DISTINCT h.id, 'mail ' || h.email AS mark FROM held AS h "
        "JOIN alone AS a ON h.email = a.email"
    )


def _phones(engine: Engine) -> None:
    """Make `phone_marks`: the people of each telephone number that several have."""
    engine.read(
        "CREATE TABLE phone_marks AS WITH held AS (SELECT DISTINCT p.id, "
        f"right(regexp_replace(l.phone, '[^0-9]', '', 'g'), {PHONE_DIGITS}) AS mark "
        "FROM listed AS l JOIN people AS p ON l.person = p.person WHERE l.phone IS NOT NULL) "
        f"SELECT id, mark FROM held WHERE length(mark) = {PHONE_DIGITS} "
        "AND mark IN (SELECT mark FROM held GROUP BY mark HAVING count(*) > 1)"
    )


def _merged(engine: Engine, sources: list[str], label: str) -> int:
    """Return by how many there are fewer people if those with a common mark are one."""
    if not sources:
        return 0
    engine.read(f"CREATE TABLE {label}_marks AS {' UNION ALL '.join(sources)}")
    engine.read(f"CREATE TABLE {label} AS SELECT DISTINCT id, id AS one FROM {label}_marks")
    changed = True
    while changed:
        engine.read(
            f"CREATE OR REPLACE TABLE {label}_next AS WITH least AS (SELECT m.mark, "
            f"min(s.one) AS one FROM {label}_marks AS m JOIN {label} AS s ON m.id = s.id "
            "GROUP BY m.mark) SELECT m.id, min(l.one) AS one "
            f"FROM {label}_marks AS m JOIN least AS l ON m.mark = l.mark GROUP BY m.id"
        )
        changed = bool(
            engine.one(
                f"SELECT count(*) FROM {label} AS s JOIN {label}_next AS n ON s.id = n.id "
                "WHERE s.one <> n.one"
            )[0]
        )
        engine.read(f"CREATE OR REPLACE TABLE {label} AS FROM {label}_next")
    return int(engine.one(f"SELECT count(*) - count(DISTINCT one) FROM {label}")[0])
