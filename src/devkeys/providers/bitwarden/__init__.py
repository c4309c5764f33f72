"""`bw://item/field`: Bitwarden, through its own program `bw`, or `rbw` where only that is.

    program    starting `bw`               complaints   what it says when it fails
    vault      items as bw's JSON          items        which item, which field
    agent      `rbw`

An item is named exactly, or by its id; a field is a custom field, `username`, `password`,
`totp` or `uri` of a login, or `notes`. Two of one name are an error. A field without a
value is absent, and what lies in the trash or the archive does not count.
"""

from collections.abc import Callable, Mapping, Sequence

from devkeys.errors import UsageError
from devkeys.providers import Answer, Diagnosis
from devkeys.providers.bitwarden import complaints, vault
from devkeys.providers.bitwarden.agent import Rbw, cannot_write
from devkeys.providers.bitwarden.items import Item, Json, everything, find, is_id, value
from devkeys.providers.bitwarden.program import Bw
from devkeys.providers.caller import Caller
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProviderError,
    UnreachableError,
)
from devkeys.references import Reference
from devkeys.secret import Secret


class Bitwarden:
    """The fields of the vault's items."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._bw: Bw | None = None

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return what the fields hold: one `bw list items`, whatever their number.

        It reads bw's own copy of the vault, which `bw sync` brings up to date.
        """
        if not asked:
            return {}
        read = self._reader([one.path[0] for one in asked])
        return {one: _answer(read, one) for one in asked}

    def get_all(self, source: Reference) -> Mapping[str, Secret] | None:
        """Return all that an item holds, by its fields' names."""
        if len(source.path) != 1:
            raise UsageError(f"{source} is no item of Bitwarden", hint="write bw://item")
        item = self._reader(source.path)(source.path[0])
        return None if item is None else everything(item)

    def check_writable(self, reference: Reference) -> None:
        """Raise ProviderError if `set` could not work.

        Whether a collection of an organization may be changed bw tells only when it is tried.
        """
        self._target(reference)

    def set(self, reference: Reference, secret: Secret) -> None:
        """Put *secret* into the field; make a hidden field, and an item, if there is none."""
        text = _text(secret)
        name, field = reference.path
        raw = self._target(reference)
        if raw is None:
            kept = self._own().create(vault.new(name, field, text))
        else:
            kept = self._own().edit(str(raw["id"]), vault.with_field(raw, field, text))
        if value(_read(kept), field) != text:
            raise UnreachableError(
                f"bw kept something else at {reference}", hint="look at the item in Bitwarden"
            )

    def delete(self, reference: Reference) -> bool:
        """Take the field's value away, and a custom field as a whole; the item stays."""
        raw = self._fresh(reference)
        if raw is None or value(_read(raw), reference.path[1]) is None:
            return False
        self._own().edit(str(raw["id"]), vault.without_field(raw, reference.path[1]))
        return True

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return how it stands; names of fields are looked at where the vault is open."""
        version: str | None = None
        account: str | None = None
        unknown = dict.fromkeys(asked)
        try:
            rbw = self._rbw()
            if rbw is None:
                version, status = self._own().state()
                account, locked = _account(status), _locked(status.get("status"))
            else:
                version, account, locked = rbw.state()
            if locked is not None:
                return Diagnosis(version, account, unknown, locked)
            found = self.get_many(asked)
        except ProviderError as error:
            return Diagnosis(version, account, unknown, error)
        return Diagnosis(version, account, {one: isinstance(found[one], Secret) for one in asked})

    def _rbw(self) -> Rbw | None:
        program = None if self._caller.find("bw") else self._caller.find("rbw")
        return None if program is None else Rbw(program, self._caller)

    def _own(self) -> Bw:
        if self._bw is None:
            program = self._caller.need(
                "bw", title="Bitwarden", install="it with npm install -g @bitwarden/cli, or rbw"
            )
            self._bw = Bw(program, self._caller)
        return self._bw

    def _reader(self, parts: Sequence[str]) -> Callable[[str], Item | None]:
        """Return what gives the item of each of *parts*, names or ids, or None."""
        rbw = self._rbw()
        if rbw is not None:
            return rbw.reader(parts)
        listed = self._own().items()

        def read(part: str) -> Item | None:
            raw = find(listed, part)
            return None if raw is None else _read(raw)

        return read

    def _fresh(self, reference: Reference) -> Json | None:
        """Return the item of *reference* as the server has it now; None if there is none."""
        if self._rbw() is not None:
            raise cannot_write()
        return find(self._own().fresh(), reference.path[0])

    def _target(self, reference: Reference) -> Json | None:
        """Return the item that is to be written to; None if it is to be made."""
        raw = self._fresh(reference)
        if raw is not None:
            value(_read(raw), reference.path[1])  # two of one name are an error
            vault.with_field(raw, reference.path[1], "x")
        elif is_id(reference.path[0]):
            raise DeniedError(
                f"Bitwarden has no item with the id {reference.path[0]}",
                hint="write a name to make a new item",
            )
        return raw


def _answer(read: Callable[[str], Item | None], reference: Reference) -> Answer:
    try:
        item = read(reference.path[0])
        text = None if item is None else value(item, reference.path[1])
    except ProviderError as error:
        return error
    return None if text is None else Secret(text.encode())


def _read(raw: Json) -> Item:
    try:
        return vault.read(raw)
    except ValueError:
        raise complaints.no_answer() from None


def _text(secret: Secret) -> str:
    try:
        text = secret.reveal().decode()
    except UnicodeDecodeError:
        text = ""
    if not text:
        raise DeniedError(
            "Bitwarden keeps neither an empty value nor bytes that are no text",
            hint="give the value as text, such as base64",
        )
    return text


def _account(status: Json) -> str | None:
    email, server = status.get("userEmail"), status.get("serverUrl")
    if not isinstance(email, str):
        return None
    shown = f"{email} at {server}" if isinstance(server, str) else email
    return "".join(char for char in shown if char.isprintable())


def _locked(state: object) -> LockedError | None:
    if state == "unlocked":
        return None
    if state == "locked":
        return complaints.locked()
    if state == "unauthenticated":
        return complaints.signed_out()
    raise complaints.no_answer()
