"""Store: move, rekey, recovery-key, recover."""

from typing import Annotated

import typer

from devkeys.cli import options

PassphraseFile = Annotated[
    str | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="A file with the passphrase, instead of asking.",
        callback=options.not_empty,
    ),
]


def register(store: typer.Typer) -> None:
    """Add these commands to *store*."""
    examples = {
        "move": "Examples:  devkeys store move keychain    devkeys store move file",
        "rekey": "Example:  devkeys store rekey",
        "recovery-key": "Examples:  devkeys store recovery-key    "
        "devkeys store recovery-key --to /media/stick/devkeys.age",
        "recover": "Example:  devkeys store recover /media/stick/devkeys.age",
    }
    store.command("move", epilog=examples["move"])(move)
    store.command("rekey", epilog=examples["rekey"])(rekey)
    store.command("recovery-key", epilog=examples["recovery-key"])(recovery_key)
    store.command("recover", epilog=examples["recover"])(recover)


def move(
    to: Annotated[str, typer.Argument(metavar="keychain|file", help="Where the key is to be.")],
    *,
    passphrase_file: PassphraseFile = None,
    no_passphrase: Annotated[
        bool, options.flag("--no-passphrase", text="To a file that only its mode protects.")
    ] = False,
) -> None:
    """Move the store's key into the keychain, or out of it into a file."""
    from devkeys.errors import UsageError
    from devkeys.flows.store import move as flow
    from devkeys.session import Session

    if no_passphrase and passphrase_file:
        raise UsageError("--no-passphrase and --passphrase-file exclude each other")
    protect = False if no_passphrase else None
    flow.move(Session(), to, place=passphrase_file, protect=protect)


def rekey(
    *,
    confirmed: Annotated[
        bool, options.flag("--confirmed", text="Only the key of profiles with confirm = true.")
    ] = False,
    yes: options.Yes = False,
) -> None:
    """Give the store a new key, and seal every value to it."""
    from devkeys.flows.store import rekey as flow
    from devkeys.session import Session

    flow.rekey(Session(), confirmed=confirmed, yes=yes)


def recovery_key(
    *,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FILE",
            help="Write it to this new file instead of printing it.",
            callback=options.not_empty,
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
    remove: Annotated[
        bool, options.flag("--remove", text="Let no recovery key open the store any more.")
    ] = False,
    yes: options.Yes = False,
) -> None:
    """Print a second key to the store, for when the first is lost."""
    from devkeys.errors import UsageError
    from devkeys.flows.store import recoverykey as flow
    from devkeys.session import Session

    if remove and (to or passphrase_file):
        raise UsageError("--remove takes no other option but --yes")
    if remove:
        flow.remove(Session(), yes=yes)
    else:
        flow.make(Session(), to=to, place=passphrase_file, yes=yes)


def recover(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE", help="The recovery key's text (default: pasted, or from stdin)."
        ),
    ] = None,
    *,
    passphrase_file: PassphraseFile = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="keychain|file",
            help="Where the new key is to be (default: the keychain, if there is one).",
            callback=options.not_empty,
        ),
    ] = None,
) -> None:
    """Give a store whose key is lost a new one, with the recovery key."""
    from devkeys.flows.store import recover as flow
    from devkeys.session import Session

    raise typer.Exit(flow.recover(Session(), file=file, place=passphrase_file, to=to))
