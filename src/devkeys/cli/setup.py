"""The panel Set-up: completion."""

from typing import Annotated

import typer

from devkeys.cli import complete

PANEL = "Set-up"
# What to do with the script, for each shell.
_PLACES = {
    "bash": 'put  eval "$(devkeys completion bash)"  at the end of ~/.bashrc',
    "zsh": 'put  eval "$(devkeys completion zsh)"  at the end of ~/.zshrc, after compinit',
    "fish": "devkeys completion fish > ~/.config/fish/completions/devkeys.fish",
    "powershell": "put  devkeys completion powershell | Out-String | Invoke-Expression  "
    "into the file that $PROFILE names",
}
_PLACES["pwsh"] = _PLACES["powershell"]


def register(app: typer.Typer) -> None:
    """Add this panel's commands to *app*."""
    app.command(
        "completion",
        rich_help_panel=PANEL,
        epilog='Example:  eval "$(devkeys completion bash)"',
    )(completion)


def completion(
    shell: Annotated[
        str | None,
        typer.Argument(
            metavar="SHELL",
            help="bash, zsh, fish or powershell (default: the one that is running).",
            autocompletion=lambda: list(complete.SHELLS),
        ),
    ] = None,
) -> None:
    """Print the script that completes words at the Tab key."""
    import os

    from devkeys import ask
    from devkeys.cli.output import emit
    from devkeys.errors import UsageError
    from devkeys.shells import running

    known = ", ".join(complete.SHELLS)
    name = shell or running()
    if name is None:
        raise UsageError("which shell this is cannot be told", hint=f"name it: {known}")
    if name not in complete.SHELLS:
        raise UsageError(f"there are no completions for {name}", hint=f"there are for {known}")
    emit(complete.script(name, "devkeys"))
    if os.isatty(1):
        ask.say(f"devkeys: hint: to keep it, {_PLACES[name]}")
