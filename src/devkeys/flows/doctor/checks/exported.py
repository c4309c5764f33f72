"""Secrets that are exported in this shell: everything that is started from it gets them."""

import base64
import binascii
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from devkeys import files, fingerprint
from devkeys.errors import DevkeysError
from devkeys.flows.doctor import rcfiles, variables
from devkeys.run import outer
from devkeys.scan.finding import RISK, Finding, Fine, Kind, Place, Unseen
from devkeys.shells import running

if TYPE_CHECKING:
    from devkeys.flows.doctor.scope import Scope
    from devkeys.session import Session

EXPORTED = Kind(
    "shell/exported-secret",
    RISK,
    "a secret is exported in this shell",
    "Every program that is started from this shell gets it, reads it and may log it or send it "
    "on: editors, agents, install scripts of packages, crash reports.",
    "Unset it, take it out of the file that sets it, and let devkeys run give it to the one "
    "command that needs it.",
)
KINDS = (EXPORTED,)

_UNSET = {
    "fish": "set -e {}",
    "nushell": "hide-env {}",
    "nu": "hide-env {}",
    "elvish": "unset-env {}",
    "xonsh": "del ${}",
    "powershell": "Remove-Item Env:{}",
    "pwsh": "Remove-Item Env:{}",
    "tcsh": "unsetenv {}",
    "csh": "unsetenv {}",
}
_DIRENV_LIMIT = 1 << 20  # bytes of direnv's record, unpacked


def look(scope: "Scope") -> Iterator[Finding | Unseen | Fine]:
    """Look at the variables that this process was given, but for those of `devkeys run`."""
    session = scope.session
    if variables.is_ci(session):
        yield Unseen("exported variables", "this is a CI job: its secrets come from there")
        return
    injected = _injected(session)
    if injected:
        why = "doctor runs inside of devkeys run, which put them there"
        yield Unseen("exported variables", why, number=len(injected))
    declared = variables.declared_secrets(scope)
    found = [
        name
        for name, value in session.environ.items()
        if name not in injected
        and variables.is_asked_for(scope, name)
        and variables.holds_secret(name, value, declared)
    ]
    for name in sorted(found):
        yield _finding(scope, name, variables.shown(name, declared))
    if not found:
        yield Fine("no secret is exported in this shell")


def _injected(session: "Session") -> frozenset[str]:
    """Return the names that an outer `devkeys run` put here; makes no key for it."""
    mark = outer.read(session.environ)
    if mark is None:
        return frozenset()
    try:
        key = files.read_private(os.path.join(session.state_dir, "tag.key"))
    except DevkeysError:
        key = None
    if key is None or len(key) != fingerprint.KEY_BYTES:
        return frozenset()
    return frozenset(mark.injected(session.environ, key))


def _finding(scope: "Scope", name: str, said: str | None) -> Finding:
    if said is None:
        what = "a variable is exported, in whose name a secret may stand itself"
        return Finding(EXPORTED, Place(""), what, "look at `env`, and unset it")
    unset = _UNSET.get(running() or "", "unset {}").format(said)
    step = f"{variables.keeping(scope, said)}, then: {unset}"
    environ = scope.session.environ
    if name in _of_direnv(environ):
        source = environ.get("DIRENV_FILE", "the .envrc")
        step += f"; direnv sets it, by {source}: take it out there"
    elif place := rcfiles.where_set(environ, name):
        step += f"; it is set again by line {place[1]} of {place[0]}: take it out there"
    return Finding(EXPORTED, Place("", member=said), "is exported", step, (said,))


def _of_direnv(environ: Mapping[str, str]) -> frozenset[str]:
    """Return the names that direnv has set here, by the record that it keeps of them."""
    try:
        packed = base64.urlsafe_b64decode(environ.get("DIRENV_DIFF", ""))
        record = json.loads(zlib.decompressobj().decompress(packed, _DIRENV_LIMIT))
        return frozenset(record["n"])
    except (ValueError, binascii.Error, zlib.error, TypeError, KeyError):
        return frozenset()
