"""What devkeys is compared with, each made ready for the same 20 values, or for one of them."""

import getpass
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from typing import NamedTuple

from install import Installed
from measure import Command
from projects import names, value

BARE, AGAIN = "python -c pass", "python -c pass, once more (the noise)"
TYPER = "a typer command that does nothing"
DIRENV = "direnv exec, one line"
SECRETSPEC = "secretspec, 20 secrets, gnome-keyring"
KEYRING_20 = "20 keyring.get_password"
SERVICE = "benchmark"

STORE = """
import json, keyring, sys
for words in json.load(sys.stdin):
    keyring.set_password(*words)
"""
READ = """
import keyring
for number in range(20):
    keyring.get_password("benchmark", f"SERVICE_{number}_API_KEY")
"""
NOTHING = """import typer

app = typer.Typer()


@app.command()
def nothing() -> None:
    pass


app()
"""
RUN_SECRETSPEC = """import os, sys
import secretspec

secretspec.resolve(path="secretspec.toml", provider="keyring://", reason="run").set_as_env()
os.execvp(sys.argv[1], sys.argv[1:])
"""
SPEC = '[project]\nname = "benchmark"\nrevision = "1.0"\n\n[profiles.default]\n'


class NotHereError(Exception):
    """A peer cannot be measured here; the message says why."""


class Ground(NamedTuple):
    """What a peer stands on: a folder of its own, an environment, and values by name."""

    installed: Installed
    folder: str
    env: dict[str, str]
    values: dict[str, str]

    def write(self, name: str, text: str) -> None:
        """Write a file into the folder."""
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def call(self, *words: str, given: str = "") -> None:
        """Run what makes the peer ready."""
        subprocess.run(
            words,
            cwd=self.folder,
            env=self.env,
            input=given,
            text=True,
            check=True,
            capture_output=True,
        )

    def run(self, name: str, *words: str, **env: str) -> Command:
        """Return a command that runs `true` with all the values."""
        proof = list(self.values.items())[-1]
        return Command(name, (*words, "true"), self.folder, {**self.env, **env}, proof)

    def plain(self, name: str, *words: str) -> Command:
        """Return a command that runs nothing."""
        return Command(name, words, self.folder, self.env)


def commands(
    installed: Installed, root: str, env: dict[str, str]
) -> tuple[list[Command], dict[str, str]]:
    """Return the commands to compare with; and for each peer that is not here, why."""
    found: list[Command] = []
    absent: dict[str, str] = {}
    values = {name: value() for name in names(20)}
    for peer, make in PEERS.items():
        folder = os.path.join(root, peer)
        os.makedirs(folder)
        try:
            found += make(Ground(installed, folder, env, values))
        except NotHereError as reason:
            absent[peer] = str(reason)
        except subprocess.CalledProcessError as error:
            absent[peer] = f"cannot be made ready: {str(error.stderr).strip()[-200:]}"
    return found, absent


def _python(ground: Ground) -> list[Command]:
    ground.write("nothing.py", NOTHING)
    python = ground.installed.python
    return [
        ground.plain(BARE, python, "-c", "pass"),
        ground.plain("python -I -S -c pass", python, "-I", "-S", "-c", "pass"),
        ground.plain(TYPER, python, "nothing.py"),
        ground.plain(AGAIN, python, "-c", "pass"),
    ]


def _keyring(ground: Ground) -> list[Command]:
    python = ground.installed.python
    items = [(SERVICE, name, text) for name, text in ground.values.items()]
    ground.call(python, "-c", STORE, given=json.dumps(items))
    keyring = os.path.join(ground.installed.bin, "keyring")
    return [
        ground.plain("keyring get, one value", keyring, "get", SERVICE, names(1)[0]),
        ground.plain(KEYRING_20, python, "-c", READ),
    ]


def _secret_tool(ground: Ground) -> list[Command]:
    program = _on_path("secret-tool")
    attributes = ("service", "secret-tool", "username", names(1)[0])
    ground.call(program, "store", "--label=benchmark", *attributes, given=value())
    return [ground.plain("secret-tool lookup, one value", program, "lookup", *attributes)]


def _dotenv(ground: Ground) -> list[Command]:
    program = _installed(os.path.join(ground.installed.bin, "dotenv"), "python-dotenv[cli]", ground)
    ground.write(".env", _lines(ground.values))
    return [ground.run("dotenv run (python-dotenv), 20 in plain text", program, "run", "--")]


def _direnv(ground: Ground) -> list[Command]:
    program = _on_path("direnv")
    name, text = list(ground.values.items())[-1]
    ground.write(".envrc", f"export {name}={text}\n")
    ground.call(program, "allow", ground.folder)
    return [ground.run(DIRENV, program, "exec", ground.folder)]


def _secretspec(ground: Ground) -> list[Command]:
    module = os.path.join(ground.installed.packages, "secretspec")
    _installed(module, "secretspec", ground)
    user = getpass.getuser()
    items = [(f"secretspec/benchmark/default/{n}", user, v) for n, v in ground.values.items()]
    ground.call(ground.installed.python, "-c", STORE, given=json.dumps(items))
    secrets = [f'{name} = {{ description = "a key", required = true }}' for name in ground.values]
    ground.write("secretspec.toml", SPEC + "\n".join(secrets) + "\n")
    ground.write("run.py", RUN_SECRETSPEC)
    return [ground.run(SECRETSPEC, ground.installed.python, "run.py")]


def _dotenvx(ground: Ground) -> list[Command]:
    script = os.path.join(ground.installed.modules, "@dotenvx", "dotenvx", "src", "cli")
    script = _installed(os.path.join(script, "dotenvx.js"), "@dotenvx/dotenvx@latest", ground)
    words = (ground.installed.node, script, "run", "--quiet")
    ground.write(".env", _lines(ground.values))
    ground.write(".env.sealed", _lines(ground.values))
    ground.call(ground.installed.node, script, "encrypt", "-f", ".env.sealed")
    return [
        ground.run("dotenvx run, 20 in plain text", *words, "-f", ".env", "--"),
        ground.run("dotenvx run, 20 encrypted", *words, "-f", ".env.sealed", "--"),
    ]


def _varlock(ground: Ground) -> list[Command]:
    script = os.path.join(ground.installed.modules, "varlock", "bin", "cli.js")
    _installed(script, "varlock@latest", ground)
    ground.write(".env.schema", "# @defaultSensitive=true @defaultRequired=true\n# ---\n")
    ground.write(".env", _lines(ground.values))
    # Masked output would hide the proof; and nothing is to be reported to anybody.
    words = (ground.installed.node, script, "run", "--no-redact-stdout", "--")
    name = "varlock run, 20 in plain text"
    return [ground.run(name, *words, VARLOCK_TELEMETRY_DISABLED="true")]


PEERS: dict[str, Callable[[Ground], list[Command]]] = {
    "python": _python,
    "keyring": _keyring,
    "secret-tool": _secret_tool,
    "python-dotenv": _dotenv,
    "direnv": _direnv,
    "secretspec": _secretspec,
    "dotenvx": _dotenvx,
    "varlock": _varlock,
}


def _lines(values: dict[str, str]) -> str:
    return "".join(f"{name}={text}\n" for name, text in values.items())


def _on_path(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise NotHereError(f"{program} is not on PATH")
    return found


def _installed(path: str, package: str, ground: Ground) -> str:
    if package in ground.installed.absent:
        raise NotHereError(ground.installed.absent[package])
    if not os.path.exists(path):
        raise NotHereError(f"{package} brought no {os.path.basename(path)}")
    return path
