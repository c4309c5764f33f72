"""The identity that opens the store, and the record of which one it is.

A session without its keychain (ssh, cron) looks as if there had never been one. So the
store says what it was made with, and whoever does not find that stops: a second identity
would make every value unreadable for the first.
"""

import os

from devkeys import files
from devkeys.errors import DevkeysError, StoreError
from devkeys.secret import Secret
from devkeys.store import envelope, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SERVICE = "devkeys"
ACCOUNT = "identity"
KEYCHAIN = "keychain"
FILE = "file"


class Record:
    """What the file `store` says.

    *kind* is keychain or file; *account* the keychain item's, else empty. *recipients* are
    those to whom every file is encrypted; the first is the identity's own.
    """

    __slots__ = ("account", "kind", "recipients")

    def __init__(self, kind: str, account: str, recipients: tuple[str, ...]) -> None:
        self.kind = kind
        self.account = account
        self.recipients = recipients


class Identity:
    """An age identity that belongs to this store, with what its record says."""

    __slots__ = ("kind", "recipients", "secret")

    def __init__(self, kind: str, secret: Secret, recipients: tuple[str, ...]) -> None:
        self.kind = kind
        self.secret = secret
        self.recipients = recipients


def load(data_dir: str, *, read_keychain: "Callable[[str, str], Secret | None]") -> Identity | None:
    """Return the store's identity; None if there is no store yet.

    *read_keychain* takes service and account and returns None only if there is no such
    item; what it raises goes through. It is not called for a store without a keychain.
    """
    record = read_record(data_dir)
    if record is None:
        return None
    secret = (
        _from_file(data_dir)
        if record.kind == FILE
        else _from_keychain(data_dir, record, read_keychain)
    )
    own = envelope.recipient_of(secret)
    if not all(known == own or envelope.is_recipient(known) for known in record.recipients):
        layout.damaged(layout.record_path(data_dir), "it has a wrong recipient")
    if own != record.recipients[0]:
        raise StoreError(
            f"{_place(data_dir, record)} is not the identity that the store in {data_dir} "
            "was made with",
            hint="put that identity back from a backup; nothing was changed",
        )
    return Identity(record.kind, secret, record.recipients)


def _place(data_dir: str, record: Record) -> str:
    if record.kind == FILE:
        return layout.identity_path(data_dir)
    return f"the keychain item {SERVICE}/{record.account}"


def _from_file(data_dir: str) -> Secret:
    path = layout.identity_path(data_dir)
    secret = read_identity_file(path)
    if secret is None:
        raise StoreError(
            f"{path} is gone, and with it the identity of the store",
            hint=_begin_anew(data_dir, "put the file back from a backup"),
        )
    return secret


def _from_keychain(
    data_dir: str, record: Record, read_keychain: "Callable[[str, str], Secret | None]"
) -> Secret:
    secret = read_keychain(SERVICE, record.account)
    if secret is None:
        raise StoreError(
            f"the keychain item {SERVICE}/{record.account} is gone, "
            "and with it the identity of the store",
            hint=_begin_anew(data_dir, "restore the keychain from a backup"),
        )
    return secret


def _begin_anew(data_dir: str, restore: str) -> str:
    from devkeys.store.projects import has_values

    if has_values(data_dir):
        return f"{restore}; if it is lost for good, so are the values: move {data_dir} away"
    return f"{restore}, or remove {layout.record_path(data_dir)}: the store holds no values yet"


def read_identity_file(path: str) -> Secret | None:
    """Return the one identity in an age identity file; None if there is no such file."""
    data = layout.read(path)
    if data is None:
        return None
    lines = [line.strip() for line in data.split(b"\n")]
    found = [line for line in lines if line and not line.startswith(b"#")]
    if len(found) != 1 or envelope.recipient_of(Secret(found[0])) is None:
        layout.damaged(path, "it does not hold exactly one age identity")
    return Secret(found[0])


def read_record(data_dir: str) -> Record | None:
    """Return what the store was made with; None if there is no store.

    Raise StoreError if the record is damaged, or gone although there are values.
    """
    path = layout.record_path(data_dir)
    data = layout.read(path)
    if data is None:
        from devkeys.store.projects import has_values

        if has_values(data_dir):
            raise StoreError(
                f"{path} is gone, but the store holds values",
                hint="put it back from a backup: it says which identity opens them",
            )
        return None
    _check_directory(data_dir)
    return _parse(data, path)


def _check_directory(data_dir: str) -> None:
    try:
        files.check_private(data_dir, os.lstat(data_dir))
    except DevkeysError as error:
        raise StoreError(str(error), hint=error.hint) from None


def _parse(data: bytes, path: str) -> Record:
    lines = data.decode("ascii", "replace").split("\n")
    layout.check_format(lines[0], "devkeys-store", path=path)
    if lines.pop() != "":
        layout.damaged(path, "its last line is cut short")
    pairs = [line.partition(" ")[::2] for line in lines[1:]]
    recipients = tuple(value for key, value in pairs if key == "recipient")
    others = [pair for pair in pairs if pair[0] != "recipient"]
    account = others[1][1] if len(others) == 2 and others[1][0] == "account" else ""
    if others == [("identity", FILE)]:
        kind = FILE
    elif account and others[0] == ("identity", KEYCHAIN):
        kind = KEYCHAIN
    else:
        layout.damaged(path, "it does not say which kind of identity it was made with")
    # As far as it can be told without pyrage; `load` looks closer.
    if not recipients or not all(len(r) >= 62 and r.startswith("age1") for r in recipients):
        layout.damaged(path, "it has no recipient, or a wrong one")
    return Record(kind, account, recipients)
