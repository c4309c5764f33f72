"""The options and arguments that several commands have."""

from typing import Annotated

import typer

from devkeys.cli import complete

Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        metavar="NAME",
        help="Values of this profile, such as staging (default: dev).",
        autocompletion=complete.profiles,
    ),
]
File = Annotated[
    str | None,
    typer.Option(
        "--file",
        metavar="FILE",
        help="The declaration file (default: the nearest .env.example).",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A declared name.", autocompletion=complete.names)
]
Names = Annotated[
    list[str],
    typer.Argument(metavar="NAME...", help="Declared names.", autocompletion=complete.names),
]
