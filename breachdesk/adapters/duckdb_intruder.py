"""What makes a row the intruder's, as constant expressions over the columns of a log."""

from collections.abc import Sequence

from breachdesk.adapters import duckdb_values
from breachdesk.adapters.duckdb_engine import text
from breachdesk.scoping import rules
from breachdesk.scoping.rules import Network
from breachdesk.scoping.terms import Question


def networks(question: Question) -> tuple[Network, ...]:
    """Return the intruder's addresses and networks."""
    found = (rules.network(each) for each in question.intruder.ip)
    return tuple(each for each in found if each is not None)


def looked_at(question: Question) -> tuple[str, ...]:
    """Return the fields that are looked at in each row, to judge it and for `perhaps`."""
    intruder = question.intruder
    asked = {
        "token": intruder.token, "account": intruder.account, "user_agent": intruder.user_agent,
    }  # fmt: skip
    return "at", "ip", "status", *(field for field, words in asked.items() if words)


def in_window(field: str, question: Question, *, zoned: bool = False) -> str:
    """Return whether an instant lies in the window; `zoned` ones know their offsets."""
    since, until = (
        f"CAST({said} || '+00' AS TIMESTAMPTZ)" if zoned else f"TIMESTAMP {said}"
        for said in map(duckdb_values.written, (question.window.since, question.window.until))
    )
    return f"({field} >= {since} AND {field} < {until})"


def perhaps(question: Question, *, ordered: bool, odd: str | None = None) -> str:
    """Return a quick test that no row of the intruder's fails; NULL is no.

    `ordered` keeps to expressions that leave the rows in order. `odd` is a table of addresses
    that are the intruder's though they are not written as addresses commonly are; without it
    such rows are to be looked at anyway.
    """
    tests = _named(question, "", ordered=ordered)
    prefixes = dict.fromkeys(rules.prefix(each) for each in networks(question))
    whole = [each for each in prefixes if not each.endswith((".", ":")) and each]
    if whole:
        tests.append(_among("ip", whole, ordered=ordered))
    tests.extend(f"starts_with(ip, {text(each)})" for each in prefixes if each not in whole)
    if odd is not None:
        tests.append(f"ip IN (SELECT ip FROM {odd})")
    return f"({' OR '.join(tests)})" if tests else "false"


def surely(question: Question) -> str:
    """Return the test, given `l` with a row's texts and `a` with its address; NULL is no."""
    tests = _named(question, "l.", ordered=False)
    return "(" + " OR ".join([*tests, "a.hit"]) + ")"


def _named(question: Question, prefix: str, *, ordered: bool) -> list[str]:
    """Return the tests of token, account and user agent."""
    intruder, tests = question.intruder, []
    for field, words in (("token", intruder.token), ("account", intruder.account)):
        if words:
            tests.append(_among(f"{prefix}{field}", words, ordered=ordered))
    patterns = (_like(pattern) for pattern in intruder.user_agent)
    tests.extend(f"{prefix}user_agent {like}" for like in patterns)
    return tests


def _among(field: str, words: Sequence[str], *, ordered: bool) -> str:
    """Return whether a field is one of some words."""
    several = ", ".join(text(word) for word in words)
    if ordered:  # with IN the engine may join, and lose the order of the rows
        return f"list_position([{several}], {field}) > 0"
    return f"{field} IN ({several})"


def _like(pattern: str) -> str:
    """Return the comparison with a user agent in which `*` stands for any run."""
    if "*" not in pattern:
        return f"= {text(pattern)}"
    escaped = pattern.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"LIKE {text(escaped.replace('*', '%'))} ESCAPE '!'"
