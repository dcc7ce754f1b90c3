"""Large files that a member sends: streamed to the home, and only from who is signed in."""

import tempfile
from collections.abc import Mapping
from typing import IO

from flask import Flask, Request

from breachdesk.faces.web.serving import Room
from breachdesk.faces.web.visit import UNTIL, desk, find_visitor, visitor

ENDPOINT = "scope.take_in"
"""The one address that takes large files."""
LARGEST_REQUEST = 1 << 20
LARGEST_UPLOAD = 1 << 30
"""What the server itself takes at most; larger files lie in the folder of evidence."""


class DeskRequest(Request):
    """A request that may be large where files are sent, if somebody is signed in."""

    @property
    def max_content_length(self) -> int | None:
        """Return how large the request may be, before any of it is read."""
        if self.endpoint != ENDPOINT:
            return super().max_content_length
        if visitor() is None:
            find_visitor()
        return super().max_content_length if visitor() is None else LARGEST_UPLOAD

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Return where a file is streamed to: a file of the home that has no name."""
        del total_content_length, content_type, filename, content_length
        folder = desk().home / "uploads"
        folder.mkdir(mode=0o700, exist_ok=True)
        return tempfile.TemporaryFile(dir=folder)


def room_of(app: Flask) -> Room:
    """Return how much the server takes of a body before the desk is asked about it.

    Asking the database here would let whoever is nobody hold up everybody. So a signed cookie
    is believed for as long as the session lasts that it was given with; whether that was ended
    since, the desk asks, once it has the request.
    """
    clock = app.extensions["desk"].transactions.clock

    def room(cookies: str) -> int:
        shown = DeskRequest({"HTTP_COOKIE": cookies})
        forms: Mapping[str, int] = app.session_interface.open_session(app, shown) or {}
        known = clock.now().timestamp() < forms.get(UNTIL, 0)
        return LARGEST_UPLOAD if known else LARGEST_REQUEST

    return room
