"""One trial: a fault at one call of a command, and what is left of the store afterwards."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from crash.case import Case
from crash.tracing import KILL, Call, Injected, Listing, inject, list_calls, record
from crash.world import State, World

_LEFT_OVER = re.compile(r"^\.(.+\.|devkeys-)[0-9a-f]{12}\.tmp$")


class Point(NamedTuple):
    """A fault at a call."""

    fault: str
    call: Call


class Outcome(NamedTuple):
    """What came of it: *end* is old, new, missed (the fault was not where it was to be), failed."""

    point: Point
    end: str
    why: str
    seconds: float


class Failed(Exception):  # noqa: N818  # it is an answer, which run.py counts
    """Something that must not be, in a sentence."""


def listing(case: Case, world: World) -> Listing:
    """Run the case, and return its calls as they are once Python has compiled what it needs."""
    world.restore()
    world.run(*case.words, given=case.given)
    world.restore()
    log = os.path.join(world.root, "all.log")
    words = [*world.traced, *case.words]
    code = record(words, log, cwd=world.project, env=world.env, input=case.given.encode())
    if code != 0 or case.look(world) != case.new or case.finished(world):
        raise Failed(f"{case.words} does not do what it is to do (exit code {code})")
    found = list_calls(log, world.root)
    world.restore()
    return found


def attempt(case: Case, world: World, point: Point, *, again: bool = True) -> Outcome:
    """Interrupt the case at *point*, and check what is left; *world* was saved before."""
    began = time.monotonic()
    for _ in range(3):  # the calls of two runs may differ: by a cache, by the length of a file
        world.restore()
        done = _interrupt(case, world, point)
        if done.met:
            break
    try:
        end = _check(case, world, point, done, again=again)
    except (Failed, AssertionError) as failure:
        return Outcome(point, "failed", str(failure), time.monotonic() - began)
    return Outcome(point, end if done.met else "missed", "", time.monotonic() - began)


def _interrupt(case: Case, world: World, point: Point) -> Injected:
    return inject(
        [*world.traced, *case.words],
        point.call,
        point.fault,
        root=world.root,
        log=os.path.join(world.root, "one.log"),
        cwd=world.project,
        env=world.env,
        given=case.given.encode(),
    )


def _check(case: Case, world: World, point: Point, done: Injected, *, again: bool) -> str:
    found = _stands(case, world)
    end = "new" if found == case.new else "old"
    if point.fault != KILL:
        _check_words(case, point, done, end)
    if done.code == 0:
        _finished(case, world, found)
    if again:
        if case.mends:
            _mend(case, world)
        _next(case, world)
    return end


def _stands(case: Case, world: World) -> State:
    """Return the state, which has to be the old or the new one."""
    found = case.look(world)
    if not case.allows(found):
        raise Failed(f"neither the old state nor the new, but {found}")
    _require(case.also(world, found))
    _readable(world)
    return found


def _mend(case: Case, world: World) -> None:
    """Check that `store repair` finishes what `store verify` finds; then go back."""
    if not os.path.isdir(world.data_dir) or _verify(world) == "":
        return
    world.save("between")
    _repair(world)
    _stands(case, world)
    world.restore("between")


def _verify(world: World) -> str:
    """Return what `store verify` finds; empty if all is whole."""
    done = world.run("store", "verify")
    if done.returncode not in (0, 1) or b"Traceback" in done.stderr:
        raise Failed(f"store verify: {done.returncode}, {done.stderr.decode()[-600:]}")
    return "" if done.returncode == 0 else (done.stdout + done.stderr).decode()


def _repair(world: World) -> None:
    done = world.run("store", "repair", "--yes")
    if done.returncode != 0 or _verify(world):
        raise Failed(
            f"store repair: {done.returncode}, {done.stderr.decode()[-600:]}; {_verify(world)}"
        )


def _check_words(case: Case, point: Point, done: Injected, end: str) -> None:
    """Check what the command said against what it did."""
    text = done.err.decode(errors="replace")
    if "Traceback" in text or done.code < 0:
        raise Failed(f"exit code {done.code}: {text[-600:]}")
    if done.code == 0 and end != "new":
        raise Failed("it said that it succeeded, and the old state is there")
    if "nothing was changed" in text and end != "old":
        raise Failed(f"it said that nothing was changed, and the new state is there: {text}")
    if done.code == 0 or point.call.what in ("write 1", "write 2"):
        return
    if case.reports and done.code == 1 and done.out:
        return
    errors = re.findall(r"^devkeys: error: ", text, re.MULTILINE)
    hints = re.findall(r"^devkeys: hint: ", text, re.MULTILINE)
    if len(errors) != 1 or not hints:
        raise Failed(f"not one error with a hint: {text[-600:]}")


def _next(case: Case, world: World) -> None:
    """Check that the same command then does its work, and leaves nothing of the first."""
    done = world.run(*case.words, given=case.given)
    text = done.stderr.decode(errors="replace")
    if done.returncode != 0 and not (case.idle and case.idle in text):
        raise Failed(f"the next one fails with exit code {done.returncode}: {text[-600:]}")
    found = _stands(case, world)
    if found != case.new:
        raise Failed(f"after the next one there is {found}")
    if _unfinished(world, found):  # where nothing was left to do, nothing was written
        write = ("set", "KEY_B", "-p", case.profile)
        world.must(*write, given="a write that has something to do")
        found = case.look(world)
    if case.mends and _verify(world):
        _repair(world)
    _require(_unfinished(world, found))
    _finished(case, world, found)


def _finished(case: Case, world: World, found: State) -> None:
    """Check a world in which the command was carried out to the end, *found* in it."""
    _require(case.also(world, found))
    _require(case.finished(world))
    _readable(world)
    _nowhere(case, world)


def _unfinished(world: World, state: State) -> str:
    """Say what a later write has to finish: a temporary file, a ledger or counter behind."""
    left = [path for path in world.files() if _LEFT_OVER.match(os.path.basename(path))]
    if left:
        return f"left over: {', '.join(left)}"
    for profile, values in state.items():
        noted, found = world.noted(profile), sorted(values)
        if os.path.exists(world.values_path(profile)) and noted != found:
            return f"the ledger names {noted}, stored is {found}"
        if world.counted(profile) != world.written(profile):
            return f"{profile}: counted {world.counted(profile)}, stored {world.written(profile)}"
    return ""


def _nowhere(case: Case, world: World) -> None:
    if not case.gone:
        return
    raw = [(path, world.content(path)) for path in world.files()]
    for path, content in [*raw, *world.opened()]:
        if any(value.encode() in (content or b"") for value in case.gone):
            raise Failed(f"{path} still holds what was removed")


def _readable(world: World) -> None:
    """Check the files that no value depends on: ledgers, counters, consent.

    That `run` gave the values says the same of the consent it needs.
    """
    checks: dict[str, Callable[[bytes], object]] = {
        ".json": json.loads,
        "counters": _counter,
        "consent": _consent,
    }
    for path, kind in _noted(world):
        with open(path, "rb") as file:
            content = file.read()
        try:
            checks[kind](content)
        except ValueError:
            raise Failed(f"{path} is damaged: {content[:80]!r}") from None


def _noted(world: World) -> Iterator[tuple[str, str]]:
    for path in world.files():
        name = os.path.basename(path)
        if name.endswith((".lock", ".tmp")):
            continue
        folders = path.split(os.sep)
        kinds: list[str] = [kind for kind in ("counters", "consent") if kind in folders]
        if name.endswith(".json"):
            kinds = [".json"]
        yield from ((path, kind) for kind in kinds)


def _counter(content: bytes) -> None:
    if not re.fullmatch(rb"devkeys-counter 1\n[1-9][0-9]*\n", content):
        raise ValueError


def _consent(content: bytes) -> None:
    if not content.startswith(b"devkeys-consent ") or not content.endswith(b"\n"):
        raise ValueError


def _require(wrong: str) -> None:
    if wrong:
        raise Failed(wrong)
