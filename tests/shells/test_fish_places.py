"""fish: the word at `cd`, names that were declared, and the Tab key."""

import os
import re
from pathlib import Path

import pytest
from fish_shell import SAID, Fish, Place, place

from devkeys import VERSION

__all__ = ["place"]  # a fixture
ASKS = "devkeys: .env.example asks for secrets (devkeys init)"


def index(place: Place, *lines: str) -> None:
    """Write the index."""
    place.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = "".join(f"{line}\n" for line in ("devkeys-index 1 0.1.0", *lines))
    (place.state / "shell-index").write_text(text)


def checkout(place: Place, name: str, example: str = "LLM_API_KEY=\n") -> Path:
    """Make a checkout."""
    path = place.work / name
    (path / ".git").mkdir(parents=True)
    (path / "src" / "deep").mkdir(parents=True)
    (path / ".env.example").write_text(example)
    return path


def go(fish: Fish, path: Path | str) -> str:
    """Change the directory; return what devkeys said."""
    return "".join(re.findall(r"devkeys: .*\)", fish.run(f"cd '{path}'")))


def test_word_at_cd(place: Place) -> None:
    """A checkout whose secrets are missing says so once, and again when that has changed."""
    path = checkout(place, "chat (1)")
    index(place, f"checkout 2 5 {path}")
    with place.start() as fish, place.start() as other:
        assert go(fish, path / "src" / "deep") == "devkeys: 2 of 5 secrets missing (devkeys init)"
        assert go(fish, path) + go(fish, "/") + go(fish, path) == ""
        assert go(other, path) == ""
        index(place, f"checkout 1 5 {path}")
        assert go(fish, "/") + go(fish, path) == "devkeys: 1 of 5 secrets missing (devkeys init)"
        index(place, f"checkout 0 5 {path}")
        assert go(fish, "/") + go(fish, path) == ""
    said = (place.state / "shell-said").read_text()
    assert said == f"2 5 {path}\n1 5 {path}\n"


def test_word_at_the_first_prompt(place: Place) -> None:
    """A terminal that is opened in a checkout says it, too."""
    index(place, f"checkout 2 5 {place.work}")
    (place.work / ".env.example").write_text("A=\n")
    with place.start() as fish:
        assert "devkeys: 2 of 5 secrets missing (devkeys init)\n" in fish.screen


def test_another_version(place: Place) -> None:
    """A hook that is older than the devkeys which wrote the index is told of, once per shell."""
    index(place)
    file = place.state / "shell-index"
    file.write_text(file.read_text().replace(VERSION, "99.1.0rc2"))
    line = f"devkeys: this hook is of {VERSION}, devkeys is 99.1.0rc2 (devkeys hook install)"
    with place.start() as fish:
        assert fish.screen.count(line) == 1
        assert go(fish, "/") == ""


def test_unknown_checkouts(place: Place) -> None:
    """One that the index does not know is looked at: does it name secrets?"""
    index(place)
    asks = checkout(place, "asks", "# keys\n\nexport PORT=1\nexport LLM_API_KEY=\n")
    plain = checkout(place, "plain", "PORT=1\n# LLM_API_KEY=\nKEYS\n")
    long = checkout(place, "long", "PORT=1\n" * 500 + "LLM_API_KEY=\n")
    inner = asks / "packages" / "web"
    inner.mkdir(parents=True)
    with place.start() as fish:
        assert go(fish, asks) == ASKS
        assert go(fish, plain) + go(fish, long) + go(fish, inner) == ""
    with place.start() as fish:
        assert go(fish, inner) == ""
    assert (place.state / "shell-said").read_text() == f"? ? {asks}\n"


def test_boundaries(place: Place) -> None:
    """The search ends at a repository's top and at HOME; what is no file is not read."""
    (place.folder.parent / ".env.example").write_text("LLM_API_KEY=\n")
    (place.work / ".env.example").write_text("LLM_API_KEY=\n")
    repository = place.work / "repository"
    (repository / ".git").mkdir(parents=True)
    below = place.folder / "below"
    below.mkdir()
    fifo = place.work / "fifo"
    fifo.mkdir()
    os.mkfifo(fifo / ".env.example")
    split = checkout(place, "two\nlines")
    with place.start() as fish:
        assert go(fish, repository) + go(fish, below) + go(fish, fifo) + go(fish, split) == ""


@pytest.mark.parametrize("state", ["absent", "fifo", "directory"])
def test_without_state(place: Place, state: str) -> None:
    """Where nothing can be noted, it is said once in each shell, and nothing hangs."""
    path, secret = checkout(place, "chat"), "Xk29" * 8
    if state != "absent":
        place.state.mkdir(parents=True)
    for name in ("shell-index", "shell-said"):
        if state == "fifo":
            os.mkfifo(place.state / name)
        elif state == "directory":
            (place.state / name).mkdir()
    with place.start() as fish:
        assert go(fish, path) == ASKS
        assert go(fish, "/") + go(fish, path) == ""
        assert SAID in fish.run(f"set -g LLM_API_KEY {secret}")
        fish.run("set -g LICENSE_CODE x")
        fish.finish()
    assert "set -g LICENSE_CODE x" in place.history()


def test_off(place: Place) -> None:
    """With DEVKEYS_HOOK=off there is no word."""
    path = checkout(place, "chat")
    with place.start(DEVKEYS_HOOK="off") as fish:
        assert go(fish, path) == ""


def test_declared_names(place: Place) -> None:
    """A name that was declared a moment ago counts, whatever it looks like."""
    place.devkeys("cat >/dev/null; echo 'devkeys: kept out of history: a test'; exit 1")
    index(place, "name OTHER", f"checkout 1 2 {place.work}")
    with place.start() as fish:
        assert SAID not in fish.run("set -gx LICENSE_CODE 1234-5678")
        index(place, *(f"name QUIET_{n}" for n in range(500)), "name LICENSE_CODE")
        assert SAID in fish.run("set -gx LICENSE_CODE 1234-5678")
        assert SAID in fish.run("LICENSE_CODE=1234-5678 true")
        assert SAID in fish.run("app --env 'QUIET_7: abc'")
        assert SAID not in fish.run("echo $LICENSE_CODE QUIET_7")
        assert SAID not in fish.run("LICENSE_CODES=1 true QUIET_999=1")
        fish.finish()
    ordinary = {"echo $LICENSE_CODE QUIET_7", "LICENSE_CODES=1 true QUIET_999=1"}
    assert ordinary <= set(place.history())


def test_completion(place: Place) -> None:
    """Tab offers what devkeys offers, and files where it offers none."""
    (place.work / "README-here").touch()
    script = (
        "complete -C 'devkeys sta'; complete -C 'devkeys run -- cat REA'; complete -C 'devkeysx '"
    )
    with place.start() as fish:
        shown = fish.run(script)
        fish.exit()
    assert "status" in shown
    assert "README-here" in shown
