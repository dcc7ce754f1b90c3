"""The plan of reminders: templates/reminders/plan.toml -> Plan, every problem named."""

from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from breachdesk.access.reading import read_roles
from breachdesk.kernel import documents
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.times import period
from breachdesk.reminders.terms import Plan, Step

SCHEMA = 1
OFFICE_HOUR = "last_office_hour"
UNITS = {"weeks": 7 * 86400, "days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
KEYS = {"schema", "roles", "escalate_to", "webhook", "office", "steps"}
STEP_KEYS = {"before", OFFICE_HOUR, "roles", "escalate_after", "escalate_to", "webhook"}


def read_plan(templates: Path) -> Plan:
    """Return the plan of a template folder. Raises Unusable with every problem found."""
    path = templates / "reminders" / "plan.toml"
    try:
        content = documents.toml(path.read_text("utf-8"))
    except (OSError, ValueError) as wrong:
        raise Unusable(Problem(f"cannot be read: {wrong}", str(path))) from None
    reader = _Reader(str(path))
    plan = reader.plan(content)
    if reader.problems:
        raise Unusable(reader.problems)
    return plan


class _Reader:
    """Reads one plan and collects what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def plan(self, content: Mapping[str, Any]) -> Plan:
        self._known(content, KEYS, "")
        if content.get("schema") != SCHEMA:
            self._wrong("schema", f"is not {SCHEMA}")
        office = content.get("office", {})
        opens, closes = (self._time(office, name) for name in ("opens", "closes"))
        if opens >= closes:
            self._wrong("office", "closes before it opens")
        steps = tuple(
            self._step(step, content, f"steps[{number}]")
            for number, step in enumerate(content.get("steps", ()))
        )
        if len({step.code for step in steps}) < len(steps):
            self._wrong("steps", "has the same step twice")
        return Plan(steps, opens, closes)

    def _step(self, step: Mapping[str, Any], content: Mapping[str, Any], where: str) -> Step:
        self._known(step, STEP_KEYS, f"{where}.")
        at_office = step.get(OFFICE_HOUR) is True
        if at_office == ("before" in step):
            self._wrong(where, f"needs either before or {OFFICE_HOUR} = true")
        return Step(
            code=OFFICE_HOUR if at_office else str(step.get("before", "")),
            before=None if at_office else self._span(step, "before", where),
            roles=self._roles(step, content, "roles", where),
            escalate_after=self._span(step, "escalate_after", where),
            escalate_to=self._roles(step, content, "escalate_to", where),
            webhook=self._flag(step, content, "webhook", where),
        )

    def _flag(
        self, step: Mapping[str, Any], content: Mapping[str, Any], name: str, where: str
    ) -> bool:
        told = step.get(name, content.get(name, True))
        if not isinstance(told, bool):
            self._wrong(f"{where}.{name}", "is not true or false")
        return told is True

    def _span(self, step: Mapping[str, Any], name: str, where: str) -> timedelta:
        try:
            parts = period(str(step.get(name, "")))
        except Unusable as wrong:
            self._wrong(f"{where}.{name}", wrong.problems[0].problem)
            return timedelta()
        if not parts or not parts.keys() <= UNITS.keys():
            self._wrong(f"{where}.{name}", "is not a number of weeks, days, hours or minutes")
            return timedelta()
        return timedelta(seconds=sum(UNITS[unit] * count for unit, count in parts.items()))

    def _roles(
        self, step: Mapping[str, Any], content: Mapping[str, Any], name: str, where: str
    ) -> tuple[str, ...]:
        roles = step.get(name, content.get(name, ()))
        if not isinstance(roles, list):
            self._wrong(f"{where}.{name}", "is not a list of roles")
            return ()
        for role in roles:
            if role not in read_roles():
                self._wrong(f"{where}.{name}", f"{role!r} is not a role")
        return tuple(roles)

    def _time(self, office: Mapping[str, Any], name: str) -> time:
        told = office.get(name)
        if not isinstance(told, time):
            self._wrong(f"office.{name}", "is not a time; write it like 09:00:00")
            return time(0 if name == "opens" else 23)
        return told

    def _known(self, table: Mapping[str, Any], keys: set[str], where: str) -> None:
        for key in table:
            if key not in keys:
                self._wrong(f"{where}{key}", "is not known here")

    def _wrong(self, field: str, problem: str) -> None:
        self.problems.append(Problem(problem, self.file, field=field))
