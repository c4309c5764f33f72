"""Of the panel Set-up: init, import."""

from typing import Annotated

import typer

from devkeys.cli import options

PANEL = "Set-up"


def register(app: typer.Typer) -> None:
    """Add this panel's commands to *app*."""
    app.command(
        "init",
        rich_help_panel=PANEL,
        epilog="Examples:  devkeys init    devkeys init --yes --from values.env",
    )(init)
    app.command(
        "import",
        rich_help_panel=PANEL,
        epilog="Examples:  devkeys import .env --remove    devkeys import op://Team/chat    "
        "pass show chat/env | devkeys import -",
    )(import_values)


def init(
    *,
    profile: options.Profile = None,
    file: options.File = None,
    optional: Annotated[
        bool, options.flag("--optional", text="Ask for optional names too.")
    ] = False,
    yes: options.Yes = False,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Take the values from this .env, from stdin (-), or from op://...",
        ),
    ] = None,
) -> int:
    """Agree to what a project asks for, and give it its values.

    Exit code 3 if wanted values are still missing.
    """
    from devkeys.flows.here import here
    from devkeys.flows.init import init as set_up

    return set_up(here(profile=profile, file=file), yes=yes, optional=optional, source=source)


def import_values(
    name: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A .env with values, - for stdin, or an item or path of a provider, such as "
            "op://Team/chat.",
        ),
    ],
    *,
    profile: options.Profile = None,
    file: options.File = None,
    undeclared: Annotated[
        str | None,
        typer.Option(
            metavar="declare|keep|drop",
            help="What to do with names that nothing declares: declare them, keep their values "
            "for later (default for a file without a terminal), or leave them where they are.",
        ),
    ] = None,
    remove: Annotated[
        bool | None,
        typer.Option(
            "--remove/--keep-file", help="Take what was stored out of the file.", show_default=False
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Prefer the new values to stored ones.")
    ] = False,
    with_references: Annotated[
        bool,
        typer.Option(
            "--with-references", help="Copy values of names that have a reference (op://...) too."
        ),
    ] = False,
    yes: options.Yes = False,
) -> None:
    """Move the values of a .env into the store, or copy an item's."""
    from devkeys.errors import UsageError
    from devkeys.flows.here import here
    from devkeys.flows.importing import DECLARE, DROP, KEEP, Options, import_from

    if undeclared not in (None, DECLARE, KEEP, DROP):
        raise UsageError("--undeclared takes declare, keep or drop")
    choices = Options(undeclared, remove, overwrite, with_references, yes)
    import_from(here(profile=profile, file=file), name, choices)
