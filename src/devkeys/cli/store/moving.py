"""Store: export, import."""

from typing import Annotated

import typer

from devkeys.cli import complete, options

Project = Annotated[
    list[str] | None,
    typer.Option(
        "--project",
        metavar="NAME",
        help="Only this project, and those of its directories; may be given again.",
        autocompletion=complete.projects,
    ),
]
PassphraseFile = Annotated[
    str | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="Read the passphrase there, such as /dev/fd/3 (default: ask).",
        callback=options.not_empty,
    ),
]


def register(store: typer.Typer) -> None:
    """Add these commands to *store*."""
    store.command(
        "export",
        epilog="Examples:  devkeys store export keys.age    "
        "devkeys store export keys.age --project chat --recipient age1...",
    )(export)
    store.command(
        "import",
        epilog="Examples:  devkeys store import keys.age    "
        "devkeys store import keys.age --dry-run",
    )(import_export)


def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A new file, or - for stdout.")],
    *,
    project: Project = None,
    profile: options.OneProfile = None,
    recipient: Annotated[
        list[str] | None,
        typer.Option(
            "--recipient",
            metavar="KEY",
            help="Encrypt to age1... or an SSH public key, not with a passphrase; may be given "
            "again.",
        ),
    ] = None,
    recipients_file: Annotated[
        str | None,
        typer.Option(
            "--recipients-file",
            metavar="FILE",
            help="Encrypt to the keys in this file, one a line.",
            callback=options.not_empty,
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
    armor: Annotated[bool, options.flag("--armor", text="Write text that can be pasted.")] = False,
    force: Annotated[bool, options.flag("--force", text="Replace a file that is there.")] = False,
    skip_unreadable: Annotated[
        bool, options.flag("--skip-unreadable", text="Leave out what cannot be read.")
    ] = False,
    names: Annotated[bool, options.flag("--names", text="Show the names that are in it.")] = False,
    yes: options.Yes = False,
) -> None:
    """Write the values of all projects into one encrypted file, which `age -d` can read too."""
    from devkeys.errors import UsageError
    from devkeys.flows.store import exporting
    from devkeys.session import Session

    recipients = list(recipient or [])
    if recipients_file is not None:
        recipients += exporting.recipients_in(recipients_file)
    if recipients and passphrase_file is not None:
        raise UsageError(
            "age encrypts with a passphrase or to recipients, not both",
            hint="export twice, into two files",
        )
    exporting.export(
        Session(),
        file,
        projects=project or [],
        profile=profile,
        lock=exporting.Lock(recipients, passphrase_file),
        armor=armor,
        force=force,
        skip_unreadable=skip_unreadable,
        with_names=names,
        yes=yes,
    )


def import_export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An export, or - for stdin.")],
    *,
    dry_run: Annotated[
        bool, options.flag("--dry-run", text="Show what would be done; write nothing.")
    ] = False,
    project: Project = None,
    prefer: Annotated[
        str | None,
        typer.Option(
            metavar="here|file",
            help="Which value stays where two differ (default: the one that was changed later).",
        ),
    ] = None,
    identity: Annotated[
        list[str] | None,
        typer.Option(
            "--identity",
            metavar="FILE",
            help="Decrypt with this age identity or SSH private key; may be given again.",
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
) -> int:
    """Merge an export into this store: shown first, then asked, then read back.

    Exit code 3 if values differ and nobody decides.
    """
    from devkeys.cli.store import moving_view
    from devkeys.errors import UNRESOLVED, UsageError
    from devkeys.flows.store import taking_in
    from devkeys.session import Session

    if prefer not in (None, "here", "file"):
        raise UsageError("--prefer takes here or file")
    taken = taking_in.take_in(
        Session(),
        file,
        identities=identity or [],
        passphrase_file=passphrase_file,
        projects=project or [],
        prefer=prefer,
        dry_run=dry_run,
        yes=yes,
    )
    if as_json:
        moving_view.show(taken)
    return UNRESOLVED if taken.undecided else 0
