"""Put devkeys' own wheel and its peers into directories that are thrown away afterwards."""

import glob
import os
import shutil
import subprocess
import sys
import venv
from typing import NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PYTHON_PEERS = ("python-dotenv[cli]", "secretspec")
# npm alone would pick a varlock that still runs on an old node.
NODE_PEERS = ("@dotenvx/dotenvx@latest", "varlock@latest")
NODE = "node@22"
NODE_NEEDED = 22
# The least that an entry script can import; what uv makes is as short.
SCRIPT = """#!{python}
import sys
from devkeys.__main__ import main
if __name__ == "__main__":
    sys.exit(main())
"""


class Installed(NamedTuple):
    """Where everything is; *absent* says why a peer is not here."""

    python: str
    script: str
    pip_script: str
    bin: str
    packages: str
    modules: str
    node: str
    absent: dict[str, str]


def install(directory: str) -> Installed:
    """Make a virtual environment and a folder of npm packages in *directory*."""
    absent: dict[str, str] = {}
    environment = os.path.join(directory, "venv")
    programs = os.path.join(environment, "bin")
    python = _environment(directory, environment)
    for peer in PYTHON_PEERS:
        try:
            _pip(python, "install", peer)
        except subprocess.CalledProcessError as error:
            absent[peer] = _last_line(error)
    # Its .pth file would slow the bare interpreter, and so flatter whoever is compared with it.
    _pip(python, "uninstall", "-y", "setuptools")
    _run(python, "-m", "compileall", "-q", os.path.join(environment, "lib"))
    script, pip_script = _scripts(programs, python)
    modules = os.path.join(directory, "npm", "node_modules")
    node = _install_npm(os.path.join(directory, "npm"), absent)
    (packages,) = glob.glob(os.path.join(environment, "lib", "python3*", "site-packages"))
    return Installed(python, script, pip_script, programs, packages, modules, node, absent)


def alone(directory: str) -> tuple[str, str]:
    """Install devkeys and what its tests need, no peers; return its Python and its script."""
    environment = os.path.join(directory, "venv")
    python = _environment(directory, environment, extras="[test]")
    _run(python, "-m", "compileall", "-q", os.path.join(environment, "lib"))
    return python, _scripts(os.path.join(environment, "bin"), python)[0]


def _environment(directory: str, environment: str, *, extras: str = "") -> str:
    """Make a virtual environment with devkeys' own wheel; return its Python."""
    venv.create(environment, with_pip=True)
    python = os.path.join(environment, "bin", "python")
    _run(python, "-m", "pip", "wheel", "-q", "--no-deps", "-w", directory, ROOT)
    (wheel,) = glob.glob(os.path.join(directory, "devkeys-*.whl"))
    _pip(python, "install", wheel + extras)
    return python


def _scripts(programs: str, python: str) -> tuple[str, str]:
    """Put the short entry script into the place of pip's; return both."""
    short = os.path.join(programs, "devkeys")
    pips = short + "-by-pip"
    os.rename(short, pips)
    with open(short, "w", encoding="utf-8") as file:
        file.write(SCRIPT.format(python=python))
    shutil.copymode(pips, short)
    return short, pips


def _install_npm(directory: str, absent: dict[str, str]) -> str:
    """Install the npm peers; return the path of a node that runs them, or an empty string."""
    npm = shutil.which("npm")
    if npm is None:
        absent.update(dict.fromkeys(NODE_PEERS, "npm is not on PATH"))
        return ""
    os.mkdir(directory)
    node = shutil.which("node") or ""
    wanted = list(NODE_PEERS) if _major(node) >= NODE_NEEDED else [*NODE_PEERS, NODE]
    try:
        quiet = ("--no-audit", "--no-fund", "--loglevel=error")
        _run(npm, "install", "--prefix", directory, *quiet, *wanted)
    except subprocess.CalledProcessError as error:
        absent.update(dict.fromkeys(NODE_PEERS, _last_line(error)))
        return ""
    brought = os.path.join(directory, "node_modules", "node", "bin", "node")
    return brought if os.path.exists(brought) else node


def _major(node: str) -> int:
    if not node:
        return 0
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    return int(answer.stdout.strip().removeprefix("v").partition(".")[0])


def _pip(python: str, *words: str) -> None:
    _run(python, "-m", "pip", "-q", "--disable-pip-version-check", *words)


def _run(*words: str) -> None:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    print(f"  {os.path.basename(words[0])} {' '.join(words[1:])[:90]}", file=sys.stderr)
    subprocess.run(words, env=environ, capture_output=True, text=True, check=True)


def _last_line(error: subprocess.CalledProcessError) -> str:
    lines = [line for line in str(error.stderr).splitlines() if line.strip()]
    return lines[-1][:120] if lines else f"its installation ended with {error.returncode}"
