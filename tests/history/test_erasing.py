"""Taking commands out of histories in SQLite."""

import os
import secrets
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import real
from history_databases import change, held_open, holds, make, nushell, read, traces
from nushell_shell import Place, place
from small_disk import fill, small_disk
from xonsh_session import Room

from devkeys.history import database
from devkeys.history.errors import HistoryError
from devkeys.history.stores import STORES

__all__ = ["place"]
FORM = "nushell-sqlite"


def value() -> str:
    """Make a secret."""
    return "k" + secrets.token_hex(16)


def texts(path: Path, form: str = FORM) -> list[bytes]:
    """Return the texts of the entries."""
    return [entry.text for entry in database.entries(str(path), form)]


# --- the bytes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("wal", [True, False], ids=["wal", "journal"])
@pytest.mark.parametrize("size", [1, 9000])
def test_rows_and_bytes_go(tmp_path: Path, wal: bool, size: int) -> None:
    """A command is gone, from the files as well, however long it is; the others stay."""
    secret = value()
    path = nushell(tmp_path / "h", "ls", f"export A={secret * size}", "cd", secret, wal=wal)
    assert STORES[FORM].scrub(str(path), holds(secret)) == (2, ())
    assert texts(path) == [b"ls", b"cd"]
    assert traces(tmp_path, secret) == []


def test_nothing_to_take_out(tmp_path: Path) -> None:
    """Without it in there, nothing changes."""
    path = nushell(tmp_path / "h", "ls")
    before = path.read_bytes()
    assert STORES[FORM].scrub(str(path), holds(value())) == (0, ())
    assert path.read_bytes() == before


@pytest.mark.parametrize("wal", [True, False], ids=["wal", "journal"])
def test_rows_that_somebody_deleted(tmp_path: Path, wal: bool) -> None:
    """What was deleted before, and still stands in free pages, goes too."""
    secret = value()
    path = nushell(tmp_path / "h", "ls", *[f"A={secret}" * 50 for _ in range(50)], wal=wal)
    change(path, "DELETE FROM history WHERE id > 1")
    assert traces(tmp_path, secret) == ["h"]
    assert STORES[FORM].scrub(str(path), holds(secret)) == (0, ())
    assert texts(path) == [b"ls"]
    assert traces(tmp_path, secret) == []


def test_a_journal_that_was_kept(tmp_path: Path) -> None:
    """A program that keeps its journal leaves old pages there: they go."""
    secret = value()
    path = nushell(tmp_path / "h", f"A={secret}", wal=False)
    change(path, "PRAGMA journal_mode=PERSIST", "UPDATE history SET command_line = 'ls'")
    assert "h-journal" in traces(tmp_path, secret)
    assert STORES[FORM].scrub(str(path), holds(secret)).left == ()
    assert traces(tmp_path, secret) == []


def test_another_table_is_named(tmp_path: Path) -> None:
    """What a table that nobody knows holds is not claimed to be gone."""
    secret = value()
    path = nushell(tmp_path / "h", f"A={secret}")
    change(path, "CREATE TABLE copies AS SELECT id, command_line FROM history")
    removed, left = STORES[FORM].scrub(str(path), holds(secret))
    assert removed == 1
    assert left == (f"{path} still holds it, in its table copies",)


def test_behind_a_symbolic_link(tmp_path: Path) -> None:
    """What is beside the file that a link leads to is looked at."""
    secret = value()
    (tmp_path / "dotfiles").mkdir()
    path = nushell(tmp_path / "dotfiles" / "h", "ls", f"A={secret}")
    link = tmp_path / "h"
    link.symlink_to(path)
    with held_open(path, "SELECT * FROM history"):
        _, left = STORES[FORM].scrub(str(link), holds(secret))
        assert left
    assert STORES[FORM].scrub(str(link), holds(secret)) == (0, ())
    assert traces(tmp_path, secret) == []
    assert link.is_symlink()


def test_mode_and_owner_stay(tmp_path: Path) -> None:
    """The file stays the same one, with its mode."""
    secret = value()
    path = nushell(tmp_path / "h", f"A={secret}")
    path.chmod(0o640)
    before = path.stat()
    STORES[FORM].scrub(str(path), holds(secret))
    after = path.stat()
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_ino, after.st_uid, after.st_gid) == (
        before.st_ino,
        before.st_uid,
        before.st_gid,
    )


def test_no_temporary_file_elsewhere(tmp_path: Path) -> None:
    """Built anew, a history gets into no directory for temporary files."""
    real.need("strace")
    secret = value()
    path = nushell(tmp_path / "h", "ls", *[f"A={secret}" * 50 for _ in range(50)])
    change(path, "DELETE FROM history WHERE id > 1")
    assert traces(tmp_path, secret) == ["h"]
    log = tmp_path / "log"
    code = (
        "import sys\nfrom devkeys.history.stores import STORES\n"
        "STORES['nushell-sqlite'].scrub(sys.argv[1], lambda text: sys.argv[2].encode() in text)"
    )
    command = ["strace", "-f", "-e", "openat", "-o", str(log), sys.executable, "-P", "-c", code]
    subprocess.run([*command, str(path), secret], check=True)
    made = [line for line in log.read_text().splitlines() if "O_CREAT" in line]
    assert made
    assert all(str(tmp_path) in line for line in made)


