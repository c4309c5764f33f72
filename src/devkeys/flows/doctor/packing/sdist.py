"""What a source distribution takes, by the build backend that `pyproject.toml` names.

For one path at a time, which is a file of data: no module, no README. What a project's own code
decides (a build hook, `setup.py`) is not known, as it is not run.
"""

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from devkeys.flows.doctor.packing import manifest
from devkeys.flows.doctor.packing.patterns import IgnoreFile, glob, match_parts

HATCHLING = "hatchling"
_HATCH_DIRECTORIES_TEXT = (
    """__pycache__ .venv .git .hg .hatch .tox .nox .ruff_cache .pytest_cache .mypy_cache .pixi"""
)
_HATCH_DIRECTORIES = frozenset(_HATCH_DIRECTORIES_TEXT.split())


class Project(NamedTuple):
    """A Python project: the table of its `pyproject.toml`, and how one asks about its files.

    *read* returns the text of a file by its relative path, or None; *is_package* tells whether a
    directory has an `__init__.py`; *is_tracked* and *is_ignored* are git's word about a path.
    """

    table: Mapping[str, Any]
    read: Callable[[str], str | None]
    is_package: Callable[[str], bool]
    is_tracked: Callable[[str], bool]
    is_ignored: Callable[[str], bool]

    def at(self, *keys: str) -> Any:
        """Return what the table has there, or None."""
        found: Any = self.table
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def strings(self, *keys: str) -> list[str]:
        """Return the texts of the list there; of anything else none."""
        found = self.at(*keys)
        return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def backend(project: Project) -> str:
    """Return the name of the build backend; what names none is built by setuptools."""
    named = project.at("build-system", "build-backend")
    return named.partition(".")[0].partition(":")[0] if isinstance(named, str) else "setuptools"


def takes(project: Project, path: str) -> bool | None:
    """Tell whether the source distribution takes *path*; None if the backend is not known."""
    judge = _JUDGES.get(backend(project))
    return None if judge is None else judge(project, path)


def _hatchling(project: Project, path: str) -> bool:
    parts = path.split("/")
    if not _HATCH_DIRECTORIES.isdisjoint(parts[:-1]):
        return False
    if path in _forced(project):
        return True
    if IgnoreFile(_hatch(project, "artifacts")).matches(path):
        return True
    lines = ["*.py[cdo]", "/dist"]
    ignores_vcs = project.at("tool", "hatch", "build", "targets", "sdist", "ignore-vcs")
    if not (ignores_vcs or project.at("tool", "hatch", "build", "ignore-vcs")):
        lines += (project.read(".gitignore") or "").splitlines()
    if IgnoreFile([*lines, *_hatch(project, "exclude")]).matches(path):
        return False
    only = _hatch(project, "only-include")
    if only:
        return any(_is_below(path, place) for place in only)
    included = _hatch(project, "include")
    packages = [f"/{place.strip('/')}/" for place in _hatch(project, "packages")]
    return not (included or packages) or IgnoreFile([*included, *packages]).matches(path)


def _hatch(project: Project, key: str) -> list[str]:
    """Return a list of hatchling's options: the target's own comes before the general one."""
    target = ("tool", "hatch", "build", "targets", "sdist", key)
    if project.at(*target) is not None:
        return project.strings(*target)
    return project.strings("tool", "hatch", "build", key)


def _forced(project: Project) -> list[str]:
    found = project.at("tool", "hatch", "build", "targets", "sdist", "force-include")
    return [posixpath.normpath(place) for place in found] if isinstance(found, dict) else []


def _setuptools(project: Project, path: str) -> bool:
    said = manifest.takes(project.read("MANIFEST.in"), path)
    if said is not None:
        return said
    setup = (project.read("setup.py") or "") + (project.read("setup.cfg") or "")
    if manifest.has_finder(project.table, setup) and project.is_tracked(path):
        return True
    return manifest.is_package_data(project.table, path, project.is_package)


def _flit(project: Project, path: str) -> bool:
    excluded = project.strings("tool", "flit", "sdist", "exclude")
    included = project.strings("tool", "flit", "sdist", "include")
    if _any_glob(excluded, path):
        return False
    if _any_glob(included, path):
        return True
    name = project.at("tool", "flit", "module", "name")
    module = name if isinstance(name, str) else _module(project)
    return _is_in_module(path, module) or _is_in_external_data(project, path)


def _is_in_external_data(project: Project, path: str) -> bool:
    directory = project.at("tool", "flit", "external-data", "directory")
    return isinstance(directory, str) and _is_below(path, directory)


