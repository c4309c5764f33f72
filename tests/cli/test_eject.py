"""eject: the way out into a plain `.env`, with nothing lost and nothing shown."""

import os
import secrets
import stat
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from command import DEVKEYS
from desk import Desk, key
from dotenv import dotenv_values
from real import need
from repositories import run_git

DECLARATION = """\
LLM_API_KEY=

DB_PASSWORD=

# @optional
SHARED_KEY=op://Team/chat/key

MODEL=small

BASE_URL=https://llm.example.com
"""
AWKWARD = 'it\'s "quoted" \\ #1 50% \n żółć\n\n'


@pytest.fixture
def values(desk: Desk) -> dict[str, str]:
    """Store two secrets and a setting at *desk*."""
    desk.declare(DECLARATION)
    stored = {"LLM_API_KEY": key(), "DB_PASSWORD": AWKWARD + key()}
    for name, value in stored.items():
        desk.devkeys("set", name, input=value.encode())
    desk.devkeys("set", "MODEL=large")
    return {**stored, "MODEL": "large"}


def names(path: Path) -> list[str]:
    """Return what is in the directory *path*."""
    return sorted(entry.name for entry in path.iterdir())


def test_the_stored_values_are_written(desk: Desk, values: dict[str, str]) -> None:
    """Secrets and changed settings, as a program reads them, mode 0600; none is shown."""
    done = desk.devkeys("eject", "--yes")
    assert (done.code, done.out) == (0, b"")
    path = desk.project / ".env"
    assert dotenv_values(path) == values
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not any(value in done.err for value in values.values() if value != "large")
    assert f"devkeys eject writes 3 values of chat (dev) into {path}:\n" in done.err
    assert "stay references:\n    SHARED_KEY (op://Team/chat/key)\n" in done.err
    assert "whoever reads the disk" in done.err
    assert "devkeys: the store still has the values; devkeys forget removes them" in done.err
    assert names(desk.project) == [".env", ".env.example"]


def test_the_store_has_them_still(desk: Desk, values: dict[str, str]) -> None:
    """Nothing leaves the store, and the file can be taken in again."""
    desk.devkeys("eject", "--yes")
    assert desk.devkeys("get", "DB_PASSWORD", "--reveal").out == values["DB_PASSWORD"].encode()
    done = desk.devkeys("import", ".env", "--remove", "--yes")
    assert done.code == 0
    assert not (desk.project / ".env").exists()


def test_a_second_time_has_nothing_to_do(desk: Desk, values: dict[str, str]) -> None:
    """The file stays untouched, and nothing is asked."""
    desk.devkeys("eject", "--yes")
    path = desk.project / ".env"
    before = path.stat()
    done = desk.devkeys("eject", "--yes")
    assert done.code == 0
    assert f"{path} has 3 values of chat (dev) already" in done.err
    assert path.stat() == before or path.stat().st_mtime_ns == before.st_mtime_ns
    assert set(values) == set(dotenv_values(path))


@pytest.mark.usefixtures("values")
def test_without_a_terminal_it_needs_yes(desk: Desk) -> None:
    """No terminal and no --yes is no answer."""
    done = desk.devkeys("eject")
    assert done.code == 2
    assert "--yes writes the values into a plain file without asking" in done.err
    assert names(desk.project) == [".env.example"]


@pytest.mark.parametrize(
    ("answers", "written"),
    [
        (["y", "chat"], True),
        (["y", "yes"], False),
        (["y", ""], False),
        (["n"], False),
        ([""], False),
    ],
)
@pytest.mark.usefixtures("values")
def test_it_is_asked_twice(desk: Desk, answers: list[str], written: bool) -> None:
    """A yes, and then the project's name; whatever else leaves nothing behind."""
    child = desk.at_terminal("eject")
    child.expect(r"writes 3 values of chat \(dev\)")
    child.expect("LLM_API_KEY")
    for question, answer in zip([r"\[y/N\]", "Type chat to go on:"], answers, strict=False):
        child.expect(question)
        assert not (desk.project / ".env").exists()
        child.sendline(answer)
    child.read()
    child.wait()
    assert child.exitstatus == (0 if written else 2)
    assert (desk.project / ".env").exists() == written