# --- others that have it open ---------------------------------------------------------------------


def test_a_reader_stands_in_the_way(tmp_path: Path) -> None:
    """While another program reads, the bytes stay, and that is said; afterwards they go."""
    secret = value()
    path = nushell(tmp_path / "h", "ls", f"A={secret}")
    with held_open(path, "SELECT * FROM history"):
        removed, left = STORES[FORM].scrub(str(path), holds(secret))
        assert removed == 1
        assert traces(tmp_path, secret) != []
        assert left
        assert all("another program is using it" in one for one in left)
        assert texts(path) == [b"ls"]
    assert STORES[FORM].scrub(str(path), holds(secret)) == (0, ())
    assert traces(tmp_path, secret) == []


@pytest.mark.parametrize("wal", [True, False], ids=["wal", "journal"])
def test_a_writer_stands_in_the_way(tmp_path: Path, wal: bool) -> None:
    """While another program writes, nothing is changed, and that is an error."""
    secret = value()
    path = nushell(tmp_path / "h", f"A={secret}", wal=wal)
    with held_open(path, "DELETE FROM history WHERE id = 99"):
        with pytest.raises(HistoryError, match="another program has it locked"):
            STORES[FORM].scrub(str(path), holds(secret))
        assert len(texts(path)) == 1


def test_a_reader_without_wal(tmp_path: Path) -> None:
    """Without a -wal a reader keeps everything as it is."""
    secret = value()
    path = nushell(tmp_path / "h", f"A={secret}", wal=False)
    with (
        held_open(path, "SELECT * FROM history"),
        pytest.raises(HistoryError, match="another program has it locked"),
    ):
        STORES[FORM].scrub(str(path), holds(secret))
    assert len(texts(path)) == 1


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """It is an error, and the file stays as it was."""
    if os.geteuid() == 0:
        pytest.skip("root may write everything")
    secret = value()
    path = nushell(tmp_path / "h", f"A={secret}")
    path.chmod(0o400)
    before = path.read_bytes()
    with pytest.raises(HistoryError):
        STORES[FORM].scrub(str(path), holds(secret))
    assert path.read_bytes() == before


@pytest.mark.needs_root
@pytest.mark.parametrize("wal", [True, False], ids=["wal", "journal"])
def test_a_full_disk(tmp_path: Path, wal: bool) -> None:
    """Where nothing more can be written, nothing is lost."""
    secret = value()
    with small_disk(str(tmp_path / "disk")) as disk:
        made = nushell(tmp_path / "h", "ls", f"A={secret}", wal=wal)
        path = Path(shutil.copy(made, disk))
        fill(disk)
        with pytest.raises(HistoryError):
            STORES[FORM].scrub(str(path), holds(secret))
        os.unlink(os.path.join(disk, "filler"))
        assert texts(path) == [b"ls", f"A={secret}".encode()]


# --- layouts --------------------------------------------------------------------------------------


def test_mcfly(tmp_path: Path) -> None:
    """Both of its tables with commands are cleaned."""
    secret = value()
    rows = [
        ("INSERT INTO commands (cmd, cmd_tpl, when_run) VALUES (?, ?, 5)", (f"A={secret}", "A=")),
        ("INSERT INTO commands (cmd, cmd_tpl, when_run) VALUES (?, ?, 6)", ("ls", "ls")),
        ("INSERT INTO selected_commands (cmd, session_id, dir) VALUES (?, 1, 1)", (secret,)),
    ]
    path = make(tmp_path / "h", "mcfly", *rows)
    assert [entry.when for entry in database.entries(str(path), "mcfly")] == [5, 6, None]
    assert STORES["mcfly"].scrub(str(path), holds(secret)) == (2, ())
    assert texts(path, "mcfly") == [b"ls\nls"]
    assert traces(tmp_path, secret) == []


def test_histdb(tmp_path: Path) -> None:
    """With a command go the times when it was run, and nothing else."""
    secret = value()
    rows = [
        ("INSERT INTO commands (argv) VALUES (?)", (f"A={secret}",)),
        ("INSERT INTO commands (argv) VALUES (?)", ("ls",)),
        ("INSERT INTO places (host, dir) VALUES ('h', '/')", ()),
        *[
            ("INSERT INTO history (command_id, place_id, start_time) VALUES (?, 1, 1)", (command,))
            for command in (1, 2, 1)
        ],
    ]
    path = make(tmp_path / "h", "histdb", *rows)
    assert STORES["histdb"].scrub(str(path), holds(secret)) == (1, ())
    assert read(path, "SELECT command_id FROM history") == [(2,)]
    assert traces(tmp_path, secret) == []


