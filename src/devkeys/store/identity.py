"""The identities that open the store.

A session without its keychain (ssh, cron) looks as if there had never been one. So the
store says what it was made with, and whoever does not find that stops: a second identity
would make every value unreadable for the first.
"""

from devkeys.errors import DevkeysError, StoreError
from devkeys.secret import Secret
from devkeys.store import envelope, layout
from devkeys.store.record import CONFIRMED, KEYCHAIN, OWN, Holder, Record, encode, read_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    # which identity, its file's content, who holds it -> the identity
    Unlock = Callable[[str, bytes, Holder], Secret]

SERVICE = "devkeys"
ACCOUNT = "identity"


class Identity:
    """What opens files of the store, and to whom they are sealed.

    *secret* is an age identity; *other* gets one more that older files may need, which is not
    asked for before it is needed. *recipients* are those who can read what is written, the
    identity's own first.
    """

    __slots__ = ("kind", "other", "recipients", "secret")

    def __init__(
        self,
        kind: str,
        secret: Secret,
        recipients: tuple[str, ...],
        other: "Callable[[], Secret] | None" = None,
    ) -> None:
        self.kind = kind
        self.secret = secret
        self.recipients = recipients
        self.other = other

    def unseal(self, sealed: bytes, *, path: str) -> bytes:
        """Return the plain text of *sealed*, which was read from *path*."""
        try:
            return envelope.unseal(sealed, self.secret, path=path)
        except envelope.UnreadableError:
            if self.other is None:
                raise
        return envelope.unseal(sealed, self.other(), path=path)


def load(
    data_dir: str,
    *,
    read_keychain: "Callable[[str, str], Secret | None]",
    unlock: "Unlock | None" = None,
    confirm: bool = False,
) -> Identity | None:
    """Return the store's identity; None if there is no store yet.

    *read_keychain* takes service and account and returns None only if there is no such
    item; what it raises goes through. It is not called for a store without a keychain.
    *unlock* opens an identity file that a passphrase protects. With *confirm* it is the
    identity of confirmed profiles, if the store has one.
    """
    record = read_record(data_dir)
    if record is None:
        return None

    def fetch(which: str, holder: Holder) -> Secret:
        if holder.kind == KEYCHAIN:
            return _from_keychain(data_dir, holder, read_keychain)
        return _from_file(data_dir, which, holder, unlock)

    if not confirm or record.confirmed is None:
        return _matching(data_dir, record, OWN, fetch)
    confirmed = _matching(data_dir, record, CONFIRMED, fetch)
    # A profile's file may be from before it was to be confirmed.
    confirmed.other = lambda: _matching(data_dir, record, OWN, fetch).secret
    return confirmed


def _matching(
    data_dir: str, record: Record, which: str, fetch: "Callable[[str, Holder], Secret]"
) -> Identity:
    """Return the identity *which*; raise unless it is one that the record knows."""
    holder = record.holder(which) or record.own
    try:
        secret = fetch(which, holder)
    except DevkeysError:
        # It may have been moved between reading the record and asking for it.
        again = read_record(data_dir)
        if again is None or encode(again) == encode(record):
            raise
        return _matching(data_dir, again, which, fetch)
    own = envelope.recipient_of(secret)
    if own not in (holder.recipient, holder.next):
        # A rekey may have come between reading the record and asking for the identity.
        record = read_record(data_dir) or record
        holder = record.holder(which) or record.own
    for known in (*record.recipients(which), *filter(None, (holder.former,))):
        if known != own and not envelope.is_recipient(known):
            layout.damaged(layout.record_path(data_dir), "it has a wrong recipient")
    if own not in (holder.recipient, holder.next):
        raise StoreError(
            f"{place(data_dir, which, holder)} is not the identity that the store in {data_dir} "
            "was made with",
            hint=_way_back(record),
        )
    return Identity(holder.kind, secret, record.recipients(which))


def _way_back(record: Record) -> str:
    back = "put that identity back from a backup"
    if record.recovery:
        back += ", or move this one away and use your recovery key: devkeys store recover"
    return f"{back}; nothing was changed"


def damaged(path: str, what: str) -> "NoReturn":
    """Raise because the identity in *path* cannot be used: no repair makes it anew."""
    raise StoreError(
        f"{path} is damaged: {what}",
        hint="put it back from a backup, or use a recovery key: devkeys store recover; "
        "nothing was changed",
    )


def place(data_dir: str, which: str, holder: Holder) -> str:
    """Return, for a message, where the identity *which* is."""
    if holder.kind == KEYCHAIN:
        return f"the keychain item {SERVICE}/{holder.account}"
    return layout.identity_path(data_dir, which)


def _from_file(data_dir: str, which: str, holder: Holder, unlock: "Unlock | None") -> Secret:
    path = layout.identity_path(data_dir, which)
    data = layout.read(path)
    if data is None:
        from devkeys.store.loss import gone

        raise gone(data_dir, which, holder)
    if envelope.wants_passphrase(data):
        if unlock is None:
            raise StoreError(f"{path} is protected by a passphrase", hint="devkeys store unlock")
        return unlock(which, data, holder)
    return parse_identity(data, path)


def _from_keychain(
    data_dir: str, holder: Holder, read_keychain: "Callable[[str, str], Secret | None]"
) -> Secret:
    secret = read_keychain(SERVICE, holder.account)
    if secret is None:
        from devkeys.store.loss import gone

        raise gone(data_dir, OWN if holder.account == ACCOUNT else CONFIRMED, holder)
    return secret


def read_identity_file(path: str) -> Secret | None:
    """Return the one identity in a plain age identity file; None if there is no such file."""
    data = layout.read(path)
    return None if data is None else parse_identity(data, path)


def parse_identity(data: bytes, path: str) -> Secret:
    """Return the one identity in *data*, the content of an age identity file."""
    lines = [line.strip() for line in data.split(b"\n")]
    found = [line for line in lines if line and not line.startswith(b"#")]
    if len(found) != 1 or envelope.recipient_of(Secret(found[0])) is None:
        damaged(path, "it does not hold exactly one age identity")
    return Secret(found[0])
