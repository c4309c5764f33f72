"""Our judgement of what a source distribution takes, beside what the real backends build."""

import importlib.util
import os
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
from real import absent, need

from devkeys.flows.doctor.packing import sdist

PATHS = (
    *(".env", ".env.local", "conf/.env", "conf/.env.local", "build/.env", "tests/.env"),
    *("src/demo/.env", "src/demo/.env.local", "src/demo/sub/.env"),
)
TRACKED = (".env", "conf/.env", "src/demo/.env.local", "src/demo/__init__.py", "pyproject.toml")
PROJECT = '[project]\nname = "demo"\nversion = "1"\ndescription = "d"\nrequires-python = ">=3.8"\n'
POETRY = '[tool.poetry]\nname="demo"\nversion="1"\ndescription="d"\nauthors=["a <a@example.org>"]\n'


def system(backend: str, *requires: str) -> str:
    """Return the table that names a backend."""
    return f'[build-system]\nrequires = {list(requires)}\nbuild-backend = "{backend}"\n'


HATCH = system("hatchling.build", "hatchling") + PROJECT
SETUPTOOLS = system("setuptools.build_meta", "setuptools") + PROJECT
SCM = system("setuptools.build_meta", "setuptools", "setuptools_scm") + PROJECT
FLIT = system("flit_core.buildapi", "flit_core") + PROJECT
CORE = system("poetry.core.masonry.api", "poetry-core")
PDM = system("pdm.backend", "pdm-backend") + PROJECT
UV = system("uv_build", "uv_build") + PROJECT
TARGET = "[tool.hatch.build.targets.sdist]\n"
DATA = "[tool.setuptools.package-data]\n"
LAYOUTS: dict[str, tuple[str, dict[str, str]]] = {
    "hatch: no rules at all": (HATCH, {}),
    "hatch: gitignore with negation": (HATCH, {".gitignore": ".env*\n!/conf/.env\nbuild/\n"}),
    "hatch: a nested gitignore is not read": (HATCH, {"src/demo/.gitignore": ".env\n"}),
    "hatch: ignore-vcs": (
        HATCH + "[tool.hatch.build]\nignore-vcs = true\n",
        {".gitignore": ".env"},
    ),
    "hatch: include": (HATCH + TARGET + 'include = ["/src", "conf/*.local"]\n', {}),
    "hatch: exclude": (HATCH + TARGET + 'exclude = [".env*", "!conf/.env"]\n', {}),
    "hatch: only-include": (HATCH + TARGET + 'only-include = ["src"]\n', {".gitignore": ".env\n"}),
    "hatch: artifacts": (HATCH + TARGET + 'artifacts = ["conf/.env"]\n', {".gitignore": ".env\n"}),
    "setuptools: nothing said": (SETUPTOOLS, {}),
    "setuptools: graft": (
        SETUPTOOLS,
        {"MANIFEST.in": "graft src\ngraft conf\nglobal-exclude *.local  # not these\n"},
    ),
    "setuptools: include and order": (
        SETUPTOOLS,
        {"MANIFEST.in": "include .env \\\n  conf/*\nexclude conf/.env\n"},
    ),
    "setuptools: recursive": (
        SETUPTOOLS,
        {"MANIFEST.in": "recursive-include src *\nrecursive-exclude src/demo/sub *\n"},
    ),
    "setuptools: global and prune": (
        SETUPTOOLS,
        {"MANIFEST.in": "global-include .env*\nprune build\nprune conf\n"},
    ),
    "setuptools: data of all packages": (SETUPTOOLS + DATA + '"*" = [".env*"]\n', {}),
    "setuptools: a star takes no dot file": (SETUPTOOLS + DATA + 'demo = ["*"]\n', {}),
    "setuptools: what git tracks": (SCM, {"MANIFEST.in": "prune conf\n"}),
    "flit: the module": (FLIT, {}),
    "flit: include and exclude": (
        FLIT + '[tool.flit.sdist]\ninclude = ["conf", "*"]\nexclude = ["src/demo/.env"]\n',
        {},
    ),
    "poetry: what git ignores": (CORE + POETRY, {".gitignore": ".env\n"}),
    "poetry: include beats the rest": (
        CORE + POETRY + 'include = ["conf/*", {path = ".env", format = "sdist"}]\n',
        {".gitignore": ".env\n"},
    ),
    "pdm: the package and tests": (PDM, {}),
    "pdm: includes and excludes": (
        PDM + '[tool.pdm.build]\nincludes = ["src/demo", "conf"]\nexcludes = ["**/.env.local"]\n',
        {},
    ),
    "uv: the module": (UV, {}),
    "uv: include and exclude": (
        UV
        + "[tool.uv.build-backend]\n"
        + 'source-include = ["conf/**"]\nsource-exclude = [".env.local"]\n',
        {},
    ),
}
# What `build --no-isolation` does with the backend, without the front end.
BUILD = """
import importlib, sys
backend = importlib.import_module(sys.argv[1])
backend.build_sdist("OUT")
"""


