"""Drills of docs/recovery.md about files and laptops: what has happened before each."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from desk import key
from losing import PAGE, RUN, Case, Scene
from lost_and_found import Laptop, told
from recovery_page import Typist, missing
from small_disk import fill, small_disk

from devkeys.store import envelope, layout


def lost_laptop(scene: Scene) -> Case:
    """Leave nothing but the export, and an empty HOME."""
    old, new = scene.laptop("old"), scene.laptop()
    old.fill()
    old.export()
    new.take_kept(old)
    new.values = old.values
    shutil.rmtree(old.home)
    return Case(new)


def lost_laptop_backup(scene: Scene) -> Case:
    """Another HOME and another checkout, with the directory and the recovery key."""
    old = scene.with_keychain()
    old.give_recovery_key(old.fill())
    new = scene.laptop()
    new.take_directory(old)
    shutil.rmtree(new.data / "consent")
    return Case(new)


def copied_directory(scene: Scene) -> Case:
    """Bring the files into the session of another keychain."""
    old, new = scene.with_keychain(), scene.with_keychain()
    old.fill()
    old.export()
    new.take_directory(old)

    def check(screen: str, _typist: Typist) -> None:
        assert "the keychain item devkeys/identity is gone" in screen
        new.devkeys("allow", "--project", "chat", "--yes")
        assert old.devkeys("store", "verify").returncode == 0

    return Case(new, RUN, check=check)


def two_laptops(scene: Scene) -> Case:
    """Each has one value that the other has not, or only an earlier one of."""
    one, other = scene.laptop("one"), scene.laptop("other")
    opened = one.fill()
    other.word = one.word
    theirs = other.fill(staging=False)
    one.set(opened, {"LLM_API_KEY": key()})
    other.set(theirs, {"DATABASE_URL": (newest := key())})
    one.values["DATABASE_URL"] = newest
    # The moments are noted in seconds: those of before are made the earlier ones.
    for laptop, name in ((one, "DATABASE_URL"), (other, "LLM_API_KEY")):
        _backdate(laptop, name)

    def check(_screen: str, _typist: Typist) -> None:
        run = other.devkeys("run", "--", "python", "app.py")
        assert run.stdout.splitlines() == told(one.values)

    return Case(one, other=other, check=check)


def _backdate(laptop: Laptop, name: str) -> None:
    path = Path(layout.ledger_path(str(laptop.data), "chat", "dev"))
    content = json.loads(path.read_bytes())
    content["names"][name]["changed"] = "2026-01-31T23:59:59Z"
    path.write_text(json.dumps(content))


def damaged_file(scene: Scene) -> Case:
    """One bit of the values of dev, whose last write brought LLM_API_KEY."""
    laptop = scene.laptop()
    laptop.fill()
    laptop.damage()
    laptop.values["LLM_API_KEY"] = laptop.earlier

    def check(screen: str, _typist: Typist) -> None:
        assert "an earlier value will count again: LLM_API_KEY" in screen
        assert list(laptop.values_file().parent.glob("dev.age.damaged.*"))

    return Case(laptop, RUN, check=check)


def old_backup(scene: Scene) -> Case:
    """Put the store back as it was before its last write."""
    laptop = scene.laptop()
    opened = laptop.fill()
    laptop.set(opened, {"DATABASE_URL": key()})
    backup = laptop.home / "backup"
    shutil.copytree(laptop.data, backup)
    held = dict(laptop.values)
    laptop.set(opened, {"LLM_API_KEY": key()})
    laptop.values = held
    shutil.rmtree(laptop.data)
    backup.rename(laptop.data)
    left = laptop.devkeys("store", "repair", "--yes")
    assert (left.returncode, "left as it is" in left.stderr) == (1, True)

    def check(screen: str, _typist: Typist) -> None:
        assert "what was stored after those is lost" in screen

    return Case(laptop, RUN, check=check)


def full_disk(scene: Scene) -> Case:
    """Fill the disk while a value is set, and make room again."""
    laptop = scene.laptop()
    laptop.data.parent.parent.mkdir(parents=True)
    disk = scene.stack.enter_context(small_disk(str(laptop.data.parent)))
    subprocess.run(["mount", "-o", "remount,size=256k", disk], check=True)
    laptop.fill()
    assert laptop.devkeys("run", "--", "true").returncode == 0  # as somebody did at some time
    fill(disk)
    new = key()
    refused = laptop.devkeys("set", "LLM_API_KEY", given=new)
    assert refused.returncode != 0
    assert missing(PAGE["full disk"], refused.stderr) == [], refused.stderr
    run = laptop.devkeys("run", "--", "python", "app.py")
    assert run.stdout.splitlines() == told(laptop.values), run.stderr
    os.unlink(os.path.join(disk, "filler"))
    laptop.values["LLM_API_KEY"] = new
    return Case(laptop, seen=refused.stderr, answers={"LLM_API_KEY: ": new})


def downgrade(scene: Scene) -> Case:
    """Write a file of a format that nobody has thought of yet."""
    laptop = scene.laptop()
    opened = laptop.fill()
    path = laptop.values_file()
    sealed = envelope.seal(b"devkeys-values 9\nand more\n", opened.recipients)
    path.write_bytes(sealed)

    def check(_screen: str, _typist: Typist) -> None:
        laptop.devkeys("set", "LLM_API_KEY", given="x")
        laptop.devkeys("store", "repair", "--yes", "--accept-old")
        assert path.read_bytes() == sealed

    return Case(laptop, check=check, mended=False)
