"""Asking a vendor's program: whatever it does, it ends, and so does all that it started."""

import os
import selectors
import signal
import sys
import time
from pathlib import Path

import pytest
from keychain_scripts import is_running, start

from devkeys import processes
from devkeys.providers import child
from devkeys.providers.caller import Caller
from devkeys.providers.child import Call, Done, _Running, run, run_all
from devkeys.providers.errors import UnreachableError

posix = pytest.mark.skipif(sys.platform == "win32", reason="processes of another kind")
pytestmark = posix


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    """Give who asks, with a second home."""
    return Caller({}, str(tmp_path), str(tmp_path), limit=20.0)


def call(code: str, *arguments: str, data: bytes | None = None, shown: bool = False) -> Call:
    """Return a call of Python *code*."""
    return Call([sys.executable, "-I", "-c", code, *arguments], {}, data, shown)


def pids(path: Path, count: int) -> list[int]:
    """Return the processes that noted themselves in *path*, once they are *count*."""
    for _ in range(400):
        found = path.read_text().split() if path.exists() else []
        if len(found) == count:
            return [int(one) for one in found]
        time.sleep(0.02)
    raise AssertionError("the processes did not start")


# A child and a grandchild, which note themselves and go on for ever, deaf to polite signals.
FAMILY = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
with open(sys.argv[1], "a") as file: file.write(f"{os.getpid()} ")
time.sleep(600)
"""


def gone(processes: list[int]) -> bool:
    """Return whether *processes* end within a moment."""
    until = time.monotonic() + 5
    while any(map(is_running, processes)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(is_running, processes))


def test_how_it_ended_is_told(caller: Caller) -> None:
    """The code, stdout and stderr come apart."""
    code = "import sys; print('out', end=''); print('Err Not Found', file=sys.stderr); sys.exit(3)"
    done = run(call(code), caller)
    assert (done.code, done.output) == (3, b"out")
    assert done.says("absent", "not found")
    assert not done.says("locked")


def test_a_signal_is_a_negative_code(caller: Caller) -> None:
    """A program that was killed did not end with a code of its own."""
    assert run(call("import os; os.kill(os.getpid(), 9)"), caller).code == -signal.SIGKILL


def test_it_starts_at_home(caller: Caller) -> None:
    """Never in the checkout: a program may look for its configuration there."""
    code = "import os; print(os.getcwd(), end='')"
    assert run(call(code), caller).output.decode() == os.path.realpath(caller.home)
    assert run(call(code), caller._replace(home="/nonexistent")).output == b"/"


def test_its_environment_is_the_given_one(caller: Caller) -> None:
    """Nothing of ours is added."""
    env = [program for program in ("/usr/bin/env", "/bin/env") if os.path.exists(program)]
    assert run(Call([env[0]], {"ONE": "1"}), caller).output == b"ONE=1\n"


def test_stderr_is_not_shown(caller: Caller, capfd: pytest.CaptureFixture[str]) -> None:
    """Some print values there; what is kept of it has an end."""
    done = run(call("import sys; sys.stderr.write('value' * 100_000)"), caller)
    assert len(done.complaint) == child.COMPLAINT
    assert capfd.readouterr() == ("", "")


def test_a_prompt_is_shown(caller: Caller, capfd: pytest.CaptureFixture[str]) -> None:
    """A program that asks at the terminal has its stderr there, and stdout is still ours."""
    done = run(call("import sys; print('out'); sys.stderr.write('PIN: ')", shown=True), caller)
    assert done.output == b"out\n"
    assert capfd.readouterr() == ("", "PIN: ")


def test_without_data_stdin_is_empty(caller: Caller) -> None:
    """A program that reads does not wait for somebody to type."""
    assert run(call("import sys; print(len(sys.stdin.read()))"), caller).output == b"0\n"


def test_both_ways_at_once(caller: Caller) -> None:
    """Ten megabytes go in while as many come out; neither side waits for the other."""
    code = (
        "import os, sys\n"
        "while chunk := os.read(0, 1 << 16):\n"
        "    sys.stdout.buffer.write(chunk); sys.stdout.flush()\n"
    )
    data = os.urandom(1 << 20) * 10
    assert run(call(code, data=data), caller).output == data


def test_output_before_it_reads(caller: Caller) -> None:
    """A program that floods stdout and stderr first, and reads then, is read meanwhile."""
    code = (
        "import sys\n"
        "sys.stdout.write('o' * (10 << 20)); sys.stderr.write('e' * (1 << 20))\n"
        "print(len(sys.stdin.buffer.read()))\n"
    )
    done = run(call(code, data=b"i" * (10 << 20)), caller)
    assert done.output == b"o" * (10 << 20) + b"10485760\n"


def test_a_program_that_does_not_read(caller: Caller) -> None:
    """Data that nobody wants is no error; the exit code says what it means."""
    assert run(call("import sys; sys.exit(4)", data=b"x" * (1 << 20)), caller).code == 4


def test_a_flood_is_ended(caller: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the limit is no answer, and nothing of it is shown."""
    monkeypatch.setattr(child, "LIMIT", 1 << 20)
    code = (
        "import os, sys\n"
        "with open(sys.argv[1], 'w') as file: file.write(str(os.getpid()))\n"
        "while True: sys.stdout.write('VALUE' * 1000)\n"
    )
    with pytest.raises(UnreachableError, match="more than 1 MiB") as caught:
        run(call(code, str(tmp_path / "pids")), caller)
    assert "VALUE" not in f"{caught.value}{caught.value.hint}"
    assert gone(pids(tmp_path / "pids", 1))


