"""A file that a passphrase opens, with nothing but `openssl` on any machine."""

import hashlib

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from breachdesk.kernel.errors import Problem, Unusable

ROUNDS = 600_000
SHORTEST = 12
SALT_BYTES, KEY_BYTES, BLOCK_BYTES = 8, 32, 16
_MARK = b"Salted__"


def sealed(clear: bytes, passphrase: str, salt: bytes) -> bytes:
    """Return `clear` as `openssl enc -aes-256-cbc -pbkdf2 -iter 600000` writes it.

    The manifest of the pack shows that it was not altered. Raises Unusable for a passphrase
    that is too short to resist guessing.
    """
    if len(passphrase) < SHORTEST:
        said = f"is shorter than {SHORTEST} characters"
        raise Unusable(Problem(said, field="passphrase"))
    derived = hashlib.pbkdf2_hmac(
        "sha256", passphrase.encode(), salt, ROUNDS, KEY_BYTES + BLOCK_BYTES
    )
    cipher = Cipher(AES256(derived[:KEY_BYTES]), CBC(derived[KEY_BYTES:])).encryptor()
    padder = padding.PKCS7(BLOCK_BYTES * 8).padder()
    padded = padder.update(clear) + padder.finalize()
    return _MARK + salt + cipher.update(padded) + cipher.finalize()
