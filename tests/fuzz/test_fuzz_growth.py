"""Reading takes time that grows with the file: nothing in it makes devkeys hang."""

import base64
import time
from collections.abc import Iterator
from pathlib import Path

import new_store
import pytest
from fuzz.law import Subject, check
from fuzz.stored import put
from fuzz.table import TARGETS

from devkeys.errors import StoreError
from devkeys.store import envelope, layout, previous

SMALL, LARGE = 1 << 12, 1 << 15  # bytes
FASTER = 24  # times the time for eight times the bytes; with their square it would be 64
NOTHING = 0.3  # seconds that tell nothing yet
SAME = frozenset({"template-edit", "dotenv"})  # read what `template` reads, several times
UNITS = (
    *(b"a", b"0", b" ", b"\n", b"\r", b"\t", b"\0", b".", b"a.", b"a=", b"=", b"-", b"_", b"/"),
    *(
        b"(",
        b"[",
        b"{",
        b'{"a":',
        b"'",
        b'"',
        b"`",
        b'"""',
        b"\\",
        b"#",
        b"# ",
        b"@",
        b"@a(",
        b"@a=",
    ),
    *(b"$", b"${", b"${A", b"${A:-", b"%", b"%41", b":", b"://", b"a://", b",", b"a,", b";", b"<"),
    *(b"[a]\n", b"[[a]]\n", b"a.b=1\n", b"A\n", b"A=1\n", b"# A=1\n", b"@a\n", b"# @a=[\n", b"' "),
    *(
        b"key-",
        b"xxx",
        b"your_",
        b"&a",
        b"?",
        b"-> X25519 a\n",
        b"\xff",
        b"\xe2\x80\xa8",
        b"\1\0\0\0",
    ),
)


def _long_files(subject: Subject, size: int) -> Iterator[bytes]:
    seed = subject.seeds[0]
    lines = dict.fromkeys([*seed.split(b"\n")[:12], seed[:64], seed])
    for unit in (*UNITS, *(line + b"\n" for line in lines)):
        many = unit * (size // len(unit))
        yield many
        half = len(seed) // 2
        yield seed[:half] + many + seed[half:]


@pytest.mark.parametrize("name", [name for name in TARGETS if name not in SAME])
def test_time_grows_with_the_file(name: str, tmp_path: Path) -> None:
    """Eight times the bytes do not take the square of it, whatever is repeated in them."""
    subject = TARGETS[name](str(tmp_path))

    for small, large in zip(_long_files(subject, SMALL), _long_files(subject, LARGE), strict=True):
        before = _seconds(subject, small)
        assert before < NOTHING, small[:80]
        assert _seconds(subject, large) < FASTER * before + NOTHING, large[:80]


@pytest.mark.parametrize("unit", [b"-> X25519 a\n", b"-> a\n", b"A", b"-> a" + b" A" * 99 + b"\n"])
def test_age_header_without_end(unit: bytes) -> None:
    """A header of this length, for which pyrage would take minutes, is not given to it."""
    key = envelope.new_identity()
    whole = envelope.seal(b"x", (envelope.recipient_of(key) or "",))
    header, mark, rest = whole.partition(b"--- ")
    data = header + unit * ((1 << 20) // len(unit)) + b"\n" + mark + rest
    armored = b"-----BEGIN AGE ENCRYPTED FILE-----\n" + base64.encodebytes(data)

    began = time.process_time()
    for one in (data, armored, header + unit * 1000, data[: 1 << 15]):
        with pytest.raises(StoreError):
            envelope.unseal(one, key, path="/nowhere")
        with pytest.raises(envelope.DamagedError):
            envelope.unseal_any(one, [key])
    assert time.process_time() - began < 1


def test_many_former_values(tmp_path: Path) -> None:
    """What remains of a long file is not copied with each of its values."""
    head = b"devkeys-previous 1\nproject a\nprofile dev\n" + b"value 1 0 A\n" * 100_000
    store = new_store.make(str(tmp_path))
    sealed = envelope.seal(head + b"\n" + bytes(8 << 20), store.identity.recipients)
    put(layout.previous_path(store.data_dir, "a", "dev"), sealed)

    began = time.process_time()
    assert len(previous.read(store.data_dir, "a", "dev", store.identity)) == 100_000
    assert time.process_time() - began < 5


def test_a_team_may_have_many_recipients() -> None:
    """A file that 250 keys open is read, armored or not."""
    keys = [envelope.new_identity() for _ in range(250)]
    recipients = tuple(envelope.recipient_of(key) or "" for key in keys)
    for armored in (False, True):
        sealed = envelope.seal(b"x", recipients, armored=armored)

        assert envelope.unseal_any(sealed, [keys[-1]]) == b"x"


def _seconds(subject: Subject, data: bytes) -> float:
    began = time.process_time()
    check(subject, data)
    return time.process_time() - began
