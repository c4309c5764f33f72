"""The commands that are interrupted: what they start from, and what they are to do.

A new command is a function that prepares a world, and a line in CASES.
"""

from crash import store_cases
from crash.case import NOTHING, STORED, Case, nothing, old_values, stored, value
from crash.world import State, World

IMPORTED = {name: value(name, "changed") for name in ("KEY_A", "KEY_C")}
CHANGED: State = {**STORED, "dev": {**STORED["dev"], "KEY_A": value("KEY_A", "changed")}}


def _with_file(world: World) -> None:
    """Put a .env beside the stored values: one name is stored with another value, one not."""
    stored(world)
    world.put(".env", "# mine\n" + "".join(f"{n}={v}\n" for n, v in IMPORTED.items()))


def _in_file_or_store(world: World, found: State) -> str:
    """Check that no value of the .env is neither there nor stored."""
    text = world.held(".env")
    lost = [n for n, v in IMPORTED.items() if v not in text and found["dev"].get(n) != v]
    return f"in neither the file nor the store: {', '.join(lost)}" if lost else ""


def _with_lines(world: World) -> None:
    """Put a .env with a line of its own beside the stored values."""
    stored(world)
    world.put(".env", "# mine\n")


def _stored_and_written(world: World) -> State:
    lines = [line.partition("=") for line in world.held(".env").splitlines()]
    return {**world.state(), "file": {name: held.strip("'\"") for name, sep, held in lines if sep}}


def _line_kept(world: World, _found: State) -> str:
    kept = world.held(".env").startswith("# mine\n")
    return "" if kept else "the file's own line is gone"


def _any_values(world: World) -> State:
    """Return the values; nothing to be had is the same as nothing to be read."""
    return {profile: held or World.UNUSABLE for profile, held in world.usable().items()}


CASES = {
    "first": Case(
        ["set", "KEY_A"],
        nothing,
        NOTHING,
        {**NOTHING, "dev": {"KEY_A": value("KEY_A", "changed")}},
        given=value("KEY_A", "changed"),
    ),
    "set": Case(["set", "KEY_A"], stored, STORED, CHANGED, given=value("KEY_A", "changed")),
    "unset": Case(
        ["unset", "KEY_A"],
        stored,
        STORED,
        {**STORED, "dev": old_values("KEY_B")},
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
    "eject": Case(
        ["eject", "--yes"],
        _with_lines,
        {**STORED, "file": {}},
        {**STORED, "file": STORED["dev"]},
        look=_stored_and_written,
        also=_line_kept,
    ),
    "forget": Case(
        ["forget", "--all", "--yes"],
        stored,
        STORED,
        {"dev": World.UNUSABLE, "staging": World.UNUSABLE},
        look=_any_values,
        gone=[*STORED["dev"].values(), *STORED["staging"].values(), value("KEY_A", "earlier")],
        finished=lambda world: "an identity is left" if world.secrets() else "",
        mends=False,
    ),
    **store_cases.CASES,
}
