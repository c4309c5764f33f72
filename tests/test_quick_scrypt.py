"""The tests' own age files with a passphrase: age reads them, and so do we."""

import os
import time
from pathlib import Path

import pexpect
import pytest
import quick_scrypt
from real import need

from devkeys.secret import Secret
from devkeys.store import envelope

SIZES = [0, 1, 65535, 65536, 65537, 200_000]


@pytest.mark.parametrize("size", SIZES)
def test_devkeys_opens_them_quickly(size: int) -> None:
    """Whole pieces, a cut one and none at all come back as they were."""
    plain = os.urandom(size)
    began = time.monotonic()
    sealed = quick_scrypt.seal(plain, "a passphrase")
    assert envelope.unseal_with(sealed, Secret(b"a passphrase")) == plain
    assert time.monotonic() - began < 1
    assert envelope.wants_passphrase(sealed)
    assert envelope.unseal_with(sealed, Secret(b"another")) is None


@pytest.mark.parametrize("size", [1, 65536, 200_000])
def test_the_real_age_opens_them(tmp_path: Path, size: int) -> None:
    """It asks at a terminal, and gives what was sealed."""
    need("age")
    plain, sealed, out = os.urandom(size), tmp_path / "sealed", tmp_path / "out"
    sealed.write_bytes(quick_scrypt.seal(plain, "a passphrase"))
    child = pexpect.spawn("age", ["-d", "-o", str(out), str(sealed)], encoding="utf-8", timeout=30)
    child.expect("passphrase:")
    child.sendline("a passphrase")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert out.read_bytes() == plain


def test_they_are_tiny_work() -> None:
    """The header names the least work factor there is."""
    assert quick_scrypt.seal(b"x", "a passphrase").split(b"\n")[1].endswith(b" 1")
