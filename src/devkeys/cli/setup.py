"""The panel Set-up: hook, completion."""

from typing import Annotated

import typer

from devkeys.cli import complete, options

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
        "hook",
        rich_help_panel=PANEL,
        epilog="Examples:  devkeys hook install    devkeys hook uninstall zsh    "
        'eval "$(devkeys hook zsh)"    (devkeys hook check is what the hook itself asks)',
    )(hook)
    app.command(
        "completion",
        rich_help_panel=PANEL,
        epilog="The hook brings completions along: devkeys hook install.    "
        'Example:  eval "$(devkeys completion bash)"',
    )(completion)


def hook(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="install|uninstall|status|SHELL",
            help="Add the hook to the shell's start-up file, take it away, show what there is; "
            "or print it for bash, zsh, fish, nushell, elvish, xonsh or powershell (default: the "
            "shell that is running).",
            autocompletion=complete.hook_words,
        ),
    ] = None,
    shell: Annotated[
        str | None,
        typer.Argument(
            metavar="SHELL",
            help="Of this shell, not of the one that is running.",
            autocompletion=complete.hook_shells,
            show_default=False,
        ),
    ] = None,
    *,
    yes: options.Yes = False,
    as_json: options.Json = False,
) -> None:
    """Keep secrets that you type out of the shell's history."""
    from devkeys.cli import hook_view
    from devkeys.errors import UsageError
    from devkeys.flows import hooks
    from devkeys.session import Session

    changes = {"install": hooks.install, "uninstall": hooks.uninstall}
    if what in changes and not as_json:
        changes[what](Session(), hooks.shell_of(shell), yes=yes)
    elif what == "status" and not yes:
        hook_view.show(Session(), shell and hooks.shell_of(shell), as_json=as_json)
    elif shell is None and not yes and not as_json:
        hook_view.print_file(hooks.shell_of(what))
    else:
        raise UsageError(
            "these words do not go together", hint="see devkeys hook --help: install [SHELL] --yes"
        )


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
