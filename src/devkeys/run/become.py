"""To run is to become: the command takes this process's place; on the way of `run`.

Its PID, signals, terminal, exit code and open files are right because they are this
process's own. On Windows, which has no exec, the command is waited for instead.
"""

import _signal  # type: ignore[import-not-found]  # typeshed has none; signal costs 3 ms
import os
import sys

from devkeys.errors import NOT_EXECUTABLE, NOT_FOUND, DevkeysError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn


_NOT_THERE = 2  # errno.ENOENT, on every system; the module takes as long as three of ours


def become(command: list[str], environ: "Mapping[str, str]", *, path: str) -> "NoReturn":
    """Replace this process by *command* with exactly *environ*.

    The program is looked for on *path*, the caller's own PATH, so that nothing that a
    repository declares decides which program runs.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":
        _spawn(command, environ, path)
    # Python ignores both, and an ignored signal stays ignored across exec.
    _signal.signal(_signal.SIGPIPE, _signal.SIG_DFL)
    _signal.signal(_signal.SIGXFSZ, _signal.SIG_DFL)
    program = command[0]
    if "/" in program:
        failure = _execute(program, command, environ)
    else:
        failure = _search(program, command, environ, path)
    raise _explain(program, failure)


def _search(program: str, command: list[str], environ: "Mapping[str, str]", path: str) -> int:
    denied = 0
    for directory in path.split(":"):
        file = f"{directory or '.'}/{program}"
        if not os.access(file, os.F_OK):  # far quicker than to try with the whole environment
            continue
        code = _execute(file, command, environ)
        import errno  # where the command was started we are no more

        if code == errno.EACCES:
            denied = code  # as execvp: keep looking, remember that something was there
        elif code not in (errno.ENOENT, errno.ENOTDIR):
            return code
    return denied or _NOT_THERE


def _execute(file: str, command: list[str], environ: "Mapping[str, str]") -> int:
    try:
        os.execve(file, command, environ)
    except OSError as error:
        code = error.errno or _NOT_THERE
    import errno

    if code == errno.ENOEXEC:  # a script without `#!`: as execvp, the shell's
        try:
            os.execve("/bin/sh", ["/bin/sh", file, *command[1:]], environ)
        except OSError as error:
            code = error.errno or errno.ENOEXEC
    return code


def _explain(program: str, code: int) -> DevkeysError:
    import errno

    if code in (errno.ENOENT, errno.ENOTDIR):
        return _unstartable(f"{program}: command not found", NOT_FOUND)
    if code == errno.E2BIG:
        return DevkeysError(
            f"{program}: the environment and the arguments are too large",
            hint="give fewer variables with --only, --scope or --clean",
        )
    return _unstartable(f"{program}: {os.strerror(code).lower()}", NOT_EXECUTABLE)


def _unstartable(message: str, code: int) -> DevkeysError:
    """Return the error with the exit code that shells use."""
    error = DevkeysError(message)
    error.exit_code = code
    return error


def _spawn(command: list[str], environ: "Mapping[str, str]", path: str) -> "NoReturn":
    import shutil
    import signal
    import subprocess

    program = shutil.which(command[0], path=path)  # knows PATHEXT: npm is npm.cmd
    if program is None:
        raise _unstartable(f"{command[0]}: command not found", NOT_FOUND)
    # Ctrl-C reaches every program of the console; the command decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = subprocess.call([program, *command[1:]], env=dict(environ))
    except OSError as error:
        raise _unstartable(
            f"{command[0]}: {(error.strerror or 'cannot be executed').lower()}", NOT_EXECUTABLE
        ) from None
    sys.exit(code)
