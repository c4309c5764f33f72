"""System calls of a command, listed and made to fail with strace.

strace counts `when=N` for each name of a call and for each traced process. So a point is the
N-th call of its name in the command's own process, and the log says whether it was met.
Seen with strace 6.1:

- A signal is not delivered with `--seccomp-bpf`: a kill needs the slow way. It arrives before
  the call is made, so that the kill at a call shows what the calls before it left.
- An error is, and that is three times as quick; but it needs `-f`, and then a child's N-th call
  fails too. Where a child makes as many calls of that name, the slow way is taken as well.
"""

import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

KILL = "KILL"
ERRORS = ("ENOSPC", "EIO", "EROFS", "EMFILE", "EDQUOT")
# What a home on a network's file system answers besides: a server that keeps no locks, a file
# that was replaced by another client, a link across what is really two file systems.
NETWORK = ("ENOLCK", "ESTALE", "EXDEV")
FAULTS = (KILL, *ERRORS, *NETWORK)

# Calls that change what is on disk; opens count where they may write.
CHANGING = frozenset(
    (
        *("write", "pwrite64", "writev", "fsync", "fdatasync", "close", "ftruncate", "truncate"),
        *("rename", "renameat", "renameat2", "unlink", "unlinkat", "link", "linkat", "symlink"),
        *("symlinkat", "mkdir", "mkdirat", "rmdir", "chmod", "fchmod", "fchmodat", "chown"),
        *("fchown", "fallocate", "copy_file_range", "utimensat", "add_key", "keyctl"),
    )
)
OPENING = frozenset(("open", "openat", "creat"))
DESCRIPTORS = OPENING | {"pipe", "pipe2", "socket", "dup", "memfd_create"}
READING = frozenset(
    (
        *("read", "pread64", "readv", "lseek", "stat", "lstat", "fstat", "newfstatat", "statx"),
        *("access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents64", "flock"),
        *("fcntl", "ioctl", "chdir", "fchdir", "getcwd", "statfs", "fstatfs", "connect", "poll"),
        *("sendto", "sendmsg", "recvfrom", "recvmsg"),
    )
)
_FITTING = {
    "EMFILE": DESCRIPTORS,
    "EIO": CHANGING | OPENING | READING,
    "ESTALE": CHANGING | OPENING | READING,
    "ENOLCK": frozenset(("flock", "fcntl")),
    "EXDEV": frozenset(["rename", "renameat", "renameat2", "link", "linkat"]),
}
_CONTENT = frozenset(("read", "pread64", "write", "pwrite64", "sendto", "recvfrom"))
_WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT")
_LINE = re.compile(r"^(?:(\d+) +)?(\w+)\((.*)$")
_RANDOM = re.compile(r"[0-9a-f]{12,}|\d{8}T\d{6}Z")  # or a moment
_PATH = re.compile(r'"(/[^"]*)"')


class Call(NamedTuple):
    """The *nth* call of *name* in the command's own process; *what* tells it from others.

    *shared* says that a child makes as many calls of this name.
    """

    name: str
    nth: int
    what: str
    changes: bool
    below: bool
    shared: bool


class Listing(NamedTuple):
    """The calls before the first that changes something below the root, and the rest."""

    before: list[Call]
    after: list[Call]


def list_calls(log: str, root: str) -> Listing:
    """Return the calls of the first process in *log*, a file of `strace -f -o`."""
    lines = list(_lines(log))
    own = lines[0][0]
    children = [pid for pid in {pid for pid, _, _ in lines} if pid != own]
    most = {pid: Counter(name for other, name, _ in lines if other == pid) for pid in children}
    seen: Counter[str] = Counter()
    calls: list[Call] = []
    for pid, name, rest in lines:
        if pid != own:
            continue
        seen[name] += 1
        changes = name in CHANGING or (name in OPENING and bool(_WRITES.search(rest)))
        shared = any(counts[name] >= seen[name] for counts in most.values())
        what = _signature(name, rest, root)
        calls.append(Call(name, seen[name], what, changes, root in rest, shared))
    first = next(n for n, call in enumerate(calls) if call.changes and call.below)
    return Listing(calls[:first], calls[first:])


def _lines(log: str) -> Iterable[tuple[str, str, str]]:
    with open(log, encoding="utf-8", errors="replace") as file:
        for line in file:
            found = _LINE.match(line)
            if found:
                yield found[1] or "", found[2], found[3]


def _signature(name: str, rest: str, root: str) -> str:
    """Return what two runs of one command have in common of a call: its descriptor or paths."""
    # What is read and written has quotes as well, and is not the same twice.
    paths = [
        _RANDOM.sub("*", path.replace(root, ""))
        for path in _PATH.findall(rest)
        if name not in _CONTENT
    ]
    first = rest.partition(",")[0].partition(")")[0]
    descriptor = first if first.isdigit() else ""
    return " ".join((name, descriptor, *paths)).strip()


def fits(fault: str, call: Call) -> bool:
    """Say whether *fault* can come of *call* in the world; a kill always can."""
    if fault == KILL:
        return True
    if fault in _FITTING:
        return call.name in _FITTING[fault]
    return call.changes


class Injected(NamedTuple):
    """How a command ended into which a fault was injected; *met* if it was at the point."""

    code: int
    out: bytes
    err: bytes
    met: bool


def record(words: Sequence[str], log: str, **how: object) -> int:
    """Run *words* and write all its calls into *log*; return its exit code."""
    command = ["strace", "-f", "-o", log, *words]
    return subprocess.run(command, check=False, capture_output=True, **how).returncode  # type: ignore[call-overload, no-any-return]  # handed on as they are


def inject(
    words: Sequence[str],
    call: Call,
    fault: str,
    *,
    root: str,
    log: str,
    cwd: str,
    env: Mapping[str, str],
    given: bytes,
) -> Injected:
    """Run *words* with *fault* at *call*."""
    how = "signal=SIGKILL" if fault == KILL else f"error={fault}"
    quick = ["-f", "--seccomp-bpf"] if fault != KILL and not call.shared else []
    # The first line of the log is the command's own execve: it says which process it is.
    watch = ["-e", f"trace=execve,{call.name}", "-e", f"inject={call.name}:{how}:when={call.nth}"]
    done = subprocess.run(
        ["strace", *quick, "-o", log, *watch, *words],
        check=False,
        capture_output=True,
        cwd=cwd,
        env=env,
        input=given,
        timeout=60,
    )
    met = _was_met(log, call, fault, root)
    os.unlink(log)
    return Injected(done.returncode, done.stdout, done.stderr, met)


def _was_met(log: str, call: Call, fault: str, root: str) -> bool:
    """Say whether the fault came at *call*, the same call as in the listing, and only there."""
    lines = list(_lines(log))
    own = [(name, rest) for pid, name, rest in lines if (pid, name) == (lines[0][0], call.name)]
    if len(own) < call.nth or _signature(*own[call.nth - 1], root) != call.what:
        return False
    if fault == KILL:
        with open(log, encoding="utf-8", errors="replace") as file:
            return len(own) == call.nth and "+++ killed by SIGKILL +++" in file.read()
    marked = [rest for _, _, rest in lines if "(INJECTED)" in rest]
    return len(marked) == 1 and own[call.nth - 1][1] in marked
