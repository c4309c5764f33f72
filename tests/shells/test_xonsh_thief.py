"""xonsh: what a hostile checkout gets of what is typed."""

from pathlib import Path

from xonsh_session import Room

VALUE = "Zq9wKe"


def test_a_program_of_the_checkout_is_not_asked(tmp_path: Path, script: Path) -> None:
    """Relative entries of PATH are not where devkeys is, first or last."""
    room = Room(tmp_path, script)
    stolen = room.home / "stolen"
    thief = room.home / "devkeys"
    thief.write_text(f"#!/bin/sh\n/bin/cat > '{stolen}'\n")
    thief.chmod(0o755)
    with room.start() as shell:
        for path in (f"['.', '{room.bin}']", f"['', '{room.bin}']"):
            shell.type(f"$PATH = {path}")
            assert "the value of A_TOKEN" in shell.type(f"$A_TOKEN = 'k12345678901{VALUE}'")
        (room.bin / "devkeys").unlink()
        shell.type("$PATH = ['.', '']")
        assert "could not be asked" in shell.type(f"$A_TOKEN = 'k12345678901{VALUE}'")
        shell.exit()
    assert not stolen.exists()
    assert room.holders(VALUE) == []
