"""What there is of a shell's hook on this machine; `hook status` and `init` tell it."""

import os
from typing import NamedTuple

from devkeys import hookfiles
from devkeys.errors import DevkeysError
from devkeys.flows.hooks import lines, rcfile, startup
from devkeys.session import Session
from devkeys.shells import running


class State(NamedTuple):
    """The hook of *shell*.

    *file* is the start-up file, *lines* ours in it and *by_hand* the numbers of the user's own.
    *copy* is the path of the copy that ours load; *current* tells whether it is this version's,
    None if there is none. *trouble* says what could not be looked at.
    """

    shell: str
    file: str
    lines: tuple[str, ...]
    by_hand: tuple[int, ...]
    copy: str
    current: bool | None
    trouble: str | None

    @property
    def installed(self) -> bool:
        """Whether a new shell loads a hook."""
        return bool(self.by_hand) or bool(self.lines and self.current is not None)


def state(session: Session, shell: str) -> State:
    """Look at the hook of *shell*, one of hookfiles.FILES; never raises."""
    file = startup.file_of(shell, session.environ)
    copy = hookfiles.copy_of(session.data_dir, shell)
    data, current, trouble = b"", None, None
    try:
        data = rcfile.read(file).data
        current = hookfiles.is_current(session.data_dir, shell)
    except DevkeysError as error:
        trouble = str(error)
    found = tuple(os.fsdecode(line) for line in lines.find(data, shell))
    return State(shell, file, found, tuple(lines.by_hand(data, shell)), copy, current, trouble)


def states(session: Session) -> list[State]:
    """Look at the hooks of all shells that have anything of one, and of the running shell."""
    here = known(running())
    found = [state(session, shell) for shell in hookfiles.FILES]
    return [
        one
        for one in found
        if one.shell == here or one.lines or one.by_hand or os.path.lexists(one.copy)
    ]


def installed_lines(session: Session) -> list[State]:
    """Look at the hooks that have a line of ours in a start-up file."""
    return [one for shell in hookfiles.FILES if (one := state(session, shell)).lines]


def known(shell: str | None) -> str | None:
    """Return *shell* as hookfiles.FILES has it; None if it has no hook."""
    name = hookfiles.ALIASES.get(shell or "", shell)
    return name if name in hookfiles.FILES else None


def has_hook(session: Session) -> bool | None:
    """Tell whether a new shell of the running kind will load a hook; None where it cannot."""
    shell = known(running())
    return None if shell is None else state(session, shell).installed
