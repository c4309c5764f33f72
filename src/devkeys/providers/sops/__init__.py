"""`sops://file#key`: a value in a file that sops has encrypted.

A key of a key is written with a slash between them, as in JSON pointers (RFC 6901): `/` in
a name is `~1` there, and `~` is `~0`. Strings are values as they are; of numbers, true and
false their JSON text is. What is no text file has one key, `data`.
"""

import json
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from devkeys.providers import Answer, Diagnosis, exact_json, localfile
from devkeys.providers.caller import Caller
from devkeys.providers.child import Call, Done, run, run_all
from devkeys.providers.errors import DeniedError, LockedError, ProviderError, UnreachableError
from devkeys.providers.sops import servers, tree
from devkeys.references import Reference
from devkeys.secret import Secret

WIDTH = 4  # files at a time, once one was opened
# Exit codes: cmd/sops/codes of getsops/sops.
_NO_KEY, _CHANGED = 128, (24, 25, 51, 52)


class Sops:
    """Files encrypted with sops, each decrypted once for all of its references."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return what the keys hold."""
        if not asked:
            return {}
        files: dict[str, Any] = {}
        answers: dict[Reference, Answer] = {}
        places: dict[Reference, str] = {}
        for reference in asked:
            try:
                places[reference] = self._caller.file(reference.path)
            except ProviderError as error:
                answers[reference] = error
        files = self._decrypt(list(dict.fromkeys(places.values())))
        for reference, place in places.items():
            answers[reference] = _value(files[place], reference)
        return answers

    def _decrypt(self, files: list[str]) -> dict[str, Any]:
        """Return for each file its tree, an error, or None where there is no file."""
        program = self._program()
        environ = self._environ()
        found: dict[str, Any] = dict.fromkeys(files)
        calls = {}
        for file in files:
            try:
                data = localfile.read(file, limit=servers.LIMIT)
                if data is not None:
                    servers.check(data, file, environ.get("VAULT_ADDR"))
                    # Not `sops decrypt`: before 3.9 that is a file's name.
                    words = [program, "--decrypt", "--output-type", "json", file]
                    calls[file] = Call(words, environ)
            except ProviderError as error:
                found[file] = error
        # The first alone: it may have gpg ask for a passphrase.
        for batch in (list(calls)[:1], list(calls)[1:]):
            done = run_all([calls[file] for file in batch], self._caller, width=WIDTH)
            found |= {file: _tree(one, file) for file, one in zip(batch, done, strict=True)}
        return found

    def _read(self, reference: Reference) -> Any:
        """Return the tree of a reference's file, None if there is no file; raise its error."""
        file = self._caller.file(reference.path)
        found = self._decrypt([file])[file]
        if isinstance(found, ProviderError):
            raise found
        return found

    def get_all(self, source: Reference) -> Mapping[str, Secret] | None:
        """Return the values at the top of the file; lists and maps are left out."""
        found = self._read(source)
        if found is None:
            return None
        return {
            name: Secret(value)
            for name, one in found.items()
            if not isinstance(one, dict | list) and (value := tree.value(one, name)) is not None
        }

    def check_writable(self, reference: Reference) -> None:
        """Refuse a sops that takes a value only where all can see it, and what is not there."""
        parts = tree.parts(reference.fragment or "")
        tree.index(None, parts)
        if parts[0] == "sops":
            raise DeniedError("sops keeps its own notes under `sops`", hint="choose another key")
        file = self._caller.file(reference.path)
        if not localfile.is_there(file):
            raise DeniedError(
                f"there is no {file}, and sops alone knows whom a new one is for",
                hint=f"sops edit {shlex.quote(file)}",
            )
        if not os.access(file, os.W_OK):
            raise DeniedError(f"{file} cannot be written to", hint="check its owner and its mode")
        shown = run(Call([self._program(), "set", "--help"], self._environ()), self._caller)
        if b"--value-stdin" not in shown.output:
            raise DeniedError(
                "this sops takes a value only as an argument, which every process can see",
                hint="upgrade sops, to 3.11 or later",
            )

    def set(self, reference: Reference, secret: Secret) -> None:
        """Put a string there; the file is encrypted again for the same keys."""
        self.check_writable(reference)
        parts = tree.parts(reference.fragment or "")
        try:
            text = secret.reveal().decode()
        except UnicodeDecodeError:
            text = "\ufffd"
        if "\ufffd" in text:  # what sops shows in place of what is no UTF-8
            raise DeniedError(
                "sops keeps texts in UTF-8 alone, and this value is none",
                hint="encode it first, such as with base64",
            )
        index = tree.index(self._read(reference), parts)
        self._change("set", reference, index, json.dumps(text).encode(), "--value-stdin")
        if tree.find(self._read(reference), parts) != text:
            raise DeniedError(
                f"sops keeps what was put into {reference} in another form",
                hint="keep it in a YAML or a JSON file",
            )

    def delete(self, reference: Reference) -> bool:
        """Take the key away."""
        self.check_writable(reference)
        parts = tree.parts(reference.fragment or "")
        found = self._read(reference)
        if tree.find(found, parts) is None:
            return False
        self._change("unset", reference, tree.index(found, parts), None)
        return True

    def _change(
        self, action: str, reference: Reference, index: str, data: bytes | None, *options: str
    ) -> None:
        file = self._caller.file(reference.path)
        command = [self._program(), action, *options, file, index]
        if run(Call(command, self._environ(), data=data), self._caller).code != 0:
            raise UnreachableError(
                f"sops did not change {reference}",
                hint=f"see whether `sops edit {shlex.quote(file)}` does",
            )

    def _program(self) -> str:
        return self._caller.need("sops", title="sops://", install="sops (getsops.io)")

    def _environ(self) -> dict[str, str]:
        # Otherwise it asks its maker's site for the newest version.
        return self._caller.environment("sops") | {"SOPS_DISABLE_VERSION_CHECK": "1"}

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return sops' version, and which of the files are there."""
        try:
            done = run(Call([self._program(), "--version"], self._environ()), self._caller)
        except ProviderError as error:
            return Diagnosis(error=error)
        version = re.search(rb"\d+\.\d[\w.]*", done.output)
        there = {one: localfile.is_readable(self._caller, one.path) for one in asked}
        return Diagnosis(
            version=version[0].decode() if version else None,
            # Who can open a file is known once it is open.
            readable={one: None if found else False for one, found in there.items()},
        )


