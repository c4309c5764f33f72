"""`op://vault/item/[section/]field`: 1Password, through its own program `op`.

    program       starting `op`             complaints   what it says when it fails
    template      one `op inject`           items        items as JSON
    reading       references to values      writing      setting and deleting a field

`op` finds by itself how to sign in: the desktop app, OP_SESSION_*, OP_SERVICE_ACCOUNT_TOKEN
or OP_CONNECT_*; `?account=` is its --account. It does not look at the case of names: two
references that differ in nothing else lead to one field.

All of this was written against documents and reports, and run against a copy of `op` only.
"""

import re
from collections.abc import Mapping, Sequence

from devkeys.errors import UsageError
from devkeys.providers import Answer, Diagnosis
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, LockedError, ProviderError
from devkeys.providers.onepassword import complaints, reading
from devkeys.providers.onepassword.items import Field, parse
from devkeys.providers.onepassword.program import Op
from devkeys.references import Reference
from devkeys.secret import Secret

_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]*")


class OnePassword:
    """The fields of 1Password's items."""

    def __init__(self, caller: Caller) -> None:
        self._op = Op(caller)

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return what the fields hold: one `op inject` for each account."""
        answers: dict[Reference, Answer] = {}
        for account, group in _by_account(asked).items():
            answers |= reading.read(self._op, account, group)
        return answers

    def get_all(self, source: Reference) -> Mapping[str, Secret] | None:
        """Return the fields of an item, or of one of its sections, by their labels."""
        if not 2 <= len(source.path) <= 3:
            raise UsageError(
                f"{source} is no item of 1Password",
                hint="write op://vault/item or op://vault/item/section",
            )
        item = self._op.item(source)
        if item is None:
            return None
        if len(source.path) == 2:
            return _by_label(source, item.fields)
        fields = [one for one in item.fields if one.is_in(source.path[2])]
        return _by_label(source, fields) if fields else None

    def check_writable(self, reference: Reference) -> None:
        """Raise ProviderError or UsageError if `set` could not work.

        Whether the account may change the vault op tells only when it is tried.
        """
        from devkeys.providers.onepassword import writing

        writing.check(self._op, reference)

    def set(self, reference: Reference, secret: Secret) -> None:
        """Put *secret* into the field; make field and item if there is none."""
        from devkeys.providers.onepassword import writing

        writing.write(self._op, reference, secret)

    def delete(self, reference: Reference) -> bool:
        """Take the field away; False if there was none."""
        from devkeys.providers.onepassword import writing

        return writing.delete(self._op, reference)

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return how it stands; of *asked*, whether the item is there, for op lists no fields."""
        unknown = dict.fromkeys(asked)
        version: str | None = None
        try:
            version = self._version()
            if self._op.connect:
                return Diagnosis(version, "a Connect server", unknown)
            accounts = _by_account(asked) or {None: []}
            # An account that is signed in will not ask for a fingerprint at `op item list`.
            who = [self._account(account) for account in accounts]
            readable: dict[Reference, bool | None] = {}
            for account, group in accounts.items():
                readable |= self._there(account, group)
        except ProviderError as error:
            return Diagnosis(version, None, unknown, error)
        return Diagnosis(version, ", ".join(dict.fromkeys(who)), readable)

    def _version(self) -> str:
        text = self._op.ask("--version").decode(errors="replace").strip()
        if not _VERSION.fullmatch(text):
            raise complaints.no_answer()
        return text

    def _account(self, account: str | None) -> str:
        done = self._op.run("whoami", "--format=json", account=account)
        if done.code != 0:
            error = complaints.failure(done, self._op.environ)
            if isinstance(error, LockedError):
                # Nor does it say whether the app would let op in: that takes a fingerprint.
                error.hint = f"{error.hint}; or run it once and approve the dialog of the app"
            raise error
        raw = parse(done.output)
        if not isinstance(raw, dict):
            raise complaints.no_answer()
        name, url = raw.get("email") or "a service account", raw.get("url")
        shown = f"{name} at {url}" if url else f"{name}"
        return "".join(char for char in shown if char.isprintable())

    def _there(
        self, account: str | None, asked: Sequence[Reference]
    ) -> dict[Reference, bool | None]:
        found: dict[Reference, bool | None] = {}
        for vault in {one.path[0].casefold(): one.path[0] for one in asked}.values():
            members = [one for one in asked if one.path[0].casefold() == vault.casefold()]
            try:
                items = self._op.items(vault, account)
            except DeniedError:
                items = []
            found |= {one: any(item.is_called(one.path[1]) for item in items) for one in members}
        return found


def _by_account(asked: Sequence[Reference]) -> dict[str | None, list[Reference]]:
    groups: dict[str | None, list[Reference]] = {}
    for reference in asked:
        groups.setdefault(reference.option("account"), []).append(reference)
    return groups


def _by_label(source: Reference, fields: Sequence[Field]) -> dict[str, Secret]:
    values: dict[str, Secret] = {}
    for field in fields:
        secret = field.secret()
        if secret is None:
            continue
        if field.label in values:
            raise DeniedError(
                f"{source} has two fields called {field.label}",
                hint="name a section, as in op://vault/item/section, or rename one of them",
            )
        values[field.label] = secret
    return values
