"""Roles and limits as data: roles.toml -> Role, limits.toml -> Limit."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any

from breachdesk.access.terms import Limit, Proof, Rate, Role


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


def _rate(told: Mapping[str, int] | None) -> Rate | None:
    return None if told is None else Rate(told["times"], timedelta(minutes=told["minutes"]))
