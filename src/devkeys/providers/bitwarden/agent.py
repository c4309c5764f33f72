"""`rbw`, which keeps the vault open in an agent of its own, as ssh-agent does.

It has no way to read many items at once: one `rbw list` tells which ids are asked for, and
each item is one `rbw get`, of a few milliseconds. They are not started side by side, for an
item that wants the master password again shows a pinentry. It takes values from an editor
only, so nothing is written through it.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from devkeys.providers import exact_json
from devkeys.providers.bitwarden.items import (
    LOGIN_PARTS,
    Item,
    Json,
    find,
    identity,
    listed,
    objects,
    text_of,
)
from devkeys.providers.caller import Caller
from devkeys.providers.child import Call, Done, run, run_all
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProgramMissingError,
    ProviderError,
    UnreachableError,
)

_VERSION = re.compile(r"rbw ([0-9][0-9A-Za-z.+-]*)")


class Rbw:
    """rbw at *program*."""

    def __init__(self, program: str, caller: Caller) -> None:
        self._program = program
        self._caller = caller
        self._environ = caller.environment("bw")

    def reader(self, parts: Iterable[str]) -> Callable[[str], Item | None]:
        """Return what gives the item of each of *parts*, names or ids, or None."""
        self._open()
        known = self._list()
        wanted: dict[str, None] = {}
        for part in parts:
            try:
                raw = find(known, part)
            except ProviderError:
                continue  # the reader says it, of this one
            wanted |= {} if raw is None else {identity(raw)[0]: None}
        calls = [self._call("get", "--raw", number) for number in wanted]
        items = [_item(_answer(done)) for done in run_all(calls, self._caller, width=1)]
        if [item.id for item in items] != list(wanted):
            raise _no_answer()
        found = {item.id: item for item in items}

        def read(part: str) -> Item | None:
            raw = find(known, part)
            return None if raw is None else found[raw["id"]]

        return read

    def state(self) -> tuple[str, str | None, LockedError | None]:
        """Return rbw's version, who is signed in, and that the vault is locked if it is."""
        words = (("--version",), ("config", "show"), ("unlocked",))
        calls = [self._call(*one) for one in words]
        version, config, unlocked = run_all(calls, self._caller, width=3)
        found = _VERSION.fullmatch(version.output.decode(errors="replace").strip())
        if not found:
            raise _no_answer()
        email = None
        if config.code == 0:
            settings = _parse(config)
            email = settings.get("email") if isinstance(settings, dict) else None
        locked = None if unlocked.code == 0 else _locked()
        return found[1], email if isinstance(email, str) else None, locked

    def _list(self) -> list[Json]:
        try:
            return listed(self._ask("list", "--raw"))
        except ValueError:
            raise _no_answer() from None

    def _open(self) -> None:
        # Any other command would have the agent start a pinentry, terminal or not.
        if run(self._call("unlocked"), self._caller).code == 0:
            return
        if not self._caller.interactive:
            raise _locked()
        if run(self._call("unlock", shown=True), self._caller).code != 0:
            raise _locked()

    def _ask(self, *words: str) -> Any:
        return _answer(run(self._call(*words), self._caller))

    def _call(self, *words: str, shown: bool = False) -> Call:
        return Call([self._program, *words], self._environ, shown=shown)


def cannot_write() -> DeniedError:
    """Return the error for writing through rbw."""
    return DeniedError(
        "rbw takes values from an editor only, so devkeys cannot write through it",
        hint="rbw edit NAME, or install Bitwarden's own bw",
    )


def _answer(done: Done) -> Any:
    if done.code == 0:
        return _parse(done)
    if done.says("unexpected argument"):
        raise ProgramMissingError(
            "this rbw is too old: it has no `rbw list --raw`", hint="install rbw 1.13 or newer"
        )
    if done.says("pinentry", "locked", "password is incorrect", "log in", "configure the email"):
        raise _locked()
    if done.says("error sending request", "api request", "connect"):
        raise UnreachableError(
            "rbw cannot reach Bitwarden's server", hint="see what rbw sync says by itself"
        )
    raise _no_answer()


def _parse(done: Done) -> Any:
    try:
        return exact_json.parse(done.output)
    except ValueError:
        raise _no_answer() from None


def _locked() -> LockedError:
    return LockedError("Bitwarden's vault is locked", hint="rbw unlock")


def _no_answer() -> UnreachableError:
    return UnreachableError("rbw gave no proper answer", hint="see what rbw list says by itself")


def _item(raw: Any) -> Item:
    """Return the item that `rbw get` gave."""
    try:
        return _read(*objects([raw]))
    except ValueError:
        raise _no_answer() from None


def _read(raw: Json) -> Item:
    data = raw.get("data") or {}  # a note has none
    if not isinstance(data, dict):
        raise ValueError("an item is no object")  # noqa: TRY004  # it is data that is wrong
    texts = [(part, text_of(data.get(part))) for part in LOGIN_PARTS]
    texts += [("uri", text_of(one.get("uri"))) for one in objects(data.get("uris"))]
    texts += [("notes", text_of(raw.get("notes")))]
    fields: list[tuple[str, str | None]] = [one for one in texts if one[1] is not None]
    # A linked field comes without what it is linked to, so that it has no value here.
    for one in objects(raw.get("fields")):
        fields += [(text_of(one.get("name")) or "", text_of(one.get("value")))]
    return Item(*identity(raw), fields)
