"""The HTTP server: what it takes from a network, and whose word about a network it takes."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from typing import Any, Protocol

THREADS = 8
HEADER_BYTES = 32 << 10
SECONDS_OF_SILENCE = 30
CONNECTIONS = 500
"""Whoever dawdles holds a connection, never a thread: so many may dawdle at once."""
FORWARDED = ("x-forwarded-for", "x-forwarded-proto")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Room = Callable[[str], int]
"""How many bytes a body may have, told by the cookies that come with it."""


class Server(Protocol):
    """What listens and answers."""

    effective_port: int

    def run(self) -> None:
        """Answer until it is closed."""

    def close(self) -> None:
        """Listen no more."""


def open_server(
    app: Wsgi, *, listen: str, proxy: str, room: Room, headers: Mapping[str, str]
) -> Server:
    """Return a server that listens at `listen`. Raises OSError or ValueError where it cannot.

    A forwarded address counts where it comes from `proxy`, and nowhere else: without one every
    such header is dropped. Headers have a size, bodies have the `room` that their cookies give
    them, and silence has an end. What is refused before the desk is asked carries `headers`.
    """
    from waitress import create_server  # noqa: PLC0415  (only who serves needs a server)

    trusted = (
        {
            "trusted_proxy": proxy,
            "trusted_proxy_count": 1,
            "trusted_proxy_headers": set(FORWARDED),
        }
        if proxy
        else {}
    )
    sockets: dict[int, Any] = {}
    server: Server = create_server(
        app,
        map=sockets,
        listen=listen,
        threads=THREADS,
        ident=None,
        clear_untrusted_proxy_headers=True,
        max_request_header_size=HEADER_BYTES,
        channel_timeout=SECONDS_OF_SILENCE,
        cleanup_interval=SECONDS_OF_SILENCE // 3,
        connection_limit=CONNECTIONS,
        **trusted,
    )
    for each in sockets.values():
        if hasattr(each, "channel_class"):
            each.channel_class = _channel(room, headers)
    return server


def _channel(room: Room, headers: Mapping[str, str]) -> type:
    """Return how a connection is read, and how it is refused.

    A request whose length is told twice is refused: a proxy may go by the one and the server
    by the other, and what one of them takes for a body would be a request of somebody else's
    to the other (RFC 9112 §6.1). So is, before it is read, a body that has no room.
    """
    from waitress.channel import HTTPChannel  # noqa: PLC0415  (only who serves needs it)
    from waitress.parser import HTTPRequestParser, ParsingError  # noqa: PLC0415
    from waitress.task import ErrorTask  # noqa: PLC0415

    class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress publishes no types
        adj: Any

        def parse_header(self, header_plus: bytes) -> None:
            lines = header_plus.lower().split(b"\r\n")
            told = {line.partition(b":")[0] for line in lines[1:]}
            if {b"content-length", b"transfer-encoding"} <= told:
                raise ParsingError("The length of the body is told twice.")
            super().parse_header(header_plus)
            self.adj = copy(self.adj)
            self.adj.max_request_body_size = room(self.headers.get("COOKIE", ""))
            if self.content_length >= self.adj.max_request_body_size:
                self.expect_continue = False  # it asks first, and is told at once

    class Refusal(ErrorTask):  # type: ignore[misc]
        def execute(self) -> None:
            self.response_headers.extend(headers.items())
            super().execute()

    class Channel(HTTPChannel):  # type: ignore[misc]
        parser_class = Parser
        error_task_class = Refusal

    return Channel
