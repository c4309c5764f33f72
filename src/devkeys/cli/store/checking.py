"""Store: verify, repair."""

import typer


def register(store: typer.Typer) -> None:
    """Add these commands to *store*."""
