"""Reading the text that is to be imported, whatever it comes from, without ever hanging."""

import os
import select
import stat
import sys
import time
from collections.abc import Mapping
from typing import NamedTuple

from devkeys import ask, files
from devkeys.declaration.syntax import read_dotenv
from devkeys.errors import DevkeysError, UsageError
from devkeys.secret import Secret

STDIN = "-"
LIMIT = 4 << 20  # bytes
PATIENCE = 30.0  # seconds for whoever writes into a FIFO: a person may have to agree there


class Source(NamedTuple):
    """What was read, and from where.

    *path* is absolute, or None where nothing could be taken out again: stdin, a FIFO.
    *label* is what messages and the ledger call it. *link* is where a symbolic link leads.
    A provider gives *remote*, values by name, and no text.
    """

    data: bytes
    label: str
    path: str | None = None
    link: str | None = None
    mode: int = 0o600
    names: int = 1
    remote: Mapping[str, Secret] | None = None

    def __repr__(self) -> str:
        return f"<{self.label}>"  # its text holds values


def read(name: str, *, directory: str) -> Source:
    """Read the file *name*, relative to *directory*, or stdin for `-`.

    A FIFO is read because it was named; `init` never does that of itself. Raise
    DevkeysError if there is nothing to read.
    """
    if name == STDIN:
        return _read_stdin()
    path = os.path.join(directory, name)
    try:
        status = os.stat(path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    if stat.S_ISFIFO(status.st_mode):
        return Source(_read_fifo(path), os.path.basename(path))
    data = files.read_regular(path, limit=LIMIT)
    if data is None:
        raise UsageError(f"{path} does not exist")
    link = os.path.realpath(path) if os.path.islink(path) else None
    mode = stat.S_IMODE(status.st_mode)
    return Source(data, os.path.basename(path), path, link, mode, status.st_nlink)


def values_of(source: Source) -> dict[str, Secret | None]:
    """Return the values in *source* by name, None for a bare name; say what is odd in its text."""
    if source.remote is not None:
        return dict(source.remote)
    label = source.path or source.label
    values, notices = read_dotenv(source.data, path=label)
    for notice in notices:
        ask.say(f"devkeys: {label}:{notice.line}: {notice.message}")
    return {name: None if text is None else Secret(text.encode()) for name, text in values.items()}


def _read_stdin() -> Source:
    if os.isatty(0):
        raise UsageError(
            "stdin is a terminal, which would show every value that is typed",
            hint="name a file, or give the text through a pipe: devkeys import - < FILE",
        )
    data = sys.stdin.buffer.read(LIMIT + 1)
    return Source(_checked(data, "stdin"), "stdin")


def _checked(data: bytes, name: str) -> bytes:
    if len(data) > LIMIT:
        raise DevkeysError(
            f"{name} gives more than {LIMIT} bytes", hint="check that this is what you mean"
        )
    return data


def _read_fifo(path: str) -> bytes:
    """Read what one writer gives; raise if none comes in time."""
    ask.say(f"devkeys: {path} is a FIFO; waiting for the program that writes into it")
    # Without O_NONBLOCK, open itself would wait for a writer, for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return _until_end(descriptor, path)
    finally:
        os.close(descriptor)


def _until_end(descriptor: int, path: str) -> bytes:
    until = time.monotonic() + PATIENCE
    data = b""
    while select.select([descriptor], [], [], max(0.0, until - time.monotonic()))[0]:
        try:
            chunk = os.read(descriptor, 65536)
        except BlockingIOError:
            continue
        if not chunk:
            return data
        data = _checked(data + chunk, path)
    raise DevkeysError(
        f"no program wrote into {path} to the end within {PATIENCE:.0f} seconds",
        hint="see whether the password manager that made it is running and unlocked",
    )
