"""A Bitwarden account, encrypted as Bitwarden's security white paper has it.

A master key by PBKDF2, stretched by HKDF, wraps the account's key, which encrypts each text
as `2.iv|data|mac`: AES-256-CBC with HMAC-SHA-256. It is done here and not by the clients, so
that they decrypt what they did not make.
"""

import base64
import hashlib
import hmac
import secrets
import uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.padding import PKCS7

ITERATIONS = 5000  # the least that bw takes


class Account:
    """A user with a master password, an API key and what makes up an account's keys."""

    def __init__(self) -> None:
        self.id = str(uuid.uuid4())
        self.email = f"dev-{secrets.token_hex(4)}@example.com"
        self.password = secrets.token_urlsafe(12)
        self.client_id = f"user.{self.id}"
        self.client_secret = secrets.token_urlsafe(20)
        master = hashlib.pbkdf2_hmac("sha256", self.password.encode(), self._salt, ITERATIONS)
        proof = hashlib.pbkdf2_hmac("sha256", master, self.password.encode(), 1)
        self.proof = base64.b64encode(proof).decode()  # what a client shows for the password
        self._key = secrets.token_bytes(64)
        stretched = b"".join(
            HKDFExpand(hashes.SHA256(), 32, part).derive(master) for part in (b"enc", b"mac")
        )
        self.wrapped_key = _encrypt(self._key, stretched)
        pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.private_key = _encrypt(_der(pair), self._key)

    @property
    def _salt(self) -> bytes:
        return self.email.encode()

    def encrypt(self, text: str | None) -> str | None:
        """Return *text* as the server is to hold it."""
        return None if text is None else _encrypt(text.encode(), self._key)

    def decrypt(self, text: str | None) -> str | None:
        """Return what a client has encrypted."""
        if text is None:
            return None
        iv, data, mac = (base64.b64decode(part) for part in text.removeprefix("2.").split("|"))
        assert hmac.compare_digest(mac, _mac(iv + data, self._key))
        decryptor = Cipher(algorithms.AES(self._key[:32]), modes.CBC(iv)).decryptor()
        unpadder = PKCS7(128).unpadder()
        padded = decryptor.update(data) + decryptor.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode()


def _encrypt(plain: bytes, key: bytes) -> str:
    padder = PKCS7(128).padder()
    iv = secrets.token_bytes(16)
    encryptor = Cipher(algorithms.AES(key[:32]), modes.CBC(iv)).encryptor()
    data = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    parts = (base64.b64encode(part).decode() for part in (iv, data, _mac(iv + data, key)))
    return "2." + "|".join(parts)


def _mac(data: bytes, key: bytes) -> bytes:
    return hmac.digest(key[32:], data, "sha256")


def _der(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
