"""What can be done about who comes in: members, sign-ins, limits."""

from breachdesk.access.commands.limits import TooMany
from breachdesk.access.commands.members import (
    WrongPassword,
    assign,
    change_password,
    found,
    invite,
    rename,
    reset_password,
    set_password,
    set_preferences,
)
from breachdesk.access.commands.sessions import sign_in, sign_out, stay

__all__ = [
    "TooMany",
    "WrongPassword",
    "assign",
    "change_password",
    "found",
    "invite",
    "rename",
    "reset_password",
    "set_password",
    "set_preferences",
    "sign_in",
    "sign_out",
    "stay",
]
