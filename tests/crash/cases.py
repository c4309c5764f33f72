"""The commands that are interrupted: what they start from, and what they are to do.

A new command is a function that prepares a world, and a line in CASES.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from crash.world import State, World


def value(name: str, which: str) -> str:
    """Return a value that is found nowhere else; all have one length, so the calls stay alike."""
    return f"{which}-{name.lower()}-0123456789abcdef"


def _old(*names: str) -> dict[str, str]:
    return {name: value(name, "present") for name in names}


STAGING = {"KEY_A": value("KEY_A", "staging")}
STORED: State = {"dev": _old("KEY_A", "KEY_B"), "staging": STAGING}
NOTHING: State = {"dev": {}, "staging": {}}


def _no_more(_world: World, _found: State) -> str:
    return ""


class Case(NamedTuple):
    """One command: its *words* and stdin, the state before, *old*, and after it, *new*.

    *gone* are values that afterwards may be nowhere. *idle* is what the same command says,
    with an error, when it is repeated after it had its way; empty if it succeeds again.
    *also* checks a world after a trial, given whether the new state was found, and returns
    what is wrong with it.
    """

    words: Sequence[str]
    prepare: Callable[[World], None]
    old: State
    new: State
    given: str = ""
    gone: Sequence[str] = ()
    idle: str = ""
    also: Callable[[World, State], str] = _no_more


def _nothing(world: World) -> None:
    """Leave HOME without a store."""
    world.make()


def _stored(world: World) -> None:
    """Store values in two profiles; KEY_A has had one before."""
    world.make()
    for which in ("earlier", "present"):
        world.must("set", "KEY_A", given=value("KEY_A", which))
    world.must("set", "KEY_B", given=value("KEY_B", "present"))
    world.must("set", "KEY_A", "-p", "staging", given=STAGING["KEY_A"])


IMPORTED = {name: value(name, "changed") for name in ("KEY_A", "KEY_C")}


def _with_file(world: World) -> None:
    """Put a .env beside the stored values: one name is stored with another value, one not."""
    _stored(world)
    world.put(".env", "# mine\n" + "".join(f"{n}={v}\n" for n, v in IMPORTED.items()))


def _in_file_or_store(world: World, found: State) -> str:
    """Check that no value of the .env is neither there nor stored."""
    text = world.held(".env")
    lost = [n for n, v in IMPORTED.items() if v not in text and found["dev"].get(n) != v]
    return f"in neither the file nor the store: {', '.join(lost)}" if lost else ""


CASES = {
    "first": Case(
        ["set", "KEY_A"],
        _nothing,
        NOTHING,
        {**NOTHING, "dev": {"KEY_A": value("KEY_A", "changed")}},
        given=value("KEY_A", "changed"),
    ),
    "set": Case(
        ["set", "KEY_A"],
        _stored,
        STORED,
        {**STORED, "dev": {**STORED["dev"], "KEY_A": value("KEY_A", "changed")}},
        given=value("KEY_A", "changed"),
    ),
    "unset": Case(
        ["unset", "KEY_A"],
        _stored,
        STORED,
        {**STORED, "dev": _old("KEY_B")},
        gone=[value("KEY_A", "present"), value("KEY_A", "earlier")],
        idle="no value of KEY_A",
    ),
    "import": Case(
        ["import", ".env", "--remove", "--overwrite", "--yes"],
        _with_file,
        STORED,
        {**STORED, "dev": {**STORED["dev"], **IMPORTED}},
        also=_in_file_or_store,
    ),
    # Here come the commands of the store: rekey, export, import, move, repair, passphrase.
}
