"""Which projects and profiles the store holds, and forgetting them."""

import os
import re

from devkeys import atomic
from devkeys.errors import StoreError
from devkeys.lock import locked
from devkeys.store import layout
from devkeys.store.filenames import decode

ASIDE = r"\.damaged\.[0-9]{8}T[0-9]{6}Z"  # behind the name of a damaged file


def list_projects(data_dir: str) -> list[tuple[str, str]]:
    """Return (project, profile) of all that has values, sorted; nothing is unlocked."""
    root = layout.projects_dir(data_dir)
    found = []
    for encoded in _entries(root):
        project = decode(encoded)
        for entry in _entries(os.path.join(root, encoded)) if project else []:
            profile = decode(entry.removesuffix(".age")) if entry.endswith(".age") else None
            if project and profile:
                found.append((project, profile))
    return sorted(found)


def has_values(data_dir: str) -> bool:
    """Say whether the store holds any file of values, readable or not."""
    root = layout.projects_dir(data_dir)
    return any(
        entry.endswith((".age", ".before"))
        for project in _entries(root)
        for entry in _entries(os.path.join(root, project))
    )


def remove_project(data_dir: str, state_dir: str, project: str, profile: str | None) -> int:
    """Forget the values, ledgers and counters of *profile*, or of all profiles if None.

    Return how many profiles had values. The values go last: what was interrupted is still
    listed, and can be forgotten again.
    """
    if not os.path.isdir(data_dir):
        return 0
    directories = (
        os.path.join(layout.counters_dir(state_dir), layout.encode(project)),
        os.path.join(layout.projects_dir(data_dir), layout.encode(project)),
    )
    with locked(layout.lock_path(data_dir)):
        _refuse_newer(data_dir)
        if profile is None:
            paths = [
                os.path.join(folder, name) for folder in directories for name in _entries(folder)
            ]
        else:
            paths = [
                layout.counter_path(state_dir, project, profile),
                *_files_of(directories[1], layout.encode(profile)),
            ]
        paths.sort(key=lambda path: path.endswith(".age"))
        removed = [path for path in paths if atomic.remove(path)]
        for directory in directories:
            _remove_if_empty(directory)
    return sum(path.startswith(directories[1]) and path.endswith(".age") for path in removed)


def _refuse_newer(data_dir: str) -> None:
    """Raise if a newer devkeys keeps this store: what else belongs to a project it alone knows."""
    from devkeys.store.record import read_record

    try:
        read_record(data_dir)
    except layout.NewerError:
        raise
    except StoreError:
        return  # what is damaged can be forgotten


def _files_of(directory: str, encoded: str) -> list[str]:
    """Return the files of one profile, those that were put aside as damaged too."""
    kinds = ("age", "json", "remote", "previous", "before")
    wanted = re.compile(rf"{re.escape(encoded)}\.({'|'.join(kinds)})({ASIDE})?")
    return [os.path.join(directory, name) for name in _entries(directory) if wanted.fullmatch(name)]


def _entries(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StoreError(
            f"cannot read {directory}: {(error.strerror or str(error)).lower()}",
            hint="check its owner and its mode",
        ) from None


def _remove_if_empty(directory: str) -> None:
    try:
        os.rmdir(directory)
    except OSError:
        return
