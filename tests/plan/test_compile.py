"""From a checkout's files to a plan."""

import os
import subprocess
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
