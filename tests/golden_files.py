"""The golden files: one of every format that devkeys has ever written, and a home made of them.

What opens them is made of a word whenever it is needed: in the repository it would look like a
key of somebody's.
"""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import pyrage
from desk import Desk

from devkeys import consent, skips
from devkeys.secret import Secret
from devkeys.store import envelope, layout
from devkeys.store.identity import Identity
from devkeys.store.record import FILE

FOLDER = Path(__file__).parent / "golden"
PROJECT, PROFILE = "chat", "dev"
PASSPHRASE = "golden words"  # of what is to be opened by everybody
CHECKOUT = "/golden/chat"  # where the consent record says that its repository is
KEY_LINE = b"(here stands the identity)\n"  # in place of what would look like a key
DECLARATION = "# @optional\nLICENSE_CODE=\nLLM_API_KEY=\nMAIL_TOKEN=\nPORT=8000\n"
VALUES = {"LLM_API_KEY": b"third words", "MAIL_TOKEN": b"a\nb = \xc3\xa9\xff", "PORT": b"8001"}
FORMER = [("LLM_API_KEY", 1, b"first words"), ("LLM_API_KEY", 2, b"second words")]
NEWEST = {"store": 2, "plan": 2}  # of all others, 1
_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def identity_of(word: str = "own") -> Secret:
    """Return the age identity that *word* stands for."""
    key = hashlib.sha256(b"golden files of devkeys: " + word.encode()).digest()
    return Secret(_bech32("age-secret-key-", key).upper().encode())


def recipient_of(word: str = "own") -> str:
    """Return the recipient of the identity that *word* stands for."""
    return str(pyrage.x25519.Identity.from_str(identity_of(word).reveal().decode()).to_public())


def _bech32(prefix: str, data: bytes) -> str:
    """Encode as BIP 173 says, which age follows but for its limit of length."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    words = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    spread = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    sum_ = _checksum([*spread, *words, 0, 0, 0, 0, 0, 0]) ^ 1
    words += [sum_ >> 5 * (5 - at) & 31 for at in range(6)]
    return prefix + "1" + "".join(_ALPHABET[word] for word in words)


def _checksum(words: list[int]) -> int:
    found = 1
    for word in words:
        top = found >> 25
        found = (found & 0x1FFFFFF) << 5 ^ word
        for at, generator in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            found ^= generator if top >> at & 1 else 0
    return found


def opened() -> Identity:
    """Return what opens the golden store."""
    return Identity(FILE, identity_of(), (recipient_of(),))


def content(name: str) -> bytes:
    """Return what the golden file *name* holds, with the identity in its place."""
    data = (FOLDER / name).read_bytes()
    return data.replace(KEY_LINE, identity_of().reveal() + b"\n")


def plain(name: str) -> bytes:
    """Return the text of the golden file *name*, decrypted if it is sealed to the identity."""
    data = content(name)
    if envelope.is_age(data) and not envelope.wants_passphrase(data):
        return envelope.unseal(data, identity_of(), path=name)
    return data


def newer(name: str) -> bytes:
    """Return the golden file *name* as a newer devkeys would write it: with the next number."""
    kind, number = name.split("-")[:2]
    data = plain(name)
    if kind == "ledger":
        return data.replace(b'"format": 1', b'"format": 2')
    head = b"devkeys-%s " % kind.encode()
    changed = head + b"%d" % (NEWEST.get(kind, 1) + 1) + data.removeprefix(head + number.encode())
    assert data.startswith(head)
    return changed if data == content(name) else envelope.seal(changed, (recipient_of(),))


class Golden(NamedTuple):
    """A desk whose home is made of golden files, and where each of them is, by its name."""

    desk: Desk
    places: dict[str, Path]

    def put(self, name: str, data: bytes) -> Path:
        """Write *data* to where the golden file *name* is, and return that."""
        path = self.places[name]
        _put(path, data)
        return path


def lay_out(directory: Path, *, record: str = "store-1-file") -> Golden:
    """Make a home of the golden files in *directory*, with another record if it is named."""
    desk = Desk(directory / "home", directory / "chat")
    for folder in (desk.home, desk.project):
        folder.mkdir(mode=0o700)
    desk.declare(DECLARATION)
    data_dir = str(desk.home / ".local/share/devkeys")
    state_dir = str(desk.home / ".local/state/devkeys")
    where = (PROJECT, PROFILE)
    here = os.path.realpath(desk.project)
    places = {
        record: layout.record_path(data_dir),
        f"{record}, the copy": layout.record_copy_path(data_dir),
        "identity": layout.identity_path(data_dir),
        "values-1": layout.values_path(data_dir, *where),
        "values-1-before": layout.before_path(data_dir, *where),
        "previous-1": layout.previous_path(data_dir, *where),
        "remote-1": layout.remote_path(data_dir, *where),
        "ledger-1": layout.ledger_path(data_dir, *where),
        "counter-1": layout.counter_path(state_dir, *where),
        "consent-1": consent.path_of(data_dir, here),
        "skips-1": skips.path_of(state_dir, here, "", PROFILE),
        "accepted-1": os.path.join(state_dir, "doctor-accepted"),
        "index-1": os.path.join(state_dir, "shell-index"),
        "tag-key": os.path.join(state_dir, "tag.key"),
    }
    golden = Golden(desk, {name: Path(path) for name, path in places.items()})
    for name in places:
        data = content(name.partition(",")[0])
        # Both belong to one place, and say which.
        golden.put(name, data.replace(CHECKOUT.encode(), os.fsencode(here)))
    return golden


def _put(path: Path, data: bytes) -> None:
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700)
    path.write_bytes(data)
    path.chmod(0o600)
