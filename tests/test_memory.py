"""Who may look into devkeys while values are in its memory: nobody but root."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command import DEVKEYS
from desk import Desk, key, make_desk
from fake_provider import FakeProvider, make_fake
from real import need

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux's /proc")

# Another process of the same user: what it can read of the one that its argument names.
THIEF = """
import re, sys
pid, wanted = sys.argv[1], sys.argv[2].encode()
found = []
for name in ("environ", "maps", "mem"):
    try:
        open(f"/proc/{pid}/{name}", "rb", 0).close()
        found.append(name)
    except PermissionError:
        pass
if "mem" in found:
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for low, high in re.findall(r"^(\\w+)-(\\w+) rw", maps.read(), re.M):
            memory.seek(int(low, 16))
            try:
                if wanted in memory.read(int(high, 16) - int(low, 16)):
                    found.append("value")
                    break
            except OSError:
                continue
print(*found)
"""
HOLDER = """
import sys
from devkeys import memory
value = sys.stdin.readline()
if sys.argv[1:]:
    memory.guard()
print(flush=True)
sys.stdin.read()
"""
FALL_BACK = """
import sys
sys.modules["_ctypes"] = None
from devkeys import memory
def now():
    with open(memory.FILTER) as file:
        return int(file.read(), 16)
first = now()
before = memory.guard_until_exec()
during = now()
memory.release(before)
print(first, during, now())
"""
FALL_BACK_FOR_GOOD = """
import resource, sys
sys.modules["_ctypes"] = None
from devkeys import memory
memory.guard()
print(resource.getrlimit(resource.RLIMIT_CORE)[0])
"""
# What a command has of the process that it was, and whether others of its user may look into it.
TELL = (
    "grep -E '^(Sig(Ign|Blk|Cgt)|Umask|NoNewPrivs|Cap)' /proc/self/status; cat /proc/self/limits; "
    "cat /proc/self/coredump_filter; stat -c %u /proc/self/environ"
)


def as_user(*command: str) -> list[str]:
    """Return *command* without what root may do; then both have the same rights, and no more."""
    if os.geteuid() != 0:
        return list(command)
    need("setpriv")
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]


def stolen(pid: int, value: str) -> list[str]:
    """Return what another process of the same user can read of *pid*."""
    command = as_user(sys.executable, "-P", "-c", THIEF, str(pid), value)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split()


@contextmanager
def holding(value: str, *words: str) -> Iterator[int]:
    """Have a process that holds *value*, guarded if there are *words*; yield its pid."""
    command = as_user(sys.executable, "-P", "-c", HOLDER, *words)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(value.encode() + b"\n")
        process.stdin.flush()
        process.stdout.readline()
        yield process.pid


@contextmanager
def unlimited_cores() -> Iterator[None]:
    """Let this process, and what it starts, leave core files."""
    before, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (before, most))


@pytest.fixture
def team(tmp_path: Path) -> FakeProvider:
    """Return a provider that takes its time."""
    team = make_fake(tmp_path / "team")
    team.answers(key=key())
    return team


@pytest.fixture
def desk(tmp_path: Path, team: FakeProvider) -> Desk:
    """Return a desk whose project needs a stored value and one of the team's."""
    desk = make_desk(tmp_path, "LLM_API_KEY=\nOTHER_KEY=fake://key\n")
    assert desk.devkeys("allow", "--yes", env=team.env).code == 0
    return desk


@contextmanager
def asking(desk: Desk, team: FakeProvider, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Have `devkeys WORDS...` wait for the team, with what was stored in its memory."""
    team.behave(sleep={"get": 30, "check": 30})
    process = subprocess.Popen(
        as_user(*DEVKEYS, *words),
        cwd=desk.project,
        env={**desk.environ, **team.env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 20
        while not (team.folder / "starts").exists():
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_thief_reads_what_is_not_guarded() -> None:
    """Without the guard every process of the user reads the value: so the tests below can fail."""
    value = key()
    with holding(value) as pid:
        assert stolen(pid, value) == ["environ", "maps", "mem", "value"]


def test_a_thief_reads_nothing_of_what_is_guarded() -> None:
    """Neither memory nor environment can be opened."""
    value = key()
    with holding(value, "guard") as pid:
        assert stolen(pid, value) == []


def test_run_cannot_be_read_while_it_holds_values(desk: Desk, team: FakeProvider) -> None:
    """While `run` waits for one value, no process of the user reads the others."""
    value = key()
    desk.devkeys("set", "LLM_API_KEY", input=value.encode())
    with asking(desk, team, "run", "--", "true") as process:
        assert stolen(process.pid, value) == []


def test_other_commands_cannot_be_read(desk: Desk) -> None:
    """Nor does one read what somebody is about to type."""
    child = desk.at_terminal("set", "LLM_API_KEY")
    child.expect("LLM_API_KEY:")
    assert child.pid is not None
    found = stolen(child.pid, key()) if os.geteuid() != 0 else []
    owner = os.stat(f"/proc/{child.pid}/environ").st_uid
    child.sendintr()
    child.read()
    assert (found, owner) == ([], 0)


def test_no_debugger_attaches(desk: Desk, team: FakeProvider) -> None:
    """A debugger of the user's gets no hold of it."""
    need("gdb")
    value = key()
    desk.devkeys("set", "LLM_API_KEY", input=value.encode())
    with asking(desk, team, "run", "--", "true") as process:
        command = as_user("gdb", "-nx", "-batch", "-p", str(process.pid))
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "ptrace: Operation not permitted" in done.stdout + done.stderr


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGABRT])
def test_no_core_of_run(desk: Desk, team: FakeProvider, number: signal.Signals) -> None:
    """The quit key, or a crash, leaves no core file, wherever this machine puts them."""
    desk.devkeys("set", "LLM_API_KEY", input=key().encode())
    with unlimited_cores(), asking(desk, team, "run", "--", "true") as process:
        process.send_signal(number)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = -number
    assert os.WTERMSIG(status) == number
    assert not os.WCOREDUMP(status)


