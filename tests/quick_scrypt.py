"""Age files with a passphrase, quick to make and to open: with the least work factor.

From the format's description, age-encryption.org/v1: pyrage knows only its own work factor, which
takes seconds. Such a file protects nothing, and is a real one for everything else.
"""

import hashlib
import os
from base64 import b64encode

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

WORK = 1  # the binary logarithm of how often scrypt mixes
CHUNK = 64 << 10


def seal(plain: bytes, passphrase: str) -> bytes:
    """Return *plain* encrypted with *passphrase*, as an age file that is not armored."""
    file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    label = b"age-encryption.org/v1/scrypt" + salt
    wrapping = hashlib.scrypt(passphrase.encode(), salt=label, n=1 << WORK, r=8, p=1, dklen=32)
    wrapped = ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)
    header = b"age-encryption.org/v1\n-> scrypt %s %d\n%s\n---" % (
        _text(salt),
        WORK,
        _text(wrapped),
    )
    mac = HMAC(_derived(file_key, b"", b"header"), SHA256())
    mac.update(header)
    payload = _chunks(plain, ChaCha20Poly1305(_derived(file_key, nonce, b"payload")))
    return header + b" " + _text(mac.finalize()) + b"\n" + nonce + payload


def _text(data: bytes) -> bytes:
    return b64encode(data).rstrip(b"=")


def _derived(file_key: bytes, salt: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=use).derive(file_key)


def _chunks(plain: bytes, cipher: ChaCha20Poly1305) -> bytes:
    """Return *plain* in pieces, each with its number and whether it is the last."""
    last = max(len(plain) - 1, 0) // CHUNK
    return b"".join(
        cipher.encrypt(
            number.to_bytes(11, "big") + bytes([number == last]),
            plain[number * CHUNK : (number + 1) * CHUNK],
            None,
        )
        for number in range(last + 1)
    )


def armored(sealed: bytes) -> bytes:
    """Return *sealed* as text, as `age --armor` writes it."""
    text = b64encode(sealed)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    begin, end = (b"-----%s AGE ENCRYPTED FILE-----" % word for word in (b"BEGIN", b"END"))
    return b"\n".join([begin, *lines, end, b""])
