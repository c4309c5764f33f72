"""Where devkeys starts: `run` goes straight to run.py, all else to the command line.

Also the one place where an error becomes a message and an exit code.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from devkeys.errors import DevkeysError


def main() -> int:
    """Run the command that the arguments name and return its exit code."""
    _isolate()
    if sys.argv[1:2] in (["run"], ["--"]):
        import gc

        from devkeys import snapshot

        gc.disable()  # what `run` allocates goes with the exec
        snapshot.use("run")
    from devkeys.errors import INTERRUPTED, DevkeysError

    try:
        return _dispatch(sys.argv[1:])
    except DevkeysError as error:
        return report(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; the flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _isolate() -> None:
    """Start again without PYTHON* variables, before anything else is imported.

    With PYTHONPATH=. a checkout's own modules would become part of devkeys; with `-m` the
    current directory's. What such a path ran before this line is beyond reach:
    docs/threat-model.md says so.
    """
    as_module = sys.argv[0] == __file__
    if not any(name.startswith("PYTHON") for name in os.environ):
        if not as_module or sys.flags.safe_path:
            return
    elif sys.flags.ignore_environment:
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
    from devkeys.cli import main as cli

    return cli(words)


def report(error: "DevkeysError") -> int:
    """Show *error* and its hint on stderr and return its exit code."""
    sys.stderr.write(f"devkeys: error: {error}\n")
    if error.hint:
        sys.stderr.write(f"devkeys: hint: {error.hint}\n")
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
