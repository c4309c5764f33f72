"""The panel Store: `devkeys store VERB`.

opening    passphrase, unlock, lock
moving     export, import
keys       move, rekey, recovery-key, recover
checking   verify, repair
"""

import sys

import typer

from devkeys.cli.store import checking, keys, moving, opening

PANEL = "Store"


def register(app: typer.Typer) -> None:
    """Add `store` and what it can do to *app*."""
    store = typer.Typer(
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        callback=_store,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for part in (opening, moving, keys, checking):
        part.register(store)
    app.add_typer(
        store,
        name="store",
        rich_help_panel=PANEL,
        help="Protect, move and mend the store that holds your values.",
    )


def _store(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")
        raise typer.Exit
