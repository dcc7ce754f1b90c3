"""Addresses in a pack open with their passphrase, by the common format, and with no other."""

import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from breachdesk.kernel.errors import Unusable
from breachdesk.register import rules

CLEAR = "campaign,address\r\nfirst,zoé@exemple.fr\r\n".encode()
PASSPHRASE = "quatre mots bien choisis"
SALT = bytes(range(8))


def opened(made: bytes, passphrase: str) -> bytes:
    """Open as `openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000` does."""
    salt, body = made[8:16], made[16:]
    derived = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, 600_000, 48)
    cipher = Cipher(AES256(derived[:32]), CBC(derived[32:])).decryptor()
    padded = cipher.update(body) + cipher.finalize()
    return padded[: -padded[-1]]


class TestSealed:
    def test_opens_with_the_passphrase_alone(self) -> None:
        made = rules.sealed(CLEAR, PASSPHRASE, SALT)

        assert made.startswith(b"Salted__" + SALT)
        assert b"exemple" not in made
        assert opened(made, PASSPHRASE) == CLEAR
        assert opened(made, PASSPHRASE + "!") != CLEAR

    def test_refuses_what_is_soon_guessed(self) -> None:
        with pytest.raises(Unusable, match="shorter than 12"):
            rules.sealed(CLEAR, "motdepasse", SALT)
