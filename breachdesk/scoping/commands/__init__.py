"""What may be done with scopes: ask for one, record it, and look at its people."""

from breachdesk.scoping.commands.imports import keep_import
from breachdesk.scoping.commands.requests import (
    ask,
    begin,
    cancel,
    drop_file,
    finish,
    put_back,
    take_in,
)
from breachdesk.scoping.commands.scopes import (
    Told,
    TooManyUnread,
    compare,
    list_people,
    look_up,
    record,
)

__all__ = [
    "Told",
    "TooManyUnread",
    "ask",
    "begin",
    "cancel",
    "compare",
    "drop_file",
    "finish",
    "keep_import",
    "list_people",
    "look_up",
    "put_back",
    "record",
    "take_in",
]
