"""Where devkeys starts: `run` goes straight to run.py, all else to the command line.

Also the one place where an error becomes a message and an exit code.
"""

import os
import sys

from devkeys import use_snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from devkeys.errors import DevkeysError


def main() -> int:
    """Run the command that the arguments name and return its exit code."""
    _isolate()
    words = sys.argv[1:]
    is_run = words[:1] in (["run"], ["--"])
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _open_streams()
    if is_run:
        import gc

        gc.disable()  # what `run` allocates goes with the exec
        use_snapshot()
    from devkeys.errors import INTERRUPTED, RUN_FAILED, UNRESOLVED, DevkeysError

    try:
        code = _dispatch(words)
        sys.stdout.flush()
    except DevkeysError as error:
        return report(error, words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()  # whoever read it has gone
        return 141
    except Exception as fault:  # noqa: BLE001  # the last boundary: 1 would say "found something"
        _drop_output()
        _show_fault(fault)
        return RUN_FAILED if is_run else UNRESOLVED
    return code


def _isolate() -> None:
    """Start again without PYTHON* variables, before anything else is imported.

    With PYTHONPATH=. a checkout's own modules would become part of devkeys; with `-m` the
    current directory's. What such a path ran before this line is beyond reach:
    docs/threat-model.md says so.
    """
    as_module = sys.argv[0] == __file__
    steered = not sys.flags.ignore_environment and any(n.startswith("PYTHON") for n in os.environ)
    if not steered and (sys.flags.safe_path or not as_module):
        return
    from devkeys.session import original

    flags = ["-E", "-P", *(["-s"] if sys.flags.no_user_site else [])]
    start = ["-m", "devkeys"] if as_module else [sys.argv[0]]
    command = [sys.executable, *flags, *start, *sys.argv[1:]]
    if os.name == "nt":
        import subprocess

        sys.exit(subprocess.call(command))
    os.execve(sys.executable, command, original())


def _dispatch(words: list[str]) -> int:
    if words[:1] == ["run"] or words[:1] == ["--"]:
        from devkeys.run import main as run

        return run(words[1:])
    if words[:2] == ["hook", "check"]:
        from devkeys.typed.check import main as check

        return check(words[2:])
    if words[:1] == ["hook"]:
        from devkeys.hookfiles import emit_quickly

        if emit_quickly(words[1:]):
            return 0
    from devkeys.cli import main as cli

    return cli(words)


def report(error: "DevkeysError", words: "Iterable[str]" = ()) -> int:
    """Show *error* and its hint on stderr and return its exit code.

    What may be a secret among *words*, those of the command line, is not repeated.

    Paths and a repository's words are part of it: what would steer the terminal is spelled
    out, and no line of theirs can pass for one of ours.
    """
    from devkeys.ask import visible
    from devkeys.typed.repeating import without_secrets

    for head, text in (("error", str(error)), ("hint", error.hint or "")):
        lines = visible(without_secrets(text, words)).split("\n")
        rest = "".join(f"\n  {line.removeprefix('  ')}" for line in lines[1:])
        if text:
            sys.stderr.write(f"devkeys: {head}: {lines[0]}{rest}\n")
    return error.exit_code


def _show_fault(fault: Exception) -> None:
    """Show what nobody thought of: a full disk behind stdout, or a fault of devkeys' own."""
    import errno

    # What the machine lacks, whichever file it was about.
    lacking = (errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT)
    if isinstance(fault, OSError) and (fault.filename is None or fault.errno in lacking):
        from devkeys.files import reason

        sys.stderr.write(f"devkeys: error: cannot go on: {reason(fault)}\n")
        sys.stderr.write("devkeys: hint: check the disk, and what the output is sent to\n")
        return
    if isinstance(fault, ImportError):
        sys.stderr.write(f"devkeys: error: a part of devkeys cannot be loaded: {fault}\n")
        sys.stderr.write("devkeys: hint: check the disk, then install devkeys again\n")
        return
    _show_trace(fault)
    sys.stderr.write("devkeys: error: this is a fault of devkeys itself\n")


def _show_trace(fault: BaseException) -> None:
    """Show where *fault* and what led to it came from; not what they say: it may hold a value."""
    import traceback

    cause = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    if cause is not None:
        _show_trace(cause)
    frames = "".join(traceback.format_tb(fault.__traceback__))
    kind = f"{type(fault).__module__}.{type(fault).__qualname__}"
    sys.stderr.write(f"Traceback (most recent call last):\n{frames}{kind}\n")


def _drop_output() -> None:
    """Send what is left of the output nowhere: its flush at exit must not complain again."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:
        return  # no descriptor is left for it: that is told already, or will be


def _open_streams() -> None:
    """Open the standard streams that the caller closed, for our own time only.

    They are closed again on exec, so the command finds them as the caller left them; and no
    file of ours gets such a number, under which others would read or write it.
    """
    descriptor = 0
    while descriptor < 3:
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115  # for as long as we live
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115  # for as long as we live
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115  # for as long as we live


if __name__ == "__main__":
    sys.exit(main())