@pytest.mark.usefixtures("values")
def test_ctrl_c_leaves_nothing(desk: Desk) -> None:
    """Interrupted at the second question, there is no file."""
    child = desk.at_terminal("eject")
    child.expect(r"\[y/N\]")
    child.sendline("y")
    child.expect("Type chat")
    child.sendintr()
    child.read()
    child.wait()
    assert child.exitstatus == 130
    assert names(desk.project) == [".env.example"]


def test_a_file_that_is_there_keeps_its_other_lines(desk: Desk, values: dict[str, str]) -> None:
    """Lines are replaced in place or added; its mode loses the rights of others, after a word."""
    path = desk.project / ".env"
    path.write_text("# mine\r\nexport LLM_API_KEY=old # the key\r\n\r\nOTHER='x y'\r\nMODEL=small")
    path.chmod(0o644)
    done = desk.devkeys("eject", "--yes")
    assert done.code == 0
    assert "what else stands in it stays" in done.err
    assert "Its mode, 0644, loses the rights of others" in done.err
    before, _, rest = path.read_bytes().partition(b"DB_PASSWORD=")
    new = values["LLM_API_KEY"]
    assert before.decode() == (
        f"# mine\r\nexport LLM_API_KEY={new} # the key\r\n\r\nOTHER='x y'\r\nMODEL=large\r\n"
    )
    assert rest
    assert dotenv_values(path) == {**values, "OTHER": "x y"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_setting_like_its_default_is_written_only_over_another(desk: Desk) -> None:
    """The declaration says it already, unless the file says something else."""
    desk.devkeys("set", "LLM_API_KEY", input=b"x1")
    desk.devkeys("set", "MODEL=small")
    desk.devkeys("eject", "--yes")
    path = desk.project / ".env"
    assert dotenv_values(path) == {"LLM_API_KEY": "x1"}
    path.write_text("MODEL=huge\n")
    desk.devkeys("eject", "--yes")
    assert dotenv_values(path) == {"LLM_API_KEY": "x1", "MODEL": "small"}


def test_another_profile_has_a_file_of_its_own(desk: Desk) -> None:
    """`-p staging` writes `.env.staging`, and its hint is about that profile."""
    desk.devkeys("set", "LLM_API_KEY", "-p", "staging", input=b"x1")
    done = desk.devkeys("eject", "-p", "staging", "--yes")
    assert names(desk.project) == [".env.example", ".env.staging"]
    assert "devkeys forget -p staging removes" in done.err


def test_another_file_can_be_named(desk: Desk, values: dict[str, str]) -> None:
    """`--to` is relative to where one is."""
    there = desk.home / "there"
    there.mkdir()
    file = str(desk.project / ".env.example")
    done = desk.devkeys("eject", "--to", "out.env", "--file", file, "--yes", cwd=there)
    assert done.code == 0
    assert dotenv_values(there / "out.env") == values
    assert names(desk.project) == [".env.example"]


def test_what_the_environment_holds_is_not_written(desk: Desk) -> None:
    """An exported value is not the store's; the name is told."""
    desk.declare("LLM_API_KEY=\n\nDB_PASSWORD=\n")
    desk.devkeys("set", "DB_PASSWORD", input=b"x1")
    done = desk.devkeys("eject", "--yes", env={"LLM_API_KEY": key(), "DB_PASSWORD": key()})
    assert dotenv_values(desk.project / ".env") == {"DB_PASSWORD": "x1"}
    assert "as the store has nothing:\n    LLM_API_KEY\n" in done.err


def test_what_is_not_declared_any_more_is_written(desk: Desk) -> None:
    """Nothing of the project's own is lost."""
    desk.devkeys("set", "LLM_API_KEY", input=b"x1")
    desk.declare("OTHER_TOKEN=\n")
    done = desk.devkeys("eject", "--yes")
    assert dotenv_values(desk.project / ".env") == {"LLM_API_KEY": "x1"}
    assert "not declared any more:\n    LLM_API_KEY\n" in done.err


def test_a_value_stored_over_a_reference_is_written(desk: Desk) -> None:
    """It is the store's, and `run` would take it."""
    desk.declare(DECLARATION)
    desk.devkeys("set", "SHARED_KEY", input=b"mine")
    done = desk.devkeys("eject", "--yes")
    assert dotenv_values(desk.project / ".env") == {"SHARED_KEY": "mine"}
    assert "stay references" not in done.err


def test_a_parents_values_count_once_they_are_agreed_to(desk: Desk) -> None:
    """In a monorepo, what the package would get of the projects around it is written."""
    need("git")
    run_git("init", "-q", cwd=desk.project)
    package = desk.project / "packages/web"
    package.mkdir(parents=True)
    (package / ".env.example").write_text("LLM_API_KEY=\n\nWEB_TOKEN=\n")
    desk.devkeys("set", "LLM_API_KEY", input=b"shared")
    desk.devkeys("set", "WEB_TOKEN", cwd=package, input=b"own")
    done = desk.devkeys("eject", "--yes", cwd=package)
    assert dotenv_values(package / ".env") == {"WEB_TOKEN": "own"}
    assert "not agreed to (devkeys allow):\n    LLM_API_KEY\n" in done.err
    desk.devkeys("allow", "--yes", cwd=package)
    desk.devkeys("eject", "--yes", cwd=package)
    assert dotenv_values(package / ".env") == {"WEB_TOKEN": "own", "LLM_API_KEY": "shared"}


@pytest.mark.parametrize("value", [b"\xff\xfe", b"a${HOME}b", b"it's $(id)"])
def test_a_value_that_no_file_can_hold_stops_it(desk: Desk, value: bytes) -> None:
    """It is named with the reason, nothing is written, and `--skip` writes the rest."""
    desk.declare(DECLARATION)
    desk.devkeys("set", "LLM_API_KEY", input=value)
    desk.devkeys("set", "DB_PASSWORD", input=b"x1")
    done = desk.devkeys("eject", "--yes")
    assert done.code == 3
    assert "\n  LLM_API_KEY: " in done.err
    assert "hint: --skip LLM_API_KEY writes the others" in done.err
    assert names(desk.project) == [".env.example"]
    done = desk.devkeys("eject", "--yes", "--skip", "LLM_API_KEY")
    assert done.code == 0
    assert "left out:\n    LLM_API_KEY\n" in done.err
    assert dotenv_values(desk.project / ".env") == {"DB_PASSWORD": "x1"}


def test_what_a_shell_reads_differently_is_told(desk: Desk) -> None:
    """python-dotenv wins, and the name is listed."""
    desk.devkeys("set", "LLM_API_KEY", input=b"it's $HOME")
    done = desk.devkeys("eject", "--yes")
    assert dotenv_values(desk.project / ".env") == {"LLM_API_KEY": "it's $HOME"}
    assert "than by python-dotenv:\n    LLM_API_KEY\n" in done.err


def test_a_name_that_is_not_stored_cannot_be_skipped(desk: Desk) -> None:
    """A slip of the pen is no wish."""
    desk.devkeys("set", "LLM_API_KEY", input=b"x1")
    done = desk.devkeys("eject", "--yes", "--skip", "LLM_API_KEYS")
    assert done.code == 2
    assert not (desk.project / ".env").exists()


def test_where_nothing_is_stored_there_is_nothing_to_write(desk: Desk) -> None:
    """Before and after a project has a name."""
    assert desk.devkeys("eject", "--yes").code == 3
    desk.devkeys("allow", "--yes")
    done = desk.devkeys("eject", "--yes")
    assert done.code == 3
    assert "nothing is stored for chat (dev)" in done.err
    assert not (desk.project / ".env").exists()


def _link(path: Path) -> None:
    path.symlink_to(path.parent / "elsewhere")


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (_link, "is a symbolic link"),
        (os.mkfifo, "is a FIFO"),
        (Path.mkdir, "is a directory"),
    ],
)
@pytest.mark.usefixtures("values")
def test_what_is_no_regular_file_is_refused(
    desk: Desk, make: Callable[[Path], None], what: str
) -> None:
    """It is said what it is and what to do; it does not hang, nor follow."""
    path = desk.project / ".env"
    make(path)
    done = desk.devkeys("eject", "--yes")
    assert done.code == 3
    assert f"{path} {what}" in done.err
    assert "--to FILE" in done.err
    assert names(desk.project) == [".env", ".env.example"]


