"""The options and arguments that several commands have."""

from typing import Annotated, Any

import typer

from devkeys.cli import complete


def flag(*names: str, text: str, eager: bool = False) -> Any:
    """Return an option that takes no value, without the type that typer would show for it."""
    return typer.Option(*names, help=text, metavar="", is_eager=eager)


def not_empty(value: str | None) -> str | None:
    """Refuse the empty text of a shell variable that is not set: it would mean the default."""
    if value == "":
        raise typer.BadParameter("it is empty")
    return value


def shown_name(value: str | None) -> str | None:
    """Refuse what may be a secret: a profile's name is shown, and becomes part of paths."""
    from devkeys.typed.repeating import may_be_repeated

    if value is not None and not may_be_repeated(value):
        raise typer.BadParameter("that may be a secret, and such a name is shown")
    return not_empty(value)


Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        metavar="NAME",
        help="Values of this profile, such as staging (default: dev).",
        autocompletion=complete.profiles,
        callback=shown_name,
    ),
]
OneProfile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        metavar="NAME",
        help="Only this profile, such as staging (default: all).",
        autocompletion=complete.profiles,
        callback=shown_name,
    ),
]
File = Annotated[
    str | None,
    typer.Option(
        "--file",
        metavar="FILE",
        help="The declaration file (default: the nearest .env.example).",
        callback=not_empty,
    ),
]
Json = Annotated[bool, flag("--json", text="Print JSON, for programs.")]
Yes = Annotated[bool, flag("--yes", "-y", text="Do not ask.")]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A declared name.", autocompletion=complete.names)
]
Names = Annotated[
    list[str],
    typer.Argument(metavar="NAME", help="Declared names.", autocompletion=complete.names),
]
