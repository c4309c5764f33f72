"""fish: what a hostile checkout gets of what is typed."""

from fish_shell import SAID, UNSURE, Place, place, value

__all__ = ["place"]  # a fixture


def test_a_program_of_the_checkout_is_not_asked(place: Place) -> None:
    """Relative entries of PATH are not where devkeys is, first or last."""
    stolen = place.work / "stolen"
    thief = place.work / "devkeys"
    thief.write_text(f"#!/bin/sh\n/bin/cat > '{stolen}'\n")
    thief.chmod(0o755)
    typed = value()
    with place.start() as fish:
        fish.run(f"set PATH . {place.bin}")
        assert f"{SAID}the value of A_TOKEN" in fish.run(f"set -gx A_TOKEN {typed}")
        (place.bin / "devkeys").unlink()
        fish.run(f"set PATH {place.bin} .")
        assert UNSURE in fish.run(f"set -gx A_TOKEN {typed}")
        fish.exit()
    assert not stolen.exists()
    assert not any(typed.encode() in p.read_bytes() for p in place.folder.rglob("*") if p.is_file())
