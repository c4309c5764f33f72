"""The objects of a repository in parts: all of them, once each, whoever searches them."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from process_groups import living
from repositories import commit, git_answer, repository, run_git
from repository_looks import make_value, search_for

from devkeys.git.running import Repository
from devkeys.scan import forking, listing
from devkeys.scan.blobs import Held, Lost, listed
from devkeys.scan.listing import list_objects, search_listed
from devkeys.scan.search import Hit, Search

__all__ = ["repository"]  # a fixture
Make = Callable[[Path, str], object]
Found = list[Held | Lost]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a small repository come in many parts, and in several windows."""
    monkeypatch.setattr(listing, "_PART", 6000)
    monkeypatch.setattr(listing, "_WINDOW", 50)


def _opened(root: Path) -> Repository:
    directory = str(root / ".git")
    return Repository(shutil.which("git") or "", directory, directory)


def _found(root: Path, search: Search, *, few: int) -> tuple[Found, int]:
    """Return what is found, and how many bytes were searched for it."""
    opened, did = _opened(root), [0]
    objects = list_objects(opened)
    found = list(search_listed(opened, objects, search, did.append, cores=3, few=few))
    return found, sum(did)


def _loose(root: Path, value: str) -> None:
    for number in range(60):
        text = f"line {number}\n" * number
        commit(root, f"d{number % 7}/f{number}", text + value if number % 5 == 0 else text)


def _packed(root: Path, value: str) -> None:
    lines = [f"line {number} {secrets.token_hex(8)}\n" for number in range(200)]
    for number in range(40):
        lines[number * 3] = f"{value}\n" if number % 4 == 0 else "changed\n"
        commit(root, f"f{number % 3}", "".join(lines))
    run_git("gc", "-q", cwd=root)


def _packs_and_loose(root: Path, value: str) -> None:
    _packed(root, value)
    for number in range(10):
        commit(root, f"g{number}", f"{number} {value}")
    run_git("repack", "-q", cwd=root)
    commit(root, "last", value)


def _messages_and_names(root: Path, value: str) -> None:
    _packed(root, "nothing")
    commit(root, value, "1")
    run_git("commit", "-q", "--allow-empty", "-m", value, cwd=root)
    run_git("tag", "-a", "v1", "-m", value, cwd=root)


def _nothing(root: Path, _value: str) -> None:
    _packed(root, "nothing")


def _damaged(root: Path, value: str) -> None:
    _loose(root, value)
    for name in ("d0/f35", "d1/f1"):
        blob = git_answer("rev-parse", f"HEAD:{name}", cwd=root)
        path = root / ".git" / "objects" / blob[:2] / blob[2:]
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-6] + b"damage")


@pytest.mark.parametrize(
    "make", [_loose, _packed, _packs_and_loose, _messages_and_names, _nothing, _damaged]
)
def test_several_processes_find_what_one_does(repository: Path, make: Make) -> None:
    """The same findings in the same order, and about the same loss, wherever the parts end."""
    value = make_value()
    make(repository, value)
    search = search_for(value)

    alone, searched = _found(repository, search, few=1 << 40)
    together, searched_together = _found(repository, search, few=0)

    assert {one for one in together if isinstance(one, Held)} == {
        one for one in alone if isinstance(one, Held)
    }
    assert _losses(together) == _losses(alone)
    if not _losses(alone):
        assert together == alone
        assert searched_together == searched
    assert bool(_losses(alone)) == (make is _damaged)
    assert any(isinstance(one, Held) for one in together) == (make is not _nothing)


def _losses(found: Found) -> int:
    return sum(one.many for one in found if isinstance(one, Lost))


def test_a_value_is_told_once_for_each_object(repository: Path) -> None:
    """An object that is full of a value is one finding: its first place."""
    value = make_value()
    commit(repository, "a", f"{value}\n" * 50_000)

    (one,) = _found(repository, search_for(value), few=0)[0]

    assert isinstance(one, Held)
    assert one.hit.start == 0


