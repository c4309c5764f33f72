"""The panel This project: allow, deny, skip."""

from typing import Annotated

import typer

from devkeys.cli import complete, options

PANEL = "This project"


def register(app: typer.Typer) -> None:
    """Add this panel's commands to *app*."""
    examples = {
        "allow": "Example:  devkeys allow --show",
        "deny": "Example:  devkeys deny --all",
        "skip": "Examples:  devkeys skip SENTRY_DSN    devkeys skip --undo SENTRY_DSN",
    }
    for name, function in (("allow", allow), ("deny", deny), ("skip", skip)):
        app.command(name, rich_help_panel=PANEL, epilog=examples[name])(function)


def allow(
    *,
    yes: options.Yes = False,
    show: Annotated[
        bool, options.flag("--show", text="Show what is asked for, and change nothing.")
    ] = False,
    project: Annotated[
        str | None,
        typer.Option(
            "--project",
            metavar="NAME",
            help="Use the values of this project of the store.",
            autocompletion=complete.projects,
        ),
    ] = None,
    profile: options.Profile = None,
    file: options.File = None,
) -> int:
    """Agree to what this checkout's .env.example asks for."""
    from devkeys.cli.output import emit
    from devkeys.errors import UNRESOLVED
    from devkeys.flows import consenting
    from devkeys.flows.here import here

    place = here(profile=profile, file=file)
    if show:
        text, allowed = consenting.show(place)
        emit(text)
        return 0 if allowed else UNRESOLVED
    consenting.consent(place, yes=yes, name=project)
    return 0


def deny(
    *,
    everywhere: Annotated[
        bool, options.flag("--all", "-a", text="For the whole repository, all its directories.")
    ] = False,
    file: options.File = None,
) -> None:
    """Take the consent back. The stored values stay."""
    from devkeys.flows import consenting
    from devkeys.flows.here import here

    consenting.withdraw(here(file=file), everywhere=everywhere)


def skip(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Declared names.", autocompletion=complete.names),
    ] = None,
    *,
    rest: Annotated[bool, options.flag("--rest", text="Everything that has no value yet.")] = False,
    undo: Annotated[bool, options.flag("--undo", text="Ask for these names again.")] = False,
    profile: options.Profile = None,
    file: options.File = None,
) -> None:
    """Do without some names on this machine."""
    from devkeys.flows.here import here
    from devkeys.flows.skipping import skip as change

    change(here(profile=profile, file=file), names or [], rest=rest, undo=undo)
