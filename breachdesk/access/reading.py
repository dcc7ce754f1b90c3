"""Roles and limits as data: roles.toml -> Role, limits.toml -> Limit."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from breachdesk.access.terms import Limit, Proof, Rate, Role, SignOn
from breachdesk.kernel import documents
from breachdesk.kernel.errors import Problem, Unusable


@cache
def read_roles() -> dict[str, Role]:
    """Return every role by its id; each permits what every member may do for themselves."""
    told = _roles_file()
    everyone = frozenset(told["everyone"]["commands"])
    return {
        name: Role(
            name,
            content["label"],
            content["about"],
            everyone | frozenset(content["commands"]),
            content.get("sees_every_incident", False),
        )
        for name, content in told.items()
        if name not in {"everyone", "proof"}
    }


@cache
def read_proof() -> Proof:
    """Return which commands ask for a recent proof of who one is."""
    told = _roles_file()["proof"]
    return Proof(timedelta(minutes=told["minutes"]), frozenset(told["commands"]))


@cache
def _roles_file() -> dict[str, Any]:
    text = resources.files("breachdesk.access").joinpath("roles.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def read_limits() -> dict[str, Limit]:
    """Return every limit by its name."""
    text = resources.files("breachdesk.access").joinpath("limits.toml").read_text("utf-8")
    return {
        name: Limit(name, _rate(content.get("account")), _rate(content.get("address")))
        for name, content in tomllib.loads(text).items()
    }


KINDS = {str: "text", bool: "true or false", dict: "table"}
SIGN_ON: Mapping[str, type] = {
    "issuer": str,
    "client_id": str,
    "label": str,
    "organisation": str,
    "groups_claim": str,
    "groups": dict,
    "link_by_email": bool,
    "asks_second_factor": bool,
}
"""What may stand in the file of a sign-in service, and of which kind it is."""


def read_sign_on(path: Path) -> SignOn:
    """Return the sign-in service that a TOML file names.

    Raises Unusable for an unknown key, a missing one, a value of another kind and a role that
    does not exist.
    """
    try:
        told = documents.toml(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unusable(Problem(str(error), file=str(path))) from None
    for key, value in told.items():
        kind = SIGN_ON.get(key)
        if kind is None:
            raise _wrong(path, key, f"is not known; these are: {', '.join(sorted(SIGN_ON))}")
        if not isinstance(value, kind) or value == "":
            raise _wrong(path, key, f"is no {KINDS[kind]}")
    for key in ("issuer", "client_id", "label", "groups"):
        if not told.get(key):
            raise _wrong(path, key, "is missing")
    groups = {name: _roles(path, name, roles) for name, roles in told.pop("groups").items()}
    return SignOn(**told, groups=groups)


def _roles(path: Path, group: str, told: object) -> tuple[str, ...]:
    roles = told if isinstance(told, list) else [told]
    for role in roles:
        if role not in read_roles():
            known = ", ".join(sorted(read_roles()))
            raise _wrong(path, f"groups.{group}", f"names no role; these are: {known}")
    return tuple(roles)


def _wrong(path: Path, field: str, problem: str) -> Unusable:
    return Unusable(Problem(problem, file=str(path), field=field))


def _rate(told: Mapping[str, int] | None) -> Rate | None:
    return None if told is None else Rate(told["times"], timedelta(minutes=told["minutes"]))
