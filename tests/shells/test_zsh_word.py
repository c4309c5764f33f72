"""zsh: the word at cd, and what stands at the Tab key."""

import os
from pathlib import Path

import pytest
from zsh_shell import Place, Zsh, place

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


def words(zsh: Zsh, folder: Path) -> str:
    """Go to *folder* and return what the hook says there."""
    text = zsh.run(f"builtin cd '{folder}'")
    return "".join(x + "\n" for x in text.split("\n") if x.startswith("devkeys: "))


def test_said_once(place: Place, project: Path) -> None:
    """Once per checkout, in whatever shell; again when the number is another one."""
    place.index(f"checkout 2 5 {project}", "checkout 1 5 /elsewhere")
    with place.start() as zsh, place.start() as other:
        assert words(zsh, project / "src") == MISSING
        assert words(zsh, place.folder) == ""
        assert words(zsh, project) == ""
        assert words(other, project) == ""
        place.index(f"checkout 1 5 {project}")
        assert words(other, project / "src" / "deep") == MISSING.replace("2", "1")
        assert words(zsh, project / "src" / "deep") == ""
    said = (place.state / "shell-said").read_text()
    assert said == f"2 5 {project}\n1 5 {project}\n"


def test_nothing_missing(place: Place, project: Path) -> None:
    """A checkout that has all it wants is not spoken of."""
    place.index(f"checkout 0 5 {project}")
    with place.start() as zsh:
        assert words(zsh, project) == ""


def test_unknown_checkout(place: Place, project: Path) -> None:
    """One that devkeys does not know is spoken of once, if it asks for a secret."""
    place.index()
    with place.start() as zsh:
        assert words(zsh, project) == ASKS
        assert words(zsh, place.folder) + words(zsh, project) == ""
    assert (place.state / "shell-said").read_text() == f"? ? {project}\n"


def test_at_the_first_prompt(place: Place) -> None:
    """A shell that starts in a checkout says it before its first prompt."""
    (place.work / ".env.example").write_text("DB_PASSWORD=\n")
    with place.start() as zsh:
        assert zsh.screen.count(ASKS) == 1
        assert words(zsh, place.folder) + words(zsh, place.work) == ""


def test_another_version(place: Place) -> None:
    """A hook that is older than the devkeys which wrote the index is told of, once per shell."""
    place.index()
    index = place.state / "shell-index"
    index.write_text(index.read_text().replace(VERSION, "99.1.0rc2"))
    with place.start() as zsh:
        line = f"devkeys: this hook is of {VERSION}, devkeys is 99.1.0rc2 (devkeys hook install)\n"
        assert zsh.screen.count(line) == 1
        assert words(zsh, place.folder) == ""


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
    with place.start() as zsh:
        assert words(zsh, project) == ASKS
        assert words(zsh, place.folder) + words(zsh, project) == ""
        assert "_devkeys" not in zsh.screen


NO_WORD = {
    "no secret": "PORT=80\n# LLM_API_KEY=\nnot a line\nURL = x\n=KEY\n",
    "late": "PORT=80\n" * 500 + "LLM_API_KEY=\n",
    "empty": "",
    "huge": "#" * (1 << 20) + "\nLLM_API_KEY=\n",
}


@pytest.mark.parametrize("example", NO_WORD)
def test_no_word(place: Place, project: Path, example: str) -> None:
    """An example without a secret near its head is nothing to speak of."""
    (project / ".env.example").write_text(NO_WORD[example])
    with place.start() as zsh:
        assert words(zsh, project) == ""


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
    with place.start() as zsh:
        assert words(zsh, project) == ""
        assert "_devkeys" not in zsh.screen


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
    with place.start() as zsh:
        assert words(zsh, project) == ASKS
        assert "devkeys" not in zsh.run("x=1 y: z").partition("\n")[2]
        assert "_devkeys" not in zsh.screen


def test_no_further_than(place: Place, project: Path) -> None:
    """Neither past a repository's folder nor past the home directory."""
    (place.folder / ".env.example").write_text("A_KEY=\n")
    (place.folder.parent / ".env.example").write_text("A_KEY=\n")
    (project / "src" / ".git").touch()
    plain = place.folder / "plain"
    plain.mkdir()
    with place.start() as zsh:
        zsh.run("true")
        assert words(zsh, project / "src" / "deep") == ""
        assert words(zsh, plain) == ASKS
        assert words(zsh, place.folder) == ""


def test_names_of_folders(place: Place, project: Path) -> None:
    """A link to a checkout is that checkout; line ends and folders that are gone are silent."""
    place.index(f"checkout 2 5 {project}")
    (place.folder / "link").symlink_to(project)
    strange = place.folder / "a\nb"
    strange.mkdir()
    (strange / ".env.example").write_text("A_KEY=\n")
    gone = place.folder / "gone"
    gone.mkdir()
    with place.start() as zsh:
        assert words(zsh, place.folder / "link" / "src") == MISSING
        zsh.run("builtin cd ~/a$'\\n'b")
        assert ASKS not in zsh.screen
        zsh.run("builtin cd ~/gone")
        gone.rmdir()
        zsh.run("PWD=; cd .")
        assert "_devkeys" not in zsh.screen


def test_off(place: Place, project: Path) -> None:
    """DEVKEYS_HOOK=off is off here, too."""
    with place.start(DEVKEYS_HOOK="off") as zsh:
        assert words(zsh, project) == ""


@pytest.mark.parametrize("compinit", ["before", "after", "later", "never"])
def test_completion(place: Place, compinit: str) -> None:
    """Tab asks devkeys, whenever the completion system is loaded; without it, nothing happens."""
    load = "autoload -Uz compinit; compinit -D; zstyle ':completion:*' menu no"
    place.configure(**{compinit: load} if compinit in ("before", "after") else {})
    with place.start() as zsh:
        if compinit == "later":
            zsh.run(load)
        zsh.send("devkeys sta\t\r")
        seen = zsh.next_prompt()
        assert ("devkeys status" in seen) == (compinit != "never")
        assert "_devkeys" not in zsh.screen


def test_completion_offers(place: Place) -> None:
    """Names come from .env.example; behind `--`, the other command's own completion."""
    place.configure("autoload -Uz compinit; compinit -D")
    (place.work / ".env.example").write_text("SHIP_COLOUR=\nSHIP_NAME=\n")
    (place.work / "other-file").touch()
    (place.work / "$(touch oops)").touch()
    with place.start() as zsh:
        zsh.send("devkeys set SHI\t")
        zsh.wait("SHIP_")
        zsh.send("N\t\x01print -r -- '[\x05]'\r")
        assert "[devkeys set SHIP_NAME]" in zsh.next_prompt()
        zsh.send("devkeys run -- cat -- oth\t\x01print -r -- '[\x05]'\r")
        assert "[devkeys run -- cat -- other-file]" in zsh.next_prompt()
    assert not (place.work / "oops").exists()


def test_completion_is_not_obeyed(place: Place) -> None:
    """What a broken devkeys answers is shown at most."""
    place.configure("autoload -Uz compinit; compinit -D")
    place.devkeys("echo 'a$(touch oops)\tx'; echo 'safe\t`touch oops`\033[31m'; echo ';touch oops'")
    with place.start() as zsh:
        zsh.send("devkeys \t\x01print -r -- '[\x05]'\r")
        assert "[devkeys safe]" in zsh.next_prompt()
    assert not (place.work / "oops").exists()
