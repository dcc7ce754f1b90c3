"""By what a column is known: the names people give it, and the values it can hold."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from breachdesk.scoping import rules

UTC = ZoneInfo("UTC")
_METHODS = frozenset(
    ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE")
)
EPOCH = re.compile(r"\d{10}(?:\.\d+)?|\d{13}|\d{16}|\d{19}")
_EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
_INSTANT_NAME = (
    r"(?:.*[._])?(?:ts|time|timestamp|@timestamp|at|date|datetime|\w*time|when|\w+_at)"
)

Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Sign:
    """By what a column is known: a name that fits, or values that can be nothing else."""

    field: str
    name: str
    value: Test
    by_value: bool = False


def is_instant(value: str) -> bool:
    """Tell whether a value is an instant, in whatever spelling."""
    return rules.moment(value, UTC) is not None


def is_dated(value: str) -> bool:
    """Tell whether a value is an instant or a day."""
    return rules.moment(value, UTC, dates=True) is not None


def is_address(value: str) -> bool:
    """Tell whether a value is an address of a network."""
    return rules.address(value) is not None


def is_text(value: str) -> bool:
    """Tell whether a value says anything."""
    return bool(value)


def is_status(value: str) -> bool:
    """Tell whether a value is a status."""
    return rules.status(value) is not None


def is_method(value: str) -> bool:
    """Tell whether a value is a method of HTTP."""
    return value.upper() in _METHODS


def is_path(value: str) -> bool:
    """Tell whether a value is a path."""
    return value.startswith("/")


def is_file(value: str) -> bool:
    """Tell whether a value names a file: a path, or an address of one."""
    return bool(re.fullmatch(r"(?:[A-Za-z][\w+.-]*://|[A-Za-z]:)?[^\s@]*[/\\]\S.*", value))


def _like(pattern: str) -> Test:
    return lambda value: bool(re.fullmatch(pattern, value.strip()))


_INSIDE = r"(?:.*[._])?"
LOG_SIGNS = (
    Sign("at", _INSTANT_NAME, is_instant, by_value=True),
    Sign("ip", _INSIDE + r"(?:\w*ip|\w*addr\w*|client|remote\w*)", is_address, by_value=True),
    Sign("status", _INSIDE + r"(?:status\w*|code|response\w*)", is_status),
    Sign("method", _INSIDE + r"(?:\w*method|verb)", is_method, by_value=True),
    Sign("path", _INSIDE + r"(?:path|uri|url|resource|endpoint)\w*", is_path, by_value=True),
    Sign(
        "token",
        _INSIDE + r"(?:\w*token\w*|session\w*|sid|jti|(?:api|access)_?key\w*|credential\w*)",
        is_text,
    ),
    Sign("user_agent", _INSIDE + r"(?:ua|\w*agent\w*)", is_text),
    Sign(
        "person",
        _INSIDE + r"(?:(?:user|contact|customer|member)_?id|person\w*|subject\w*|uid)",
        is_text,
    ),
    Sign(
        "account",
        _INSIDE + r"(?:login|account\w*|user(?:_?name)?|actor\w*|principal\w*|who|e?mail)",
        is_text,
    ),
)
EXPORT_SIGNS = (
    Sign(
        "exported",
        r"(?:.*[._ ])?(?:\w*key|\w*path|\w*object\w*|\w*file\w*|ur[il]|name)",
        is_file,
    ),
)
DIRECTORY_SIGNS = (
    Sign(
        "second_email",
        r".*(?:second|altern|backup|recovery|rescue|secours|autre|other).*mail.*",
        _like(_EMAIL),
    ),
    Sign("email", r".*mail.*|courriel", _like(_EMAIL), by_value=True),
    Sign("erased_at", r".*(?:delet|eras|remov|suppr|purg).*", is_dated),
    Sign("closed_at", r".*(?:clos|end|terminat|cancel|left|ferm|resil).*", is_dated),
    Sign("locale", r".*(?:lang|locale).*", _like(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?")),
    Sign("country", r".*(?:country|pays|nation).*", _like(r"[A-Z]{2}")),
    Sign("customer", _INSIDE + r"(?:org|compan|customer|tenant|client|societe)\w*", is_text),
)
