"""The master key wraps every other key. Where it is kept is a port: file, setting or KMS."""

import hashlib
import hmac
from typing import Protocol

from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.kernel.sealing import KEY_BYTES

_MARK_BYTES = 8


class WrongMaster(Refused):
    """The vault is wrapped by another master key than the one at hand."""


class MasterKeys(Protocol):
    """Keeps the master key. Which of several is in force, the vault knows by its mark."""

    def read(self) -> tuple[bytes, ...]:
        """Return every key at hand, the most likely first; makes one where there is none."""

    def present(self) -> bool:
        """Tell whether there is a key already."""

    def next(self) -> bytes:
        """Return the key that shall follow, kept where no crash can lose it."""

    def settle(self) -> None:
        """Take the next key for the only one: nothing is wrapped by the former any more."""


class GivenKey:
    """A key that is given from outside, by the environment, with the former one to rotate."""

    def __init__(self, key: bytes, former: bytes | None = None) -> None:
        """Take the key, and the one that it is to follow."""
        self._keys = (key,) if former is None else (key, former)

    def read(self) -> tuple[bytes, ...]:
        """Return the key and the former one."""
        return self._keys

    def present(self) -> bool:
        """Tell that there is a key."""
        return True

    def next(self) -> bytes:
        """Return the key. Raises Refused where the former one was not given beside it."""
        if len(self._keys) == 1:
            raise Refused(
                "to rotate, give the new key as BREACHDESK_MASTER_KEY and the present one "
                "as BREACHDESK_MASTER_KEY_FORMER"
            )
        return self._keys[0]

    def settle(self) -> None:
        """Do nothing: whoever gave the former key takes it away."""


def mark(key: bytes) -> str:
    """Return by what a key can be told from another: 16 hex digits that tell nothing else."""
    return hmac.digest(key, b"breachdesk key", hashlib.sha256)[:_MARK_BYTES].hex()


def checked(key: bytes) -> bytes:
    """Return a key. Raises Unusable for one of another length than 32 bytes."""
    if len(key) != KEY_BYTES:
        raise Unusable(f"the master key has {len(key)} bytes; it must have {KEY_BYTES}")
    return key
