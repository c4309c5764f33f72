"""How devkeys opens and makes its own files, seen by strace, and what its umask leaves behind."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from desk import Desk, key, make_desk
from real import need
from traceable import TRACEABLE

from devkeys import atomic
from devkeys.lock import locked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace, and modes of POSIX")

CALLS = "trace=open,openat,openat2,creat,mkdir,mkdirat,umask,link,linkat,symlink,symlinkat"
_OPENED = re.compile(r'(?:openat?2?|creat)\((?:AT_FDCWD, )?"([^"]+)", ([^)]*)')


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk with one project that is agreed to."""
    desk = make_desk(tmp_path, "LLM_API_KEY=\nLLM_MODEL=small\n")
    assert desk.devkeys("allow", "--yes").code == 0
    return desk


def traced(desk: Desk, *words: str, given: bytes = b"") -> list[str]:
    """Return the calls of `devkeys WORDS...` that open or make something."""
    need("strace")
    log = desk.home.parent / "calls"
    done = subprocess.run(
        ["strace", "-f", "-qq", "-s", "4096", "-o", str(log), "-e", CALLS, *TRACEABLE, *words],
        cwd=desk.project,
        env=desk.environ,
        input=given,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [line.partition(" ")[2].strip() for line in log.read_text().splitlines()]


COMMANDS = {
    "set": ("set", "LLM_API_KEY"),
    "set again": ("set", "LLM_API_KEY"),
    "run": ("run", "--", "true"),
    "list": ("list",),
    "status": ("status",),
    "unset": ("unset", "LLM_API_KEY"),
    "forget": ("forget", "--yes"),
}


def test_every_file_of_ours_is_opened_as_it_stands(desk: Desk) -> None:
    """No link is followed, and nothing that is started inherits the descriptor."""
    looked_at = 0
    for name, words in COMMANDS.items():
        for call in traced(desk, *words, given=key().encode() if name.startswith("set") else b""):
            found = _OPENED.search(call)
            if found is None or not re.match(f"{desk.home}/.local/(share|state)/dev", found[1]):
                continue  # the user's own config.toml may be a link
            looked_at += 1
            if "/skips/" in found[1]:
                continue  # read for its digest only, among inputs of which some may be links
            assert "O_CLOEXEC" in found[2], f"{name}: {call}"
            # A listing is of a directory that was looked at before; Python's has no other flags.
            if "O_DIRECTORY" not in found[2]:
                assert "O_NOFOLLOW" in found[2], f"{name}: {call}"
    assert looked_at > 20


def test_what_is_made_is_made_for_the_user_alone(desk: Desk) -> None:
    """The umask is 077 at each making of a file or directory of ours, and the caller's after it."""
    before = os.umask(0o002)
    try:
        calls = traced(desk, "set", "LLM_API_KEY", given=key().encode())
    finally:
        os.umask(before)
    mask, made = 0o002, 0
    for call in calls:
        changed = re.match(r"umask\((0\d*)\)", call)
        if changed:
            mask = int(changed[1], 8)
        elif f'"{desk.home}/' in call and ("O_CREAT" in call or call.startswith("mkdir")):
            made += 1
            assert mask == 0o077, call
    assert made > 5
    assert mask == 0o002


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
def test_callers_umask_decides_nothing(tmp_path: Path, mask: int) -> None:
    """Files and directories have the modes that they are to have, and the umask stays."""
    before = os.umask(mask)
    try:
        folder = tmp_path / "one" / "two"
        atomic.make_private_dir(str(folder))
        atomic.write(str(folder / "file"), b"data")
        with locked(str(folder / "lock")):
            inside = os.umask(mask)
        after = os.umask(mask)
    finally:
        os.umask(before)
    assert [inside, after] == [mask, mask]
    modes = {path.name: path.stat().st_mode & 0o7777 for path in (folder, *folder.iterdir())}
    assert modes == {"two": 0o700, "file": 0o600, "lock": 0o600}


def test_a_failure_puts_the_umask_back(tmp_path: Path) -> None:
    """Also where nothing could be made."""
    before = os.umask(0o027)
    try:
        with pytest.raises(OSError, match="no-such-place"), atomic.private_umask():
            os.mkdir(tmp_path / "no-such-place" / "folder")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)


def test_a_link_in_the_place_of_a_file_is_not_written_through(desk: Desk, tmp_path: Path) -> None:
    """What somebody linked to where the store's file was is left alone."""
    desk.devkeys("set", "LLM_API_KEY", input=key().encode())
    (file,) = desk.home.glob(".local/share/devkeys/projects/*/dev.age")
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    file.unlink()
    file.symlink_to(victim)
    done = desk.devkeys("set", "LLM_API_KEY", input=key().encode())
    assert done.code == 3
    assert "is a symbolic link" in done.err
    assert victim.read_bytes() == b"precious"
