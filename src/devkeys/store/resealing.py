"""Sealing every file of the store anew; its content stays, and so does each one's counter.

Who reads a file cannot be told without a key, only how many do: a header names no recipient. So
what is changed is always such that two states of one file differ in their number, and a file
that has the right number, and that everyone opens who is here to open it, is right.
"""

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from devkeys import atomic
from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import envelope, layout
from devkeys.store.envelope import UnreadableError
from devkeys.store.record import Record

SUFFIXES = (".age", ".before", ".previous")

# OWN or CONFIRMED -> all identities at hand that open such files.
Keys = Mapping[str, Sequence[Secret]]


class Sealed(NamedTuple):
    """A file of values, and whose it is: OWN or CONFIRMED."""

    path: str
    which: str


def list_sealed(data_dir: str) -> list[str]:
    """Return the paths of all files that hold values; those of providers, kept, not."""
    return [path for path in _files(data_dir) if path.endswith(SUFFIXES)]


def _files(data_dir: str) -> list[str]:
    root = layout.projects_dir(data_dir)
    found = []
    for project in _entries(root):
        folder = os.path.join(root, project)
        found += [os.path.join(folder, name) for name in _entries(folder)]
    return found


def _entries(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StoreError(
            f"cannot read {folder}: {(error.strerror or str(error)).lower()}",
            hint="check its owner and its mode; nothing was changed",
        ) from None


def survey(data_dir: str, keys: Keys) -> tuple[list[Sealed], list[str]]:
    """Return every file that one of *keys* opens, and the paths of those that none does.

    Raise NewerError if a newer devkeys wrote one of them: what it needs besides nobody here knows.
    """
    found: list[Sealed] = []
    lost: list[str] = []
    for path in list_sealed(data_dir):
        sealed = layout.read(path, limit=layout.LIMIT)
        if sealed is None:
            continue
        which = next((one for one, secrets in keys.items() if _opens(sealed, path, *secrets)), None)
        if which is None:
            lost.append(path)
        else:
            found.append(Sealed(path, which))
    return found, lost


def survey_all(data_dir: str, keys: Keys) -> list[Sealed]:
    """Return every file, with whose it is; raise if one of them cannot be opened."""
    found, lost = survey(data_dir, keys)
    refuse(lost)
    return found


def refuse(lost: Sequence[str]) -> None:
    """Raise if there are files that cannot be opened."""
    if lost:
        more = f", nor {len(lost) - 1} more" if len(lost) > 1 else ""
        raise StoreError(
            f"{lost[0]} cannot be opened{more}: damaged, or made with another identity",
            hint="devkeys store repair mends what can be mended; then try again",
        )


def opens_any(files: Sequence[Sealed], secret: Secret) -> bool:
    """Say whether *secret* opens one of *files*."""
    contents = ((layout.read(path, limit=layout.LIMIT), path) for path, _ in files)
    return any(_opens(sealed, path, secret) for sealed, path in contents if sealed is not None)


def _opens(sealed: bytes, path: str, *secrets: Secret) -> bool:
    try:
        layout.check_known(envelope.unseal(sealed, *secrets, path=path), path=path)
    except UnreadableError:
        return False
    return True


def reseal(files: Sequence[Sealed], keys: Keys, wanted: Mapping[str, tuple[str, ...]]) -> int:
    """Seal those of *files* whose class is in *wanted* to its recipients; under the store's lock.

    Each is replaced as a whole, after it was opened with every one of *keys* that is to open
    it. Return how many were not sealed so already.
    """
    changed = 0
    for path, which in files:
        if which in wanted:
            changed += _reseal(path, keys[which], wanted[which])
    return changed


def _reseal(path: str, secrets: Sequence[Secret], recipients: tuple[str, ...]) -> bool:
    sealed = layout.read(path, limit=layout.LIMIT)
    if sealed is None:
        return False
    readers = [secret for secret in secrets if envelope.recipient_of(secret) in recipients]
    right = envelope.count_recipients(sealed) == len(recipients)
    if right and readers and all(_opens(sealed, path, reader) for reader in readers):
        return False
    plain = envelope.unseal(sealed, *secrets, path=path)
    new = envelope.seal_and_open(plain, recipients, readers, path=path)
    atomic.remove_leftovers(path)
    atomic.write(path, new)
    return True


def drop_remote(data_dir: str) -> None:
    """Forget the values of providers that are kept for a time: they can be asked for again."""
    for path in _files(data_dir):
        if path.endswith(".remote"):
            atomic.remove(path)


def miscounted(data_dir: str, record: Record) -> list[str]:
    """Return the files that more or fewer can read than *record* says; no key is needed.

    They lack the recovery key, or an interrupted change left them.
    """
    known = {len(record.recipients(which)) for which, _ in record.holders()}
    found = []
    for path in list_sealed(data_dir):
        sealed = layout.read(path, limit=layout.LIMIT)
        count = envelope.count_recipients(sealed) if sealed is not None else 0
        if count and count not in known:  # without any it is no age file, and no matter of keys
            found.append(path)
    return found
