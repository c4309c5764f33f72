"""A sample of the crash test, the same each time; `run.py` does all of it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from crash.cases import CASES
from crash.tracing import ERRORS, KILL, NETWORK, Listing, fits
from crash.trial import Outcome, Point, attempt, listing
from crash.world import World
from real import absent, need

EVERY_ERROR = 97  # calls
FEW = 3


def _kills(found: Listing) -> Iterator[Point]:
    """Choose one call of each name: the last that changes something below the root."""
    chosen = {call.name: call for call in found.after}
    chosen |= {call.name: call for call in found.after if call.changes and call.below}
    yield from (Point(KILL, call) for call in chosen.values())


def _renames(found: Listing) -> Iterator[Point]:
    """Choose each call at which a file takes its place, or goes."""
    names = ("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat")
    yield from (Point(KILL, call) for call in found.after if call.name in names)


def _errors(found: Listing) -> Iterator[Point]:
    """Choose calls all over the command, with one error after the other."""
    faults = (*ERRORS, *NETWORK)
    calls = [call for call in found.after if call.below or call.changes]
    for n, call in enumerate(calls[::EVERY_ERROR]):
        fault = faults[n % len(faults)]
        yield Point(fault if fits(fault, call) else "EIO", call)


def _few(found: Listing) -> Iterator[Point]:
    """Choose a few of those, all over the command."""
    renames = list(_renames(found))
    yield from renames[:: -(-len(renames) // FEW)]


# The full run has more: the keychain's, which are slow, and those with a recovery key.
STORE = ("rekey", "export", "store-import", "repair", "passphrase", "eject", "forget", "confirmed")


@pytest.mark.parametrize(
    ("command", "choose"),
    [
        ("set", _kills),
        ("set", _errors),
        ("unset", _renames),
        ("import", _few),
        ("import", _errors),
        *((command, _few) for command in STORE),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__.strip("_"),
)
def test_an_interrupted_command_leaves_the_old_or_the_new(
    tmp_path: Path, command: str, choose: Callable[[Listing], Iterator[Point]]
) -> None:
    """And the next one does its work; nothing that was removed stays, nothing is left over."""
    case = CASES[command]
    world = _traceable(tmp_path, quick=case.quick)
    case.prepare(world)
    world.usable()
    world.save()
    outcomes = [attempt(case, world, point) for point in choose(listing(case, world))]
    assert outcomes
    assert [outcome for outcome in outcomes if outcome.end == "failed"] == []
    met = [outcome for outcome in outcomes if outcome.end != "missed"]
    assert len(met) > 0.6 * len(outcomes), _missed(outcomes)


def _traceable(directory: Path, *, quick: bool = False) -> World:
    """Return a world in *directory*; skip where no process may be traced."""
    need("strace", "git")
    done = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False)
    if done.returncode != 0:
        absent("needs to trace a process")
    return World(str(directory / "world"), quick=quick)


def _missed(outcomes: list[Outcome]) -> list[Point]:
    return [outcome.point for outcome in outcomes if outcome.end == "missed"]


def test_a_fault_elsewhere_counts_as_missed(tmp_path: Path) -> None:
    """A point that the command does not reach, or reaches at another file, is not counted."""
    world = _traceable(tmp_path)
    case = CASES["set"]
    case.prepare(world)
    world.save()
    calls = listing(case, world).after
    call = next(one for one in calls if one.name == "rename" and one.what.endswith("/dev.age"))
    for other in (call._replace(nth=999), call._replace(what="rename /elsewhere")):
        assert attempt(case, world, Point("EIO", other)).end == "missed"
    assert attempt(case, world, Point("EIO", call)).end == "old"
