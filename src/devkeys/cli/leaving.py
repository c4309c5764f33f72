"""The panel Leaving: forget."""

from typing import Annotated

import typer

from devkeys.cli import complete, options

PANEL = "Leaving"


def register(app: typer.Typer) -> None:
    """Add this panel's commands to *app*."""
    example = "Examples:  devkeys forget -p staging    devkeys forget --all"
    app.command("forget", rich_help_panel=PANEL, epilog=example)(forget)


def forget(
    *,
    profile: options.Profile = None,
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
