"""bash: what a thief finds afterwards, and what a hostile checkout gets."""

import os
import time
from pathlib import Path

import pytest
from bash_shell import Place, place, value

__all__ = ["place"]  # a fixture
SAID = "devkeys: kept out of history: "
MEMORY = "/dev/shm"  # noqa: S108  # bash prints there, into a file of its own
UNSURE = SAID + "it may hold a secret (devkeys could not be asked)"


def test_a_program_of_the_checkout_is_not_asked(place: Place) -> None:
    """Relative entries of PATH are not where devkeys is, first or last, empty or not."""
    work = place.folder / "work"
    stolen = work / "stolen"
    for folder in (work, work / "sub"):
        folder.mkdir()
        (folder / "devkeys").write_text(f"#!/bin/sh\n/bin/cat > '{stolen}'\n")
        (folder / "devkeys").chmod(0o755)
    secret = value()
    with place.start() as bash:
        bash.run("cd work")
        for path in (f".:{place.bin}", f":{place.bin}", f"sub:{place.bin}", f"{place.bin}::./sub"):
            bash.run(f"PATH={path}")
            assert f"{SAID}the value of A_TOKEN" in bash.run(f"export A_TOKEN={secret}")
        (place.bin / "devkeys").unlink()
        for path in (f".:{place.bin}", f":{place.bin}", f"{place.bin}::sub"):
            bash.run(f"PATH={path}")
            assert UNSURE in bash.run(f"export A_TOKEN={secret}")
        bash.exit()
    assert not stolen.exists()
    assert place.traces(secret) == []


def test_the_quit_key_leaves_no_core(place: Place) -> None:
    """Whoever quits devkeys while it is asked finds no memory of it on the disk."""
    ready = place.folder / "ready"
    place.devkeys(f"/bin/cat >/dev/null; : > {ready}; exec sleep 100")
    secret = value()
    with place.start() as bash:
        bash.run("ulimit -c unlimited")
        bash.send(f"export A_TOKEN={secret}\r")
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        bash.send("\x1c")
        assert UNSURE in bash.next_prompt()
        bash.exit()
    assert place.traces(secret) == []


def test_what_is_completed_is_in_no_arguments(place: Place) -> None:
    """At the Tab key no program is given what was typed as its argument."""
    (place.bin / "env").unlink()
    (place.bin / "env").write_text('#!/bin/sh\necho "$@" >> ~/arguments\nexec /usr/bin/env "$@"\n')
    (place.bin / "env").chmod(0o755)
    secret = value()
    with place.start() as bash:
        bash.send(f"devkeys set {secret} --prof\t")
        bash.wait("--profile")
        bash.send("\x03")
        bash.next_prompt()
        bash.exit()
    assert place.traces(secret) == []


@pytest.mark.parametrize("size", [1 << 33, 1 << 20])
def test_a_huge_example_costs_nothing(place: Place, size: int) -> None:
    """A file of nothing but zeros, which git makes small, does not stop the shell."""
    (place.folder / "work").mkdir()
    with open(place.folder / "work" / ".env.example", "wb") as file:
        file.truncate(size)
    with place.start() as bash:
        began = time.monotonic()
        assert "devkeys: " not in bash.run("cd work")
        assert time.monotonic() - began < 5
        bash.exit()


@pytest.mark.skipif(not os.path.isdir(MEMORY), reason="there is no such directory")
def test_the_next_shell_empties_what_a_killed_one_left(place: Place) -> None:
    """What bash printed for us does not stay in memory when the shell is killed."""
    places = [p for p in (f"/run/user/{os.getuid()}", MEMORY) if os.access(p, os.W_OK)]
    left = Path(places[0]) / f"devkeys-bash.{os.getuid()}.1.999999999"
    left.write_text(value())
    try:
        with place.start() as bash:
            bash.exit()
        assert not left.exists() or left.read_text() == ""
    finally:
        left.unlink(missing_ok=True)
