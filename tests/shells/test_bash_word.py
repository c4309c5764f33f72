"""bash: the word at cd, and what stands at the Tab key."""

import os
from pathlib import Path

import pytest
from bash_shell import Bash, Place, place

from devkeys import VERSION

__all__ = ["place"]  # a fixture

ASKS = "devkeys: .env.example asks for secrets (devkeys init)\n"
MISSING = "devkeys: 2 of 5 secrets missing (devkeys init)\n"


@pytest.fixture
def project(place: Place) -> Path:
    """Make a checkout in the home that asks for a secret, and has folders in it."""
    path = place.folder / "my project*"
    (path / "src" / "deep").mkdir(parents=True)
    (path / ".git").mkdir()
    (path / ".env.example").write_text("# x\nPORT=80\nexport LLM_API_KEY=\n")
    return path


def words(bash: Bash, folder: Path) -> str:
    """Go to *folder* and return what the hook says there."""
    text = bash.run(f"builtin cd '{folder}'")
    assert "_devkeys" not in text
    return "".join(x + "\n" for x in text.split("\n") if x.startswith("devkeys: "))


def test_said_once(place: Place, project: Path) -> None:
    """Once per checkout, in whatever shell; again when the number is another one."""
    place.index(f"checkout 2 5 {project}", "checkout 1 5 /elsewhere")
    with place.start() as bash, place.start() as other:
        assert words(bash, project / "src") == MISSING
        assert words(bash, place.folder) == ""
        assert words(bash, project) == ""
        assert words(other, project) == ""
        place.index("name OTHER", f"checkout 1 5 {project}")
        assert words(other, project / "src" / "deep") == MISSING.replace("2", "1")
        assert words(bash, project / "src" / "deep") == ""
    said = (place.state / "shell-said").read_text()
    assert said == f"2 5 {project}\n1 5 {project}\n"


def test_nothing_missing(place: Place, project: Path) -> None:
    """A checkout that has all it wants is not spoken of."""
    place.index(f"checkout 0 5 {project}")
    with place.start() as bash:
        assert words(bash, project) == ""


def test_unknown_checkout(place: Place, project: Path) -> None:
    """One that devkeys does not know is spoken of once, if it asks for a secret."""
    place.index()
    with place.start() as bash:
        assert words(bash, project) == ASKS
        assert words(bash, place.folder) + words(bash, project) == ""
    assert (place.state / "shell-said").read_text() == f"? ? {project}\n"


def test_at_the_first_prompt(place: Place) -> None:
    """A shell that starts in a checkout says it before its first prompt."""
    (place.folder / ".env.example").write_text("DB_PASSWORD=\n")
    (place.folder / "below").mkdir()
    with place.start() as bash:
        assert bash.screen.count(ASKS) == 1
        assert words(bash, place.folder / "below") + words(bash, place.folder) == ""


def test_another_version(place: Place) -> None:
    """A hook that is older than the devkeys which wrote the index is told of, once per shell."""
    place.index()
    index = place.state / "shell-index"
    index.write_text(index.read_text().replace(VERSION, "99.1.0rc2"))
    with place.start() as bash:
        line = f"devkeys: this hook is of {VERSION}, devkeys is 99.1.0rc2 (devkeys hook install)\n"
        assert bash.screen.count(line) == 1
        assert words(bash, place.bin) == ""


@pytest.mark.parametrize("state", ["none", "read-only", "folder", "fifo"])
def test_nowhere_to_write(place: Place, project: Path, state: str) -> None:
    """Where it cannot be noted what was said, it is said once per shell."""
    if state != "none":
        place.index()
    if state == "read-only":
        place.state.chmod(0o500)
    if state == "folder":
        (place.state / "shell-said").mkdir()
    if state == "fifo":
        os.mkfifo(place.state / "shell-said")
    with place.start() as bash:
        assert words(bash, project) == ASKS
        assert words(bash, place.folder) + words(bash, project) == ""


NO_WORD = {
    "no secret": "PORT=80\n# LLM_API_KEY=\nnot a line\nURL = x\n=KEY\n",
    "late": "PORT=80\n" * 500 + "LLM_API_KEY=\n",
    "empty": "",
    "huge": "#" * (1 << 20) + "\nLLM_API_KEY=\n",
    "binary": "\0\x01\x02\x7f\n" * 100,
}


@pytest.mark.parametrize("example", NO_WORD)
def test_no_word(place: Place, project: Path, example: str) -> None:
    """An example without a secret near its head is nothing to speak of."""
    (project / ".env.example").write_text(NO_WORD[example])
    with place.start() as bash:
        assert words(bash, project) == ""


