"""Store: move, rekey, recovery-key, recover."""

import typer


def register(store: typer.Typer) -> None:
    """Add these commands to *store*."""
