"""The harness finds each way in which a program can leak: a script leaks, and is caught."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from canary.canaries import SHAPES, Canary, Search, binary, identity, plain
from canary.trace import OPTIONS, parse
from canary.watching import (
    ARGUMENT,
    BLIND,
    DATA,
    ENVIRONMENT,
    NAME,
    Allowed,
    Leak,
    handed_on,
    leaks,
)
from real import need

from devkeys.forms import forms
from devkeys.store import envelope

START = (
    "import base64, ctypes, mmap, os, socket, subprocess, sys, urllib.parse\nV = os.read(0, 9999)\n"
    "ADD_KEY = 248 if os.uname().machine == 'x86_64' else 217\n"
)
LIBC = "ctypes.CDLL(None)"
# What to do with the value V, and how it is told: of which kind, and where.
WAYS = {
    "stdout": ("os.write(1, b'a' + V)", DATA, r".*"),
    "pieces": ("for place in range(0, len(V), 5): os.write(1, V[place:place + 5])", DATA, r".*"),
    "vector": ("os.writev(1, [V[:9], V[9:]])", DATA, r".*"),
    "place": ("os.pwrite(os.open('f', os.O_CREAT | os.O_RDWR), V, 5)", DATA, r".*/f"),
    "base64": ("os.write(1, base64.b64encode(b'x' + V))", DATA, r".*"),
    "hex": ("os.write(1, V.hex().encode())", DATA, r".*"),
    "url": ("os.write(1, urllib.parse.quote(V).encode())", DATA, r".*"),
    "part": ("os.write(1, V[3:20])", DATA, r".*"),
    "repr": ("os.write(1, repr(V).encode())", DATA, r".*"),
    "upper": ("os.write(1, V.upper())", DATA, r".*"),
    "socket": ("socket.socketpair()[0].send(V)", DATA, r"UNIX-STREAM.*"),
    "messages": ("socket.socketpair()[0].sendmsg([V[:9], V[9:]])", DATA, r"UNIX-STREAM.*"),
    "child's stdin": (
        "subprocess.run(['cat'], input=V, stdout=-3)",
        DATA,
        "stdin of cat|/dev/null",
    ),
    "memory": ("os.write(os.memfd_create('m'), V)", DATA, "/memfd:m"),
    "argument": ("subprocess.run(['true', V])", ARGUMENT, "true"),
    "no program": ("os.execv('/no', ['no', V])", ARGUMENT, "no"),
    "environment": ("subprocess.run(['true'], env={'A': V})", ENVIRONMENT, "true"),
    "path": ("os.path.exists(V[:200])", NAME, "newfstatat|stat|statx"),
    "new file": ("os.open(V[:200].replace(b'/', b'_'), os.O_CREAT)", NAME, "openat"),
    "link": ("os.symlink(V, 'l')", NAME, "symlink(at)?"),
    "memory's name": ("os.memfd_create(V[:200].decode(errors='replace'))", NAME, "memfd_create"),
    "thread's name": (f"{LIBC}.prctl(15, V[:15], 0, 0, 0)", NAME, "prctl"),
    "kernel's key": (
        f"{LIBC}.syscall(ADD_KEY, b'user', b'devkeys-test:leak', V, len(V), -2)",
        DATA,
        "kernel keyring",
    ),
    "kernel key's name": (
        f"{LIBC}.syscall(ADD_KEY, b'user', V, b'a', 1, -2)",
        NAME,
        "add_key",
    ),
    "attribute": ("os.setxattr('.', b'user.a', V)", NAME, "setxattr"),
    "address": ("socket.socket(1).connect_ex(b'\\0' + V[:90])", NAME, "connect"),
    "forked": ("os.fork() or os.write(1, V)", DATA, r".*"),
    "other program": ("subprocess.run(['cat'], input=V)", DATA, r".*"),
    "copy in the kernel": (
        "open('f', 'wb').write(b'x'); os.sendfile(1, os.open('f', 0), 0, 1)",
        BLIND,
        r".*",
    ),
    "shared memory": (
        "os.truncate(os.open('f', 66), 9); mmap.mmap(os.open('f', os.O_RDWR), 9)[:] = V[:9]",
        BLIND,
        r".*/f",
    ),
}


def caught(
    script: str, canary: Canary, folder: Path, *allowed: Allowed, known: bool = True
) -> list[Leak]:
    """Return what leaks when Python runs *script* with the canary, if *known*, on stdin."""
    need("strace")
    log = folder / "log"
    command = ["strace", *OPTIONS, f"--output={log}", "--", sys.executable, "-ISc", START + script]
    subprocess.run(
        command, input=canary.value, cwd=folder, check=False, stdout=-3, stderr=-3, timeout=60
    )
    return leaks(handed_on(parse(log.read_text())), Search([canary] if known else []), allowed)


@pytest.mark.parametrize("way", WAYS)
def test_a_planted_leak_is_found(tmp_path: Path, way: str) -> None:
    """In each way, where it is, and nowhere else once that is allowed."""
    script, kind, where = WAYS[way]
    canary = plain()
    found = caught(script, canary, tmp_path)
    assert kind in {leak.kind for leak in found}
    left = caught(script, canary, tmp_path, Allowed(kind, where))
    assert not [leak for leak in left if leak.kind == kind]


@pytest.mark.parametrize("make", [*SHAPES, binary])
def test_every_shape_and_form_is_found(make: Callable[[str], Canary]) -> None:
    """A canary as it is, in each form, and in pieces of two blocks."""
    canary = make("A")
    search = Search([canary, plain("B")])
    for form in forms(canary.value):
        assert search.names(b"<" + form.text + b">") == {"A"}, form.name
    for mark in canary.marks:
        for start in range(len(mark) - 15):
            assert search.names(b"<" + mark[start : start + 15] + b">") == {"A"}


def test_a_program_that_reads_only_is_clean(tmp_path: Path) -> None:
    """To be given a secret is no leak; nor is what the user started it with."""
    assert not caught("os.write(1, b'done')", plain(), tmp_path)


def test_only_the_names_that_are_meant_are_allowed(tmp_path: Path) -> None:
    """A way that is one secret's right is not another's."""
    other = Allowed(DATA, ".*", frozenset(["OTHER_KEY"]))
    assert caught("os.write(1, V)", plain(), tmp_path, other)


def test_an_identity_is_searched_for_by_what_only_it_has() -> None:
    """Not by the words that every one of them begins with, in whatever case it is written."""
    key = b"AGE-SECRET-KEY-1" + plain().marks[0].upper()
    search = Search([identity(key)])
    assert search.names(key.lower()) == {"the identity"}
    assert not search.names(b"AGE-SECRET-KEY-1")


def test_an_identity_that_nobody_told_of_is_found(tmp_path: Path) -> None:
    """A command may make one that it never keeps."""
    made = Canary("", envelope.new_identity().reveal(), ())
    found = caught("os.write(1, b'x' + V + b'y')", made, tmp_path, known=False)
    assert {(leak.name, leak.kind) for leak in found} == {("the identity", DATA)}


def test_a_narrowed_search_finds_the_same() -> None:
    """In each part of what it was narrowed to; what a program says beside it hides nothing."""
    canaries = [make(make.__name__) for make in SHAPES]
    parts = [form.text for one in canaries[:3] for form in forms(one.value)] + [b"nothing"]
    search = Search(canaries)
    quicker = search.narrowed(b"\0".join(parts))
    for part in parts:
        assert quicker.names(part) == search.names(part)
