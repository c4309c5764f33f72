"""From a checkout's files to a plan."""

import os
import subprocess
import sys
from pathlib import Path

import checkout
import pytest
from real import need

from devkeys.errors import DeclarationError


def test_an_ignored_folder_inherits_nothing(tmp_path: Path, home: Path) -> None:
    """What git ignores was put there by something else and gets nothing of the repository."""
    need("git")
    top = tmp_path / "chat"
    top.mkdir()
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    (top / ".gitignore").write_text("downloads/\n")
    ours = checkout.make(top / "packages" / "api", "API_KEY=\n", git=False)
    brought = checkout.make(top / "downloads" / "api", "API_KEY=\n", git=False)

    assert checkout.project(ours, home).parents == ("packages", "")
    assert checkout.project(brought, home).parents == ()


@pytest.mark.parametrize("name", [b"a\nb", b"a\x1b[2J", b"\xff"])
def test_a_folder_that_cannot_name_a_project(tmp_path: Path, home: Path, name: bytes) -> None:
    """A folder of a repository whose name is no text is an error before anything is asked."""
    top = checkout.make(tmp_path / "chat", "")
    folder = checkout.make(top / os.fsdecode(name), "API_KEY=\n", git=False)

    with pytest.raises(DeclarationError, match="cannot name a project"):
        checkout.project(folder, home)


def test_a_configured_file_that_is_missing_is_named(tmp_path: Path, home: Path) -> None:
    """The error names what devkeys.toml names, not the usual file."""
    chat = tmp_path / "chat"
    chat.mkdir()
    (chat / "devkeys.toml").write_text('[project]\nfiles = [".env.sample"]\n')

    with pytest.raises(DeclarationError, match=r"devkeys.toml names .env.sample"):
        checkout.project(chat, home)


@pytest.mark.parametrize("name", ["devkeys.toml", ".env.dev.example"])
def test_no_file_of_a_project_is_a_link_out_of_it(tmp_path: Path, home: Path, name: str) -> None:
    """Neither the configuration nor a profile's file is read from elsewhere, or quoted."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("token_of_something_private = 1\n")
    chat = checkout.make(tmp_path / "chat", "API_KEY=\n")
    (chat / name).symlink_to(elsewhere)

    with pytest.raises(DeclarationError, match="symbolic link out of the checkout") as error:
        checkout.project(chat, home)
    assert "token_of" not in str(error.value)


# Python tells its audit hooks of each `open` before it happens: the file becomes another one
# just before it is read for the second time.
CHANGING = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
import checkout
from devkeys.plan import cache, compile
folder, home = Path({folder!r}), Path({home!r})
file = folder / ".env.example"
opened = 0
def hook(event, arguments):
    global opened
    if event == "open" and str(arguments[0]) == str(file):
        opened += 1
        if opened == 2:
            file.write_text("SECOND_KEY=\\n")
sys.addaudithook(hook)
project = checkout.project(folder, home)
opened = 9
path = str(home / "plan")
plan = compile.compile_plan(project, None, "place")
found = cache.read(path, cache.write(path, plan, project.inputs))
print([v.name for v in found.variables] if found else "old")
"""


def test_a_file_that_changes_while_it_is_compiled(tmp_path: Path, home: Path) -> None:
    """A plan of one content is never kept as that of another, whenever the file changes."""
    folder = checkout.make(tmp_path / "chat", "FIRST_KEY=\n")
    tests = str(Path(checkout.__file__).parent)
    code = CHANGING.format(tests=tests, folder=str(folder), home=str(home))
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )

    assert folder.joinpath(".env.example").read_text() == "SECOND_KEY=\n"
    assert done.stdout.strip() in ("old", "['SECOND_KEY']")


@pytest.mark.parametrize("source", ["vault://kv/chat#key", "op://vault", "bw://a%2fb"])
def test_a_source_that_is_none_is_said_as_it_stands(
    tmp_path: Path, home: Path, source: str
) -> None:
    """The error speaks of the source, and gives no advice on the name that completes it."""
    chat = checkout.make(tmp_path / "chat", "API_KEY=\n")
    (chat / "devkeys.toml").write_text(f'[profiles.dev]\nsource = "{source}"\n')
    with pytest.raises(DeclarationError, match=r"devkeys.toml, source: \S+ is no ref") as error:
        checkout.project(chat, home)
    assert "%23" not in str(error.value)
    assert "API_KEY" not in str(error.value)
