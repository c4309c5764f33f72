"""Names that this machine's user does not want to be asked for: `devkeys skip`.

One small text file per project and profile, an input of the plan.
"""

import os
from collections.abc import Collection

from devkeys import atomic, files
from devkeys.errors import DevkeysError
from devkeys.fingerprint import digest

KIND, FORMAT = "devkeys-skips", "1"
DIGITS = 15  # of a format's number; what is longer is damage


def path_of(state_dir: str, identity: str, relative: str, profile: str) -> str:
    """Return where the skipped names of one project, in one profile, are kept."""
    key = digest(os.fsencode(identity), os.fsencode(relative), os.fsencode(profile))
    return os.path.join(state_dir, "skips", key)


def read(path: str) -> frozenset[str]:
    """Return the names that are skipped."""
    data = files.read_regular(path, follow=False)
    if data is None:
        return frozenset()
    first, *names = data.decode("utf-8", "replace").splitlines() or [""]
    kind, _, number = first.partition(" ")
    if kind == KIND and number != FORMAT and number.isdecimal() and len(number) <= DIGITS:
        raise DevkeysError(
            f"{path} was written by a newer devkeys (format {number})",
            hint="upgrade devkeys; the file is left as it is",
        )
    if first != f"{KIND} {FORMAT}":
        raise DevkeysError(
            f"{path} is damaged", hint="remove it, and skip again what you do not need"
        )
    return frozenset(names)


def write(path: str, names: Collection[str]) -> None:
    """Keep *names* as those that are skipped."""
    atomic.make_private_dir(os.path.dirname(path))
    atomic.write(
        path, "".join(f"{line}\n" for line in (f"{KIND} {FORMAT}", *sorted(names))).encode()
    )
