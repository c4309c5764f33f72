"""Drills of docs/recovery.md about keys and passphrases: what has happened before each."""

import os
import shutil
import subprocess
from pathlib import Path

from desk import key
from locked_store import need_kernel, wrap
from losing import PAGE, RUN, Case, Scene
from lost_and_found import REAL_DEVKEYS, Laptop
from real import need
from recovery_page import Typist

from devkeys import unlocking
from devkeys.store.record import PASSPHRASE, read_record


def before_recovery_key(scene: Scene) -> Case:
    """Do the real thing: what is printed opens the files, by age itself."""
    need("age")
    laptop = scene.laptop()
    laptop.fill()
    laptop.install(REAL_DEVKEYS)

    def check(screen: str, typist: Typist) -> None:
        begin, end = (f"-----{word} AGE ENCRYPTED FILE-----" for word in ("BEGIN", "END"))
        text = begin + screen.partition(begin)[2].partition(end)[0] + end
        (laptop.home / "recovery-key.age").write_text(text)
        shown = typist.type(PAGE["plain age, recovery key"].lines)
        assert all(value in shown.split() for value in laptop.values.values())

    return Case(laptop, check=check)


def before_export(scene: Scene) -> Case:
    """Do the real thing: age itself opens the export."""
    need("age")
    laptop = scene.laptop()
    laptop.fill()
    laptop.install(REAL_DEVKEYS)

    def check(_screen: str, typist: Typist) -> None:
        shown = typist.type(PAGE["plain age, export"].lines)
        assert all(value in shown for value in laptop.values.values())

    return Case(laptop, check=check)


def lost_keychain(scene: Scene) -> Case:
    """Delete the item of a store with a recovery key."""
    laptop = scene.with_keychain()
    laptop.give_recovery_key(laptop.fill())
    laptop.lose_item()

    def check(screen: str, _typist: Typist) -> None:
        assert "the store has a new key, the keychain item devkeys/identity" in screen

    return Case(laptop, RUN, check=check)


def lost_keychain_export(scene: Scene) -> Case:
    """Delete the item of a store of which there is an export."""
    laptop = scene.with_keychain()
    laptop.fill()
    laptop.export()
    laptop.lose_item()

    def check(screen: str, _typist: Typist) -> None:
        assert "devkeys store import" in screen.partition("hint:")[2].partition("\n")[0]
        assert laptop.data.with_name("devkeys.lost").is_dir()

    return Case(laptop, RUN, check=check)


def forgotten_passphrase(scene: Scene) -> Case:
    """Three wrong ones, with a recovery key."""
    need_kernel()
    laptop = scene.laptop()
    laptop.give_recovery_key(laptop.fill())
    wrap(str(laptop.data), key())

    def check(screen: str, typist: Typist) -> None:
        assert typist.asked.count("passphrase of the store:") == 3 + 2  # a new one, and its use
        assert "devkeys store recover does" in screen
        record = read_record(str(laptop.data))
        assert record is not None
        assert record.own.kind == PASSPHRASE

    return Case(laptop, RUN, check=check)


def still_unlocked(scene: Scene) -> Case:
    """Forget the passphrase while the kernel keeps the key."""
    need_kernel()
    laptop = scene.laptop()
    opened = laptop.fill()
    wrap(str(laptop.data), key())
    record = read_record(str(laptop.data))
    assert record is not None
    unlocking.remember(record.own, opened.secret, seconds=60)

    def check(screen: str, _typist: Typist) -> None:
        assert "passphrase of the store:" not in screen.partition(" recovery-key ")[0]

    return Case(laptop, RUN, check=check)


def leaked_key(scene: Scene) -> Case:
    """Somebody has the file `identity`; afterwards it opens nothing, by age itself."""
    need("age")
    laptop = scene.laptop()
    laptop.fill()
    seen = scene.folder / "seen"
    shutil.copy(laptop.identity_file, seen)
    assert _opened_by(seen, laptop) == ({0}, 4)

    def check(_screen: str, _typist: Typist) -> None:
        assert _opened_by(seen, laptop) == ({1}, 4)
        assert _opened_by(laptop.identity_file, laptop) == ({0}, 4)

    return Case(laptop, check=check)


def _opened_by(identity: Path, laptop: Laptop) -> tuple[set[int], int]:
    """Return with which exit codes `age` ends, and for how many files."""
    sealed = (".age", ".before", ".previous")
    files = [path for path in laptop.data.rglob("*") if path.suffix in sealed]
    command = ["age", "-d", "-i", str(identity), "-o", os.devnull]
    ends = [subprocess.run([*command, path], capture_output=True, check=False) for path in files]
    return {end.returncode for end in ends}, len(files)


def plain_age(scene: Scene) -> Case:
    """Make a store with its key in a file."""
    laptop = scene.laptop()
    laptop.fill()
    return _plainly(laptop)


def plain_age_keychain(scene: Scene) -> Case:
    """Make a store with its key in a keychain."""
    need("secret-tool")
    laptop = scene.with_keychain()
    laptop.fill()
    return _plainly(laptop)


def plain_age_recovery_key(scene: Scene) -> Case:
    """Take the key of a store away."""
    laptop = scene.laptop()
    laptop.give_recovery_key(laptop.fill())
    laptop.identity_file.unlink()
    return _plainly(laptop)._replace(mended=False)


def plain_age_export(scene: Scene) -> Case:
    """Leave an export, and no store."""
    laptop = scene.laptop()
    laptop.fill()
    laptop.export()
    shutil.rmtree(laptop.data)
    return _plainly(laptop)._replace(mended=False)


def _plainly(laptop: Laptop) -> Case:
    need("age")

    def check(screen: str, _typist: Typist) -> None:
        lines = screen.splitlines()
        for name, value in laptop.values.items():
            assert lines[lines.index(name) + 1] == value

    return Case(laptop, check=check)
