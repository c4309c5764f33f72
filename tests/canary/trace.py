r"""What `strace` wrote down, as calls with the bytes that each of them was given.

Only for logs made with OPTIONS: every string is written in `\xHH`, whole. What cannot be read in
full is an error and never passed over, for a leak could stand in it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# What hands nothing on: it reads, waits, or moves memory. All other calls are written down.
_SILENT = (
    "read,readv,pread64,preadv,preadv2,recvfrom,recvmsg,recvmmsg,lseek,close,fstat,getdents64,"
    "munmap,brk,mprotect,madvise,rt_sigaction,rt_sigprocmask,rt_sigreturn,futex,poll,ppoll,select,"
    "pselect6,epoll_wait,epoll_pwait,getrandom,clock_nanosleep,clock_gettime,getpid,getppid,gettid"
)
OPTIONS = (
    "--follow-forks",
    "--seccomp-bpf",
    "--string-limit=1000000",
    "--strings-in-hex=all",
    "--decode-fds=all",
    # Only what `stat` answers is shortened.
    "--abbrev=stat,lstat,newfstatat,statx,uname,sysinfo,statfs,fstatfs",
    f"--trace=!{_SILENT}",
    # A process that is not dumpable is not to be read by its user's strace either.
    "--inject=prctl:retval=0",
)
# What hands bytes on; their text has to be there.
WRITES = frozenset(
    ["write", "pwrite64", "writev", "pwritev", "pwritev2", "sendto", "sendmsg", "sendmmsg"]
)
_HEX = r"(?:\\x[0-9a-f]{2})*"
_STRING = re.compile(rf'"({_HEX})"(\.\.\.)?')
_LINE = re.compile(r"(\d+) +(.*)")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)")
_UNFINISHED = re.compile(r"(.*?) ?<unfinished \.\.\.>(?:\) += \?)?")
_CALL = re.compile(r"(\w+)\((.*)\) += (.*)")
_BEGUN = re.compile(r"(\w+)\((.*)")
# `7<what it is`: a path in hex, or a socket's kind and number.
_DESCRIPTOR = re.compile(r"(\d+)<((?:\\x[0-9a-f]{2})+|[A-Za-z0-9_-]+(?::\[[^\]]*\])?)?")
_LEFT_OUT = re.compile(r"/\* \d+ vars?")


class Unreadable(Exception):  # noqa: N818  # it is one, and says so by its name
    """A log that does not tell everything."""


class Call(NamedTuple):
    """A system call: whose, its name, its arguments as text, its result (None: it never ended)."""

    pid: int
    name: str
    arguments: str
    result: str | None = None

    @property
    def strings(self) -> list[bytes]:
        """All strings that it was given, and those that it gave back."""
        return list(_strings(self.arguments))

    @property
    def succeeded(self) -> bool:
        """Whether it did what it was asked; not so for one that never ended."""
        return self.result is not None and not self.result.startswith(("-1 ", "?"))

    def descriptor(self, place: int = 0) -> tuple[int, str] | None:
        """Return the descriptor that stands at *place*, and what it leads to; None for another."""
        arguments = _arguments(self.arguments) if place else [self.arguments]
        found = _DESCRIPTOR.match(arguments[place]) if place < len(arguments) else None
        return (int(found[1]), text_of(found[2] or "")) if found else None


@lru_cache(maxsize=10_000)  # asked for when a log is checked, and when it is looked through
def _strings(text: str) -> tuple[bytes, ...]:
    return tuple(strings(text))


def strings(text: str) -> Iterator[bytes]:
    """Yield the strings in a call's arguments."""
    end = 0
    for found in _STRING.finditer(text):
        if found[2] and not text.startswith("PR_SET_NAME"):  # the kernel itself cuts such a name
            raise Unreadable(f"a string of {len(found[1]) // 4} bytes is cut off")
        _no_quote(text[end : found.start()])
        end = found.end()
        yield decode(found[1])
    _no_quote(text[end:])
    if _LEFT_OUT.search(text):
        raise Unreadable("an environment is left out")


def decode(hexadecimal: str) -> bytes:
    r"""Return the bytes that `\xHH...` stands for."""
    return bytes.fromhex(hexadecimal.replace("\\x", ""))


def text_of(target: str) -> str:
    """Return what a descriptor leads to: a path, `pipe:[1]`, `UNIX-STREAM:[1->2]`."""
    return decode(target).decode(errors="surrogateescape") if target[:2] == "\\x" else target


def parse(log: str) -> list[Call]:
    """Return the calls of *log*, in the order in which they began."""
    calls: list[Call] = []
    begun: dict[int, int] = {}  # pid -> where its call stands that has not ended
    for line in log.splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            raise Unreadable(f"no line of strace: {line[:80]}")
        pid, rest = int(found[1]), found[2]
        if rest.startswith(("+++ ", "--- ")):
            continue
        resumed = _RESUMED.fullmatch(rest)
        if resumed:
            _resume(calls, begun, pid, resumed)
            continue
        unfinished = _UNFINISHED.fullmatch(rest)
        if unfinished:
            begun[pid] = len(calls)
            calls.append(_call(pid, _BEGUN, unfinished[1]))
        else:
            calls.append(_call(pid, _CALL, rest))
    for call in calls:
        _check(call)
    return calls


def _check(call: Call) -> None:
    """Raise Unreadable unless all that *call* was given is there."""
    given = any(call.strings)  # also raises if a string is not whole
    moved = call.name in WRITES and call.result is not None and re.match("[1-9]", call.result)
    if not given and (moved or (call.name == "execve" and call.succeeded)):
        raise Unreadable(f"{call.name} was given what strace could not read")
    if "SUID_DUMP_DISABLE" in call.arguments and "INJECTED" not in (call.result or ""):
        raise Unreadable(f"{call.pid} hides its memory from strace")


def _resume(calls: list[Call], begun: dict[int, int], pid: int, resumed: re.Match[str]) -> None:
    place = begun.pop(pid, None)
    if place is None and resumed[1] == "execve":
        # Another thread of the process began it; all of them are gone now.
        place = next((n for n, c in reversed(list(enumerate(calls))) if c.name == "execve"), None)
    if place is None or calls[place].name != resumed[1]:
        raise Unreadable(f"{resumed[1]} of {pid} goes on and never began")
    call = calls[place]
    calls[place] = _call(pid, _CALL, f"{call.name}({call.arguments}{resumed[2]}")


def _call(pid: int, pattern: re.Pattern[str], text: str) -> Call:
    found = pattern.fullmatch(text)
    if found is None:
        raise Unreadable(f"no call of strace: {text[:80]}")
    return Call(pid, *found.groups())


def _no_quote(text: str) -> None:
    if '"' in text:
        raise Unreadable(f"a string that is not in hex: {text[:80]}")


def _arguments(text: str) -> list[str]:
    """Split *text* at the commas that stand between arguments: a descriptor's may hold some."""
    found, depth, start = [], 0, 0
    for place, char in enumerate(text):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and not depth:
            found.append(text[start:place].strip())
            start = place + 1
    return [*found, text[start:].strip()]
