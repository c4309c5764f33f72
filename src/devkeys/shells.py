"""Which shell the user works in; the one door of shellingham."""

import os

import shellingham  # type: ignore[import-untyped]  # it has no annotations


def running() -> str | None:
    """Return the shell that this process was started from: `bash`, `zsh`, ...; None if unknown.

    Asked of the process tree; the user's login shell is the answer where it tells nothing.
    """
    try:
        # Not from this process on: of Python's arguments it tries whether each is a file, and a
        # secret that was typed as one would go to a file server as a name.
        return str(shellingham.detect_shell(os.getppid())[0])
    except (shellingham.ShellDetectionFailure, OSError):
        login = os.path.basename(os.environ.get("SHELL", ""))
        return login.lower().removesuffix(".exe") or None
