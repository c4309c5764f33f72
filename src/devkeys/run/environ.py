"""The child's environment: what it inherits, what is kept from it, what fits.

On the way of `run`.
"""

import os
import sys

from devkeys.errors import DevkeysError

# What --clean leaves of the caller's environment.
CLEAN = frozenset(
    (
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ"),
        *("LANG", "LANGUAGE", "TERM", "COLORTERM", "NO_COLOR", "SSH_AUTH_SOCK"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FTP_PROXY"),
        # Without these no program starts on Windows.
        *("SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "APPDATA"),
    )
)
STRING_LIMIT = 131072  # Linux: MAX_ARG_STRLEN, with the name, `=` and the final NUL
POINTER_BYTES = 8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def clean(environ: "Mapping[str, str]", declared: "Iterable[str]") -> dict[str, str]:
    """Return *environ* without all that neither CLEAN nor *declared* names."""
    kept = CLEAN.union(declared)
    return {
        name: value
        for name, value in environ.items()
        if name in kept or name.upper() in CLEAN or name.startswith("LC_")
    }


def matches(name: str, patterns: "Iterable[str]") -> bool:
    """Tell whether *name* is one of *patterns*, of which some end in `*`."""
    return any(
        name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
        for pattern in patterns
    )


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
                hint=f"declare it with @as=file above {name}, and the program gets a path",
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
