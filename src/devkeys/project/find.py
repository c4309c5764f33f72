"""Discovery: from the current directory to the project it belongs to.

On the way of `run`: looks at files, reads none but `.git`, starts nothing.
"""

import os

from devkeys.errors import DeclarationError
from devkeys.project.identity import common_directory, look

DECLARATION = ".env.example"
CONFIGURATION = "devkeys.toml"

# What lies in these was brought by a package manager, and inherits nothing from the
# repository around it.
VENDORED = frozenset(
    ("node_modules", "vendor", "third_party", "bower_components", "site-packages", ".venv", "venv")
)


class Checkout:
    """A project's directory, the repository around it, and what proves its identity.

    *root* is the repository's top directory, or *directory* itself outside of any; both are
    real paths.
    *identity* is the git directory shared by all worktrees, or the real path of *root*.
    *relative* is the way from *root* to *directory*, with `/`, empty at the top.
    """

    __slots__ = ("directory", "identity", "in_git", "relative", "root")

    def __init__(self, directory: str, root: str) -> None:
        self.directory = directory
        self.root = root
        common = common_directory(root)
        self.in_git = common is not None
        self.identity = common or os.path.realpath(root)
        relative = os.path.relpath(directory, root) if directory != root else ""
        self.relative = relative.replace(os.sep, "/")

    @property
    def natural_name(self) -> str:
        """The repository's name, after which its project is called unless that is taken."""
        path = self.identity
        if self.in_git:
            base = os.path.basename(path)
            path = os.path.dirname(path) if base == ".git" else path.removesuffix(".git")
        name = os.path.basename(path) or "root"
        check_name(name)
        return name

    @property
    def parents(self) -> tuple[str, ...]:
        """The relative paths of the projects around this one, nearest first; of a vendored none."""
        parts = self.relative.split("/") if self.relative else []
        if VENDORED.intersection(parts):
            return ()
        return tuple("/".join(parts[:count]) for count in reversed(range(len(parts))))


def check_name(name: str) -> None:
    """Raise unless the directory *name* can be part of a project's name."""
    if not name.isprintable():
        raise DeclarationError(
            f"the directory name {name!r} cannot name a project",
            hint="rename it without control characters, in UTF-8",
        )


def project_name(repository: str, relative: str) -> str:
    """Return the name under which the values of a repository's directory are stored."""
    return f"{repository}/{relative}" if relative else repository


def here(file: str | None, home: str) -> tuple[Checkout, str]:
    """Return the project around the current directory, or that of *file* with its whole path.

    Raises DeclarationError if there is none. Without *file* the path is empty.
    """
    directory = working_directory()
    if file:
        named = os.path.join(directory, file)
        return checkout_of(os.path.realpath(os.path.dirname(named)), home), named
    nearest = locate(directory, home)
    if nearest is None:
        raise not_found(directory)
    return nearest, ""


def locate(start: str, home: str) -> Checkout | None:
    """Return the nearest project from *start* upward, or None.

    Neither the repository's top nor *home* is passed. Having `devkeys.toml` without
    `.env.example` makes a directory a candidate that `project.config` decides about.
    """
    directories = upward(start, home)
    for directory in directories:
        if _exists(directory, DECLARATION) or _exists(directory, CONFIGURATION):
            return Checkout(directory, _root(directory, directories[-1]))
    return None


def checkout_of(directory: str, home: str) -> Checkout:
    """Return the project that *directory* itself is, whatever lies above it."""
    return Checkout(directory, _root(directory, upward(directory, home)[-1]))


def upward(start: str, home: str) -> list[str]:
    """Return *start* and the directories above it, up to the repository's top or *home*.

    The end of the walk is part of it: both may be a project's directory.
    """
    directories = []
    directory = start
    while True:
        directories.append(directory)
        above = os.path.dirname(directory)
        if directory in (home, above) or _exists(directory, ".git"):
            return directories
        directory = above


def _root(directory: str, top: str) -> str:
    return top if _exists(top, ".git") else directory


def _exists(directory: str, name: str) -> bool:
    return look(os.path.join(directory, name)) is not None


def working_directory() -> str:
    """Return the current directory by its real path."""
    try:
        return os.getcwd()
    except OSError:
        raise DeclarationError(
            "the current directory no longer exists", hint="change to a directory that does"
        ) from None


def not_found(start: str) -> DeclarationError:
    """Return the error of a directory that belongs to no project."""
    return DeclarationError(
        f"no {DECLARATION} in {start} or above it, inside its repository",
        hint=f"write the names your program needs into {DECLARATION}, or name a file with --file",
    )
