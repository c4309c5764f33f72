"""The panel Keys: set, add, get, unset, list."""

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from devkeys.cli import complete, options

PANEL = "Keys"


class GenerateCommand(TyperCommand):
    """A command whose --generate may stand without a value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give a bare --generate the empty value, which means: as declared."""
        end = args.index("--") if "--" in args else len(args)
        given = ["--generate=" if word == "--generate" else word for word in args[:end]]
        return super().parse_args(ctx, given + args[end:])


def register(app: typer.Typer) -> None:
    """Add this panel's commands to *app*."""
    examples = {
        "set": "Examples:  devkeys set LLM_API_KEY    pass show llm | devkeys set LLM_API_KEY    "
        "devkeys set LLM_API_KEY --to op://Team/chat/key",
        "add": "Example:  devkeys add LLM_API_KEY --describe 'Key of the language model'",
        "get": "Example:  devkeys get LLM_API_KEY --reveal | wc -c",
        "unset": "Example:  devkeys unset LLM_API_KEY",
        "list": "Example:  devkeys list --all --json",
    }
    app.command("set", cls=GenerateCommand, rich_help_panel=PANEL, epilog=examples["set"])(set_)
    for name, function in (("add", add), ("get", get), ("unset", unset), ("list", list_)):
        app.command(name, rich_help_panel=PANEL, epilog=examples[name])(function)


def set_(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME",
            help="A declared name. For a setting, not for a secret: NAME=VALUE.",
            autocompletion=complete.names,
        ),
    ],
    *,
    generate: Annotated[
        str | None,
        typer.Option(
            "--generate",
            metavar="[=KIND]",
            help="Make a random value: as declared, or hex(32), base64(32), password(24), uuid.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="REF",
            help="Write it to this place of a provider, such as op://Team/chat/key, instead of "
            "the store.",
            autocompletion=complete.nothing,
        ),
    ] = None,
    profile: options.Profile = None,
    file: options.File = None,
) -> None:
    """Store a value; it is asked for hidden, or read from stdin."""
    from devkeys.flows.here import here

    place = here(profile=profile, file=file)
    if to is None:
        from devkeys.flows.assign import set_value

        set_value(place, words, generate)
    else:
        from devkeys.flows.writing import write_value

        write_value(place, words, generate, to)


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A new name, such as LLM_API_KEY.")],
    *,
    describe: Annotated[
        str, typer.Option("--describe", metavar="TEXT", help="A comment above the name.")
    ] = "",
    secret: Annotated[
        bool | None,
        options.flag("--secret/--setting", text="Whether to keep it (default: by its name)."),
    ] = None,
    optional: Annotated[
        bool, options.flag("--optional", text="Commands run without it, too.")
    ] = False,
    default: Annotated[
        str | None,
        typer.Option("--default", metavar="V", help="A public default, or a reference op://..."),
    ] = None,
    no_value: Annotated[
        bool, options.flag("--no-value", text="Declare it only; do not ask for a value.")
    ] = False,
    profile: options.Profile = None,
    file: options.File = None,
) -> None:
    """Declare a new name in .env.example, and store its value."""
    from devkeys.flows.adding import New, add_name

    new = New(name, describe, secret, optional, default)
    add_name(new, profile=profile, file=file, with_value=not no_value)


def get(
    name: options.Name,
    *,
    reveal: Annotated[bool, options.flag("--reveal", text="Print the value itself.")] = False,
    profile: options.Profile = None,
    file: options.File = None,
    as_json: options.Json = False,
) -> None:
    """Show where a value comes from; with --reveal, the value."""
    from devkeys.cli import get_view
    from devkeys.errors import UsageError
    from devkeys.flows.here import here

    if reveal and as_json:
        raise UsageError("--reveal and --json exclude each other: no value is printed as JSON")
    place = here(profile=profile, file=file)
    if reveal:
        get_view.reveal(place, name)
    else:
        get_view.show(place, name, as_json=as_json)


def unset(
    names: options.Names, *, profile: options.Profile = None, file: options.File = None
) -> None:
    """Take stored values away for good."""
    from devkeys.flows.assign import unset as take
    from devkeys.flows.here import here

    take(here(profile=profile, file=file), list(dict.fromkeys(names)))


def list_(
    *,
    everything: Annotated[
        bool, options.flag("--all", "-a", text="Of all projects, not of this one only.")
    ] = False,
    profile: options.Profile = None,
    file: options.File = None,
    as_json: options.Json = False,
) -> None:
    """List what is stored, and how old it is. Unlocks nothing."""
    from devkeys.cli.list_view import show
    from devkeys.flows import inventory
    from devkeys.flows.here import here
    from devkeys.session import Session

    if everything:
        items = inventory.of_all(Session(), profile)
    else:
        items = inventory.of_project(here(profile=profile, file=file), profile)
    show(items, as_json=as_json)
