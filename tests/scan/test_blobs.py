"""The stream of a repository's objects: all are searched, none is held whole."""

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import commit, git_answer, repository, run_git
from repository_looks import make_value, search_for

from devkeys.git.running import Repository
from devkeys.scan import blobs
from devkeys.scan.blobs import Held, Lost
from devkeys.scan.listing import list_objects
from devkeys.scan.search import CHUNK, OVERLAP

__all__ = ["repository"]  # a fixture


def _opened(root: Path) -> Repository:
    directory = str(root / ".git")
    return Repository(shutil.which("git") or "", directory, directory)


def _held(root: Path, value: str) -> list[Held]:
    found = blobs.search_objects(_opened(root), search_for(value), lambda _: None)
    return [one for one in found if isinstance(one, Held)]


def _blob(root: Path, data: bytes) -> str:
    (root / "blob").write_bytes(data)
    return git_answer("hash-object", "-w", "blob", cwd=root)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3 * CHUNK), st.integers(0, 100))
def test_a_value_is_found_wherever_it_stands(repository: Path, before: int, after: int) -> None:
    """Also across the borders of chunks; its place is the one in its object."""
    value = make_value()
    name = _blob(repository, b"x" * before + value.encode() + b"y" * after)

    (one,) = _held(repository, value)

    assert (one.object, one.type) == (name, "blob")
    assert (one.hit.start, one.hit.end) == (before, before + len(value))


def test_borders_of_chunks(repository: Path) -> None:
    """Offsets around each border are found, once each."""
    value = make_value()
    places = [CHUNK + shift for shift in (-OVERLAP - 1, -OVERLAP, -200, -30, -12, -1, 0, 1)]
    for place in places:
        _blob(repository, b"-" * place + value.encode())

    assert sorted(one.hit.start for one in _held(repository, value)) == sorted(places)


def test_nothing_crosses_two_objects(repository: Path) -> None:
    """Two halves in two objects are no value, in whatever order git gives them."""
    value = make_value()
    half = len(value) // 2
    for data in (value[:half], value[half:]):
        _blob(repository, data.encode())

    assert _held(repository, value) == []


def test_a_value_that_is_an_objects_name(repository: Path) -> None:
    """The lines between the objects are no part of the repository's content."""
    name = _blob(repository, secrets.token_bytes(20))

    assert _held(repository, name) == []


def test_every_type_of_object(repository: Path) -> None:
    """Blobs, trees, commits and tags are searched alike."""
    value = make_value()
    commit(repository, value, value)
    run_git("commit", "-q", "--allow-empty", "-m", value, cwd=repository)
    run_git("tag", "-a", "v1", "-m", value, cwd=repository)

    assert {one.type for one in _held(repository, value)} == {"blob", "tree", "commit", "tag"}


def test_content_that_looks_like_gits_lines(repository: Path) -> None:
    """A blob that imitates what stands between objects does not move the others."""
    value = make_value()
    line = f"\n{blobs.BORDER} {'0' * 40} blob 5\nhello\n".encode()
    _blob(repository, line * 50)
    name = _blob(repository, line + value.encode())

    (one,) = _held(repository, value)

    assert (one.object, one.hit.start) == (name, len(line))


def test_names_that_git_does_not_have(repository: Path) -> None:
    """Objects that are not there are counted, the others searched."""
    value = make_value()
    name = _blob(repository, value.encode())
    names = [f"{'12' * 20}\n".encode(), f"{name}\n".encode(), f"{'34' * 20}\n".encode()]

    found = list(
        blobs.search_objects(_opened(repository), search_for(value), lambda _: None, lambda: names)
    )

    assert [type(one) for one in found] == [Held, Lost]
    assert isinstance(found[1], Lost)
    assert found[1].many == 2


def test_progress_is_the_size_of_all(repository: Path) -> None:
    """What is told while searching comes to what was expected, and a line for each object."""
    _blob(repository, os.urandom(100_000))
    opened, told = _opened(repository), [0]

    list(blobs.search_objects(opened, search_for(make_value()), told.append))
    expected = list_objects(opened).size

    assert expected <= sum(told) < expected + 100 * len(list(blobs.listed(opened)))


_LARGE = """
import resource, shutil, sys
from repository_looks import search_for
from devkeys.git.running import Repository
from devkeys.scan.blobs import search_objects
root, value = sys.argv[1:]
opened = Repository(shutil.which("git"), root + "/.git", root + "/.git")
search = search_for(value)
search.hits(b"x")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = list(search_objects(opened, search, lambda _: None))
print(len(found), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before,
      resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_memory_does_not_grow_with_an_object(repository: Path) -> None:
    """A blob of 150 MB is searched to its end in less than 40 MB, by us and by git."""
    value = make_value()
    with (repository / "large").open("wb") as file:
        file.truncate(150_000_000)
        file.seek(0, os.SEEK_END)
        file.write(value.encode())
    run_git("-c", "core.bigFileThreshold=1m", "add", "large", cwd=repository)

    done = subprocess.run(
        [sys.executable, "-c", _LARGE, str(repository), value],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    found, ours, gits = map(int, done.stdout.split())

    assert found == 1
    assert ours < 40_000
    assert gits < 80_000
