"""The record: with which identities the store was made, and where their secret halves are.

    devkeys-store 2
    identity keychain       file, passphrase or keychain; the last with an account
    account identity
    recipient age1...       the public half of the identity
    next age1...            while a rekey prepares another one
    former age1...          while files are taken away from the one before
    confirmed file          the identity of profiles with `confirm = true`, said likewise
    recipient age1...
    recovery age1...        who can read every file besides, where there is a recovery key
    end                     without it lines are missing, and who they said can read

Format 1 has only the first three. What it can say is still written in it, so that an older
devkeys reads it.
"""

import os

from devkeys import files
from devkeys.errors import DevkeysError, StoreError
from devkeys.store import layout

KEYCHAIN = "keychain"
FILE = "file"  # which only its mode protects
PASSPHRASE = "passphrase"  # noqa: S105  # a kind: the same file, encrypted with a passphrase
KINDS = (KEYCHAIN, FILE, PASSPHRASE)
OWN = "identity"
CONFIRMED = "confirmed"
_FIELDS = ("account", "recipient", "next", "former")


class Holder:
    """One identity: its *kind*, the keychain item's *account*, and whom its files are for.

    *next* and *former* are empty but during a rekey.
    """

    __slots__ = ("account", "former", "kind", "next", "recipient")

    def __init__(
        self, kind: str, account: str, recipient: str, upcoming: str = "", former: str = ""
    ) -> None:
        self.kind = kind
        self.account = account
        self.recipient = recipient
        self.next = upcoming
        self.former = former

    def but(self, **changes: str) -> "Holder":
        """Return this holder with *changes*, by field."""
        fields = {name: getattr(self, name) for name in self.__slots__} | changes
        return Holder(
            fields["kind"], fields["account"], fields["recipient"], fields["next"], fields["former"]
        )


class Record:
    """What the file `store` says; *recovery* is empty where there is no recovery key."""

    __slots__ = ("confirmed", "own", "recovery")

    def __init__(self, own: Holder, confirmed: Holder | None = None, recovery: str = "") -> None:
        self.own = own
        self.confirmed = confirmed
        self.recovery = recovery

    def holder(self, which: str) -> Holder | None:
        """Return the holder OWN or CONFIRMED."""
        return self.own if which == OWN else self.confirmed

    def but(self, which: str, holder: Holder | None) -> "Record":
        """Return this record with another holder."""
        if which == CONFIRMED:
            return Record(self.own, holder, self.recovery)
        return Record(holder or self.own, self.confirmed, self.recovery)

    def recipients(self, which: str) -> tuple[str, ...]:
        """Return to whom files are sealed, the identity's own first."""
        holder = self.holder(which) or self.own
        return tuple(filter(None, (holder.recipient, holder.next, self.recovery)))

    def holders(self) -> "list[tuple[str, Holder]]":
        """Return the holders there are."""
        found = [(OWN, self.own)]
        return found if self.confirmed is None else [*found, (CONFIRMED, self.confirmed)]


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
                hint="devkeys store repair writes it anew, if what opens the store is still there",
            )
        return None
    _check_directory(data_dir)
    return parse(data, path)


def _check_directory(data_dir: str) -> None:
    try:
        files.check_private(data_dir, os.lstat(data_dir))
    except DevkeysError as error:
        raise StoreError(str(error), hint=error.hint) from None
    except OSError as error:
        raise StoreError(
            f"cannot look at {data_dir}: {files.reason(error)}", hint="check the disk"
        ) from None


def parse(data: bytes, path: str) -> Record:
    """Return what *data*, the content of *path*, says; raise StoreError if that is damaged.

    Recipients are checked as far as it can be told without pyrage; `identity` looks closer.
    """
    lines = data.decode("ascii", "replace").split("\n")
    number = layout.check_format(lines[0], "devkeys-store", path=path, newest=2)
    if lines.pop() != "":
        layout.damaged(path, "its last line is cut short")
    if number == 2 and lines.pop() != "end":
        layout.damaged(path, "its last lines are missing")
    holders: dict[str, dict[str, str]] = {}
    recovery = current = ""
    for line in lines[1:]:
        word, _, value = line.partition(" ")
        if word in (OWN, CONFIRMED) and word not in holders and value in KINDS:
            current = word
            holders[word] = {"kind": value}
        elif word in _FIELDS and current and word not in holders[current] and value:
            holders[current][word] = value
        elif word == "recovery" and not recovery and _looks_right(value):
            recovery = value
        else:
            layout.damaged(path, "one of its lines is wrong or stands there twice")
    if OWN not in holders:
        layout.damaged(path, "it does not say which kind of identity it was made with")
    found = Record(
        _holder(holders[OWN], path),
        _holder(holders[CONFIRMED], path) if CONFIRMED in holders else None,
        recovery,
    )
    if number == 1 and _format(found) != 1:
        layout.damaged(path, "it says what its format does not know")
    return found


def _holder(fields: dict[str, str], path: str) -> Holder:
    if (fields["kind"] == KEYCHAIN) != ("account" in fields):
        layout.damaged(path, "it does not say which kind of identity it was made with")
    known = [fields[name] for name in ("recipient", "next", "former") if name in fields]
    if "recipient" not in fields or not all(map(_looks_right, known)):
        layout.damaged(path, "it has no recipient, or a wrong one")
    return Holder(
        fields["kind"],
        fields.get("account", ""),
        fields["recipient"],
        fields.get("next", ""),
        fields.get("former", ""),
    )


def _looks_right(recipient: str) -> bool:
    return len(recipient) >= 62 and recipient.startswith("age1")


def _format(record: Record) -> int:
    own = record.own
    plain = own.kind != PASSPHRASE and not (own.next or own.former)
    return 1 if plain and record.confirmed is None and not record.recovery else 2


def write_record(data_dir: str, record: Record) -> None:
    """Replace the record; only under the store's lock, or when there is no store yet.

    A copy stands beside it: what the record alone knows is who may read besides. One that could
    not be written is no failure: what was to be changed is, and `verify` tells of the copy.
    """
    from devkeys import atomic

    read_copy(data_dir)  # one that a newer devkeys wrote is not to be replaced
    path, copy = layout.record_path(data_dir), layout.record_copy_path(data_dir)
    atomic.remove_leftovers(path)
    atomic.write(path, encode(record))
    atomic.remove_leftovers(copy)
    try:
        atomic.write(copy, encode(record))
    except DevkeysError:
        return


def read_copy(data_dir: str) -> Record | None:
    """Return what the record's copy says; None if there is none that can be understood.

    Raise NewerError if a newer devkeys wrote it.
    """
    path = layout.record_copy_path(data_dir)
    try:
        data = layout.read(path)
        return None if data is None else parse(data, path)
    except layout.NewerError:
        raise
    except StoreError:
        return None


def encode(record: Record) -> bytes:
    """Return the record as it stands in its file, in the oldest format that can say it."""
    lines = [f"devkeys-store {_format(record)}"]
    for which, holder in record.holders():
        lines.append(f"{which} {holder.kind}")
        lines += [f"{name} {getattr(holder, name)}" for name in _FIELDS if getattr(holder, name)]
    if record.recovery:
        lines.append(f"recovery {record.recovery}")
    if _format(record) == 2:
        lines.append("end")
    return "".join(f"{line}\n" for line in lines).encode()
