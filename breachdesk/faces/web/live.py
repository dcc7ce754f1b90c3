"""Parts of a page that ask for themselves again: nothing is sent while nothing has changed."""

import hashlib

from flask import Response, request
from flask.typing import ResponseReturnValue

SEEN = "seen"
"""The question's word for the mark of what the page shows already."""
UNCHANGED = 204


def mark(*shown: object) -> str:
    """Return a short mark of what a part shows; the same for the same things alone."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def unchanged(now: str) -> ResponseReturnValue | None:
    """Return the empty answer where the page that asks has seen this mark; else None."""
    if "HX-Request" in request.headers and request.args.get(SEEN) == now:
        return Response(status=UNCHANGED)
    return None
