"""Store: verify, repair."""

from typing import Annotated

import typer

from devkeys.cli import options


def register(store: typer.Typer) -> None:
    """Add these commands to *store*."""
    store.command("verify", epilog="Example:  devkeys store verify")(verify)
    store.command("repair", epilog="Examples:  devkeys store repair --dry-run")(repair)


def verify(*, as_json: options.Json = False) -> None:
    """Read every file of the store and say whether all is whole. Exit 1 if it is not."""
    from devkeys.cli.store import check_view
    from devkeys.flows.store import checking
    from devkeys.session import Session

    check_view.show(checking.look(Session()), as_json=as_json)


def repair(
    *,
    yes: options.Yes = False,
    dry_run: Annotated[
        bool, options.flag("--dry-run", "-n", text="Show what would be done, and do nothing.")
    ] = False,
    accept_old: Annotated[
        bool,
        options.flag("--accept-old", text="With --yes: take files that are older than seen, too."),
    ] = False,
) -> None:
    """Mend what can be mended; nothing is lost that can still be read."""
    from devkeys.cli.store import check_view
    from devkeys.flows.store import checking
    from devkeys.session import Session

    found = checking.repair(Session(), yes=yes, dry_run=dry_run, accept_old=accept_old)
    check_view.show(found, as_json=False)
