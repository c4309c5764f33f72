"""The panel Run: run, status."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand

from devkeys.cli import complete, options

if TYPE_CHECKING:
    from devkeys.flows.here import Here

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
        epilog="Examples:  devkeys status -p staging    devkeys status --providers",
    )(status)


def run(context: typer.Context) -> int:
    """Run a command with this project's values, which only it gets."""
    from devkeys.run import main

    return main(context.args)


def status(
    *,
    providers: Annotated[
        bool,
        options.flag(
            "--providers",
            text="Test what the references lead to: installed, signed in, readable.",
        ),
    ] = False,
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

    place = here(profile=profile, file=file)
    if providers:
        return _providers(place, as_json=as_json, quiet=quiet)
    found = survey(place)
    if as_json:
        emit_json(status_view.as_data(found))
    elif not quiet:
        emit(status_view.as_text(found))
    return 0 if found.works else UNRESOLVED


def _providers(place: "Here", *, as_json: bool, quiet: bool) -> int:
    from devkeys.cli import providers_view, status_view
    from devkeys.cli.output import emit, emit_json
    from devkeys.errors import UNRESOLVED
    from devkeys.flows import diagnosis
    from devkeys.flows.status import survey

    found = diagnosis.of_profile(place)
    works = all(health.works for health in found)
    found = found or diagnosis.of_machine(place)
    if as_json:
        emit_json({**status_view.as_data(survey(place)), **providers_view.as_data(found)})
    elif not quiet:
        emit(providers_view.as_text(status_view.head(survey(place)), found, place.profile))
    return 0 if works else UNRESOLVED
