"""devkeys' own commands: a checkout for each number of secrets, in each kind of store."""

import json
import os
import secrets
import subprocess

from install import Installed
from measure import Command

FILL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fill.py")
COUNTS = (1, 20, 200)
KEYRING, HEADLESS = "gnome-keyring", "headless store"
# A kernel's own file: each reading of it gives another value.
NEW_VALUE = "/proc/sys/kernel/random/uuid"


def names(count: int) -> list[str]:
    """Return *count* names such as a real declaration has."""
    return [f"SERVICE_{number}_API_KEY" for number in range(count)]


def value() -> str:
    """Make up a value of the usual length."""
    return "sk-" + secrets.token_hex(20)


def run_name(count: int, store: str) -> str:
    """Return what the table calls `devkeys run` with *count* secrets in *store*."""
    return f"devkeys run, {count} secret{'s' if count > 1 else ''}, {store}"


def commands(installed: Installed, root: str, stores: dict[str, dict[str, str]]) -> list[Command]:
    """Return devkeys' commands; *stores* maps each kind to the environment that reaches it."""
    found = []
    for store, env in stores.items():
        folders = {n: _project(installed, f"{root}/{store}/{n}", n, env) for n in COUNTS}
        for count, (folder, last) in folders.items():
            words = (installed.script, "run", "--", "true")
            proof = (names(count)[-1], last)
            found.append(Command(run_name(count, store), words, folder, env, proof))
        if store == KEYRING:
            folder, last = folders[20]
            proof = (names(20)[-1], last)
            words = (installed.pip_script, "run", "--", "true")
            found.append(Command("the same with 20, pip's wrapper", words, folder, env, proof))
            found += _others(installed, folder, env, root)
    return found


def _project(installed: Installed, folder: str, count: int, env: dict[str, str]) -> tuple[str, str]:
    """Make, allow and fill a checkout; return it and the value of its last name."""
    os.makedirs(f"{folder}/.git")
    with open(f"{folder}/.env.example", "w", encoding="utf-8") as file:
        file.writelines(f"{name}=\n" for name in names(count))
    values = {name: value() for name in names(count)}
    subprocess.run(
        [installed.python, FILL],
        input=json.dumps({"folder": folder, "values": values}),
        env=env,
        text=True,
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return folder, values[names(count)[-1]]


def _others(installed: Installed, twenty: str, env: dict[str, str], root: str) -> list[Command]:
    """Return the commands beside `run`, in the checkout of 20 secrets and one to write to."""
    written, _ = _project(installed, f"{root}/written/{1}", 1, env)
    given = f"{root}/new-value"
    # Not every hyperfine opens a file for stdin; the shell costs less than 1 ms, and us.
    words = ("sh", "-c", f'exec "$0" set {names(1)[0]} <{given}', installed.script)
    return [
        Command("devkeys status", (installed.script, "status"), twenty, env),
        Command("devkeys list", (installed.script, "list"), twenty, env),
        Command("devkeys set", words, written, env, before=("cp", NEW_VALUE, given)),
    ]