@pytest.mark.parametrize("kind", ["folder", "fifo", "dangling", "unreadable"])
def test_odd_example(place: Place, project: Path, kind: str) -> None:
    """What is no file that can be read is no reason to wait or to speak."""
    example = project / ".env.example"
    example.unlink()
    if kind == "folder":
        example.mkdir()
    elif kind == "fifo":
        os.mkfifo(example)
    elif kind == "dangling":
        example.symlink_to("nowhere")
    elif os.geteuid() == 0:
        pytest.skip("root reads everything")
    else:
        example.touch(0o000)
    with place.start() as bash:
        assert words(bash, project) == ""


@pytest.mark.parametrize("index", ["folder", "fifo", "garbage", "unreadable"])
def test_odd_index(place: Place, project: Path, index: str) -> None:
    """Whatever is in the index's place: the shell goes on."""
    place.index()
    path = place.state / "shell-index"
    path.unlink()
    if index == "folder":
        path.mkdir()
    elif index == "fifo":
        os.mkfifo(path)
    elif index == "garbage":
        path.write_bytes(bytes(range(256)) * 64 + b"\nname\nname \ncheckout\ncheckout x y z\n")
    else:
        path.touch(0o000)
    with place.start() as bash:
        assert words(bash, project) == ASKS
        assert "devkeys" not in bash.run("x=1 : y: z").partition("\n")[2]


def test_no_further_than(place: Place, project: Path) -> None:
    """Neither past a repository's folder nor past the home directory."""
    (place.folder / ".env.example").write_text("A_KEY=\n")
    (place.folder.parent / ".env.example").write_text("A_KEY=\n")
    (project / "src" / ".git").touch()
    plain = place.folder / "plain"
    plain.mkdir()
    with place.start(PWD=str(plain)) as bash:
        assert words(bash, project / "src" / "deep") == ""
        assert words(bash, plain) == ""
    assert bash.screen.count(ASKS) == 1


def test_names_of_folders(place: Place, project: Path) -> None:
    """A link to a checkout is that checkout; line ends and folders that are gone are silent."""
    place.index(f"checkout 2 5 {project}")
    (place.folder / "link").symlink_to(project)
    strange = place.folder / "a\nb"
    strange.mkdir()
    (strange / ".env.example").write_text("A_KEY=\n")
    gone = place.folder / "gone"
    gone.mkdir()
    with place.start() as bash:
        assert words(bash, place.folder / "link" / "src") == MISSING
        bash.run("builtin cd ~/a$'\\n'b")
        assert ASKS not in bash.screen
        bash.run("builtin cd ~/gone")
        gone.rmdir()
        bash.run("PWD=; cd .")
        assert "_devkeys" not in bash.screen


def test_off(place: Place, project: Path) -> None:
    """DEVKEYS_HOOK=off is off here, too."""
    with place.start(DEVKEYS_HOOK="off") as bash:
        assert words(bash, project) == ""


def test_completion(place: Place, project: Path) -> None:
    """Tab asks devkeys: commands, names of .env.example; behind `--` files."""
    (project / ".env.example").write_text("SHIP_COLOUR=\nSHIP_NAME=\n")
    (project / "other-file").touch()
    place.configure("set -u; IFS=e; bind 'set bell-style none'")
    with place.start() as bash:
        bash.run(f"cd '{project}'")
        for typed, wanted in (
            ("devkeys stat\t", "devkeys status"),
            ("devkeys set SHIP_N\t", "devkeys set SHIP_NAME"),
            ("devkeys run -- cat oth\t", "devkeys run -- cat other-file"),
            ("devkeys no-such-thing \t", "devkeys no-such-thing "),
        ):
            bash.send(f"{typed}\x01echo '\x05'\r")
            assert wanted in bash.next_prompt().replace("\x07", "").split("\n")[-2]


def test_completion_is_not_obeyed(place: Place) -> None:
    """What a broken devkeys answers is taken only if it is a plain word; ./devkeys is not asked."""
    place.devkeys("echo 'a$(touch oops)'; echo '`touch oops`'; echo ';touch oops'; echo safe")
    (place.folder / "devkeys").write_text("#!/bin/sh\necho evil\n")
    (place.folder / "devkeys").chmod(0o755)
    with place.start() as bash:
        for name in ("devkeys", "./devkeys"):
            bash.send(f"{name} \t\x01echo '\x05'\r")
            assert f"\n{name} safe" in bash.next_prompt()
    assert not (place.folder / "oops").exists()
