"""Roles as data: roles.toml -> Role."""

import tomllib
from functools import cache
from importlib import resources

from breachdesk.access.terms import Role


@cache
def read_roles() -> dict[str, Role]:
    """Return every role by its id."""
    text = resources.files("breachdesk.access").joinpath("roles.toml").read_text("utf-8")
    return {
        name: Role(name, content["label"], content["about"], frozenset(content["commands"]))
        for name, content in tomllib.loads(text).items()
    }
