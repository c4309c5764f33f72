"""`devkeys store verify` and `repair` as their users see them."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from command import DEVKEYS
from desk import Desk, key

from devkeys.lock import locked
from devkeys.store import layout

OLD, NEW = key(), key()


@pytest.fixture
def full(desk: Desk) -> Desk:
    """Give this test a project whose key has been replaced once."""
    desk.devkeys("allow", "--yes")
    for value in (OLD, NEW):
        assert desk.devkeys("set", "LLM_API_KEY", input=value.encode()).code == 0
    return desk


def _data(desk: Desk) -> str:
    return str(desk.home / ".local/share/devkeys")


def _values(desk: Desk) -> str:
    return layout.values_path(_data(desk), "chat", "dev")


def _cut(path: str) -> None:
    Path(path).write_bytes(Path(path).read_bytes()[:-1])


def _value(desk: Desk) -> str:
    return desk.devkeys("get", "LLM_API_KEY", "--reveal").text


def test_a_whole_store_is_said_to_be_whole(full: Desk) -> None:
    """How much there is, and that all of it can be read."""
    done = full.devkeys("store", "verify")
    assert (done.code, done.err) == (0, "")
    assert f"store: {_data(full)}, 1 value in 1 profile\n" in done.text
    assert "every file can be read" in done.text


def test_no_store_is_an_error(desk: Desk) -> None:
    """There is nothing that could be whole."""
    done = desk.devkeys("store", "verify")
    assert (done.code, done.text) == (3, "")
    assert "devkeys: error: there is no store yet" in done.err


def test_a_damaged_file_ends_with_1_and_the_next_step(full: Desk) -> None:
    """As doctor and check do."""
    _cut(_values(full))
    done = full.devkeys("store", "verify")
    assert done.code == 1
    assert "dev.age cannot be decrypted" in done.text
    assert "next: devkeys store repair" in done.text


def test_programs_get_the_same_as_json(full: Desk) -> None:
    """Each fault with its file, its words and what mends it."""
    _cut(_values(full))
    done = full.devkeys("store", "verify", "--json")
    (fault,) = json.loads(done.out)["faults"]
    assert (done.code, fault["path"], fault["remedy"]) == (1, _values(full), "restore")
    assert (fault["project"], fault["profile"]) == ("chat", "dev")


def test_every_command_names_the_way_on(full: Desk) -> None:
    """Whoever meets the damage first is told of repair."""
    _cut(_values(full))
    done = full.devkeys("run", "--", "true")
    assert done.code == 125
    assert "devkeys: hint: devkeys store repair" in done.err


def test_repair_brings_the_value_before_back(full: Desk) -> None:
    """What it will do, and to which names, stands above the question."""
    _cut(_values(full))
    with full.at_terminal("store", "repair") as terminal:
        terminal.expect("bring back the values before the last write")
        terminal.expect("an earlier value will count again: LLM_API_KEY")
        terminal.expect("Mend it")
        terminal.sendline("y")
        terminal.expect(r"to be set again in chat \(dev\): LLM_API_KEY")
        terminal.expect("every file can be read")
    assert _value(full) == OLD
    assert full.devkeys("store", "verify").code == 0


def test_repair_asks_before_it_changes_anything(full: Desk) -> None:
    """No is no; so is no terminal."""
    _cut(_values(full))
    before = Path(_values(full)).read_bytes()
    with full.at_terminal("store", "repair") as terminal:
        terminal.expect("Mend it")
        terminal.sendline("n")
        terminal.expect("nothing was changed")
    done = full.devkeys("store", "repair")
    assert (done.code, "hint: --yes mends without asking" in done.err) == (2, True)
    assert Path(_values(full)).read_bytes() == before


def test_a_dry_run_changes_nothing(full: Desk) -> None:
    """It says what would be done."""
    _cut(_values(full))
    before = Path(_values(full)).read_bytes()
    done = full.devkeys("store", "repair", "--dry-run")
    assert done.code == 1
    assert "bring back the values before the last write" in done.err
    assert Path(_values(full)).read_bytes() == before


def test_an_old_file_is_not_taken_by_a_script_that_says_yes(full: Desk) -> None:
    """A key that was replaced, put back by somebody, must not count again unnoticed."""
    os.replace(layout.before_path(_data(full), "chat", "dev"), _values(full))
    done = full.devkeys("store", "repair", "--yes")
    assert done.code == 1
    assert "left as it is, without --accept-old" in done.err
    assert full.devkeys("store", "repair", "--yes", "--accept-old").code == 0
    assert _value(full) == OLD


def test_a_lost_record_is_written_anew(full: Desk) -> None:
    """From its copy, or from the identity that is there."""
    record = layout.record_path(_data(full))
    before = Path(record).read_bytes()
    for gone in ([record], [record, layout.record_copy_path(_data(full))]):
        for path in gone:
            os.unlink(path)
        assert full.devkeys("store", "repair", "--yes").code == 0
        assert Path(record).read_bytes() == before
    assert _value(full) == NEW


def test_a_record_is_not_made_of_another_identity(full: Desk) -> None:
    """What opens no file of the store is not its identity."""
    shutil.copytree(full.home, full.home.with_name("other"))
    other = Desk(full.home.with_name("other"), full.project)
    shutil.rmtree(_data(other))
    other.devkeys("allow", "--yes")
    other.devkeys("set", "LLM_API_KEY", input=b"x")
    shutil.copy(layout.identity_path(_data(other)), layout.identity_path(_data(full)))
    os.unlink(layout.record_path(_data(full)))
    os.unlink(layout.record_copy_path(_data(full)))
    done = full.devkeys("store", "repair", "--yes")
    assert done.code == 1
    assert "no identity was found that opens a file of the store" in done.err
    assert not os.path.exists(layout.record_path(_data(full)))


def test_a_lost_identity_says_what_is_lost(full: Desk) -> None:
    """How many values of how many projects, and what could bring them back."""
    os.unlink(layout.identity_path(_data(full)))
    done = full.devkeys("store", "verify")
    assert done.code == 1
    assert "1 value of 1 project cannot be read without it" in done.text
    assert "there is no recovery key" in done.text
    assert full.devkeys("list").code == 0


def test_what_needs_no_key_is_mended_without_one(full: Desk) -> None:
    """A mode, say."""
    os.unlink(layout.identity_path(_data(full)))
    os.chmod(_values(full), 0o640)
    full.devkeys("store", "repair", "--yes")
    assert os.stat(_values(full)).st_mode & 0o777 == 0o600


def test_no_value_is_shown(full: Desk) -> None:
    """Neither of what is whole nor of what is damaged."""
    _cut(_values(full))
    for words in (("verify",), ("verify", "--json"), ("repair", "--dry-run"), ("repair", "--yes")):
        done = full.devkeys("store", *words)
        assert OLD not in done.text + done.err
        assert NEW not in done.text + done.err


def test_what_nothing_mends_leaves_a_way_on(full: Desk) -> None:
    """Values that were written once only have no file before them; the next step has to work."""
    _cut(_values(full))
    os.unlink(layout.before_path(_data(full), "chat", "dev"))
    done = full.devkeys("store", "verify")
    assert done.code == 1
    assert "a backup may have it, else devkeys forget --project chat -p dev makes room" in done.text
    assert full.devkeys("forget", "--project", "chat", "-p", "dev", "--yes").code == 0
    assert full.devkeys("set", "LLM_API_KEY", input=NEW.encode()).code == 0
    assert full.devkeys("store", "verify").code == 0


def test_a_run_without_its_file_of_values_says_so(full: Desk) -> None:
    """Rather than that they were never stored, and are to be entered."""
    os.unlink(_values(full))
    done = full.devkeys("run", "--", "true")
    assert done.code == 125
    assert "is gone, and only the file before its last write is there" in done.err


def test_what_is_being_changed_is_looked_at_again(full: Desk) -> None:
    """A rekey that is under way is none that was interrupted."""
    path = _values(full)
    with locked(layout.lock_path(_data(full))):
        os.rename(path, f"{path}.elsewhere")
        verify = subprocess.Popen(
            [*DEVKEYS, "store", "verify"],
            cwd=full.project,
            env=full.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert verify.stderr is not None
        assert "waiting for another devkeys" in verify.stderr.readline()
        os.rename(f"{path}.elsewhere", path)
    out, _ = verify.communicate(timeout=60)
    assert verify.returncode == 0
    assert "every file can be read" in out


def test_a_record_without_its_recovery_key_says_so(full: Desk, tmp_path: Path) -> None:
    """Both copies of it are damaged: the printed key is not known any more, and will not do."""
    place = tmp_path / "passphrase"
    place.write_text("four words of mine\n")
    words = ("--to", str(tmp_path / "key.age"), "--passphrase-file", str(place), "--yes")
    assert full.devkeys("store", "recovery-key", *words).code == 0
    for path in (layout.record_path(_data(full)), layout.record_copy_path(_data(full))):
        Path(path).write_bytes(b"?")
    done = full.devkeys("store", "repair", "--yes")
    assert "such as a recovery key, which will open nothing any more" in done.err
