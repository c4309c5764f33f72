"""The panel Leaving: eject, forget."""

from typing import Annotated

import typer

from devkeys.cli import complete, options

PANEL = "Leaving"


def register(app: typer.Typer) -> None:
    """Add this panel's commands to *app*."""
    examples = {
        "eject": "Examples:  devkeys eject    devkeys eject -p staging --to ~/staging.env",
        "forget": "Examples:  devkeys forget -p staging    devkeys forget --all",
    }
    for name, function in (("eject", eject), ("forget", forget)):
        app.command(name, rich_help_panel=PANEL, epilog=examples[name])(function)


def eject(
    *,
    profile: options.Profile = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FILE",
            help="Another file (default: .env beside the declaration file, .env.PROFILE for a "
            "profile).",
            callback=options.not_empty,
        ),
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option(
            "--skip",
            metavar="NAME",
            help="Leave this one out; may be given again.",
            autocompletion=complete.names,
        ),
    ] = None,
    yes: options.Yes = False,
    file: options.File = None,
) -> None:
    """Write this project's values into a plain .env."""
    from devkeys.flows import eject as flow
    from devkeys.flows.here import here

    flow.eject(here(profile=profile, file=file), to=to, skip=skip or [], yes=yes)


def forget(
    *,
    profile: options.OneProfile = None,
    project: Annotated[
        str | None,
        typer.Option(
            "--project",
            metavar="NAME",
            help="A project of the store, wherever you are.",
            autocompletion=complete.projects,
        ),
    ] = None,
    everything: Annotated[
        bool, options.flag("--all", text="All projects, and the key that opens the store.")
    ] = False,
    yes: options.Yes = False,
    file: options.File = None,
) -> None:
    """Remove this project's values for good."""
    from devkeys.errors import UsageError
    from devkeys.flows import forget as flow
    from devkeys.flows.here import here
    from devkeys.session import Session

    if everything and (profile or project or file):
        raise UsageError("--all forgets everything; it takes no other option but --yes")
    if everything:
        flow.forget_everything(Session(), yes=yes)
    elif project is not None:
        flow.forget_project(Session(), project, profile, yes=yes)
    else:
        flow.forget_here(here(profile=profile, file=file), profile, yes=yes)
