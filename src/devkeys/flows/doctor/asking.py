"""From the words of the command to what is looked at, and to a value that is looked for."""

import os
import sys
import time
from collections.abc import Sequence

from devkeys.ask.hidden import hidden
from devkeys.errors import UsageError
from devkeys.flows.doctor import scope
from devkeys.flows.doctor.scope import Scope
from devkeys.flows.here import Here
from devkeys.plan import DEFAULT_PROFILE
from devkeys.project import find
from devkeys.providers.localfile import without_line_end
from devkeys.scan.literals import is_long_enough
from devkeys.secret import Secret
from devkeys.session import Session

_LONGEST = 1 << 20  # bytes of a value that is looked for


def asked(
    sources: frozenset[str],
    *,
    paths: Sequence[str] = (),
    since: str | None = None,
    names: Sequence[str] = (),
) -> Scope:
    """Return what is to be looked at, seen from the current directory."""
    session = Session()
    directory = find.working_directory()
    checkout = find.locate(directory, session.home)
    here = None if checkout is None else Here(session, checkout, DEFAULT_PROFILE, None)
    unknown = sorted(sources.difference(scope.NAMED, [scope.PATHS] if paths else ()))
    if unknown:
        raise UsageError(
            f"there is no source {unknown[0]!a}", hint=f"there are {', '.join(scope.NAMED)}"
        )
    return Scope(
        session,
        here,
        _top(directory, session.home),
        sources,
        [_existing(path, directory) for path in paths],
        None if since is None else scope.moment(since, time.time()),
        frozenset(names),
    )


def _top(directory: str, home: str) -> str:
    top = find.upward(directory, home)[-1]
    return top if os.path.lexists(os.path.join(top, ".git")) else directory


def _existing(path: str, directory: str) -> str:
    whole = os.path.normpath(os.path.join(directory, path))
    if not os.path.lexists(whole):
        raise UsageError(f"{whole} does not exist", hint="--path takes a file or a directory")
    return whole


def given() -> Secret:
    """Return the value that is to be looked for: from stdin, or asked for at a terminal."""
    if os.isatty(0):
        value = hidden("the value to look for:")
    else:
        data = sys.stdin.buffer.read(_LONGEST + 1)
        if len(data) > _LONGEST:
            raise UsageError(
                f"the value has more than {_LONGEST} bytes", hint="give one value, not a whole file"
            )
        value = Secret(without_line_end(data))
    if not value:
        raise UsageError("no value was given", hint="pipe it in, or type it at the prompt")
    if not is_long_enough(value.reveal()):
        raise UsageError(
            "the value is shorter than 8 bytes: it would be found everywhere",
            hint="search for a longer one that it is part of, such as the whole address",
        )
    return value
