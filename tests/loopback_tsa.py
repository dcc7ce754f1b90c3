"""A time-stamping authority on the loopback: openssl signs, the standard library answers."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/leaf.pem
signer_key = {folder}/leaf.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """Where it answers, whom to trust for it, and how it misbehaves."""

    url: str
    roots: Path
    way: str = "honest"


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """Serve an authority of our own from `folder`."""
    folder.mkdir()
    _make(folder)
    served = Authority("", folder / "root.pem")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            content = _answer(folder, asked) if served.way != "nonsense" else b"no stamp"
            if served.way == "replay":
                kept = folder / "kept.tsr"
                kept.write_bytes(content) if not kept.exists() else None
                content = kept.read_bytes()
            self.send_response(503 if served.way == "down" else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  (its name)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _make(folder: Path) -> None:
    (folder / "serial").write_text("01\n")
    for name in ("root", "leaf"):
        config = folder / f"{name}.cnf"
        config.write_text(CONFIG.format(name=f"Stamps {name}", folder=folder))
        made = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", folder / f"{name}.key", "-config", config]  # fmt: skip
        if name == "root":
            made += ["-x509", "-days", "3650", "-extensions", "root"]
        _openssl(*made, "-out", folder / ("root.pem" if name == "root" else "leaf.csr"))
    _openssl("x509", "-req", "-in", folder / "leaf.csr", "-CA", folder / "root.pem",
             "-CAkey", folder / "root.key", "-CAcreateserial", "-days", "3650",
             "-extfile", folder / "leaf.cnf", "-extensions", "leaf",
             "-out", folder / "leaf.pem")  # fmt: skip


def _answer(folder: Path, asked: bytes) -> bytes:
    query, reply = folder / "asked.tsq", folder / "answer.tsr"
    query.write_bytes(asked)
    _openssl("ts", "-reply", "-queryfile", query, "-config", folder / "leaf.cnf",
             "-section", "one", "-out", reply)  # fmt: skip
    return reply.read_bytes()


def _openssl(*arguments: object) -> None:
    done = subprocess.run(  # noqa: S603  (our own command, no shell)
        ["openssl", *map(str, arguments)],  # noqa: S607  (wherever it lies)
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