@pytest.mark.needs_root
@pytest.mark.usefixtures("values")
def test_a_file_of_another_user_is_refused(desk: Desk) -> None:
    """Its owner could read what is put there."""
    path = desk.project / ".env"
    path.touch()
    os.chown(path, 12345, 12345)
    done = desk.devkeys("eject", "--yes")
    assert done.code == 3
    assert "belongs to another user (uid 12345)" in done.err
    assert path.read_bytes() == b""


@pytest.mark.usefixtures("values")
def test_the_declaration_itself_is_refused(desk: Desk) -> None:
    """Under its own name, or through a link to its directory."""
    (desk.home / "link").symlink_to(desk.project)
    for path in (".env.example", str(desk.home / "link/.env.example")):
        done = desk.devkeys("eject", "--yes", "--to", path)
        assert done.code == 2
        assert "belongs into git" in done.err
    assert (desk.project / ".env.example").read_text() == DECLARATION


@pytest.mark.parametrize("data", [b"A=\xff\n", "A=1\n".encode("utf-16"), b"A='open\nB=1\n"])
@pytest.mark.usefixtures("values")
def test_a_file_that_cannot_be_understood_stays(desk: Desk, data: bytes) -> None:
    """One error with the place; the file and its mode are as they were."""
    path = desk.project / ".env"
    path.write_bytes(data)
    path.chmod(0o644)
    done = desk.devkeys("eject", "--yes")
    assert done.code == 2
    assert str(path) in done.err
    assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.fixture
