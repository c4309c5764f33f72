"""What providers are measured against: each vendor's own call, bare, for the same values.

A vendor here is a HOME, an environment and two things: the reference of the Nth value, and
the bare command that reads N of them. Real are pass, with a gpg key of its own, bw, signed in
at a server on loopback, and boto3, against moto on loopback; op is a program that sleeps.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

COUNTS = (1, 20, 150)
MOST = max(COUNTS)
VALUE = "value-number-"
# As `op` itself: what stands in braces is replaced, and nothing else; it takes its time.
OP = """#!/bin/sh
[ "$1" = inject ] || exit 1
sleep 0.3
exec sed -E 's#\\{\\{ *op://Team/chat/KEY_([0-9]+) *\\}\\}#value-number-\\1#g'
"""
BATCH = """
import sys, boto3
names = [f"key-{number}" for number in range(int(sys.argv[1]))]
client = boto3.client("secretsmanager")
found = {}
for start in range(0, len(names), 20):
    answer = client.batch_get_secret_value(SecretIdList=names[start:start + 20])
    found |= {one["Name"]: one["SecretString"] for one in answer["SecretValues"]}
assert len(found) == len(names)
"""
MAKE_SECRETS = """
import sys, boto3
client = boto3.client("secretsmanager")
for number in range(int(sys.argv[1])):
    client.create_secret(Name=f"key-{number}", SecretString=f"value-number-{number}")
"""
GPG_KEY = """
%no-protection
Key-Type: eddsa
Key-Curve: ed25519
Subkey-Type: ecdh
Subkey-Curve: cv25519
Name-Email: benchmark@devkeys.invalid
%commit
"""


class Vendor(NamedTuple):
    """One vendor: its name, environment, the Nth reference, and the bare command for N values."""

    name: str
    call: str
    env: dict[str, str]
    reference: Callable[[int], str]
    bare: Callable[[int], tuple[str, ...]]


class AbsentError(Exception):
    """What is needed to measure a vendor is not here."""


@contextmanager
def onepassword(home: Path, _python: str) -> Iterator[Vendor]:
    """Make the program that takes the place of op."""
    programs = home / "bin"
    programs.mkdir()
    (programs / "op").write_text(OP)
    (programs / "op").chmod(0o755)
    for count in COUNTS:
        lines = [f"{{{{ op://Team/chat/KEY_{number} }}}}\n" for number in range(count)]
        (home / f"template-{count}").write_text("".join(lines))
    yield Vendor(
        "op",
        "op inject (a stand-in that takes 300 ms)",
        _environ(home, programs),
        lambda number: f"op://Team/chat/KEY_{number}",
        lambda count: ("sh", "-c", f"cat {home}/template-{count} | op inject"),
    )


@contextmanager
def passwordstore(home: Path, _python: str) -> Iterator[Vendor]:
    """Make a password store with a key of its own; gpg's agent ends with it."""
    for program in ("pass", "gpg", "gpgconf"):
        _need(program)
    env = _environ(home)
    keys = home / ".gnupg"
    keys.mkdir(mode=0o700)
    _run(["gpg", "--batch", "--quiet", "--gen-key"], env, GPG_KEY)
    _run(["pass", "init", "benchmark@devkeys.invalid"], env)
    try:
        for number in range(MOST):
            _run(["pass", "insert", "-m", f"bench/{number}"], env, f"{VALUE}{number}\n")
        loop = 'i=0; while [ $i -lt "$0" ]; do pass show bench/$i; i=$((i+1)); done'
        yield Vendor(
            "pass",
            "a loop of pass show",
            env,
            lambda number: f"pass://bench/{number}",
            lambda count: ("sh", "-c", loop, str(count)),
        )
    finally:
        _run(["gpgconf", "--kill", "all"], env)


@contextmanager
def bitwarden(home: Path, _python: str) -> Iterator[Vendor]:
    """Sign bw in at a server on loopback that has MOST items."""
    _need("bw")
    # The tests' own server; import errors say which of their packages is lacking.
    from bitwarden_clients import bw_desk

    with bw_desk(home) as desk:
        for number in range(MOST):
            desk.server.add(f"key-{number}", password=f"{VALUE}{number}")
        desk.bw("sync")
        yield Vendor(
            "bw",
            "one bw list items",
            {**_environ(home), **desk.environ},
            lambda number: f"bw://key-{number}/password",
            lambda _count: ("bw", "list", "items", "--nointeraction"),
        )


@contextmanager
def secretsmanager(home: Path, python: str) -> Iterator[Vendor]:
    """Start moto, in a process of its own, with MOST secrets."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **_environ(home),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    words = [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_open(port)
        _run([python, "-c", MAKE_SECRETS, str(MOST)], env)
        yield Vendor(
            "aws-sm",
            "boto3, BatchGetSecretValue",
            env,
            lambda number: f"aws-sm://key-{number}",
            lambda count: (python, "-c", BATCH, str(count)),
        )
    finally:
        server.kill()
        server.wait()


ALL = (onepassword, bitwarden, passwordstore, secretsmanager)


def _environ(home: Path, *programs: Path) -> dict[str, str]:
    path = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
    return {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": f"{home}/none"}


def _need(program: str) -> None:
    if shutil.which(program) is None:
        raise AbsentError(f"{program} is not on PATH")


def _run(words: list[str], env: dict[str, str], given: str = "") -> None:
    subprocess.run(words, env=env, input=given, text=True, check=True, capture_output=True)


def _until_open(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AbsentError("moto did not start")


def project(script: str, folder: Path, vendor: Vendor, count: int) -> None:
    """Make and allow a checkout whose *count* secrets are references to *vendor*."""
    (folder / ".git").mkdir(parents=True)
    lines = [f"KEY_{number}={vendor.reference(number)}\n" for number in range(count)]
    (folder / ".env.example").write_text("".join(lines))
    words = [script, "allow", "--yes"]
    subprocess.run(words, cwd=folder, env=vendor.env, check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit("python benchmarks/providers.py measures them")
