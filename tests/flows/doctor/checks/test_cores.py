"""Core files."""

import json
import os
import resource
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from checkout import make
from doctor_scope import make_scope, only, says

from devkeys.flows.doctor.checks.cores import FILE, ON, look, soft_limit
from devkeys.scan.finding import Finding

# The shell that doctor is called from, with a limit of its own.
_SHELL = """
import resource, subprocess, sys
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (int(sys.argv[1]), hard))
sys.exit(subprocess.call([sys.executable, "-P", "-c", sys.argv[2]]))
"""
_DOCTOR = """
import json
from devkeys import memory
from devkeys.flows.doctor.checks.cores import look
from devkeys.flows.doctor.scope import Scope
from devkeys.session import Session
memory.guard()
found = look(Scope(Session(), None, "/", frozenset()))
print(json.dumps([[type(x).__name__, x.what] for x in found]))
"""


def called_with(limit: int) -> list[list[str]]:
    """Return what doctor finds when it is called from a shell with that limit."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard != resource.RLIM_INFINITY and limit > hard:
        pytest.skip("this machine allows no core files")
    command = [sys.executable, "-P", "-c", _SHELL, str(limit), _DOCTOR]
    done = subprocess.run(command, capture_output=True, check=True)
    found: list[list[str]] = json.loads(done.stdout)
    return found


def test_the_shells_limit_counts_not_our_own() -> None:
    """What counts is what the shell gives to the programs that it starts."""
    (found,) = called_with(4096)
    assert found[0] == "Finding"
    assert "at most 4096 bytes" in found[1]


def test_a_limit_of_nothing_is_fine() -> None:
    """As most systems have it."""
    assert called_with(0) == [["Fine", "programs that crash leave no core file"]]


def test_the_limit_of_no_process_is_unknown() -> None:
    """A process that is gone has none."""
    assert soft_limit(1 << 30) is None


def test_a_core_file_of_a_real_crash_is_found(home: Path, tmp_path: Path) -> None:
    """What the kernel writes is known for what it is; a directory of that name is not."""
    if Path("/proc/sys/kernel/core_pattern").read_text().strip() not in ("core", "core.%p"):
        pytest.skip("this machine puts core files elsewhere")
    folder = make(tmp_path / "chat", "")
    secret = secrets.token_hex(16)
    sleep = str(shutil.which("sleep"))
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard == 0:
        pytest.skip("this machine allows no core files")
    script = f"ulimit -S -c $(ulimit -H -c); exec {sleep} 60"
    with subprocess.Popen(
        ["/bin/sh", "-c", script], cwd=folder, env={"LLM_API_KEY": secret}
    ) as child:
        while os.path.basename(os.readlink(f"/proc/{child.pid}/exe")) != os.path.basename(
            os.path.realpath(sleep)
        ):
            time.sleep(0.01)
        child.send_signal(signal.SIGQUIT)
    written = [path for path in folder.iterdir() if path.name.startswith("core")]
    if not written:
        pytest.skip("this machine wrote no core file")
    assert secret.encode() in written[0].read_bytes()
    results = [one for one in only(Finding, look(make_scope(home, folder))) if one.kind is FILE]
    assert [one.place.path for one in results] == [str(written[0])]
    assert not says(results, secret)


def elf(kind: int, order: str = "little") -> bytes:
    """Make the head of an ELF file of that type."""
    head = b"\x7fELF\x02" + (b"\x02" if order == "big" else b"\x01") + bytes(10)
    return head + kind.to_bytes(2, "big" if order == "big" else "little") + bytes(46)


def found_in(home: Path, folder: Path) -> list[str]:
    """Return the names of the core files that are found there."""
    results = only(Finding, look(make_scope(home, folder)))
    return [os.path.basename(one.place.path) for one in results if one.kind is not ON]


@pytest.mark.parametrize("name", ["core", "core.1", "core.123456"])
@pytest.mark.parametrize("order", ["little", "big"])
def test_a_core_file_is_known_by_its_head(
    home: Path, tmp_path: Path, name: str, order: str
) -> None:
    """Of either byte order, under the names that kernels give."""
    folder = make(tmp_path / "chat", "")
    (folder / name).write_bytes(elf(4, order))
    assert found_in(home, folder) == [name]


@pytest.mark.parametrize("name", ["core.py", "core.", "cores", "core.1a", "score", "x"])
def test_other_names_are_not_looked_into(home: Path, tmp_path: Path, name: str) -> None:
    """A module called core.py is none, whatever is in it."""
    folder = make(tmp_path / "chat", "")
    (folder / name).write_bytes(elf(4))
    assert found_in(home, folder) == []


@pytest.mark.parametrize("data", [b"", b"\x7fELF", elf(2), elf(3), b"#!/bin/sh\n" * 9])
def test_other_contents_are_none(home: Path, tmp_path: Path, data: bytes) -> None:
    """A program, a library, a text of that name."""
    folder = make(tmp_path / "chat", "")
    (folder / "core").write_bytes(data)
    assert found_in(home, folder) == []


def test_what_is_no_file_hangs_nothing(home: Path, tmp_path: Path) -> None:
    """A FIFO, a directory and a link to nowhere of that name."""
    folder = make(tmp_path / "chat", "")
    os.mkfifo(folder / "core")
    (folder / "core.1").mkdir()
    (folder / "core.2").symlink_to("nowhere")
    assert found_in(home, folder) == []


def test_a_name_for_a_shell_is_quoted(home: Path, tmp_path: Path) -> None:
    """The step can be copied into a shell as it is."""
    folder = make(tmp_path / "a b; c", "")
    (folder / "core").write_bytes(elf(4))
    (found,) = [one for one in only(Finding, look(make_scope(home, folder))) if one.kind is FILE]
    assert found.step == f"rm '{folder}/core'"
