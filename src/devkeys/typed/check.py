"""`devkeys hook check SHELL`: a shell's hook asks about the command on standard input.

The command never is an argument: those stand in `ps`. The answer is the exit code: 0, it may
be recorded; 1, it holds a secret, and standard output has the one line to be shown. Whatever
else happens, the hook keeps the command out by itself.
"""

import sys

from devkeys import memory
from devkeys.errors import UsageError
from devkeys.typed import judge

LONGEST = 1 << 24  # bytes; what is longer is kept out unseen
RECORD, KEEP_OUT = 0, 1


def main(words: list[str]) -> int:
    """Answer for the shell that *words* name."""
    memory.guard()
    data = sys.stdin.buffer.read(LONGEST + 1)
    if not data:
        raise UsageError(
            "no command on standard input", hint="`devkeys hook SHELL` shows how a shell asks"
        )
    if len(data) > LONGEST:
        sys.stdout.write("devkeys: kept out of history: a command too long to be looked at\n")
        return KEEP_OUT
    found = judge(data.decode("utf-8", "replace"), words[0] if words else "", _declared())
    if found is None:
        return RECORD
    instead = f"instead: devkeys set {found.name or 'NAME'}"
    sys.stdout.write(f"devkeys: kept out of history: {found.what} ({instead})\n")
    return KEEP_OUT


def _declared() -> frozenset[str]:
    from devkeys import index
    from devkeys.errors import DevkeysError
    from devkeys.session import Session

    try:
        return index.read(Session().state_dir).names
    except (DevkeysError, ValueError):
        return frozenset()  # names that look secret are found all the same