def test_hishtory(tmp_path: Path) -> None:
    """Its other copies are told of."""
    secret = value()
    insert = "INSERT INTO history_entries (command) VALUES (?)"
    path = make(tmp_path / "h", "hishtory", (insert, (secret,)), (insert, ("ls",)))
    removed, left = STORES["hishtory"].scrub(str(path), holds(secret))
    assert removed == 1
    assert "hishtory redact" in " ".join(left)
    assert texts(path, "hishtory") == [b"ls"]


def test_pxhist(tmp_path: Path) -> None:
    """Its commands are BLOBs."""
    secret = value()
    insert = "INSERT INTO command_history (full_command, shellname) VALUES (?, 'zsh')"
    rows = [(insert, (text,)) for text in (f"A={secret}".encode(), b"\xff\xfe")]
    path = make(tmp_path / "h", "pxhist", *rows)
    assert STORES["pxhist"].scrub(str(path), holds(secret)) == (1, ())
    assert texts(path, "pxhist") == [b"\xff\xfe"]
    assert traces(tmp_path, secret) == []


# --- the real programs ----------------------------------------------------------------------------


def test_nushell(place: Place) -> None:
    """Its own history is scrubbed while it is open; at its exit nothing comes back."""
    secret = value()
    place.configure(after='$env.config.history.file_format = "sqlite"', hook="")
    path = place.config.with_name("history.sqlite3")
    with place.start() as shell:
        shell.type("print one")
        shell.type(f"$env.A = '{secret}'")
        shell.type("print two")
        assert f"$env.A = '{secret}'".encode() in b"\n".join(texts(path))
        assert STORES[FORM].scrub(str(path), holds(secret)) == (1, ())
        assert place.traces(secret) == []
        shell.type("print three")
        shell.exit()
    assert place.history() == ["print one", "print two", "print three", "exit"]
    assert place.traces(secret) == []


def test_xonsh(tmp_path: Path, script: Path) -> None:
    """Its own is scrubbed while it is open; at its exit nothing comes back."""
    secret = value()
    room = Room(tmp_path, script)
    room.write_rc("$XONSH_HISTORY_BACKEND = 'sqlite'\n$XONSH_STORE_STDOUT = True\n")
    path = room.data / "xonsh-history.sqlite"
    with room.start() as shell:
        shell.type("print('one')")
        shell.type(f"print('{secret[:9]}' + '{secret[9:]}')")
        shell.type(f"A = '{secret}'")
        shell.type("print('two')")
        shell.type("print('three')")
        removed, left = STORES["xonsh-sqlite"].scrub(str(path), holds(secret))
        assert (removed, left) == (2, ())
        assert room.holders(secret) == []
        shell.exit()
    assert room.histories()[:3] == ["print('one')", "print('two')", "print('three')"]
    assert room.holders(secret) == []


def _wait_for_outputs(path: str, count: int) -> None:
    """Wait until IPython, which writes in a thread of its own, has written what it printed."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        with closing(sqlite3.connect(path)) as base:
            if base.execute("SELECT count(*) FROM output_history").fetchone()[0] >= count:
                return
        time.sleep(0.05)


@pytest.mark.parametrize("output", [False, True])
def test_ipython(tmp_path: Path, output: bool) -> None:
    """Its own is scrubbed while it is open, what it printed as well."""
    real.need("ipython")
    secret = value()
    program = str(shutil.which("ipython"))
    options = ["--simple-prompt", "--no-banner", "--no-term-title"]
    if output:
        options.append("--HistoryManager.db_log_output=True")
    environ = {"HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path), "PATH": os.environ["PATH"]}
    path = tmp_path / "profile_default" / "history.sqlite"
    command = [program, *options, "--HistoryManager.db_cache_size=0"]
    with subprocess.Popen(
        command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
    ) as shell:
        assert shell.stdin
        assert shell.stdout
        lines = [f"A = '{secret}'", "A", f"'{secret[:5]}' + '{secret[5:]}'", "print('rea' + 'dy')"]
        shell.stdin.write("".join(f"{line}\n" for line in lines).encode())
        shell.stdin.flush()
        while b"ready" not in shell.stdout.readline():
            pass
        _wait_for_outputs(str(path), 2 * output)
        removed, left = STORES["ipython"].scrub(str(path), holds(secret))
        assert (removed, left) == (1 + 2 * output, ())
        assert not any(secret.encode() in text for text in texts(path, "ipython"))
        shell.stdin.write(b"5\n")
        shell.stdin.close()
        shell.stdout.read()
    assert traces(tmp_path, secret) == []
    assert b"5\n5" in texts(path, "ipython")
