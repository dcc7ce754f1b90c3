"""Where the master key is kept: in a file of the home, or with a program that wraps keys.

Any key management service works behind such a program. It is called with one word more,
`wrap` or `unwrap`, gets the bytes on its standard input and answers on its standard output;
exit code 0 is success. The wrapped key lies in a file of the home, and opens nothing alone.
"""

import shlex
import subprocess
from pathlib import Path

from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.kernel.sealing import KEY_BYTES, new_key, sync_folder, write_whole
from breachdesk.kernel.vault import read_master

PATIENCE = 60
"""Seconds after which a program that wraps keys is given up."""


class KeyFile:
    """Keeps the master key in a file that its owner alone can read."""

    def __init__(self, path: Path) -> None:
        """Keep it at `path`; the next one beside it while it is rotated."""
        self._path, self._next = path, path.with_suffix(".next")

    def read(self) -> tuple[bytes, ...]:
        """Return the key, made at first use, and the next one if a rotation was begun."""
        key = read_master(self._path)
        return (key, self._next.read_bytes()) if self._next.exists() else (key,)

    def present(self) -> bool:
        """Tell whether there is a key already."""
        return self._path.exists()

    def next(self) -> bytes:
        """Return the next key, kept beside the present one."""
        return read_master(self._next)

    def settle(self) -> None:
        """Put the next key in the place of the former, which is gone for good."""
        if self._next.exists():
            self._next.replace(self._path)
            sync_folder(self._path.parent)


class KeyProgram:
    """Keeps the master key wrapped; a program unwraps it, asking whom it must."""

    def __init__(self, command: str, path: Path) -> None:
        """Call `command`; keep what it wrapped at `path`."""
        self._command = _words(command)
        self._path, self._next = path, path.with_suffix(".next")

    def read(self) -> tuple[bytes, ...]:
        """Return the key, made and wrapped at first use, and the next one if one was begun."""
        return tuple(
            self._key(path)
            for path in (self._path, self._next)
            if path is self._path or path.exists()
        )

    def present(self) -> bool:
        """Tell whether there is a key already."""
        return self._path.exists()

    def next(self) -> bytes:
        """Return the next key, wrapped beside the present one."""
        return self._key(self._next)

    def settle(self) -> None:
        """Put the next key in the place of the former."""
        if self._next.exists():
            self._next.replace(self._path)
            sync_folder(self._path.parent)

    def _key(self, path: Path) -> bytes:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(path, self._ask("wrap", new_key()), replace=False)
        key = self._ask("unwrap", path.read_bytes())
        if len(key) != KEY_BYTES:
            raise Refused(
                f"{self._command[0]} unwrap gave {len(key)} bytes for {path}, not {KEY_BYTES}"
            )
        return key

    def _ask(self, word: str, given: bytes) -> bytes:
        program = self._command[0]
        try:
            done = subprocess.run(  # noqa: S603  (the program that the administrator named)
                [*self._command, word],
                input=given,
                stdout=subprocess.PIPE,
                check=False,
                timeout=PATIENCE,
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            why = getattr(fault, "strerror", None) or f"no answer in {PATIENCE} seconds"
            raise Refused(f"the key program {program} cannot {word}: {why}") from None
        if done.returncode:
            raise Refused(f"the key program {program} {word} ended with {done.returncode}")
        if not done.stdout:
            raise Refused(f"the key program {program} {word} gave nothing")
        return done.stdout


def _words(command: str) -> list[str]:
    """Return the words of a command, as a shell would part them. Raises Unusable for none."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        raise Unusable(
            "BREACHDESK_MASTER_KEY_COMMAND is no command: look at its quotation marks"
        )
    return words
