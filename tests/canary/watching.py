"""Which way each byte took that a traced program handed on, and whether a canary went along.

DATA         written into a descriptor: `where` is a path, `stdin of PROGRAM`, a socket's address
ARGUMENT     given to a program that was started, by name
ENVIRONMENT  the same, as its environment
NAME         every other text that the kernel was told: paths, names of threads and of memory
BLIND        copied inside the kernel, or into shared memory, where nobody sees what
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from canary.bus import beside_secrets
from canary.canaries import Search
from canary.trace import WRITES, Call, strings

DATA, ARGUMENT, ENVIRONMENT, NAME, BLIND = "data", "argument", "environment", "name", "blind"
FILE, SCREEN = "file", "screen"  # looked for afterwards: what a file holds, what a terminal showed
KERNEL = "kernel keyring"
_BLIND = frozenset(
    [
        *("copy_file_range", "sendfile", "splice", "tee", "vmsplice", "process_vm_writev"),
        *("io_uring_enter", "io_uring_setup", "ptrace", "userfaultfd"),
    ]
)
_FORKS = frozenset(["clone", "clone3", "fork", "vfork"])
_CLONES = ("FICLONE", "FIDEDUPERANGE")
BUS = "/bus"  # how the address of a bus ends
_SOCKET = re.compile(r"UNIX-[A-Z]+:\[(\d+)")


class Handed(NamedTuple):
    """*data* that the program *by* handed on with *call*: of which kind, and where to.

    *stream* tells what is written to one place on several connections apart.
    """

    kind: str
    where: str
    data: bytes
    by: str
    call: str
    stream: str = ""


class Allowed(NamedTuple):
    """A way that the canaries in *names* may take, all if there are none: a pattern of where."""

    kind: str
    where: str
    names: frozenset[str] = frozenset()


class Leak(NamedTuple):
    """The canary *name* went a way that it must not."""

    name: str
    kind: str
    where: str
    by: str
    call: str


class _Process(NamedTuple):
    program: str
    stdin: str  # what its descriptor 0 leads to


def handed_on(calls: list[Call]) -> Iterator[Handed]:
    """Yield all that the traced programs handed on; how the first was started is the user's."""
    processes = {calls[0].pid: _Process("", "")}
    stdins = _stdins(calls)
    peers = _peers(calls)
    for number, call in enumerate(calls):
        process = processes.setdefault(call.pid, _Process("", ""))
        if call.name in _FORKS and call.succeeded:
            processes[int((call.result or "").split()[0].partition("<")[0])] = process
        elif call.name == "execve":
            program, started = _started(call, process.program)
            yield from started if number else ()
            if call.succeeded:
                processes[call.pid] = process._replace(program=program)
        else:
            yield from _of(call, process.program, stdins, peers)


def _of(
    call: Call, program: str, stdins: dict[str, str], peers: dict[str, str]
) -> Iterator[Handed]:
    if call.name in WRITES:
        target = (call.descriptor() or (-1, ""))[1]
        socket = _SOCKET.match(target)
        where = peers.get(socket[1], target) if socket else stdins.get(target, target)
        # A socket's number alone: what is behind it is told only once that accepted.
        stream = socket[1] if socket else target
        yield Handed(DATA, where, b"".join(call.strings), program, call.name, stream)
    elif call.name == "add_key" and len(given := call.strings) == 3:
        for text in given[:2]:  # its type and its name
            yield Handed(NAME, call.name, text, program, call.name)
        yield Handed(DATA, KERNEL, given[2], program, call.name)
    elif not call.arguments.startswith("KEYCTL_READ"):
        for text in call.strings:
            yield Handed(NAME, call.name, text, program, call.name)
    if _is_blind(call):
        targets = [found[1] for place in range(6) if (found := call.descriptor(place))]
        yield Handed(BLIND, " ".join(targets), b"", program, call.name)


def _is_blind(call: Call) -> bool:
    if call.name == "mmap":
        words = call.arguments
        return "PROT_WRITE" in words and "MAP_SHARED" in words and "MAP_ANONYMOUS" not in words
    return call.name in _BLIND or (
        call.name == "ioctl" and any(w in call.arguments for w in _CLONES)
    )


def _started(call: Call, by: str = "") -> tuple[str, list[Handed]]:
    """Return the name of the program that an execve starts, and what it is given."""
    path, _, rest = call.arguments.partition(", ")
    given, _, environment = rest.partition("], ")
    words = list(strings(given))
    program = os.path.basename(next(strings(path)).decode(errors="surrogateescape"))
    if program.startswith("python"):
        program = "devkeys" if any(word.endswith(b"devkeys") for word in words) else "python"
    handed = [Handed(NAME, call.name, text, by, call.name) for text in strings(path)]
    handed += [Handed(ARGUMENT, program, word, by, call.name) for word in words]
    handed += [
        Handed(ENVIRONMENT, program, variable, by, call.name) for variable in strings(environment)
    ]
    return program, handed


def _stdins(calls: list[Call]) -> dict[str, str]:
    """Return the pipes that became a started program's stdin, with `stdin of PROGRAM`."""
    found: dict[str, str] = {}
    made: dict[int, str] = {}
    for call in calls:
        if call.name in ("dup2", "dup3") and (to := call.descriptor(1)) and to[0] == 0:
            made[call.pid] = (call.descriptor() or (-1, ""))[1]
        elif call.name == "execve" and call.succeeded and call.pid in made:
            found[made.pop(call.pid)] = f"stdin of {_started(call)[0]}"
    return {pipe: where for pipe, where in found.items() if pipe.startswith(("pipe:", "UNIX-"))}


def _peers(calls: list[Call]) -> dict[str, str]:
    """Return the address that each connected socket leads to, by the socket's number."""
    found = {}
    for call in (call for call in calls if call.name == "connect"):
        socket = _SOCKET.match((call.descriptor() or (-1, ""))[1])
        if socket and call.strings:
            found[socket[1]] = f"socket {call.strings[0].decode(errors='surrogateescape')}"
    return found


def leaks(
    handed: Iterable[Handed], search: Search, allowed: Iterable[Allowed], others: Iterable[str] = ()
) -> list[Leak]:
    """Return what went a way that is not *allowed*; what the programs *others* do is their own."""
    allowed, others = list(allowed), frozenset(others)
    streams: defaultdict[tuple[str, str, str], bytearray] = defaultdict(bytearray)
    rest: set[Handed] = set()
    for one in handed:
        if one.by in others:
            continue
        if one.kind == DATA:
            streams[one.where, one.by, one.stream] += one.data
        if one.kind != DATA or not one.where.endswith(BUS):
            rest.add(one)
    # Cut in two by the size of a buffer, a canary is whole in all that went there.
    rest |= {Handed(DATA, w, bytes(data), by, "writes") for (w, by, _), data in streams.items()}
    quicker = search.narrowed(b"\0".join(one.data for one in rest))
    found = {
        Leak(name, one.kind, one.where, one.by, one.call)
        for one in rest
        for name in (quicker.names(one.data) if one.kind != BLIND else [""])
        if not _may(allowed, one.kind, one.where, name, one.data, search)
    }
    return sorted(found)


def _may(
    allowed: list[Allowed], kind: str, where: str, name: str, data: bytes, search: Search
) -> bool:
    for way in allowed:
        named = not way.names or name in way.names
        if named and way.kind == kind and re.fullmatch(way.where, where, re.DOTALL):
            # What a D-Bus client says belongs where the Secret Service has a secret, only there.
            return not where.endswith(BUS) or all(
                name not in search.names(text) for text in beside_secrets(data)
            )
    return False
