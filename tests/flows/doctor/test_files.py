"""The sources `checkout`, `home` and `paths`: where files hold a value, and what to do."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from command import environment
from repositories import repository, run_git
from searches import value

from devkeys.flows.doctor import files, scope
from devkeys.flows.doctor.scope import Nobody, Scope
from devkeys.scan.finding import Finding, Fine, Unseen
from devkeys.scan.search import Known, Search
from devkeys.secret import Secret
from devkeys.session import Session

__all__ = ["repository"]  # a fixture

SECRET = value(32)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return an empty checkout in a HOME of its own."""
    (tmp_path / "home/chat").mkdir(parents=True, mode=0o700)
    return tmp_path / "home/chat"


def looked(
    root: Path, *sources: str, paths: Iterable[str] = (), covered: frozenset[str] = frozenset()
) -> list[Finding | Unseen | Fine]:
    """Look at *sources*, or the checkout, for SECRET."""
    session = Session(environment(root.parent))
    asked = frozenset(sources or (scope.CHECKOUT,))
    search = Search([Known("LLM_API_KEY (chat, dev)", Secret(SECRET))])
    within = Scope(session, None, str(root), asked, tuple(paths))
    return list(files.look(within, search, Nobody(), covered))


def findings(found: Iterable[Finding | Unseen | Fine]) -> list[Finding]:
    """Return the findings alone."""
    return [one for one in found if isinstance(one, Finding)]


def write(root: Path, name: str, data: bytes = SECRET) -> str:
    """Write a file, and return its path."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(data)
    return str(root / name)


def test_a_finding_names_the_place_and_no_value(root: Path) -> None:
    """Path, line, number and form are told; the value is nowhere."""
    path = write(root, "notes.txt", b"a\nb " + SECRET + b"\n" + SECRET)
    (one,) = findings(looked(root))
    assert one.place[:2] == (path, 2)
    assert one.place.times == 2
    assert one.place.when == os.stat(path).st_mtime
    assert (one.secrets, one.form) == (("LLM_API_KEY (chat, dev)",), "as it is")
    assert one.remedy is None
    assert SECRET.decode() not in repr(one)


@pytest.mark.parametrize("name", [".env", ".env.local", "prod.env"])
def test_an_env_file_can_be_moved_into_the_store(root: Path, name: str) -> None:
    """Its remedy is the store, and the step is --fix."""
    path = write(root, name, b"LLM_API_KEY=" + SECRET)
    (one,) = findings(looked(root))
    assert one.step == "devkeys doctor --fix"
    assert one.remedy is not None
    assert one.remedy[:2] == ("store", path)
    assert one.kind == files.IN_ENV


def test_a_template_is_no_env_file(root: Path) -> None:
    """What others copy from is not moved into the store."""
    write(root, ".env.example", b"LLM_API_KEY=" + SECRET)
    assert [one.remedy for one in findings(looked(root))] == [None]


def test_a_tracked_file_gets_another_step(repository: Path) -> None:
    """What git tracks is in every clone: the value has to be replaced, whatever its name."""
    for name in ("plain.py", "*odd name?.py", "sub/\xff\n.py"):
        write(repository, name)
    run_git("add", ".", cwd=repository)
    write(repository, "untracked.py")
    found = findings(looked(repository))
    assert len(found) == 4
    untracked = [one.place.path for one in found if one.kind != files.TRACKED]
    assert untracked == [str(repository / "untracked.py")]
    assert len({one.step for one in found}) == 2


def test_a_path_that_holds_a_value_is_no_argument_of_git(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any user of the machine can read the arguments of a program that runs."""
    name = f"a-{SECRET.decode()}.py"
    write(repository, name)
    run_git("add", ".", cwd=repository)
    (tmp_path / "bin").mkdir()
    real = shutil.which("git")
    shell = f'#!/bin/sh\necho "$*" >> {tmp_path}/arguments\nexec {real} "$@"\n'
    (tmp_path / "bin/git").write_text(shell)
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")

    found = findings(looked(repository))  # git's index has the name, too
    assert [one.kind for one in found if one.place.path.endswith(name)] == [files.TRACKED]
    assert name not in (tmp_path / "arguments").read_text()


def test_nobody_is_told_to_delete_what_git_needs(repository: Path) -> None:
    """Without its packed-refs a repository has lost its branches."""
    write(repository, ".git/packed-refs")

    assert "so delete none" in findings(looked(repository))[0].step


def test_a_tracked_env_file_is_a_leak(repository: Path) -> None:
    """Only while git does not track it is it no more than a risk."""
    write(repository, "sub/.env")
    run_git("add", ".", cwd=repository)
    assert [one.kind for one in findings(looked(repository))] == [files.TRACKED]


def test_a_configuration_that_git_would_run_is_not_run(repository: Path) -> None:
    """Asking what is tracked executes nothing that the repository names."""
    write(repository, "file")
    run_git("add", ".", cwd=repository)
    program = repository / "monitor"
    program.write_text(f"#!/bin/sh\ntouch {repository}/ran\n")
    program.chmod(0o755)
    run_git("config", "core.fsmonitor", str(program), cwd=repository)
    assert findings(looked(repository))
    assert not (repository / "ran").exists()


