"""Starting `bw`, Bitwarden's own program, with a vault that is open.

Every call has `--response`: an answer is then one JSON object on stdout, failures too, and
what bw logs goes to stderr. Values go in on stdin; argv has but words and ids.
"""

import base64
import json
import re
import signal
from typing import Any

from devkeys.providers import exact_json
from devkeys.providers.bitwarden import complaints, vault
from devkeys.providers.bitwarden.items import Json, listed
from devkeys.providers.caller import Caller
from devkeys.providers.child import Call, Done, run, run_all
from devkeys.providers.errors import LockedError

# The user's own settings of bw's output; with BW_QUIET, for one, there would be none.
_OUTPUT = ("BW_CLEANEXIT", "BW_PRETTY", "BW_QUIET", "BW_RAW", "BW_RESPONSE", "BW_SERVE")
_LIST = ("list", "items")
# At its prompt Ctrl-C is a key, which reaches nobody else; not every bw ends in one way then.
_INTERRUPTED = (0, -signal.SIGINT, 130)
_SESSION = re.compile(r"[A-Za-z0-9+/]{40,200}={0,2}")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]*")


class Bw:
    """bw at *program*, and a session key: the user's own, or of an unlocking that we asked for.

    The latter is kept in memory as long as this object is, so that a check and the writing
    after it ask for the master password once.
    """

    def __init__(self, program: str, caller: Caller) -> None:
        self._program = program
        self._caller = caller
        environ = caller.environment("bw")
        self._environ = {name: text for name, text in environ.items() if name not in _OUTPUT}
        self._fresh: list[Json] | None = None

    def items(self) -> list[Json]:
        """Return all items but the trashed, as bw's own copy of the vault has them."""
        raw = self._ask(*_LIST).get("data")
        try:
            found = listed(raw)
        except ValueError:
            raise complaints.no_answer() from None
        return [one for one in found if not vault.is_trashed(one)]

    def fresh(self) -> list[Json]:
        """Return all items as the server has them, for who is to change one.

        Asked for once: between a check and the writing after it the server itself looks
        whether anything has changed.
        """
        if self._fresh is None:
            self._ask("sync")
            self._fresh = self.items()
        return self._fresh

    def create(self, raw: Json) -> Json:
        """Make an item and return it as it is kept."""
        return self._keep(self._ask("create", "item", data=raw))

    def edit(self, number: str, raw: Json) -> Json:
        """Put *raw* in place of the item with the id *number* and return it as it is kept."""
        return self._keep(self._ask("edit", "item", number, data=raw))

    def _keep(self, raw: Json) -> Json:
        others = [one for one in self._fresh or () if one.get("id") != raw.get("id")]
        self._fresh = [*others, raw]
        return raw

    def state(self) -> tuple[str, Json]:
        """Return bw's version and its `status`; nothing is asked of anybody."""
        status = self._call("status", "--response", "--nointeraction")._replace(whole=_is_whole)
        version, found = run_all([self._call("--version"), status], self._caller, width=2)
        text = version.output.decode(errors="replace").strip()
        if version.code != 0 or not _VERSION.fullmatch(text):
            raise complaints.crash(version)
        return text, _part(_data(found), "template")

    def _ask(self, *words: str, data: Json | None = None) -> Json:
        # Without a session key bw cannot open the vault; asking it first would cost a start.
        if not self._environ.get("BW_SESSION") and self._can_unlock():
            self._unlock()
            return _data(self._run(*words, data=data))
        try:
            return _data(self._run(*words, data=data))
        except LockedError:  # the key is of an earlier unlocking: each makes those before void
            if not self._can_unlock():
                raise
        self._unlock()
        return _data(self._run(*words, data=data))

    def _run(self, *words: str, data: Json | None = None) -> Done:
        # What `bw encode` makes of JSON; bw reads it from stdin where argv has none.
        encoded = None if data is None else base64.b64encode(exact_json.text(data).encode())
        call = self._call(*words, "--response", "--nointeraction", data=encoded)
        return run(call._replace(whole=_is_whole if words == _LIST else None), self._caller)

    def _can_unlock(self) -> bool:
        return bool(self._environ.get("BW_PASSWORD")) or self._caller.interactive

    def _unlock(self) -> None:
        self._environ.pop("BW_SESSION", None)
        if self._environ.get("BW_PASSWORD"):
            words = ("--passwordenv", "BW_PASSWORD", "--nointeraction")
            done = run(self._call("unlock", "--response", *words), self._caller)
        else:
            done = run(self._call("unlock", "--response", shown=True), self._caller)
            if done.code in _INTERRUPTED and not done.output.strip():
                raise KeyboardInterrupt
        key = _data(done).get("raw")
        if not isinstance(key, str) or not _SESSION.fullmatch(key):
            raise complaints.no_answer()
        self._environ["BW_SESSION"] = key

    def _call(self, *words: str, data: bytes | None = None, shown: bool = False) -> Call:
        return Call([self._program, *words], dict(self._environ), data, shown)


def _is_whole(output: bytearray) -> bool:
    """Tell whether bw has answered: it goes on waiting for its own caches, for two seconds."""
    if not output.endswith(b"}"):
        return False
    try:
        return isinstance(json.loads(output), dict)
    except (ValueError, RecursionError):
        return False


def _data(done: Done) -> Json:
    """Return what bw answered; raise ProviderError unless it is a success."""
    try:
        answer = exact_json.parse(done.output)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise complaints.crash(done)
    if answer.get("success") is True and done.code == 0:
        return _part(answer, "data")
    message = answer.get("message")
    if answer.get("success") is not False or not isinstance(message, str):
        raise complaints.no_answer()
    raise complaints.failure(message)


def _part(answer: Json, name: str) -> Json:
    part: Any = answer.get(name)
    if not isinstance(part, dict):
        raise complaints.no_answer()
    return part