def test_a_flood_of_complaints_is_ended(caller: Caller) -> None:
    """Complaints without an end is read, kept out of memory, and ended at the time limit."""
    code = "import sys\nwhile True: sys.stderr.write('VALUE' * 1000)"
    with pytest.raises(UnreachableError, match=r"within 0\.5 s"):
        run(call(code), caller._replace(limit=0.5))


def test_a_hang_is_ended_with_all_it_started(caller: Caller, tmp_path: Path) -> None:
    """The limit holds for a program that ignores signals, and its children go with it."""
    began = time.monotonic()
    with pytest.raises(UnreachableError, match="did not answer within 1 s") as caught:
        run(call(FAMILY, str(tmp_path / "pids")), caller._replace(limit=1.0))
    assert time.monotonic() - began < 10
    assert caught.value.hint
    assert gone(pids(tmp_path / "pids", 2))


def test_closed_pipes_are_no_end(caller: Caller) -> None:
    """A program that closes its output and goes on is waited for, within the limit."""
    closing = "import os, sys, time\nos.close(1); os.close(2); time.sleep({})\nos._exit(5)"
    assert run(call(closing.format(0.3)), caller).code == 5
    with pytest.raises(UnreachableError, match=r"within 0\.5 s"):
        run(call(closing.format(600)), caller._replace(limit=0.5))


def test_an_agent_that_stays_is_not_waited_for(caller: Caller, tmp_path: Path) -> None:
    """A grandchild that keeps the pipe open, as gpg-agent may, does not hold the answer up."""
    code = (
        "import os, sys, time\n"
        "if os.fork() == 0:\n"
        "    with open(sys.argv[1], 'w') as file: file.write(str(os.getpid()))\n"
        "    time.sleep(600)\n"
        "print('answer' * 20_000, end='')\n"
    )
    began = time.monotonic()
    done = run(call(code, str(tmp_path / "pids")), caller)
    assert (done.code, done.output) == (0, b"answer" * 20_000)
    assert time.monotonic() - began < 10
    (agent,) = pids(tmp_path / "pids", 1)
    assert is_running(agent)
    os.kill(agent, signal.SIGKILL)


