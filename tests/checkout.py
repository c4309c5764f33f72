"""A checkout of the test's own, and its values put into the store without a prompt."""

from pathlib import Path

from command import environment

from devkeys import allow, keep
from devkeys.plan.compile import Project, read_project
from devkeys.project.find import checkout_of
from devkeys.secret import Secret
from devkeys.session import Session


def make(folder: Path, declaration: str, *, git: bool = True, **files: str) -> Path:
    """Make a checkout with this `.env.example`; *files* are more, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    if git:
        (folder / ".git").mkdir(exist_ok=True)
    (folder / ".env.example").write_text(declaration)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def session(home: Path) -> Session:
    """Return the session of a process whose HOME is *home*."""
    return Session(environment(home))


def project(folder: Path, home: Path, profile: str = "dev") -> Project:
    """Return the project that *folder* is."""
    found = session(home)
    return read_project(checkout_of(str(folder), found.home), profile, named=None, session=found)


def allowed(folder: Path, home: Path, profile: str = "dev") -> None:
    """Agree to all that *folder* asks for."""
    allow.agree(session(home), project(folder, home, profile))


def store(folder: Path, home: Path, profile: str = "dev", **values: str | bytes) -> None:
    """Store *values* for *folder*, each as a secret or setting as it is declared."""
    found = project(folder, home, profile)
    declared = {variable.name: variable for variable in found.declared}
    record = allow.bind(session(home), found.checkout)
    new = {
        name: (
            Secret(value.encode() if isinstance(value, str) else value),
            "secret" if name not in declared or declared[name].secret else "setting",
        )
        for name, value in values.items()
    }
    keep.put(
        session(home),
        allow.name_of(record, found.checkout),
        profile,
        new,
        source="test",
        confirm=False,
    )