def repository(desk: Desk) -> Path:
    """Make the project of *desk* a git repository."""
    need("git")
    run_git("init", "-q", cwd=desk.project)
    return desk.project


@pytest.fixture
def root(repository: Path, values: dict[str, str]) -> Path:
    """Store the values once the project is a repository, which is another project than before."""
    assert values
    return repository


def test_git_ignores_it_first(desk: Desk, root: Path) -> None:
    """`.gitignore` gets a line, also below a rule that takes the file out again."""
    (root / ".gitignore").write_text("*.log\n!.env\n")
    done = desk.devkeys("eject", "--yes")
    assert done.code == 0
    assert "A line for it is added to .gitignore first." in done.err
    assert (root / ".gitignore").read_text() == "*.log\n!.env\n.env\n"
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=root, check=True, capture_output=True
    )
    assert b" .env\n" not in status.stdout


def test_what_git_does_not_ignore_is_not_written(desk: Desk, root: Path) -> None:
    """A `.gitignore` that git does not read is no cover; nothing of the values is on the disk."""
    (root / "elsewhere").touch()
    (root / ".gitignore").symlink_to("elsewhere")
    done = desk.devkeys("eject", "--yes")
    assert done.code == 3
    assert "git does not ignore" in done.err
    assert not (root / ".env").exists()
    assert not list(root.glob(".devkeys-*"))


def test_what_git_tracks_is_refused(desk: Desk, root: Path) -> None:
    """Also if it is ignored; the way out is told."""
    (root / ".env").write_text("A=1\n")
    (root / ".gitignore").write_text(".env\n")
    run_git("add", "-f", ".env", cwd=root)
    done = desk.devkeys("eject", "--yes")
    assert done.code == 3
    assert "git rm --cached .env" in done.err
    assert (root / ".env").read_text() == "A=1\n"