def test_git_files_are_looked_at(repository: Path) -> None:
    """A token in the address of a remote stands in `.git/config`."""
    run_git("remote", "add", "origin", f"https://u:{SECRET.decode()}@h/x", cwd=repository)
    assert [one.place.path for one in findings(looked(repository))] == [
        str(repository / ".git/config")
    ]


def test_nothing_found_is_fine(root: Path) -> None:
    """A clean checkout is told as such, with the number of files."""
    write(root, "a", b"nothing")
    assert looked(root) == [Fine("no known value in 1 file")]


def test_a_search_for_nothing_finds_nothing_fine(root: Path) -> None:
    """Where no value is known, files cannot be told to be free of them."""
    write(root, "a", b"nothing")
    session = Session(environment(root.parent))
    within = Scope(session, None, str(root), frozenset((scope.CHECKOUT,)))
    assert list(files.look(within, Search([]), Nobody())) == []


def test_home_without_what_others_look_at(root: Path) -> None:
    """Histories are the histories' own source, and the store is no leak."""
    home = root.parent
    session = Session(environment(home))
    covered = frozenset({write(home, ".bash_history")})
    for directory in (session.data_dir, session.state_dir, session.config_dir):
        write(Path(directory), "file")
    path = write(home, ".config/other")
    found = findings(looked(root, scope.HOME, covered=covered))
    assert [one.place.path for one in found] == [path]


def test_a_checkout_in_home_is_looked_at_once(root: Path) -> None:
    """Two sources that hold one another find a file once."""
    write(root, "file")
    assert len(findings(looked(root, scope.CHECKOUT, scope.HOME))) == 1


def test_paths_that_the_user_named(root: Path) -> None:
    """Files, directories, relative paths and the user's own links are all looked at."""
    write(root, "sub/file")
    write(root, "one")
    (root / "link").symlink_to(root / "one")
    (root / "way").symlink_to(root / "sub")
    for paths, number in ((["sub", "one"], 2), (["link"], 1), (["way"], 1), ([str(root)], 2)):
        assert len(findings(looked(root, scope.PATHS, paths=paths))) == number


def test_a_path_that_is_not_there_is_a_failure(root: Path) -> None:
    """Who asks for a file that is missing is told, and the rest is looked at."""
    write(root, "one")
    os.mkfifo(root / "fifo")
    found = looked(root, scope.PATHS, paths=["nothing", "fifo", "one"])
    unseen = [one for one in found if isinstance(one, Unseen)]
    assert len(findings(found)) == 1
    assert not any(isinstance(one, Fine) for one in looked(root, scope.PATHS, paths=["fifo"]))
    assert [(os.path.basename(one.place), one.failed) for one in unseen] == [
        ("nothing", True),
        ("fifo", True),
    ]


def test_names_with_escapes_stay_as_they_are(root: Path) -> None:
    """A name's newlines and escapes are made visible by whoever prints it."""
    path = write(root, "new\nline\x1b[31m")
    (one,) = findings(looked(root))
    assert one.place.path == path


def test_many_files_that_cannot_be_read_are_one_line(root: Path) -> None:
    """Of one directory and one reason there is one line."""
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    for number in range(5):
        os.chmod(write(root, f"closed{number}"), 0)
    (one,) = [one for one in looked(root) if isinstance(one, Unseen)]
    assert (one.place, one.number, one.failed) == (str(root), 5, True)


def test_the_part_of_a_secret_is_named(root: Path) -> None:
    """A password of an address is told as such, with its form."""
    write(root, "file", SECRET.hex().encode())
    session = Session(environment(root.parent))
    search = Search([Known("DATABASE_URL", Secret(SECRET), "the password in it")])
    within = Scope(session, None, str(root), frozenset((scope.CHECKOUT,)))
    (one,) = findings(files.look(within, search, Nobody()))
    assert one.form == "the password in it, hex"


def test_slabs_lose_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More files than are listed at once are all looked at."""
    monkeypatch.setattr(files, "_SLAB", 7)
    for number in range(20):
        write(root, f"d{number % 3}/f{number}")
    assert len(findings(looked(root))) == 20


def test_a_finding_deep_down(root: Path) -> None:
    """As many directories as a path can name are no matter."""
    top = os.getcwd()
    os.chdir(root)
    try:
        for _ in range((3900 - len(str(root))) // 2):
            os.mkdir("d")
            os.chdir("d")
        Path("file").write_bytes(SECRET)
        assert len(findings(looked(root))) == 1
    finally:
        os.chdir(top)
        subprocess.run(["rm", "-rf", str(root)], check=True)  # shutil recurses


@pytest.mark.parametrize("above", ["", "sub", "sub/.git"])
def test_the_repository_around_a_file(tmp_path: Path, above: str) -> None:
    """It is the nearest one upward, and none for git's own files."""
    (tmp_path / "sub/.git").mkdir(parents=True)
    found = files._repository(str(tmp_path / above), {str(tmp_path): None})
    assert found == (str(tmp_path / "sub") if above == "sub" else None)