def _value(found: Any, reference: Reference) -> Answer:
    if found is None or isinstance(found, ProviderError):
        return found
    try:
        at = tree.find(found, tree.parts(reference.fragment or ""))
        value = tree.value(at, str(reference))
    except ProviderError as error:
        return error
    return None if value is None else Secret(value)


def _tree(done: Done, file: str) -> dict[str, Any] | ProviderError:
    """Return what sops printed for *file*, or why it did not."""
    if done.code == _NO_KEY:
        return _without_key(done, file)
    if done.code in _CHANGED:
        return UnreachableError(
            f"{file} was changed since sops encrypted it, or is damaged",
            hint="put it back, from git or a backup",
        )
    if done.code == 1 and done.says("metadata not found"):
        return UnreachableError(
            f"{file} is not encrypted with sops, or is cut off",
            hint=f"sops encrypt -i {shlex.quote(file)}",
        )
    try:
        found = exact_json.parse(done.output) if done.code == 0 else None
    except ValueError:  # such as a name that stands twice in a dotenv file
        found = None
    if isinstance(found, dict):
        return found
    return UnreachableError(
        f"sops gave no proper answer for {file}",
        hint=f"see what `sops decrypt {shlex.quote(file)}` says",
    )


def _without_key(done: Done, file: str) -> ProviderError:
    if done.says("did not match any", "no identity matched", "AccessDenied", "permission denied"):
        return DeniedError(
            f"{file} is encrypted to others: none of your keys opens it",
            hint="ask its owner to add yours to .sops.yaml, and for `sops updatekeys`",
        )
    return LockedError(
        f"sops has no key that opens {file}",
        hint="set SOPS_AGE_KEY_FILE, unlock gpg or sign in to the key's cloud; "
        f"`sops decrypt {shlex.quote(file)}` says what it tried",
    )
