"""The command line; this package is the one door of typer.

Here words become one call and a wrong word becomes a UsageError. Each panel of the help is a
module; what a command needs is imported in its body, for typer alone takes long enough.

onboard   init, import
running   run, status
keys      set, add, get, unset, list
project   allow, deny, skip
cleaning  doctor
store     store: passphrase, unlock, lock, export, import, move, rekey, verify, repair, ...
leaving   eject, forget
setup     hook, completion
"""

import os
import sys
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from devkeys import VERSION, memory, session
from devkeys.cli import (
    cleaning,
    complete,
    keys,
    leaving,
    onboard,
    options,
    project,
    running,
    setup,
    store,
)
from devkeys.errors import INTERRUPTED, UsageError

PROGRAM = "devkeys"
# What typer raises for wrong words; its own module is not for others to import.
WrongWords: type[Exception] = typer.BadParameter.__mro__[1]
NO_SUCH_COMMAND = "No such command"
TOO_MANY = "Got unexpected extra argument"

# Pretty tracebacks would show local variables. typer's own installer of completions is left
# out because it rewrites shell start-up files, and weakens PowerShell's execution policy.
app = typer.Typer(
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for panel in (onboard, running, keys, project, cleaning, store, leaving, setup):
    panel.register(app)


def main(words: list[str]) -> int:
    """Do what *words* say and return the exit code; raise UsageError for wrong words."""
    if complete.VARIABLE in os.environ:
        return complete.answer(app, PROGRAM)
    session.forget_coercion()
    memory.guard()
    _pass_any_name()
    command = typer.main.get_command(app)
    try:
        # Not typer's own main: it ends with 1, "found something", when a reader goes away.
        with command.make_context(PROGRAM, list(words)) as context:
            return command.invoke(context) or 0
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        return INTERRUPTED
    except WrongWords as wrong:
        raise _usage_error(wrong, words) from None


def _pass_any_name() -> None:
    # A directory's name may hold what the terminal's encoding does not.
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")


def _usage_error(wrong: Exception, words: list[str]) -> UsageError:
    """Turn what typer says about *words* into our own style."""
    text = str(getattr(wrong, "format_message", wrong.__str__)())
    context = getattr(wrong, "ctx", None)
    path = context.command_path if context else " ".join([PROGRAM, *words[:1]])
    if text.startswith(NO_SUCH_COMMAND):
        given = [word for word in words if not word.startswith("-")]
        return _no_such_command(given[path.count(" ")], path, context)
    if text.startswith(TOO_MANY):
        # Not quoted: what does not belong there is often the value itself.
        text = "there are more arguments than the command takes"
    text = text.partition("\n")[0].rstrip(".")
    return UsageError(text[:1].lower() + text[1:], hint=f"see {path} --help")


def _no_such_command(word: str, path: str, context: Any) -> UsageError:
    names = context.command.list_commands(context) if context else []
    near = get_close_matches(word, names, n=1)
    hint = f"{path} --help lists them"
    if near:
        hint = f"did you mean {near[0]}?"
    elif path == PROGRAM:
        hint += f"; devkeys -- {word} runs a program of that name"
    inner = path.removeprefix(PROGRAM).strip()
    return UsageError(f"there is no command {f'{inner} {word}'.strip()}", hint=hint)


@app.callback(
    invoke_without_command=True, epilog="Example:  devkeys init && devkeys run -- python app.py"
)
def _devkeys(
    context: typer.Context,
    *,
    version: Annotated[
        bool, options.flag("--version", text="Show the version and exit.", eager=True)
    ] = False,
) -> None:
    """Keep API keys in the OS keychain, give them to one command, and put them nowhere else.

    .env.example in a repository says which names a program needs; devkeys keeps their values.
    """
    if version:
        sys.stdout.write(f"{PROGRAM} {VERSION}\n")
        raise typer.Exit
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")
        raise typer.Exit
