"""Six digits that change every half minute (RFC 6238), and codes on paper."""

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
NEIGHBOURS = (-1, 0, 1)
"""A clock may be half a minute off, and a person slow by as much."""
DIGITS = 6


def step_of(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """Return the half minute whose digits `code` are, if about now and later than `after`.

    Digits that were shown once are refused the second time (RFC 6238 §5.2).
    """
    plain = plain_code(code)
    if len(plain) != DIGITS or not plain.isascii() or not plain.isdigit():
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    codes = pyotp.TOTP(secret)
    fitting = [
        present + each
        for each in NEIGHBOURS
        if hmac.compare_digest(codes.at((present + each) * STEP_SECONDS), plain)
    ]
    return next((step for step in fitting if step > after), None)


def plain_code(text: str) -> str:
    """Return a code as it is compared: without spaces and dashes, in small letters."""
    return "".join(text.split()).replace("-", "").casefold()
