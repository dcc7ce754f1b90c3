"""What the demonstration did, told to a person."""

from collections.abc import Mapping
from typing import Any


def tell(made: Mapping[str, Any]) -> str:
    """Return the story of the journey: what was found, decided, said and kept, and where."""
    return "\n".join(
        ["", *_incident(made), *_scope(made), *_risk(made), *_clocks(made), *_notices(made),
         *_filing(made), *_files(made)]
    )  # fmt: skip


def _incident(made: Mapping[str, Any]) -> list[str]:
    incident = made["incident"]
    return [
        f"{incident['reference']}  {incident['title']}",
        f"  aware at {incident['aware_at']}; {incident['tasks']} tasks ({incident['runbook']})",
    ]


def _scope(made: Mapping[str, Any]) -> list[str]:
    scope = made["scope"]
    rings, unread = scope["rings"], scope["unmatched"]["unread_rows"]
    speed = f"{scope['rows_per_second']:,.0f} rows a second"
    lines = [
        "",
        "Who is affected, from the logs",
        _count(rings["proven"], "proven by a row of the log or a list"),
        _count(rings["reachable"], "within reach of what the intruder could read"),
        _count(rings["population"], "in the stores of the question"),
        _count(scope["rows_read"], f"rows read, {unread} could not be; {speed}"),
    ]
    lines += [
        _count(counts["proven"], category)
        for category, counts in scope["by_category"].items()
        if counts["proven"]
    ]
    return lines


def _risk(made: Mapping[str, Any]) -> list[str]:
    risk = made["risk"]
    return ["", f"Risk: {risk['level']}, by rule {risk['rule']}", f"  {_text(risk['reason'])}"]


def _clocks(made: Mapping[str, Any]) -> list[str]:
    lines = ["", "What the law asks"]
    for each in made["obligations"]:
        lines.append(f"  {each['due'] or 'without undue delay':<25}  {each['duty']}")
        lines.append(f"    {_text(each['explanation'])}")
    return lines


def _notices(made: Mapping[str, Any]) -> list[str]:
    notice, report = made["notice"], made["delivery"]
    approvers = " and ".join(notice["approved_by"])
    lines = [
        "",
        f"Notices: {len(notice['variants'])} texts, nothing missing, approved by {approvers}",
        _count(report["people"], "people in the campaign"),
        _count(report["accepted"], f"handed over, in {report['messages']:,} messages"),
        _count(report["not_informed"], "not informed by us, each with a reason:"),
    ]
    return lines + [
        _count(people, f"  {reason.replace('_', ' ')}")
        for reason, people in report["reasons"].items()
    ]


def _filing(made: Mapping[str, Any]) -> list[str]:
    missing = made["filing_missing"]
    what = ", ".join(missing) if missing else "nothing"
    return ["", f"CNIL filing: drafted in its 14 sections; still to be answered: {what}"]


def _files(made: Mapping[str, Any]) -> list[str]:
    trail, seconds = made["trail"], sum(step["seconds"] for step in made["steps"])
    return [
        f"Trail: whole, {trail['entries']} entries",
        "",
        "Where everything is",
        f"  inputs    {made['inputs']['folder']}",
        f"  messages  {made['outbox']}/people/",
        f"  filing    {made['filing']}",
        f"  register  {made['register']}",
        f"  desk      {made['home']}",
        "",
        f"From the log to the register in {seconds:.1f} s.",
    ]


def _count(number: int, what: str) -> str:
    return f"  {number:>9,} {what}"


def _text(words: str | Mapping[str, str]) -> str:
    return words if isinstance(words, str) else words["en"]