def test_a_repository_without_git_is_refused(desk: Desk, root: Path, tmp_path: Path) -> None:
    """Nobody can tell what is ignored; a file elsewhere can be written."""
    nothing = {"PATH": str(tmp_path / "nothing")}
    done = desk.devkeys("eject", "--yes", env=nothing)
    assert done.code == 3
    assert "there is no git to ask" in done.err
    assert not (root / ".env").exists()
    out = desk.home / "out.env"
    assert desk.devkeys("eject", "--yes", "--to", str(out), env=nothing).code == 0
    assert out.exists()


@pytest.mark.usefixtures("values")
def test_what_a_killed_one_left_goes_with_the_next(desk: Desk) -> None:
    """A temporary file that nobody claims is removed."""
    left = desk.project / f".devkeys-{secrets.token_hex(6)}.tmp"
    left.write_text("LLM_API_KEY=x1\n")
    assert desk.devkeys("eject", "--yes").code == 0
    assert names(desk.project) == [".env", ".env.example"]


CHANGING = "openat,write,fchmod,fchown,fsync,flock,link,rename,unlink,setxattr"


def traced(desk: Desk, log: Path, *options: str) -> list[str]:
    """Run `eject --yes` under strace, and return the calls that it made."""
    strace = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={CHANGING}", *options]
    subprocess.run(
        [*strace, *DEVKEYS, "eject", "--yes"],
        cwd=desk.project,
        env=desk.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return [line.split(maxsplit=1)[1] for line in log.read_text().splitlines()]


def points(calls: list[str]) -> list[tuple[str, int]]:
    """Return each call with its number among its kind, from the first that the file sees on."""
    counts = Counter[str]()
    found = []
    begun = False
    for line in calls:
        call = line.partition("(")[0]
        counts[call] += 1
        begun = begun or ".devkeys-" in line or line.startswith("fchmod")
        if begun and call in CHANGING.split(","):
            found.append((call, counts[call]))
    return found


def test_what_a_killed_one_leaves_is_not_seen_by_git(
    desk: Desk, root: Path, tmp_path: Path
) -> None:
    """The next `git add .` would take the values with it."""
    need("strace")
    traced(desk, tmp_path / "calls", "-e", "inject=link,linkat:signal=KILL")
    assert list((root / ".git").glob(".devkeys-*"))
    assert not [name for name in names(root) if name.startswith(".devkeys-")]
    assert desk.devkeys("eject", "--yes").code == 0
    assert not list((root / ".git").glob(".devkeys-*"))


@pytest.mark.parametrize("mode", [None, 0o600, 0o644])
def test_killed_at_any_call_it_is_old_or_new(
    desk: Desk, values: dict[str, str], tmp_path: Path, mode: int | None
) -> None:
    """At every call that changes a file: the old or the complete new, and the next one works."""
    need("strace")
    path = desk.project / ".env"
    old = b"OTHER=1\nMODEL=small\n"
    expected = {**values, "OTHER": "1"} if mode else values

    def start(*options: str) -> list[str]:
        path.unlink(missing_ok=True)
        if mode:
            path.write_bytes(old)
            path.chmod(mode)
        return traced(desk, tmp_path / "calls", *options)

    start()  # which leaves nothing to be compiled
    seen = Counter[bool]()
    for call, number in points(start()):
        start("-e", f"inject={call}:signal=KILL:when={number}")
        now = path.read_bytes() if path.exists() else None
        seen[now == (old if mode else None)] += 1
        if now != (old if mode else None):
            assert dotenv_values(path) == expected, (call, number)
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in desk.project.glob(".devkeys-*"))
    assert seen[True] > 2
    assert seen[False] > 2
    assert desk.devkeys("eject", "--yes").code == 0
    assert names(desk.project) == [".env", ".env.example"]
