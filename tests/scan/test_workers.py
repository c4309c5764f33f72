"""Many files, by one process and by several."""

import errno
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from process_groups import living
from searches import search_for, value

from devkeys.scan import forking, workers
from devkeys.scan.search import Hit, Search
from devkeys.scan.walk import File, Walk
from devkeys.scan.workers import Progress, look_at

SECRET = value(30)
SILENT = Progress(lambda _: None, lambda _: None)
both_ways = pytest.mark.parametrize("few", [1 << 40, 0], ids=["alone", "together"])


@pytest.fixture
def files(tmp_path: Path) -> list[File]:
    """Make 700 files; every hundredth holds the secret, one cannot be looked at."""
    for number in range(700):
        data = SECRET if number % 100 == 0 else b"nothing"
        (tmp_path / f"file{number:03}").write_bytes(b"line\n" * (number * 4) + data)
    os.mkfifo(tmp_path / "fifo")
    found = [one for one in Walk().below(str(tmp_path)) if isinstance(one, File)]
    return [*sorted(found), File(str(tmp_path / "fifo"), 0)]


@both_ways
def test_all_files_are_looked_at(files: list[File], few: int) -> None:
    """Both ways find the same, and tell of the same progress."""
    did: list[int] = []
    found = list(look_at(files, search_for(SECRET), Progress(SILENT.at, did.append), few=few))
    holding = sorted(os.path.basename(content.path) for content in found if content.held)
    assert holding == [f"file{number:03}" for number in range(0, 700, 100)]
    assert [content.unseen.why for content in found if content.unseen] == ["no regular file"]
    assert sum(did) == sum(file.size for file in files)


def test_results_hold_no_value(files: list[File]) -> None:
    """What comes from another process names places, and no value is in it."""
    found = list(look_at(files, search_for(SECRET), SILENT, few=0, cores=2))
    assert SECRET.decode() not in repr(found)


@both_ways
def test_no_files(few: int) -> None:
    """Nothing to look at is no error."""
    assert list(look_at([], search_for(SECRET), SILENT, few=few)) == []


class Dying(Search):
    """A search whose process ends when it comes to a certain file: it is killed, or by an error."""

    is_killed = True

    def _confirmed(self, data: bytes, enough: object) -> list[Hit]:
        if b"doomed" in data and self.is_killed:
            os.kill(os.getpid(), signal.SIGKILL)
        assert b"doomed" not in data
        return super()._confirmed(data, enough)  # type: ignore[arg-type]  # handed through


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "an error"])
def test_a_process_that_ends_costs_its_files_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_killed: bool
) -> None:
    """Without memory the system ends a process: its files are told, all others are looked at."""
    monkeypatch.setattr(workers, "_BATCH", 10 * workers.PER_FILE)
    for number in range(100):
        (tmp_path / f"file{number}").write_bytes(b"doomed" if number == 40 else SECRET)
    files = [one for one in Walk().below(str(tmp_path)) if isinstance(one, File)]
    search = Dying(search_for(SECRET).known)
    search.is_killed = is_killed
    did: list[int] = []
    found = list(look_at(files, search, Progress(SILENT.at, did.append), few=0, cores=2))
    lost = [content for content in found if content.unseen]
    assert str(tmp_path / "file40") in {content.path for content in lost}
    assert all(content.unseen and content.unseen.failed for content in lost)
    assert all(content.unseen and "ended before" in content.unseen.why for content in lost)
    assert len(lost) <= 10
    assert len(found) == 100
    sizes = {file.path: file.size for file in files}
    assert sum(did) == sum(sizes.values()) - sum(sizes[content.path] for content in lost)


def test_a_process_that_ends_behind_its_last_word(
    files: list[File], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it told of its files holds, and none of them counts as lost besides."""
    write = os.write

    def deadly(descriptor: int, data: bytes) -> int:
        if data == forking._FRAME.pack(0, 0):
            os.kill(os.getpid(), signal.SIGKILL)
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", deadly)
    found = list(look_at(files, search_for(SECRET), SILENT, few=0, cores=2))
    assert sum(content.unseen is None for content in found) == 7
    assert len(found) == 8


def test_a_system_that_lets_no_process_start(
    files: list[File], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then this one looks at all the files itself."""

    def scarce() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", scarce)
    found = list(look_at(files, search_for(SECRET), SILENT, few=0, cores=2))
    assert len(found) == 8


def test_no_process_is_left_when_the_reader_stops(files: list[File]) -> None:
    """Whoever takes one result and goes leaves no process behind."""
    results = look_at(files, search_for(SECRET), SILENT, few=0, cores=2)
    next(iter(results))
    results.close()  # type: ignore[attr-defined]  # it is a generator
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


_PROGRAM = textwrap.dedent("""
    import sys
    from devkeys.scan.search import Known, Search
    from devkeys.scan.stride import Stride
    from devkeys.scan.walk import File, Walk
    from devkeys.scan.workers import Progress, look_at
    from devkeys.secret import Secret
    files = list(Walk().below(sys.argv[1]))
    search = Search([Known("S", Secret(b"not to be found"))], make=Stride)
    def did(_):
        print("did", flush=True)
    try:
        list(look_at(files, search, Progress(lambda _: None, did), cores=2))
    except KeyboardInterrupt:
        sys.exit(7)
""")


@pytest.mark.parametrize("group", [True, False], ids=["all of them", "the first alone"])
def test_ctrl_c_ends_all_at_once(tmp_path: Path, group: bool) -> None:
    """An interrupt ends the run, with no process and no word left."""
    for number in range(40):
        (tmp_path / f"big{number}").write_bytes(os.urandom(1 << 14) * 1024)
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()

    (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
    start = time.monotonic()
    _, said = process.communicate(timeout=20)

    assert (process.returncode, said) == (7, b"")
    assert time.monotonic() - start < 1.5
    assert living(process.pid) == []


def test_a_thread_besides_is_no_hindrance(files: list[File]) -> None:
    """A progress bar has a thread of its own: forking then gives neither warning nor a halt."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        found = list(look_at(files, search_for(SECRET), SILENT, few=0, cores=2))
    finally:
        stop.set()
        thread.join()
    assert len(found) == 8


def test_as_many_batches_as_a_pipe_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many files there are, the numbers of their batches fit into the pipe."""
    monkeypatch.setattr(workers, "_BATCH", 1)
    dealt = workers._batches([File(str(number), number % 7) for number in range(50_000)])
    assert len(dealt) <= forking.MOST_TASKS
    assert sum(map(len, dealt)) == 50_000
