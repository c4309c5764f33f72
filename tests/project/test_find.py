"""Discovery: the nearest project upward, never past the repository or HOME."""

from pathlib import Path

import pytest

from devkeys.errors import DeclarationError
from devkeys.project.find import Checkout, checkout_of, locate, project_name, upward


def make(path: Path, *names: str) -> Path:
    """Make a folder with empty files in it."""
    path.mkdir(parents=True, exist_ok=True)
    for name in names:
        (path / name).touch()
    return path


def test_nearest_upward(tmp_path: Path) -> None:
    """The nearest folder with a declaration file is the project."""
    root = make(tmp_path / "chat", ".env.example")
    (root / ".git").mkdir()
    service = make(root / "services" / "api", ".env.example")
    deep = make(service / "src" / "deep")

    found = locate(str(deep), str(tmp_path))

    assert found is not None
    assert (found.directory, found.root, found.relative) == (
        str(service),
        str(root),
        "services/api",
    )


def test_not_past_the_repository(tmp_path: Path) -> None:
    """A declaration file above the repository's top belongs to something else."""
    make(tmp_path, ".env.example")
    inner = make(tmp_path / "clone")
    (inner / ".git").mkdir()

    assert locate(str(inner), str(tmp_path / "home")) is None


def test_not_past_home(tmp_path: Path) -> None:
    """A declaration file above HOME is not looked at."""
    make(tmp_path, ".env.example")
    home = make(tmp_path / "home")
    work = make(home / "work")

    assert locate(str(work), str(home)) is None


def test_walk_ends_at_the_top() -> None:
    """The walk ends at the file system's top."""
    assert upward("/", "/nowhere") == ["/"]


def test_parents_nearest_first(tmp_path: Path) -> None:
    """A project inherits from the folders above it inside its repository."""
    root = make(tmp_path / "chat")
    (root / ".git").mkdir()
    inner = make(root / "services" / "api")

    assert checkout_of(str(inner), str(tmp_path)).parents == ("services", "")


@pytest.mark.parametrize("folder", ["node_modules", "vendor", "site-packages"])
def test_vendored_inherits_nothing(tmp_path: Path, folder: str) -> None:
    """What a package manager brought inherits nothing from the repository around it."""
    root = make(tmp_path / "chat")
    (root / ".git").mkdir()
    inner = make(root / folder / "left-pad")

    assert checkout_of(str(inner), str(tmp_path)).parents == ()


def test_name_is_the_repository(tmp_path: Path) -> None:
    """The project is called after its repository and the way inside it."""
    root = make(tmp_path / "chat")
    (root / ".git").mkdir()
    checkout = Checkout(str(make(root / "web")), str(root))

    assert project_name(checkout.natural_name, checkout.relative) == "chat/web"


def test_name_of_a_bare_repository_with_worktrees(tmp_path: Path) -> None:
    """A worktree of a bare repository is called after that, without `.git`."""
    worktree = make(tmp_path / "main")
    private = tmp_path / "chat.git" / "worktrees" / "main"
    private.mkdir(parents=True)
    (private / "gitdir").write_text(f"{worktree}/.git\n")
    (worktree / ".git").write_text(f"gitdir: {private}\n")

    assert Checkout(str(worktree), str(worktree)).natural_name == "chat"


def test_control_characters_are_no_name(tmp_path: Path) -> None:
    """A folder with a line feed in its name is refused with what to do."""
    folder = make(tmp_path / "a\nb")

    with pytest.raises(DeclarationError, match="cannot name a project"):
        _ = Checkout(str(folder), str(folder)).natural_name
