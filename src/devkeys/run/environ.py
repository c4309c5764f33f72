"""Whether the child's environment can be handed over at all.

On the way of `run`.
"""

import os
import sys

from devkeys.errors import DevkeysError

STRING_LIMIT = 131072  # Linux: MAX_ARG_STRLEN, with the name, `=` and the final NUL
POINTER_BYTES = 8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def check_values(environ: "Mapping[str, str]") -> None:
    """Raise if a value cannot be handed to a program at all, naming its variable."""
    for name, value in environ.items():
        if "\0" in value:
            raise DevkeysError(
                f"the value of {name} holds a NUL byte, which no environment can carry",
                hint=f"declare it with @as=file above {name}, and the program gets a path",
            )
        if (
            len(value) >= STRING_LIMIT // 4
            and len(os.fsencode(value)) + len(os.fsencode(name)) + 2 > STRING_LIMIT
            and sys.platform.startswith("linux")
        ):
            raise DevkeysError(
                f"the value of {name} is too large for an environment: "
                f"{len(os.fsencode(value))} bytes, Linux takes {STRING_LIMIT - len(name) - 2}",
                hint="give fewer variables with --only or --scope"
                if name == "DEVKEYS_RUN"
                else f"declare it with @as=file above {name}, and the program gets a path",
            )


def check_total(environ: "Mapping[str, str]", command: list[str]) -> None:
    """Raise if all of *environ* and *command* together are more than the system takes."""
    if not hasattr(os, "sysconf"):
        return
    strings = [name + "=" + value for name, value in environ.items()] + command
    limit = os.sysconf("SC_ARG_MAX")
    fixed = len(strings) * (1 + POINTER_BYTES)
    if sum(map(len, strings)) * 4 + fixed <= limit:  # no character takes more bytes
        return
    total = sum(len(os.fsencode(text)) for text in strings) + fixed
    if total > limit:
        largest = sorted(environ, key=lambda name: len(environ[name]), reverse=True)[:3]
        raise DevkeysError(
            f"the environment and the arguments are too large: {total} bytes, at most {limit}",
            hint="the largest variables are " + ", ".join(largest) + "; see --clean, --only, "
            "--scope and @as=file",
        )
