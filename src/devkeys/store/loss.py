"""What can and what cannot be had back when what opens the store is gone."""

from devkeys.errors import DevkeysError, StoreError
from devkeys.store import identity, layout, ledger
from devkeys.store.projects import has_values, list_projects
from devkeys.store.record import KEYCHAIN, Holder, read_record


def gone(data_dir: str, which: str, holder: Holder) -> StoreError:
    """Return the error for an identity that is not where the record says it is."""
    where = identity.place(data_dir, which, holder)
    message = f"{where} is gone, and with it the identity of the store"
    in_keychain = holder.kind == KEYCHAIN
    restore = (
        "restore the keychain from a backup" if in_keychain else "put the file back from a backup"
    )
    if not has_values(data_dir):
        nothing = f"or remove {layout.record_path(data_dir)}: the store holds no values yet"
        return StoreError(message, hint=f"{restore}, {nothing}")
    message = f"{message}; {_count(data_dir)} cannot be read without it"
    record = read_record(data_dir)
    if record is not None and record.recovery:
        hint = "devkeys store recover opens them with your recovery key; nothing was changed"
    else:
        hint = (
            f"{restore}, or move {data_dir} away and bring an export in with devkeys store import; "
            "there is no recovery key, so without one of these they are lost for good: "
            "devkeys list --all names the keys to make anew"
        )
    return StoreError(message, hint=hint)


def _count(data_dir: str) -> str:
    """Return how many values are at stake, by the ledgers, which need no key."""
    profiles = list_projects(data_dir)
    values = 0
    for project, profile in profiles:
        try:
            values += len(ledger.names(ledger.read(data_dir, project, profile)))
        except DevkeysError:
            continue
    projects = len({project for project, _ in profiles})
    return f"{values} value{'s' * (values != 1)} of {projects} project{'s' * (projects != 1)}"
