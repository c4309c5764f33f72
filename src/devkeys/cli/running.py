"""The panel Run: run, status."""

from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand

from devkeys.cli import complete, options

PANEL = "Run"


class _Word(NamedTuple):
    """What typer wants for one word that is offered at the Tab key."""

    value: str
    type: str = "plain"
    help: str | None = None


class RunCommand(TyperCommand):
    """`run` as a guest in typer: all its words, whatever they are, are for run's own parser."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Leave *args* as they are."""
        ctx.args = list(args)
        return list(args)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Offer what run's own parser knows."""
        return [_Word(word) for word in complete.run_words(ctx, incomplete)]


def register(app: typer.Typer) -> None:
    """Add this panel's commands to *app*."""
    app.command("run", cls=RunCommand, rich_help_panel=PANEL, add_help_option=False)(run)
    app.command(
        "status",
        rich_help_panel=PANEL,
        epilog="Example:  devkeys status -p staging",
    )(status)


def run(context: typer.Context) -> int:
    """Run a command with this project's values, which only it gets."""
    from devkeys.run import main

    return main(context.args)


def status(
    *,
    profile: options.Profile = None,
    file: options.File = None,
    as_json: options.Json = False,
    quiet: Annotated[
        bool, options.flag("--quiet", "-q", text="Print nothing; the exit code tells.")
    ] = False,
) -> int:
    """Show where each value would come from. Unlocks nothing.

    Exit code 0 if devkeys run would work now, 3 if not.
    """
    from devkeys.cli import status_view
    from devkeys.cli.output import emit, emit_json
    from devkeys.errors import UNRESOLVED
    from devkeys.flows.here import here
    from devkeys.flows.status import survey

    found = survey(here(profile=profile, file=file))
    if as_json:
        emit_json(status_view.as_data(found))
    elif not quiet:
        emit(status_view.as_text(found))
    return 0 if found.works else UNRESOLVED