def _poetry(project: Project, path: str) -> bool:
    included, excluded = [], project.strings("tool", "poetry", "exclude")
    entries = project.at("tool", "poetry", "include")
    for entry in entries if isinstance(entries, list) else ():
        pattern = entry.get("path") if isinstance(entry, dict) else entry
        formats = entry.get("format", "sdist") if isinstance(entry, dict) else "sdist"
        if isinstance(pattern, str) and "sdist" in formats:
            included.append(pattern)
    if any(_covers(pattern, path) for pattern in included):
        return True
    if any(_covers(pattern, path) for pattern in excluded) or project.is_ignored(path):
        return False
    packages = project.at("tool", "poetry", "packages")
    if not isinstance(packages, list):
        return _is_in_module(path, _module(project))
    return any(_is_of_package(entry, path) for entry in packages if isinstance(entry, dict))


def _is_of_package(entry: Mapping[str, Any], path: str) -> bool:
    place = posixpath.join(str(entry.get("from", "")), str(entry.get("include", "")))
    return _covers(posixpath.normpath(place), path)


def _covers(pattern: str, path: str) -> bool:
    """Tell whether pathlib's glob finds *path*, or a directory above it."""
    wanted, parts = posixpath.normpath(pattern).strip("/").split("/"), path.split("/")
    return any(match_parts(wanted, parts[:n]) for n in range(1, len(parts) + 1))


def _pdm(project: Project, path: str) -> bool:
    included = project.strings("tool", "pdm", "build", "includes")
    sources = project.strings("tool", "pdm", "build", "source-includes") or ["tests"]
    excluded = project.strings("tool", "pdm", "build", "excludes")
    if not included:
        place = project.at("tool", "pdm", "build", "package-dir")
        below = place if isinstance(place, str) else "src" if path.startswith("src/") else ""
        parts = path.removeprefix(f"{below}/").split("/") if below else path.split("/")
        top = posixpath.join(below, parts[0])
        included = [top] if len(parts) > 1 and project.is_package(top) else []
    return _any_glob([*included, *sources], path) and not _any_glob(excluded, path)


def _uv(project: Project, path: str) -> bool:
    options = ("tool", "uv", "build-backend")
    excluded = [*project.strings(*options, "source-exclude"), "__pycache__", "*.pyc", "*.pyo"]
    if any(_uv_excludes(pattern, path) for pattern in excluded):
        return False
    for pattern in project.strings(*options, "source-include"):
        if _covers(pattern, path):
            return True
    root = project.at(*options, "module-root")
    name = project.at(*options, "module-name")
    module = posixpath.join(
        root if isinstance(root, str) else "src",
        (name if isinstance(name, str) else _module(project)).replace(".", "/"),
    )
    return _is_below(path, module)


def _uv_excludes(pattern: str, path: str) -> bool:
    return _covers(pattern[1:] if pattern.startswith("/") else f"**/{pattern}", path)


def _maturin(project: Project, path: str) -> bool:
    entries = project.at("tool", "maturin", "exclude")
    for entry in entries if isinstance(entries, list) else ():
        pattern = entry.get("path") if isinstance(entry, dict) else entry
        if isinstance(pattern, str) and _covers(pattern, path):
            return False
    entries = project.at("tool", "maturin", "include")
    for entry in entries if isinstance(entries, list) else ():
        pattern = entry.get("path") if isinstance(entry, dict) else entry
        if isinstance(pattern, str) and _covers(pattern, path):
            return True
    if project.is_ignored(path):
        return False
    source = project.at("tool", "maturin", "python-source")
    below = source if isinstance(source, str) else ""
    return _is_below(path, posixpath.join(below, _module(project)))


def _module(project: Project) -> str:
    """Return the name of the module that the project's name gives."""
    name = project.at("project", "name") or project.at("tool", "poetry", "name")
    return re.sub(r"[-.\s]+", "_", name) if isinstance(name, str) else ""


def _is_in_module(path: str, module: str) -> bool:
    place = module.replace(".", "/")
    return bool(place) and (_is_below(path, place) or _is_below(path, f"src/{place}"))


def _is_below(path: str, directory: str) -> bool:
    clean = posixpath.normpath(directory).strip("/")
    return clean in (".", path) or path.startswith(f"{clean}/")


def _any_glob(patterns: list[str], path: str) -> bool:
    parts = path.split("/")
    return any(
        glob(pattern, "/".join(parts[:n])) for pattern in patterns for n in range(1, len(parts) + 1)
    )


_JUDGES: Mapping[str, Callable[[Project, str], bool]] = {
    HATCHLING: _hatchling,
    "setuptools": _setuptools,
    "flit_core": _flit,
    "poetry": _poetry,
    "pdm": _pdm,
    "uv_build": _uv,
    "maturin": _maturin,
}