def git(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Let git do something in the project."""
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.invalid", *words]
    return subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)


def lay_out(root: Path, pyproject: str, more: dict[str, str]) -> None:
    """Write the project, and let git track some of it."""
    for path, text in {
        **dict.fromkeys(PATHS, "A=1\n"),
        "src/demo/__init__.py": '"""A demo."""\n\n__version__ = "1"\n',
        "src/demo/sub/__init__.py": "",
        "pyproject.toml": pyproject,
        **more,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(root, "init", "-q")
    if "setuptools_scm" in pyproject:
        git(root, "add", "-f", *TRACKED)
        git(root, "commit", "-q", "-m", "first")


def project_of(root: Path, pyproject: str) -> sdist.Project:
    """Return the project as the check would ask for it."""

    def read(name: str) -> str | None:
        return (root / name).read_text() if (root / name).is_file() else None

    tracked = git(root, "ls-files").stdout.split()
    return sdist.Project(
        tomllib.loads(pyproject),
        read,
        lambda place: (root / place / "__init__.py").exists(),
        lambda path: path in tracked,
        lambda path: git(root, "check-ignore", "-q", path).returncode == 0,
    )


def really_built(root: Path, pyproject: str) -> set[str]:
    """Let the real backend build a source distribution; return what is in it."""
    backend = tomllib.loads(pyproject)["build-system"]["build-backend"]
    required = {"setuptools_scm"} if "setuptools_scm" in pyproject else set()
    for module in {backend.partition(".")[0], *required}:
        if importlib.util.find_spec(module) is None:
            absent(f"needs {module}")
    (root / "OUT").mkdir()
    words = [sys.executable, "-c", BUILD, backend]
    # uv's backend is a program beside Python.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path}
    subprocess.run(words, cwd=root, check=True, capture_output=True, env=environ)
    (archive,) = (root / "OUT").glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        return {name.partition("/")[2] for name in tar.getnames()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_our_judgement_is_the_backend_s(layout: str, tmp_path: Path) -> None:
    """For every file of the layout: taken by us if and only if the backend takes it."""
    need("git")
    pyproject, more = LAYOUTS[layout]
    root = tmp_path / "demo"
    lay_out(root, pyproject, more)
    project = project_of(root, pyproject)
    ours = {path for path in PATHS if sdist.takes(project, path)}
    assert ours == really_built(root, pyproject) & set(PATHS)


def _bare(pyproject: str) -> sdist.Project:
    return sdist.Project(
        tomllib.loads(pyproject), lambda _: None, lambda _: False, lambda _: False, lambda _: False
    )


def test_an_unknown_backend_is_not_guessed_at() -> None:
    """None is neither yes nor no."""
    assert sdist.takes(_bare('[build-system]\nbuild-backend = "mine.build"\n'), ".env") is None


def test_without_a_backend_setuptools_builds() -> None:
    """As build and pip have it."""
    assert sdist.backend(_bare("")) == "setuptools"


def test_options_of_another_type_are_none() -> None:
    """What the backend would refuse is no trap here."""
    odd = "[tool.hatch.build.targets.sdist]\nexclude = 3\ninclude = [1]\nforce-include = []\n"
    assert sdist.takes(_bare(HATCH + odd), ".env") is True
    assert sdist.takes(_bare(FLIT + "[tool.flit]\nsdist = 3\n"), ".env") is False
    assert (
        sdist.takes(_bare(CORE + "[tool.poetry]\ninclude = 3\npackages = [3]\n"), ".env") is False
    )


def test_maturin_takes_what_lies_in_its_python_source() -> None:
    """After its documentation: it was not run here, it wants Rust."""
    maturin = system("maturin", "maturin") + PROJECT
    assert sdist.takes(_bare(maturin), "demo/.env") is True
    assert sdist.takes(_bare(maturin), ".env") is False
    source = maturin + '[tool.maturin]\npython-source = "python"\ninclude = [".env"]\n'
    assert sdist.takes(_bare(source), "python/demo/.env") is True
    assert sdist.takes(_bare(source), ".env") is True
