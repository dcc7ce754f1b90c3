"""Roles and limits as data: roles.toml -> Role, limits.toml -> Limit."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib import resources

from breachdesk.access.terms import Limit, Rate, Role


@cache
def read_roles() -> dict[str, Role]:
    """Return every role by its id."""
    text = resources.files("breachdesk.access").joinpath("roles.toml").read_text("utf-8")
    return {
        name: Role(name, content["label"], content["about"], frozenset(content["commands"]))
        for name, content in tomllib.loads(text).items()
    }


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
