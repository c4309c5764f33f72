"""What lies where in the store, under which file names.

DATA/store                             which identities the store was made with
DATA/store.copy                        the same, for when that is damaged
DATA/identity                          its own, where it is not in the keychain
DATA/confirmed                         the one of confirmed profiles, likewise
DATA/identity.next                     the one that a rekey is about to bring in, sealed
DATA/lock                              held by whoever writes
DATA/projects/PROJECT/PROFILE.age      values
DATA/projects/PROJECT/PROFILE.json     ledger
DATA/projects/PROJECT/PROFILE.remote   values of providers, kept for a time
DATA/projects/PROJECT/PROFILE.previous the values before the present ones
DATA/projects/PROJECT/PROFILE.before   the file of values before its last write
STATE/counters/PROJECT/PROFILE         the highest counter seen
"""

import os

from devkeys import files
from devkeys.errors import DevkeysError, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

LIMIT = 16 << 20  # bytes of one file of values
SEALED_KINDS = ("devkeys-values", "devkeys-previous", "devkeys-remote")  # all of format 1
# A file name may have 255 bytes; `.age` and a temporary name's additions take up to 30.
NAME_LIMIT = 200
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")
# Names of devices on Windows, whatever comes after a dot.
DEVICES = frozenset(
    (
        *("con", "prn", "aux", "nul"),
        *("com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9"),
        *("lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"),
    )
)


def record_path(data_dir: str) -> str:
    """Return the path of the store's record."""
    return data_dir + os.sep + "store"


def record_copy_path(data_dir: str) -> str:
    """Return the path of the copy of the store's record."""
    return record_path(data_dir) + ".copy"


def identity_path(data_dir: str, which: str = "identity") -> str:
    """Return the path of the identity *which*, `identity` or `confirmed`, if it is a file."""
    return os.path.join(data_dir, which)


def next_path(data_dir: str, which: str) -> str:
    """Return the path of the identity that a rekey brings in, sealed to the present one."""
    return os.path.join(data_dir, which + ".next")


def lock_path(data_dir: str) -> str:
    """Return the path of the one lock that whoever writes to the store holds."""
    return os.path.join(data_dir, "lock")


def projects_dir(data_dir: str) -> str:
    """Return the directory with one directory per project."""
    return data_dir + os.sep + "projects"


def values_path(data_dir: str, project: str, profile: str) -> str:
    """Return the path of one profile's values."""
    return os.sep.join((projects_dir(data_dir), encode(project), encode(profile) + ".age"))


def remote_path(data_dir: str, project: str, profile: str) -> str:
    """Return the path of the values of providers that are kept for one profile."""
    return os.path.join(projects_dir(data_dir), encode(project), encode(profile) + ".remote")


def previous_path(data_dir: str, project: str, profile: str) -> str:
    """Return the path of the values that one profile had before."""
    return os.path.join(projects_dir(data_dir), encode(project), encode(profile) + ".previous")


def before_path(data_dir: str, project: str, profile: str) -> str:
    """Return the path of one profile's file of values as it was before its last write."""
    return os.path.join(projects_dir(data_dir), encode(project), encode(profile) + ".before")


def ledger_path(data_dir: str, project: str, profile: str) -> str:
    """Return the path of one profile's ledger."""
    return os.path.join(projects_dir(data_dir), encode(project), encode(profile) + ".json")


def counters_dir(state_dir: str) -> str:
    """Return the directory with one directory of counters per project."""
    return state_dir + os.sep + "counters"


def counter_path(state_dir: str, project: str, profile: str) -> str:
    """Return the path of the highest counter seen of one profile."""
    return os.sep.join((counters_dir(state_dir), encode(project), encode(profile)))


def encode(name: str) -> str:
    """Return the file name that stands for *name* and no other, see `filenames`."""
    if name and PLAIN.issuperset(name) and name not in DEVICES and len(name) <= NAME_LIMIT:
        return name  # nearly all are like this, and it is quick
    from devkeys.store import filenames

    return filenames.encode(name)


def read(path: str, *, limit: int = files.DEFAULT_LIMIT) -> bytes | None:
    """Return the content of a file of the store, which is the user's alone; None if absent."""
    try:
        return files.read_private(path, limit=limit)
    except DevkeysError as error:
        raise StoreError(str(error), hint=error.hint) from None


def check_format(line: str, kind: str, *, path: str, newest: int = 1) -> int:
    """Return the format in *line*, the first of *path*: `KIND 1` up to *newest*; else raise."""
    name, _, number = line.partition(" ")
    if name != kind or not is_count(number):
        damaged(path, f"its first line is not `{kind} {newest}`")
    if int(number) > newest:
        newer(path, number)
    return int(number)


def is_count(text: str) -> bool:
    """Say whether *text* is a counting number as we write it: 1, 2, ..."""
    return text.isascii() and text.isdigit() and text[0] != "0" and len(text) <= 15


UPGRADE = "upgrade devkeys; the file is left as it is"


class NewerError(StoreError):
    """A file of a format that this devkeys does not know: neither read nor replaced by it."""


def check_known(plain: bytes, *, path: str) -> None:
    """Raise NewerError if a newer devkeys wrote *plain*, decrypted from *path*.

    For whoever replaces a file without reading it. The first line tells, whatever comes after it.
    """
    kind, _, number = plain[:64].partition(b"\n")[0].decode("ascii", "replace").partition(" ")
    if kind in SEALED_KINDS and is_count(number) and number != "1":
        newer(path, number)


def newer(path: str, number: str) -> "NoReturn":
    """Raise because *path* has the format *number*, which this devkeys does not know."""
    raise NewerError(
        f"{path} was written by a newer devkeys (format {number})",
        hint=UPGRADE,
    )


def damaged(path: str, what: str) -> "NoReturn":
    """Raise because *path* is not as devkeys writes it; *what* holds no value."""
    raise StoreError(
        f"{path} is damaged: {what}",
        hint="devkeys store repair says what can be had back; nothing was changed",
    )