def test_number_of_one_that_has_ended_is_not_killed(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may have it by then."""
    killed: list[int] = []
    monkeypatch.setattr(processes, "end", killed.append)
    with selectors.DefaultSelector() as selector:
        running = _Running(call("pass"), caller.home, selector)
        while not running.ended():
            for key, _ in selector.select(0.1):
                key.data()
        running.end()
    assert killed == []


def test_ctrl_c_ends_all(tmp_path: Path) -> None:
    """An interrupt of devkeys alone leaves neither child nor grandchild behind."""
    code = (
        "import sys\nfrom devkeys.providers.caller import Caller\n"
        "from devkeys.providers.child import Call, run\n"
        "try: run(Call([sys.executable, '-I', '-c', *sys.argv[1:]], {}), Caller({}, '/', '/'))\n"
        "except KeyboardInterrupt: print('interrupted')\n"
    )
    process = start(code, FAMILY, str(tmp_path / "pids"), env=os.environ)
    family = pids(tmp_path / "pids", 2)
    os.kill(process.pid, signal.SIGINT)
    assert process.communicate(timeout=20) == ("interrupted\n", "")
    assert gone(family)


@pytest.mark.parametrize("command", [["/nonexistent/op"], ["/"], [sys.executable, "a\0b"]])
def test_what_cannot_be_started_is_an_error(caller: Caller, command: list[str]) -> None:
    """No program, no right to it, or an argument that cannot be one: a provider's error."""
    with pytest.raises(UnreachableError) as caught:
        run(Call(command, {}), caller)
    assert command[0] in str(caught.value)
    assert caught.value.hint


def test_a_value_that_cannot_be_in_an_environment_is_not_shown(caller: Caller) -> None:
    """A credential with a NUL is an error that holds nothing of it."""
    with pytest.raises(UnreachableError) as caught:
        run(Call([sys.executable], {"TOKEN": "VALUE\0"}), caller)
    assert "VALUE" not in f"{caught.value}{caught.value.hint}"
    assert caught.value.__suppress_context__


def test_many_keep_their_order(caller: Caller) -> None:
    """Each call's end stands at its own place, however they ended after one another."""
    code = "import sys, time; time.sleep(float(sys.argv[1])); print(sys.argv[2], end='')"
    waits = ["0.4", "0", "0.2", "0"]
    done = run_all([call(code, wait, str(n)) for n, wait in enumerate(waits)], caller, width=4)
    assert [one.output for one in done] == [b"0", b"1", b"2", b"3"]
    assert run_all([], caller, width=4) == []


def test_no_more_than_width_at_a_time(caller: Caller, tmp_path: Path) -> None:
    """Programs that prompt are asked one after another, others a few at a time."""
    code = (
        "import os, sys, time\nmark = f'{sys.argv[1]}/{os.getpid()}'\n"
        "open(mark, 'w').close()\ntime.sleep(0.1)\n"
        "print(len(os.listdir(sys.argv[1])))\ntime.sleep(0.1)\nos.remove(mark)\n"
    )
    (tmp_path / "marks").mkdir()
    calls = [call(code, str(tmp_path / "marks"))] * 5
    for width in (1, 2):
        done = run_all(calls, caller, width=width)
        assert max(int(one.output) for one in done) <= width


def test_one_that_hangs_ends_the_others(caller: Caller, tmp_path: Path) -> None:
    """The limit is that of all together; none is left behind."""
    calls = [call("pass"), call(FAMILY, str(tmp_path / "pids")), call("pass")]
    with pytest.raises(UnreachableError):
        run_all(calls, caller._replace(limit=1.0), width=2)
    assert gone(pids(tmp_path / "pids", 2))


def test_nothing_shows_a_value(caller: Caller) -> None:
    """The repr of a call, of its end and of the caller hold none."""
    one = Call(["/bin/op"], {"TOKEN": "VALUE"}, b"VALUE")
    done = Done(0, b"VALUE", b"VALUE")
    asker = caller._replace(environ={"TOKEN": "VALUE"})
    assert "VALUE" not in f"{one!r} {one} {done!r} {done} {asker!r} {asker}"


def test_no_descriptor_stays_open(caller: Caller) -> None:
    """Neither a call nor one that fails leaves none behind."""
    run(call("pass"), caller)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(5):
        run(call("pass", data=b"x"), caller)
        with pytest.raises(UnreachableError):
            run(Call(["/nonexistent"], {}), caller)
    after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert before == after


def test_the_childs_descriptors_are_the_three(caller: Caller) -> None:
    """No descriptor of ours, such as an unlocked store, reaches a vendor's program."""
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("there is no /proc")
    with open(os.devnull, "rb") as ours:
        os.set_inheritable(ours.fileno(), True)
        done = run(call("import os; print(sorted(os.listdir('/proc/self/fd')))"), caller)
    assert done.output == b"['0', '1', '2', '3']\n"  # the fourth is that of listing
