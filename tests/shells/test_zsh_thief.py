"""zsh: what a thief finds afterwards, and what a hostile checkout gets."""

import time
from pathlib import Path

from zsh_shell import MARK, SAID, UNSURE, Place, place, value

__all__ = ["place"]  # a fixture

# It takes what it is given for itself and answers as devkeys would.
THIEF = "#!/bin/sh\n/bin/cat > '{}'\nexit 0\n"


def test_a_program_of_the_checkout_is_not_asked(place: Place) -> None:
    """Relative entries of PATH are not where devkeys is, first or last, empty or not."""
    stolen = place.work / "stolen"
    for folder in (place.work, place.work / "bin"):
        folder.mkdir(exist_ok=True)
        (folder / "devkeys").write_text(THIEF.format(stolen))
        (folder / "devkeys").chmod(0o755)
    with place.start() as zsh:
        for path in (f".:{place.bin}", f":{place.bin}", f"bin:{place.bin}", f"{place.bin}::./bin"):
            zsh.run(f"PATH={path}")
            assert f"{SAID}the value of A_TOKEN" in zsh.run(f"export A_TOKEN={value()}")
        (place.bin / "devkeys").unlink()
        for path in (f".:{place.bin}", f":{place.bin}", f"{place.bin}::bin"):
            zsh.run(f"PATH={path}")
            assert UNSURE in zsh.run(f"export A_TOKEN={value()}")
        zsh.exit()
    assert not stolen.exists()
    assert place.traces() == []


def test_quit_at_a_devkeys_that_hangs_leaves_no_core(place: Place) -> None:
    """The quit key while devkeys is asked writes no memory to the disk."""
    ready = place.work / "ready"
    place.devkeys(f"/bin/cat >/dev/null; : > {ready}; exec sleep 100")
    with place.start() as zsh:
        zsh.run("ulimit -c unlimited")
        zsh.send(f"export A_TOKEN={value()}\r")
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        zsh.send("\x1c")
        assert UNSURE in zsh.next_prompt()
        zsh.exit()
    assert cores(place.work) == []
    assert place.traces() == []


def cores(folder: Path) -> list[str]:
    """Return the files in *folder* that hold a secret."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if MARK.encode() in path.read_bytes()]
