"""Putting values into the store while it changes."""

import subprocess
from pathlib import Path

from command import DEVKEYS
from desk import Desk, key, make_desk

from devkeys.lock import locked
from devkeys.store import identity, layout, rekeying
from devkeys.store.placing import Place
from devkeys.store.record import FILE, OWN


def _rekey(data_dir: str) -> None:
    """Give the store another identity; under its lock."""
    held = identity.read_identity_file(layout.identity_path(data_dir, OWN))
    assert held is not None
    rekeying.begin(data_dir, OWN)
    rekeying.complete(data_dir, rekeying.Change(OWN, Place(FILE), held, {OWN: (held,)}))


def test_a_rekey_before_the_lock_costs_a_writer_nothing(tmp_path: Path) -> None:
    """It has opened the store with an identity that is replaced while it waits."""
    desk: Desk = make_desk(tmp_path, "LLM_API_KEY=\n")
    desk.devkeys("allow", "--yes")
    assert desk.devkeys("set", "LLM_API_KEY", input=key().encode()).code == 0
    data_dir = str(desk.home / ".local/share/devkeys")
    value = key()
    with locked(layout.lock_path(data_dir)):
        writer = subprocess.Popen(
            [*DEVKEYS, "set", "LLM_API_KEY"],
            cwd=desk.project,
            env=desk.environ,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert writer.stdin is not None
        assert writer.stderr is not None
        writer.stdin.write(value)
        writer.stdin.close()
        assert "waiting for another devkeys" in writer.stderr.readline()
        _rekey(data_dir)
    assert writer.wait(30) == 0, writer.stderr.read()
    writer.stderr.close()
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").text == value
