"""What a case of the crash test is, and what most of them start from."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from crash.world import State, World


def value(name: str, which: str) -> str:
    """Return a value that is found nowhere else; all have one length, so the calls stay alike."""
    return f"{which}-{name.lower()}-0123456789abcdef"


def old_values(*names: str) -> dict[str, str]:
    """Return the present values of *names*."""
    return {name: value(name, "present") for name in names}


STAGING = {"KEY_A": value("KEY_A", "staging")}
STORED: State = {"dev": old_values("KEY_A", "KEY_B"), "staging": STAGING}
NOTHING: State = {"dev": {}, "staging": {}}


def _no_more(_world: World, _found: State) -> str:
    return ""


def _nothing_wrong(_world: World) -> str:
    return ""


class Case(NamedTuple):
    """One command: its *words* and stdin, the state before, *old*, and after it, *new*.

    *look* finds out the state. *gone* are values that afterwards may be nowhere. *idle* is what
    the same command says, with an error, when it is repeated after it had its way; empty if it
    succeeds again. *also* checks a world after a trial, given the state that was found, and
    *finished* one in which the command was carried out to the end; both return what is wrong
    with it. What writes to *profile* finishes what was left of it.

    With *mixed*, one profile may be new and another old. Without *mends*, only the same command
    finishes what `store verify` finds. With *reports*, exit code 1 says that something is left to
    mend. *quick* lets passphrases take no time. *keychain* says that there has to be one.
    """

    words: Sequence[str]
    prepare: Callable[[World], None]
    old: State
    new: State
    given: str = ""
    look: Callable[[World], State] = World.state
    gone: Sequence[str] = ()
    idle: str = ""
    also: Callable[[World, State], str] = _no_more
    finished: Callable[[World], str] = _nothing_wrong
    profile: str = "dev"
    mixed: bool = False
    mends: bool = True
    reports: bool = False
    quick: bool = False
    keychain: bool = False

    def allows(self, found: State) -> bool:
        """Say whether *found* is the old state or the new one."""
        if not self.mixed:
            return found in (self.old, self.new)
        return found.keys() == self.old.keys() and all(
            values in (self.old[profile], self.new[profile]) for profile, values in found.items()
        )


def nothing(world: World) -> None:
    """Leave HOME without a store."""
    world.make()


def stored(world: World) -> None:
    """Store values in two profiles; KEY_A has had one before."""
    world.make()
    fill(world)


def fill(world: World) -> None:
    """Store the old values."""
    for which in ("earlier", "present"):
        world.must("set", "KEY_A", given=value("KEY_A", which))
    world.must("set", "KEY_B", given=value("KEY_B", "present"))
    world.must("set", "KEY_A", "-p", "staging", given=STAGING["KEY_A"])
