"""A key lent to another machine: sealed to a pair that lives in that process's memory alone.

Hybrid public key encryption (RFC 9180) with X25519 and ML-KEM-768 together, since a copy of the
database may be kept until one of the two is broken. What was sealed opens nowhere once the
process has ended: its half of the pair was never written down.
"""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from breachdesk.kernel.sealing import Tampered

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_X25519_BYTES = 32
_GROUP, _FINGERPRINT_BYTES = 4, 16


class Pair:
    """A pair of keys that is never written down; only its public half can be read."""

    def __init__(self) -> None:
        """Make a fresh pair."""
        lattice, curve = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
        self._private = MLKEM768X25519PrivateKey(lattice, curve)
        self.public = (
            lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        )

    def open(self, sealed: bytes, about: str) -> bytes:
        """Return what `sealed_for` was given. Raises Tampered."""
        try:
            return _SUITE.decrypt(sealed, self._private, info=about.encode())
        except (InvalidTag, ValueError):
            raise Tampered("what was lent does not open for this process") from None


def sealed_for(public: bytes, clear: bytes, about: str) -> bytes:
    """Return `clear` sealed to a pair's public half and bound to what it is about."""
    lattice, curve = public[:-_X25519_BYTES], public[-_X25519_BYTES:]
    whole = MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(lattice), X25519PublicKey.from_public_bytes(curve)
    )
    return _SUITE.encrypt(clear, whole, info=about.encode())


def fingerprint(public: bytes) -> str:
    """Return by what people compare a public half: 128 bits of its SHA-256, in groups."""
    digits = hashlib.sha256(public).digest()[:_FINGERPRINT_BYTES].hex()
    return "-".join(digits[n : n + _GROUP] for n in range(0, len(digits), _GROUP))
