"""What can still be read of a profile whose files are damaged, old or gone."""

from devkeys.errors import DevkeysError
from devkeys.store import layout, ledger, values
from devkeys.store.faults import Store
from devkeys.store.identity import Identity
from devkeys.store.values import Values


def read_values(
    path: str, project: str, profile: str, opened: Identity
) -> tuple[Values | None, str]:
    """Return the values in the file *path*, or None and what is wrong with it, if it is there."""
    try:
        sealed = layout.read(path, limit=layout.LIMIT)
        if sealed is None:
            return None, ""
        return values.decode(opened.unseal(sealed, path=path), project, profile, path=path), ""
    except DevkeysError as error:
        return None, str(error)


def best_before(store: Store, project: str, profile: str) -> Values | None:
    """Return the newest values that can still be read: of the file before, or of an old one."""
    if store.identity is None:
        return None
    paths = (
        layout.before_path(store.data_dir, project, profile),
        layout.values_path(store.data_dir, project, profile),
    )
    found = [read_values(path, project, profile, store.identity)[0] for path in paths]
    return max(filter(None, found), key=lambda one: one.counter, default=None)


def names_at_stake(store: Store, project: str, profile: str) -> list[str]:
    """Return the names that have a value by the ledger."""
    try:
        return ledger.names(ledger.read(store.data_dir, project, profile))
    except DevkeysError:
        return []
