"""A name server on the loopback that publishes what a test tells it, or says nothing."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Garble = Callable[[bytes], bytes]


@contextmanager
def name_server(texts: Mapping[str, tuple[str, ...]], garble: Garble = bytes) -> Iterator[int]:
    """Yield the port of a server that knows the TXT records `texts`, by name.

    Each of its answers goes through `garble`.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(opened, texts, garble), daemon=True)
        thread.start()
        port: int = opened.getsockname()[1]
        yield port
        opened.sendto(b"", ("127.0.0.1", port))
        thread.join()


def _serve(opened: socket.socket, texts: Mapping[str, tuple[str, ...]], garble: Garble) -> None:
    while True:
        asked, whom = opened.recvfrom(4096)
        if not asked:
            return
        query = dns.message.from_wire(asked)
        name = query.question[0].name
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        published = texts.get(name.to_text().rstrip("."))
        if published is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            quoted = [f'"{text}"' for text in published]
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
        opened.sendto(garble(answer.to_wire()), whom)
