"""A carrier on the loopback, over TLS, that takes everything a tenth of a second later."""

import asyncio
import json
import multiprocessing
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

LATENCY = 0.1


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one connection, request after request."""
    batches = 0
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            first, *lines = head.decode().split("\r\n")
            fields = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
            await reader.readexactly(int(fields.get("content-length", "0")))
            body = b""
            if "/v3/mail/batch" in first:
                batches += 1
                body = json.dumps({"batch_id": f"b{id(writer):x}-{batches}"}).encode()
            status = "201 Created" if body else "202 Accepted"
            await asyncio.sleep(LATENCY)
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n"
                f"X-Message-Id: m{batches}\r\n\r\n".encode()
                + body
            )
            await writer.drain()
            if fields.get("connection") == "close":
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


def serve(chain: Path, port: Connection) -> None:
    """Serve on a free port, and tell which."""

    async def run() -> None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(chain)
        server = await asyncio.start_server(
            answer, "127.0.0.1", 0, ssl=tls, limit=1 << 20, backlog=200
        )
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def carrier(chain: Path) -> Iterator[str]:
    """Run the carrier in a process of its own; yield its address."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("fork")
    process = context.Process(target=serve, args=(chain, there), daemon=True)
    process.start()
    try:
        yield f"https://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()