def test_a_crash_without_the_guard_leaves_a_core() -> None:
    """Else the test above would say nothing on this machine."""
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("this machine allows no core files")
    with unlimited_cores():
        process = subprocess.Popen([shutil.which("sleep") or "sleep", "30"], cwd="/tmp")  # noqa: S108
    time.sleep(0.2)
    process.send_signal(signal.SIGABRT)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -signal.SIGABRT
    if not os.WCOREDUMP(status):
        pytest.skip("this machine writes no core files there")


@pytest.mark.parametrize("limit", ["none", "all"])
def test_command_is_as_after_a_bare_exec(desk: Desk, limit: str) -> None:
    """Limits, umask, core files and who may look into it are what its caller's exec gives."""
    desk.declare("LLM_API_KEY=\n")
    desk.devkeys("allow", "--yes")
    desk.devkeys("set", "LLM_API_KEY", input=key().encode())
    soft = "0" if limit == "none" else "$(ulimit -H -c)"
    before = f"ulimit -S -c {soft}; umask 027; echo 0x7f >/proc/self/coredump_filter; exec "
    told = []
    for words in ((), (*DEVKEYS, "run", "--")):
        command = [
            "sh",
            "-c",
            before + '"$@"',
            "sh",
            *words,
            shutil.which("sh") or "sh",
            "-c",
            TELL,
        ]
        done = subprocess.run(
            command, cwd=desk.project, env=desk.environ, capture_output=True, text=True, check=True
        )
        told.append(done.stdout)
    assert told[0] == told[1]
    assert told[0].splitlines()[-2:] == ["0000007f", str(os.geteuid())]


def test_a_provider_has_the_callers_core_limit(desk: Desk, team: FakeProvider) -> None:
    """What commands start inherits nothing of the guard."""
    with unlimited_cores(), asking(desk, team, "status", "--providers") as process:
        tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
        pids = [pid for task in tasks for pid in task.read_text().split()]
        limits = [Path(f"/proc/{pid}/limits").read_text() for pid in pids]
        owners = {os.stat(f"/proc/{pid}/environ").st_uid for pid in pids}
        expected = Path("/proc/self/limits").read_text()
    assert len(limits) >= 1
    assert all(found == expected for found in limits)
    assert owners == {os.geteuid()}


def test_without_ctypes_no_memory_goes_into_a_core_file() -> None:
    """A Python without it: `run` sets a number in /proc, and puts it back."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", FALL_BACK], capture_output=True, text=True, check=True
    )
    first, during, after = map(int, done.stdout.split())
    assert first != 0
    assert (during, after) == (0, first)


def test_without_ctypes_the_core_limit_is_nothing() -> None:
    """The other commands then leave no core file because they may not."""
    with unlimited_cores():
        done = subprocess.run(
            [sys.executable, "-P", "-c", FALL_BACK_FOR_GOOD],
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout == "0\n"


@pytest.mark.parametrize("locale", [{}, {"LC_ALL": "C"}, {"LANG": "C"}, {"LC_CTYPE": "C.UTF-8"}])
def test_guarded_process_knows_its_first_environment(locale: dict[str, str]) -> None:
    """What Python added to it is told apart before the kernel refuses to tell it."""
    code = (
        "from devkeys import memory, session; session.forget_coercion(); memory.guard(); "
        "print(session.original().get('LC_CTYPE', ''))"
    )
    done = subprocess.run(
        [sys.executable, "-E", "-P", "-c", code],
        env={"PATH": os.environ["PATH"], **locale},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == locale.get("LC_CTYPE", "") + "\n"
