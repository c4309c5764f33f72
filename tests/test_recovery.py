"""docs/recovery.md: each drill of the page, typed at a terminal as it stands there."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import lost_files
import lost_keys
import pytest
from losing import PAGE, Case, Scene
from lost_and_found import Laptop, told
from recovery_page import Typist, missing

from devkeys import unlocking
from devkeys.errors import KeychainError
from devkeys.keychain import kernel
from devkeys.store.record import read_record

SET_UPS: dict[str, Callable[[Scene], Case]] = {
    "before, recovery key": lost_keys.before_recovery_key,
    "before, export": lost_keys.before_export,
    "lost keychain": lost_keys.lost_keychain,
    "lost keychain, export": lost_keys.lost_keychain_export,
    "lost laptop": lost_files.lost_laptop,
    "lost laptop, backup": lost_files.lost_laptop_backup,
    "copied directory": lost_files.copied_directory,
    "two laptops": lost_files.two_laptops,
    "damaged file": lost_files.damaged_file,
    "old backup": lost_files.old_backup,
    "full disk": lost_files.full_disk,
    "downgrade": lost_files.downgrade,
    "forgotten passphrase": lost_keys.forgotten_passphrase,
    "forgotten passphrase, still unlocked": lost_keys.still_unlocked,
    "leaked key": lost_keys.leaked_key,
    "plain age": lost_keys.plain_age,
    "plain age, keychain": lost_keys.plain_age_keychain,
    "plain age, recovery key": lost_keys.plain_age_recovery_key,
    "plain age, export": lost_keys.plain_age_export,
}
AGREED = {
    "Take this into the store? [y/N]": "y",
    "Mend it? [y/N]": "y",
    "Mend it? [Y/n]": "y",
    "Make a new key? [y/N]": "y",
    "Then type yes:": "yes",
}
# What is asked for unseen: all that a laptop has is behind one passphrase.
ASKED_FOR = (
    "passphrase of the recovery key:",
    "passphrase of the export:",
    "passphrase of the store:",
    "once more:",
    "keys.age:",
    "one.age:",
    "both.age:",
    "Enter passphrase",  # age's own
)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Give this test a place for its laptops."""
    with ExitStack() as stack:
        yield Scene(tmp_path, stack)


def test_every_drill_has_a_set_up() -> None:
    """And every set-up a drill, each once."""
    assert list(PAGE) == list(SET_UPS)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.needs_root] if name == "full disk" else [])
        for name in SET_UPS
    ],
)
def test_a_drill(scene: Scene, name: str) -> None:
    """What the page promises is on the screen, and afterwards the values are there again."""
    case = SET_UPS[name](scene)
    forget(case.laptop, scene)
    answers = AGREED | dict.fromkeys(ASKED_FOR, case.laptop.word) | dict(case.answers)
    typist = Typist(case.laptop.environ, case.laptop.folder, answers)
    with typist.terminal:
        screen = case.seen + typist.type([case.first] if case.first else [])
        screen += type_out(typist, PAGE[name].lines, case)
        assert missing(PAGE[name], screen) == [], screen
        check_unseen(case.laptop, screen, plain=name.startswith("plain"))
        case.check(screen, typist)
    forget(case.laptop, scene)
    if case.mended:
        check_mended(case.laptop)


def type_out(typist: Typist, lines: list[str], case: Case) -> str:
    """Type *lines*, each on the laptop that the last remark says."""
    other = case.other or case.laptop
    screen = ""
    for line in lines:
        screen += typist.type([line])
        if line.startswith("# on "):
            here, there = (case.laptop, other) if line == "# on one" else (other, case.laptop)
            here.take_kept(there)
            typist.type([f"HOME={here.home}"])
    return screen


def check_unseen(laptop: Laptop, screen: str, *, plain: bool) -> None:
    """Check that neither a passphrase nor, unless they are to be, values were shown."""
    hidden = [laptop.word, *([] if plain else [*laptop.values.values(), laptop.earlier])]
    assert not [text for text in hidden if text and text in screen]
    assert "Traceback" not in screen


def check_mended(laptop: Laptop) -> None:
    """Check that every file is whole, and that the app gets the values."""
    run = laptop.devkeys("run", "--", "python", "app.py")
    assert run.stdout.splitlines() == told(laptop.values), run.stderr
    verify = laptop.devkeys("store", "verify")
    assert verify.returncode == 0, verify.stdout


def forget(laptop: Laptop, scene: Scene) -> None:
    """Let the kernel keep what opens the store no longer than the test."""
    record = read_record(str(laptop.data)) if laptop.data.is_dir() else None
    for _, holder in record.holders() if record is not None else ():

        def drop(label: str = unlocking.label(holder.recipient)) -> None:
            with suppress(KeychainError):
                kernel.drop(label)

        scene.stack.callback(drop)
