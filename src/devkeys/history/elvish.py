"""Taking commands out of elvish's history, which only elvish can write.

elvish is told the commands' numbers, on its stdin. If no elvish is open, the one that is asked
serves the file itself; if one is, its daemon has the file, and is asked what it keeps under these
numbers before any of them is deleted.
"""

import json
import os
from collections.abc import Sequence

from devkeys.history import Entry, Holds, Outcome, bolt, tools, traces
from devkeys.history.bolt import Command
from devkeys.history.scrubbing import held

_SAID = b"devkeys:"
_SHOW = (
    "print devkeys:(put [(each {|n| try { put (store:cmd $n) } catch { put $nil } } [%s])]"
    ' | to-json)"\\n"\n'
)
_DELETE = "each {|n| try { store:del-cmd $n } catch { } } [%s]\n"
# A page that is free keeps its bytes until it is used again. So commands come and go: a few short
# ones, and if that was not enough, as many long ones as there are pages.
_FEW = "each {|_| store:del-cmd (store:add-cmd devkeys) } [(range 8)]\n"
_MANY = (
    "use str\nvar long = (str:join '' [(repeat %d x)])\n"
    "each $store:del-cmd~ [(each {|_| store:add-cmd $long } [(range %d)])]\n"
)
_LONG = 3000  # bytes: as many as go into one page, with what else is there
_MOST = 1000


def scrub(path: str, holds: Holds) -> Outcome:
    """Take the commands that *holds* out of the history at *path*, and their bytes.

    HistoryError: the file cannot be read. What elvish could not be had to do is in `left`.
    """
    import tempfile  # slow, and only for this

    there = bolt.commands(path)
    found = [there[at] for at in held([Entry(b"", one.text) for one in there], holds)]
    if not found and not traces.holding([path], holds):
        return Outcome(0)
    program = tools.find("elvish")
    if program is None:
        return Outcome(0, (f"{path} still holds it, and elvish is not on PATH{_hint(found)}",))
    with tempfile.TemporaryDirectory(prefix="devkeys-") as folder:
        if _is_served(path):
            store = _Elvish([program, "-norc"], {})
        else:
            place = ["-db", os.path.abspath(path), "-sock", os.path.join(folder, "sock")]
            store = _Elvish([program, "-norc", *place], {"XDG_RUNTIME_DIR": folder})
        if not store.has(found or there[-3:]):
            why = "elvish could not be asked about it"
            return Outcome(0, (f"{path} still holds it, and {why}{_hint(found)}",))
        store.delete(found)
        remains = _stirred(store, path, holds)
    kept = {one.number for one in bolt.commands(path)}.intersection(one.number for one in found)
    left = [f"{path} still holds it, in pages that elvish will use again"] if remains else []
    return Outcome(len(found) - len(kept), tuple(left))


def _hint(found: Sequence[Command]) -> str:
    typed = "; ".join(f"store:del-cmd {one.number}" for one in found)
    return f"; in elvish, type: use store; {typed}" if typed else ""


def _stirred(store: "_Elvish", path: str, holds: Holds) -> bool:
    """Have free pages used until none holds it; say whether one still does."""
    many = _MANY % (_LONG, min(os.path.getsize(path) // _LONG + 8, _MOST))
    for script in (_FEW, many, many):
        if not traces.holding([path], holds):
            return False
        store.run(script)
        store.delete([one for one in bolt.commands(path) if one.text == b"x" * _LONG])
    return bool(traces.holding([path], holds))


class _Elvish:
    """An elvish that is run once for each script."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        self.command = command
        self.environ = environ

    def run(self, script: str) -> bytes:
        """Run *script* and return what it prints, b"" if it cannot be run."""
        script = f"use store\n{script}"
        return tools.ask(self.command, script=script, environ=self.environ) or b""

    def has(self, commands: Sequence[Command]) -> bool:
        """Say whether it keeps just these commands under their numbers, and some at all."""
        printed = self.run(_SHOW % _numbers(commands))
        said = [line for line in printed.splitlines() if line.startswith(_SAID)]
        try:
            texts = json.loads(said[-1].removeprefix(_SAID))
        except (ValueError, IndexError):
            return False
        return bool(texts) and texts == [_shown(one.text) for one in commands]

    def delete(self, commands: Sequence[Command]) -> None:
        """Delete these commands."""
        if commands:
            self.run(_DELETE % _numbers(commands))


def _numbers(commands: Sequence[Command]) -> str:
    return " ".join(str(one.number) for one in commands)


def _shown(text: bytes) -> str:
    """Return *text* as elvish writes it in JSON: a sign for each byte that is no UTF-8."""
    return "".join(
        "\ufffd" if "\udc80" <= char <= "\udcff" else char
        for char in text.decode(errors="surrogateescape")
    )


def _is_served(path: str) -> bool:
    """Say whether a daemon has the file: it holds a lock on it as long as it lives."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
