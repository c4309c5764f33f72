"""bash: what is odd, huge, declared or switched off, and what passes through memory."""

import os
import stat
from pathlib import Path

import pytest
from bash_shell import SAID, UNSURE, Place, place, value

__all__ = ["place"]  # a fixture


def test_file_in_memory(place: Place) -> None:
    """What is read goes through a file of the user's own, which holds no secret afterwards."""
    first, second = value(), value()
    with place.start() as bash:
        path = Path(bash.run('echo "$_devkeys_file"').split("\n")[-2])
        assert str(path).startswith(("/dev/shm/", "/run/user/"))  # noqa: S108  # as it is
        assert stat.S_IMODE(path.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
        assert SAID in bash.run(f"A_TOKEN={first}")
        bash.run(f"DEVKEYS_HOOK=off A_TOKEN={first} true")
        bash.run(f"sleep 0 --token {first}")
        assert first.encode() not in path.read_bytes()
        bash.run("true <&9 >&10 2>&1")  # no descriptor of ours is open
        assert len(list(Path(f"/proc/{bash.pid}/fd").iterdir())) <= 4
        # Somebody took it away, and put a link in its place.
        precious = place.folder / "precious.tmp"
        precious.write_text("precious\n")
        path.unlink()
        path.symlink_to(precious)
        assert SAID in bash.run(f"A_TOKEN={second}")
        bash.run("echo one")
        assert precious.read_text() == "precious\n"
        bash.exit()
    path.unlink(missing_ok=True)
    assert place.traces(first) == [str(place.file)]
    assert place.traces(second) == []


def test_files_of_shells_that_are_gone(place: Place) -> None:
    """A new shell takes the files of dead ones away, once there are some; not those of others."""
    place.link("rm")
    folder = Path("/dev/shm")  # noqa: S108  # where they are
    dead = [folder / f"devkeys-bash.{os.getuid()}.test{value()}.{4194305 + n}" for n in range(9)]
    alive = folder / f"devkeys-bash.{os.getuid()}.test{value()}.{os.getpid()}"
    for path in (*dead, alive):
        path.touch(mode=0o600)
    try:
        with place.start() as bash:
            while any(path.exists() for path in dead):
                bash.run("sleep 0.05")
            assert alive.exists()
            bash.exit()
    finally:
        for path in (*dead, alive):
            path.unlink(missing_ok=True)


def test_turned_off(place: Place) -> None:
    """DEVKEYS_HOOK=off turns it off, as a variable and as a marker; nothing is caught up on."""
    secrets = [value() for _ in range(7)]
    with place.start() as bash:
        bash.run(f"DEVKEYS_HOOK=off A_TOKEN={secrets[0]} true")
        bash.run(f"  DEVKEYS_HOOK='off' A_TOKEN={secrets[1]} true")
        assert SAID in bash.run(f"A_TOKEN={secrets[2]}")
        bash.run("export DEVKEYS_HOOK=off; (true)")
        bash.run(f"A_TOKEN={secrets[3]}")
        bash.run(f"(A_TOKEN={secrets[4]})")
        bash.run(" unset DEVKEYS_HOOK")
        assert SAID in bash.run(f"A_TOKEN={secrets[5]}")
        bash.exit()
    assert [bool(place.traces(x)) for x in secrets[:6]] == [True, True, False, True, True, False]
    with place.start(DEVKEYS_HOOK="off") as bash:
        bash.run(f"A_TOKEN={secrets[6]}")
        bash.exit()
    assert place.traces(secrets[6])
    assert SAID not in bash.screen


def test_declared_names(place: Place) -> None:
    """A name that a project declares is a secret's; another terminal may declare it just now."""
    index = place.state / "shell-index"
    head = "devkeys-index 1 0.1.0\n"
    place.state.mkdir(parents=True, mode=0o700)
    kept, recorded = [value() for _ in range(5)], [value() for _ in range(4)]
    with place.start() as bash:
        bash.run(f"LICENSE_CODE={recorded[0]}")
        index.touch(mode=0o600)
        index.write_text(f"{head}name LICENSE_CODE\nname OTHER\ncheckout 0 2 /x\n")
        for command in (
            "LICENSE_CODE={}",
            'export A=1 "LICENSE_CODE"={}',
            "set LICENSE_CODE {}",
            "echo '{{LICENSE_CODE: {}}}' | true",
        ):
            assert SAID in bash.run(command.format(kept.pop()))
        bash.run(f"echo LICENSE_CODE {recorded[1]} X=1; LICENSE_CODES=2")
        index.unlink()
        os.mkfifo(index)
        bash.run(f"LICENSE_CODE={recorded[2]}")
        index.unlink()
        index.mkdir()
        bash.run(f"LICENSE_CODE={recorded[3]}")
        bash.exit()
    assert [x for x in recorded if not place.traces(x)] == []
    assert place.text().count("LICENSE_CODE=") == 3


def test_bad_input(place: Place) -> None:
    """What is odd, broken or huge runs once or not at all, as ever; nothing is printed twice."""
    secrets = [value() for _ in range(5)]
    with place.start() as bash:
        assert bash.run("     ") == "     \n<2>> "
        bash.send(f'echo "A_TOKEN={secrets[0]}\r')
        bash.wait(".. ")
        bash.send("\x03")
        assert bash.next_prompt().count(SAID) == 1
        bash.send(f"echo 'A_TOKEN={secrets[1]}\r")
        bash.wait(".. ")
        bash.send("\x04")
        bash.wait(".. ")
        bash.send("\x03")
        assert bash.next_prompt().count(SAID) == 1
        assert bash.run(f"echo A_TOKEN={secrets[2]} )").count(SAID) == 1
        bash.send_bytes(b"echo A_TOKEN=" + secrets[3].encode() + b"\xff\xfe\x80 >x.tmp\r")
        assert bash.next_prompt().count(SAID) == 1
        bash.send_bytes(b"echo plain-\xff\xfe\x80 >y.tmp\r")
        bash.next_prompt()
        bash.send(f"A_TOKEN={secrets[4]}\x04\x15echo typed\r")
        assert SAID not in bash.next_prompt()
        bash.exit()
    assert [x for x in secrets if place.traces(x)] == []
    assert (place.folder / "y.tmp").read_bytes() == b"plain-\xff\xfe\x80\n"
    assert "echo plain-\udcff\udcfe\udc80 >y.tmp" in place.history()
    assert "     " in place.history()


@pytest.mark.parametrize("before", ["", "OSTYPE=other"])
def test_huge_command(place: Place, before: str) -> None:
    """A command of 1 MB is asked about, and recorded or kept out as any other."""
    place.configure(before=before)
    secret, filler = value(), "a b" * 350_000
    (place.folder / "huge.tmp").write_text(f"{filler} --password={secret}")
    (place.folder / "fine.tmp").write_text(filler)
    with place.start() as bash:
        # What a key puts there goes the way of what is pasted, and faster.
        bash.run('bind -x \'"\\C-xh": READLINE_LINE=": $(<$file)"\'')
        for file, said in (("huge.tmp", 1), ("fine.tmp", 0)):
            bash.run(f"file={file}")
            bash.send("\x18h\r")
            assert bash.next_prompt().count(SAID) == said
        bash.exit()
    assert place.traces(secret) == []
    assert f": {filler}" in place.history()


@pytest.mark.parametrize("how", ["unset", "read-only", "directory", "off", "missing-folder"])
def test_history_file(place: Place, how: str) -> None:
    """Without a history file, or with one that cannot be, all is as ever."""
    secret = value()
    setting = {
        "unset": "unset HISTFILE",
        "directory": "HISTFILE=$HOME/folder",
        "off": "set +o history",
        "missing-folder": "HISTFILE=$HOME/none/at/all",
    }
    (place.folder / "folder").mkdir()
    place.configure(setting.get(how, ""))
    if how == "read-only":
        place.file.write_text("old\n")
        place.file.chmod(stat.S_IRUSR)
    with place.start() as bash:
        asked = bash.run(f"A_TOKEN={secret}")
        assert asked.count("devkeys: ") == (how != "off")
        assert bash.run("echo one; history").count(secret) == 0
        bash.exit()
    assert place.traces(secret) == []
    assert UNSURE not in bash.screen
