"""How `hook` answers: a shell's file, or what there is of the hooks on this machine."""

import os
from typing import Any

from devkeys import ask, hookfiles
from devkeys.cli.output import emit, emit_json, table
from devkeys.flows.hooks.state import State, state, states
from devkeys.session import Session

# How each shell loads what `devkeys hook SHELL` prints.
_LOADS = {
    "fish": "devkeys hook fish | source",
    "nushell": "source a file that  devkeys hook nushell  was saved to",
    "elvish": "eval (devkeys hook elvish | slurp)",
    "xonsh": "exec($(devkeys hook xonsh))",
    "powershell": "devkeys hook powershell | Out-String | Invoke-Expression",
}


def print_file(shell: str) -> None:
    """Print the hook of *shell*; at a terminal also how to keep it."""
    hookfiles.emit(shell)
    if os.isatty(1):
        line = _LOADS.get(shell, f'eval "$(devkeys hook {shell})"')
        ask.say(
            f"devkeys: hint: devkeys hook install {shell} adds it to the start-up file; by hand:  "
            f"{line}"
        )


def show(session: Session, shell: str | None, *, as_json: bool) -> None:
    """Print what there is of the hook of *shell*, or of all shells that have something of one."""
    found = [state(session, shell)] if shell else states(session)
    if as_json:
        emit_json({"hooks": [_as_data(one) for one in found]})
    elif found:
        emit(table([(one.shell, _in_words(one), ask.plain(one.file)) for one in found]))
    else:
        emit("no hook")


def _in_words(one: State) -> str:
    if one.trouble:
        return f"unknown: {ask.plain(one.trouble)}"
    if one.by_hand and not one.lines:
        return "by hand"
    if not one.lines:
        return "not installed"
    return {None: "its copy is gone", False: "another version's"}.get(one.current, "installed")


def _as_data(one: State) -> dict[str, Any]:
    return {
        "shell": one.shell,
        "installed": one.installed,
        "file": one.file,
        "lines": list(one.lines),
        "by_hand": list(one.by_hand),
        "copy": one.copy if one.current is not None else None,
        "current": one.current,
        "trouble": one.trouble,
    }
