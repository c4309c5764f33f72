"""Store: passphrase, unlock, lock."""

from typing import Annotated

import typer

from devkeys.cli import options


def register(store: typer.Typer) -> None:
    """Add these commands to *store*."""
    examples = {
        "passphrase": "Examples:  devkeys store passphrase    devkeys store passphrase --remove",
        "unlock": "Example:  devkeys store unlock --for 2h",
        "lock": "Example:  devkeys store lock",
    }
    for name, function in (("passphrase", passphrase), ("unlock", unlock), ("lock", lock)):
        store.command(name, epilog=examples[name])(function)


def _file(text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        "--passphrase-file", metavar="FILE", help=text, callback=options.not_empty
    )
    return option


def passphrase(
    *,
    passphrase_file: Annotated[
        str | None, _file("Read the new passphrase from FILE instead of asking for it.")
    ] = None,
    remove: Annotated[
        bool, options.flag("--remove", text="Do without a passphrase again.")
    ] = False,
    confirmed: Annotated[
        bool,
        options.flag("--confirmed", text="That of profiles with confirm = true; each use asks."),
    ] = False,
    yes: options.Yes = False,
) -> None:
    """Protect the store's key file with a passphrase, or change it."""
    from devkeys.errors import UsageError
    from devkeys.flows.store import protecting
    from devkeys.session import Session

    if remove and passphrase_file is not None:
        raise UsageError("--remove takes no new passphrase", hint="see devkeys store passphrase -h")
    if remove:
        protecting.unprotect(Session(), confirmed=confirmed, yes=yes)
    else:
        protecting.protect(Session(), confirmed=confirmed, place=passphrase_file)


def unlock(
    *,
    period: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="TIME", help="How long, such as 30m or 8h (default: 8h, or your own)."
        ),
    ] = None,
    passphrase_file: Annotated[
        str | None, _file("Read the passphrase from FILE instead of asking for it.")
    ] = None,
) -> None:
    """Ask for the passphrase now, and not again for a time."""
    from devkeys.flows.store import opening
    from devkeys.session import Session

    opening.unlock(Session(), period=period, place=passphrase_file)


def lock() -> None:
    """Ask for the passphrase again from now on."""
    from devkeys.flows.store import opening
    from devkeys.session import Session

    opening.lock(Session())
