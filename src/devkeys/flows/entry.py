"""Getting a value from the user, and giving it to the store: for `set` and `add`."""

import os
import re
import sys

from devkeys import ask, keep
from devkeys.allow import name_of
from devkeys.ask.hidden import hidden
from devkeys.consent.record import Record
from devkeys.declaration.classify import Variable
from devkeys.errors import UsageError
from devkeys.flows.here import Here
from devkeys.providers.localfile import without_line_end
from devkeys.secret import Secret
from devkeys.store import layout

# Whoever forgets the name types the value in its place: what does not fit is never quoted.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PROMPT, STDIN, GENERATED, ARGUMENT = "prompt", "stdin", "generated", "argument"


def enter(name: str) -> tuple[Secret, str]:
    """Return the value of *name*, asked for at a terminal or read from stdin, and its source.

    An empty one is an error: a pipe whose first program failed must not empty a secret.
    """
    if os.isatty(0):
        value, source = hidden(f"{name}:"), PROMPT
    else:
        value, source = Secret(without_line_end(_read_stdin(name))), STDIN
    if not value:
        raise UsageError(
            f"no value for {name}; nothing was changed",
            hint=f"devkeys unset {name} takes a stored value away",
        )
    return value, source


def _read_stdin(name: str) -> bytes:
    data = sys.stdin.buffer.read(layout.LIMIT + 1)
    if len(data) > layout.LIMIT:
        raise UsageError(
            f"the value of {name} has more than {layout.LIMIT} bytes; nothing was changed",
            hint="keep large files elsewhere and store where they are",
        )
    return data


def store(here: Here, record: Record, variable: Variable, value: Secret, source: str) -> None:
    """Keep *value* for *variable* of the project, and say so, without the value."""
    project = name_of(record, here.checkout)
    kind = "secret" if variable.secret else "setting"
    new = {variable.name: (value, kind)}
    keep.put(here.session, project, here.profile, new, source=source, confirm=here.confirm)
    done = "generated and stored" if source == GENERATED else "stored"
    ask.say(f"devkeys: {done} {variable.name} for {project} ({here.profile})")
