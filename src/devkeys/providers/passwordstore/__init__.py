"""`pass://path[#line-or-key]`: the password store of pass, passage or gopass."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from devkeys.providers import Answer, Diagnosis
from devkeys.providers.caller import Caller
from devkeys.providers.child import Call, run, run_all
from devkeys.providers.errors import DeniedError, LockedError, ProviderError, UnreachableError
from devkeys.providers.passwordstore import entry as entries
from devkeys.providers.passwordstore.managers import Manager, choose
from devkeys.references import Reference
from devkeys.secret import Secret

WIDTH = 6  # programs at a time

Entry = bytes | ProviderError | None


class PasswordStore:
    """Entries of a password store, each decrypted once for all of its references."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return entries, or of them a line or the value of a key."""
        if not asked:
            return {}
        found = self._read(choose(self._caller), map(_name, asked))
        return {reference: _value(found[_name(reference)], reference) for reference in asked}

    def _read(self, manager: Manager, names: Iterable[str]) -> dict[str, Entry]:
        """Return the entries *names*, without their final newline.

        One at a time until one is shown: so one passphrase is asked for, once.
        """
        names = list(dict.fromkeys(names))
        there = manager.entries(self._caller, names)
        found: dict[str, Entry] = dict.fromkeys(names)
        waiting = [name for name in names if name in there]
        each = manager.asks_each_time()
        if waiting and each and not self._caller.interactive:
            raise LockedError(
                f"{manager.name} asks for a passphrase, and nobody can be asked here",
                hint="start devkeys at a terminal",
            )
        width = 1
        while waiting:
            batch = waiting[: 1 if width == 1 else None]
            del waiting[: len(batch)]
            found |= self._show(manager, batch, width)
            answer = found[batch[-1]]
            if isinstance(answer, LockedError):  # the next one would ask again
                found |= dict.fromkeys(waiting, answer)
                break
            if isinstance(answer, bytes) and not each:
                width = WIDTH
        return found

    def _show(self, manager: Manager, names: list[str], width: int) -> dict[str, Entry]:
        calls = [manager.show(name) for name in names]
        answers: dict[str, Entry] = {}
        for name, done in zip(names, run_all(calls, self._caller, width=width), strict=True):
            if manager.is_whole(done):
                answers[name] = done.output.removesuffix(b"\n")
            else:
                answers[name] = manager.failure(done, self._caller, name)
        return answers

    def get_all(self, source: Reference) -> Mapping[str, Secret] | None:
        """Return the entries of a folder by the last part of their names.

        Of what is an entry and no folder, the values of its keys.
        """
        manager, name = choose(self._caller), _name(source)
        inside = manager.below(self._caller, name)
        if inside is not None:
            found = self._read(manager, [f"{name}/{last}" for last in inside])
            return {last: Secret(_bytes(found[f"{name}/{last}"])) for last in inside}
        entry = self._read(manager, [name])[name]
        if entry is None:
            return None
        return {key: Secret(value) for key, value in entries.pairs(_bytes(entry)).items()}

    def check_writable(self, reference: Reference) -> None:
        """Refuse where there is no store, or no line can be written."""
        entries.check(reference.fragment)
        choose(self._caller).check_recipients(_name(reference))

    def set(self, reference: Reference, secret: Secret) -> None:
        """Write the entry, or only that line or key of it."""
        self.check_writable(reference)
        manager, name = choose(self._caller), _name(reference)
        old = self._read(manager, [name])[name] if reference.fragment is not None else None
        text = entries.replace(
            None if old is None else _bytes(old), reference.fragment, secret.reveal()
        )
        self._write(manager, name, text)

    def _write(self, manager: Manager, name: str, text: bytes) -> None:
        # A newline more than there is: `show` is read without one.
        done = run(manager.insert(name, text + b"\n"), self._caller)
        if done.code != 0:
            raise UnreachableError(
                f"{manager.name} did not keep {name}",
                hint=f"see what `{manager.name} insert -m {shlex.quote(name)}` says",
            )
        if manager.name == "gopass" and self._read(manager, [name])[name] != text:
            raise DeniedError(
                f"gopass keeps {name} in another form than it was given",
                hint=f"see `gopass show -n {shlex.quote(name)}`; older versions sort keys",
            )

    def delete(self, reference: Reference) -> bool:
        """Take away the entry, or that line or key of it."""
        manager, name = choose(self._caller), _name(reference)
        if reference.fragment is None:
            return self._remove(manager, name)
        entry = self._read(manager, [name])[name]
        if entry is None or entries.find(_bytes(entry), reference.fragment) is None:
            return False
        left = entries.remove(_bytes(entry), reference.fragment)
        if left is None:
            return self._remove(manager, name)
        self._write(manager, name, left)
        return True

    def _remove(self, manager: Manager, name: str) -> bool:
        if not manager.entries(self._caller, [name]):
            return False
        run(manager.remove(name), self._caller)
        if manager.entries(self._caller, [name]):
            raise DeniedError(
                f"{manager.name} did not take {name} away",
                hint=f"see what `{manager.name} rm {shlex.quote(name)}` says",
            )
        return True

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return which program and store it is, and which entries are there."""
        try:
            manager = choose(self._caller)
            there = manager.entries(self._caller, map(_name, asked))
            words = "--version" if manager.name == "gopass" else "version"
            shown = run(Call([manager.program, words], manager.environ), self._caller).output
        except ProviderError as error:
            return Diagnosis(error=error)
        version = re.search(rb"\bv?(\d+\.\d[\w.]*)", shown)
        return Diagnosis(
            version=f"{manager.name} {version[1].decode()}" if version else manager.name,
            account=manager.root,
            # Which lines an entry has is known once it is decrypted.
            readable={
                one: _name(one) in there and (True if one.fragment is None else None)
                for one in asked
            },
        )


def _name(reference: Reference) -> str:
    return "/".join(reference.path)


def _value(entry: Entry, reference: Reference) -> Answer:
    if not isinstance(entry, bytes):
        return entry
    try:
        value = entries.find(entry, reference.fragment)
    except ProviderError as error:
        return error
    return None if value is None else Secret(value)


def _bytes(entry: Entry) -> bytes:
    """Return an entry that is there; raise what kept it from being read."""
    if isinstance(entry, ProviderError):
        raise entry
    return entry or b""
