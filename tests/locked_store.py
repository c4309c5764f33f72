"""Stores that a passphrase protects, quick to open; with the real kernel keyring, for a minute."""

import os
import re
import secrets
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import quick_scrypt
from command import DEVKEYS
from desk import Desk
from real import absent

from devkeys import unlocking
from devkeys.errors import KeychainError
from devkeys.keychain import kernel
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import create, identity, layout
from devkeys.store.record import CONFIRMED, OWN, PASSPHRASE, Record, read_record, write_record

if TYPE_CHECKING:
    import pexpect

# Without the system calls that keep keys, as in a container.
WITHOUT_KERNEL = ("strace", "-f", "-o", "/dev/null", "-e", "inject=add_key,keyctl:error=EPERM")


def phrase() -> str:
    """Make up a passphrase, as people choose them."""
    return f"grün blue {secrets.token_hex(8)}"


def data_of(desk: Desk) -> str:
    """Return the store's directory."""
    return Session(desk.environ).data_dir


def record_of(desk: Desk) -> Record:
    """Return the store's record."""
    record = read_record(data_of(desk))
    assert record is not None
    return record


def wrap(data_dir: str, passphrase: str, which: str = OWN) -> None:
    """Let only *passphrase* open the identity file *which*, as `store passphrase` does."""
    path = layout.identity_path(data_dir, which)
    secret = identity.read_identity_file(path)
    record = read_record(data_dir)
    assert secret is not None
    assert record is not None
    holder = record.holder(which)
    assert holder is not None
    write_record(data_dir, record.but(which, holder.but(kind=PASSPHRASE)))
    with open(path, "wb") as file:
        file.write(quick_scrypt.seal(create.file_content(secret), passphrase))


def make_confirmed(desk: Desk, passphrase: str | None = None) -> None:
    """Give confirmed profiles their identity, behind *passphrase* if there is one."""
    data_dir = data_of(desk)
    own = identity.load(data_dir, read_keychain=lambda *_: None)
    assert own is not None
    create.create_confirmed(data_dir, own, keychain=None)
    if passphrase is not None:
        wrap(data_dir, passphrase, CONFIRMED)


def keep_for(desk: Desk, period: str) -> None:
    """Configure how long what was unlocked counts."""
    folder = desk.home / ".config" / "devkeys"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(f'[store]\nunlock_for = "{period}"\n')


def is_unlocked(desk: Desk) -> bool:
    """Say whether the kernel keeps the store's identity."""
    return unlocking.unlocked(record_of(desk).own) is not None


def need_kernel() -> None:
    """Skip where the kernel keeps no keys; fail where that is demanded."""
    try:
        kernel.get("devkeys-test:nothing")
    except KeychainError as error:
        absent(f"needs the kernel's keyring: {error}")


def drop(desk: Desk) -> None:
    """Let the kernel forget the desk's store."""
    with suppress(KeychainError):
        record = read_record(data_of(desk))
        for _, holder in record.holders() if record is not None else ():
            kernel.drop(unlocking.label(holder.recipient))


@pytest.fixture
def locked(desk: Desk) -> Iterator[tuple[Desk, str, str]]:
    """Return a desk whose store is locked, its passphrase, and the value of LLM_API_KEY in it."""
    value, passphrase = "sk-" + secrets.token_hex(20), phrase()
    desk.devkeys("allow", "--yes")
    assert desk.devkeys("set", "LLM_API_KEY", input=value.encode()).code == 0
    wrap(data_of(desk), passphrase)
    keep_for(desk, "60s")
    yield desk, passphrase, value
    drop(desk)


def answer(child: "pexpect.spawn[str]", question: str, text: str) -> None:
    """Wait for *question*, until nothing typed is shown, and type *text*."""
    child.expect_exact(question)
    child.waitnoecho(10)
    child.sendline(text)


def finish(child: "pexpect.spawn[str]") -> tuple[int | None, str]:
    """Return how it ended, and the text that it showed since the last question."""
    shown = re.sub("\x1b\\[[0-9;?]*[a-zA-Z]|\r", "", str(child.read()))
    child.wait()
    return child.exitstatus, shown.strip()


def outside(
    before: tuple[str, ...],
    desk: Desk,
    *words: str,
    env: Mapping[str, str] | None = None,
    program: Sequence[str] = DEVKEYS,
) -> "subprocess.CompletedProcess[str]":
    """Run devkeys under another program."""
    return subprocess.run(
        [*before, *program, *words],
        cwd=desk.project,
        env={**desk.environ, "PATH": os.environ["PATH"], **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def secret(text: str) -> Secret:
    """Return *text* as a secret."""
    return Secret(text.encode())
