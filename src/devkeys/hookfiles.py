"""The files of `shell/`: which shells have one, where they lie, and the copies that shells read.

`devkeys hook zsh` is in start-up files and costs time in every new shell, so it ends here and
never reaches the command line.
"""

import os
import sys

from devkeys import files
from devkeys.errors import DevkeysError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FILES = {
    "bash": "devkeys.bash",
    "zsh": "devkeys.zsh",
    "fish": "devkeys.fish",
    "nushell": "devkeys.nu",
    "elvish": "devkeys.elv",
    "xonsh": "devkeys.xsh",
    "powershell": "devkeys.ps1",
}
ALIASES = {"nu": "nushell", "pwsh": "powershell"}


def emit_quickly(words: "Sequence[str]") -> bool:
    """Print the file of the one shell in *words*; False if they are for the command line."""
    if len(words) != 1 or os.isatty(1):
        return False
    shell = ALIASES.get(words[0], words[0])
    if shell not in FILES:
        return False
    emit(shell)
    return True


def emit(shell: str) -> None:
    """Print the file of *shell*, one of FILES, as it is."""
    data = read(shell)
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def read(shell: str) -> bytes:
    """Return the file of *shell*, one of FILES."""
    data = files.read_regular(os.path.join(_folder(), FILES[shell]))
    if data is None:
        raise DevkeysError(
            f"this installation of devkeys has no hook for {shell}", hint="install devkeys anew"
        )
    return data


def _folder() -> str:
    """Return where the files are: in a wheel inside the package, in a checkout at its top."""
    package = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(package, "shell")
    if os.path.isdir(inside):
        return inside
    return os.path.join(os.path.dirname(os.path.dirname(package)), "shell")


def copy_of(data_dir: str, shell: str) -> str:
    """Return where the copy is that an installed hook of *shell* reads."""
    return os.path.join(data_dir, "hook", FILES[shell])


def is_current(data_dir: str, shell: str) -> bool | None:
    """Tell whether the copy for *shell* is that of this version; None if there is none."""
    kept = files.read_private(copy_of(data_dir, shell))
    return None if kept is None else kept == read(shell)


def keep(data_dir: str, shell: str) -> bool:
    """Make or renew the copy for *shell*; tell whether that changed anything."""
    from devkeys import atomic

    if is_current(data_dir, shell):
        return False
    path = copy_of(data_dir, shell)
    atomic.make_private_dir(os.path.dirname(path))
    atomic.write(path, read(shell))
    return True


def renew(data_dir: str) -> None:
    """Bring the copies that are there up to this version: after an upgrade they are not."""
    for shell in FILES:
        if os.path.lexists(copy_of(data_dir, shell)):
            keep(data_dir, shell)


def drop(data_dir: str, shell: str) -> bool:
    """Remove the copy for *shell*; tell whether there was one."""
    from devkeys import atomic

    path = copy_of(data_dir, shell)
    removed = atomic.remove(path)
    folder = os.path.dirname(path)
    if os.path.isdir(folder) and not os.listdir(folder):
        os.rmdir(folder)
    return removed