@pytest.mark.parametrize("make", [_loose, _packed, _packs_and_loose])
def test_every_object_is_in_one_part(repository: Path, make: Make) -> None:
    """The parts hold git's whole list, and no object twice."""
    make(repository, make_value())
    opened = _opened(repository)

    parts = list_objects(opened).parts or []
    names = b"".join(part.names for part in parts).splitlines(keepends=True)

    assert sorted(names) == sorted(listed(opened))
    assert len(parts) > 3
    assert sum(part.many for part in parts) == len(names)


_bases = st.dictionaries(st.integers(0, 30), st.integers(0, 40), max_size=30)


@given(_bases)
def test_what_is_made_from_another_comes_behind_it(bases: dict[int, int]) -> None:
    """So it is for any bases; made from itself (a damaged pack), an object is not lost."""
    window = {b"%d" % name: (1, b"%d" % base) for name, base in bases.items()}

    ordered = listing._chained(window)

    assert sorted(ordered) == sorted(window)
    for name, (_, base) in window.items():
        if base in window and not _turns(window, name):
            assert ordered.index(base) < ordered.index(name)


def _turns(window: dict[bytes, tuple[int, bytes]], name: bytes) -> bool:
    seen = set()
    while name in window and name not in seen:
        seen.add(name)
        name = window[name][1]
    return name in seen


def test_more_parts_than_can_be_dealt_out(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then several of them are one task."""
    monkeypatch.setattr(forking, "MOST_TASKS", 3)
    value = make_value()
    _loose(repository, value)

    found = _found(repository, search_for(value), few=0)[0]

    assert len(found) == 12


def test_objects_that_are_gone_meanwhile_are_told(repository: Path) -> None:
    """What another git takes away after it was listed counts as lost."""
    value = make_value()
    _loose(repository, value)
    opened = _opened(repository)
    objects = list_objects(opened)
    blob = git_answer("rev-parse", "HEAD:d0/f35", cwd=repository)
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    found = list(search_listed(opened, objects, search_for(value), lambda _: None, cores=2, few=0))

    assert _losses(found) == 1
    assert len(found) == 12


class Dying(Search):
    """A search whose process is killed when it comes to a certain file."""

    def hits(self, data: bytes) -> list[Hit]:
        """Return the hits in *data*, unless it is deadly."""
        if b"doomed" in data:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().hits(data)


def test_a_process_that_dies_costs_its_part_only(repository: Path) -> None:
    """Without memory the system ends a process: how many objects it had is told."""
    value = make_value()
    _loose(repository, value)
    commit(repository, "doomed file", "doomed")
    objects = list_objects(_opened(repository))
    most = max(part.many for part in objects.parts or [])

    found, _ = _found(repository, Dying(search_for(value).known), few=0)

    lost = [one for one in found if isinstance(one, Lost)]
    assert 1 <= len(lost) <= 2  # the blob, and the tree that names it
    assert all("ended before" in one.why and 1 <= one.many <= most for one in lost)
    assert len(found) > 4


_PROGRAM = textwrap.dedent("""
    import shutil, sys
    from devkeys.git.running import Repository
    from devkeys.scan.listing import list_objects, search_listed
    from devkeys.scan.search import Known, Search
    from devkeys.scan.stride import Stride
    from devkeys.secret import Secret
    opened = Repository(shutil.which("git"), sys.argv[1], sys.argv[1])
    search = Search([Known("S", Secret(b"not to be found"))], make=Stride)
    def did(_):
        print("did", flush=True)
    try:
        list(search_listed(opened, list_objects(opened), search, did, cores=2))
    except KeyboardInterrupt:
        sys.exit(7)
""")


def test_ctrl_c_ends_all_at_once(repository: Path) -> None:
    """An interrupt of the whole group leaves neither a git nor a word behind."""
    for number in range(12):
        (repository / f"big{number}").write_bytes(os.urandom(1 << 14) * 512)
    run_git("add", ".", cwd=repository)
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(repository / ".git")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()

    os.killpg(process.pid, signal.SIGINT)
    start = time.monotonic()
    _, said = process.communicate(timeout=20)

    assert (process.returncode, said) == (7, b"")
    assert time.monotonic() - start < 1.5
    assert living(process.pid) == []
