"""`devkeys store passphrase`, `unlock`, `lock`: the identity file, its record, and the kernel."""

import os
import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pexpect
import pytest
from desk import Desk, key
from gnome_keyring import GnomeKeyring, keyring
from locked_store import (
    WITHOUT_KERNEL,
    answer,
    data_of,
    drop,
    finish,
    is_unlocked,
    keep_for,
    locked,
    make_confirmed,
    need_kernel,
    outside,
    phrase,
    record_of,
    secret,
    wrap,
)
from quick_devkeys import QUICK_DEVKEYS
from real import need

from devkeys.store import envelope, layout
from devkeys.store.record import CONFIRMED, FILE, KEYCHAIN, OWN, PASSPHRASE, read_record

__all__ = ["keyring", "locked"]
Locked = tuple[Desk, str, str]
ASKED = "passphrase of the store:"
NEW = "new passphrase of the store:"


@pytest.fixture(autouse=True)
def _quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no passphrase take seconds, but where the real ones are meant."""
    if "with_age" not in request.node.name:
        monkeypatch.setattr("desk.DEVKEYS", QUICK_DEVKEYS)


def written(folder: Path, text: str) -> str:
    """Return the path of a file that holds a passphrase."""
    path = folder / f"pw-{phrase()[-6:]}"
    path.write_text(text + "\n")
    return str(path)


def content(desk: Desk, which: str = OWN) -> bytes:
    """Return what the identity file holds."""
    return Path(layout.identity_path(data_of(desk), which)).read_bytes()


def stored(desk: Desk) -> str:
    """Store a value without a passphrase, and return it."""
    value = key()
    desk.devkeys("allow", "--yes")
    assert desk.devkeys("set", "LLM_API_KEY", input=value.encode()).code == 0
    return value


def test_the_whole_way_with_age(desk: Desk, tmp_path: Path) -> None:
    """Protected at a terminal with pyrage's own work factor, used, and opened by plain age."""
    need("age")
    value = stored(desk)
    passphrase = phrase()
    leftover = Path(data_of(desk)) / ".identity.0123456789ab.tmp"
    leftover.write_bytes(content(desk))
    child = desk.at_terminal("store", "passphrase")
    child.timeout = 90
    answer(child, NEW, passphrase)
    answer(child, "once more:", passphrase)
    code, shown = finish(child)

    assert code == 0
    assert "devkeys store rekey makes a new one" in shown
    assert passphrase not in shown
    assert envelope.wants_passphrase(content(desk))
    assert stat.S_IMODE(os.stat(layout.identity_path(data_of(desk))).st_mode) == 0o600
    assert not leftover.exists()
    assert record_of(desk).own.kind == PASSPHRASE
    place = {"DEVKEYS_PASSPHRASE_FILE": written(tmp_path, passphrase)}
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal", env=place).text == value
    drop(desk)
    sealed = layout.values_path(data_of(desk), "chat", "dev")
    words = ["-d", "-i", layout.identity_path(data_of(desk)), sealed]
    age = pexpect.spawn("age", words, encoding="utf-8", timeout=90)
    age.expect("passphrase")
    age.waitnoecho(10)
    age.sendline(passphrase)
    assert value in finish(age)[1]


def test_removing_puts_a_plain_file_back(locked: Locked) -> None:
    """After a yes and the passphrase, though it is unlocked; and the record is what it was."""
    need_kernel()
    desk, passphrase, value = locked
    child = desk.at_terminal("run", "--", "true")
    answer(child, ASKED, passphrase)
    assert finish(child)[0] == 0
    child = desk.at_terminal("store", "passphrase", "--remove")
    answer(child, ASKED, passphrase)
    child.expect_exact("not from who has the disk. Go on?")
    child.sendline("n")
    assert finish(child)[0] == 2
    assert envelope.wants_passphrase(content(desk))

    child = desk.at_terminal("store", "passphrase", "--remove")
    answer(child, ASKED, passphrase)
    child.expect_exact("Go on?")
    child.sendline("y")
    assert finish(child)[0] == 0

    assert record_of(desk).own.kind == FILE
    assert Path(layout.record_path(data_of(desk))).read_bytes().startswith(b"devkeys-store 1\n")
    assert not is_unlocked(desk)
    assert desk.devkeys("run", "--", "printenv", "LLM_API_KEY").text.strip() == value


def test_removing_without_a_terminal_needs_yes(locked: Locked, tmp_path: Path) -> None:
    """A script says --yes, and the passphrase as everywhere."""
    desk, passphrase, _ = locked
    env = {"DEVKEYS_PASSPHRASE_FILE": written(tmp_path, passphrase)}

    assert desk.devkeys("store", "passphrase", "--remove", "--yes").code == 3
    assert desk.devkeys("store", "passphrase", "--remove", env=env).code == 2
    assert envelope.wants_passphrase(content(desk))
    assert desk.devkeys("store", "passphrase", "--remove", "--yes", env=env).code == 0
    assert not envelope.wants_passphrase(content(desk))


def test_changing_it_asks_for_the_old_one(locked: Locked, tmp_path: Path) -> None:
    """Also while it is unlocked; a wrong old one changes nothing."""
    desk, passphrase, value = locked
    new = written(tmp_path, phrase())
    wrong = {"DEVKEYS_PASSPHRASE_FILE": written(tmp_path, "wrong")}
    right = {"DEVKEYS_PASSPHRASE_FILE": written(tmp_path, passphrase)}
    before = content(desk)
    assert desk.devkeys("run", "--", "true", env=right).code == 0
    for env in ({}, wrong):
        done = desk.devkeys("store", "passphrase", "--passphrase-file", new, env=env)
        assert (done.code, content(desk)) == (3, before)

    assert desk.devkeys("store", "passphrase", "--passphrase-file", new, env=right).code == 0
    drop(desk)
    assert desk.devkeys("run", "--", "true", env=right).code == 125
    env = {"DEVKEYS_PASSPHRASE_FILE": new}
    done = desk.devkeys("run", "--", "printenv", "LLM_API_KEY", env=env)
    assert done.text.strip() == value


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [("", None, "no passphrase; nothing was changed"), ("one", "two", "two different ones")],
)
def test_what_is_not_typed_twice_is_no_passphrase(
    desk: Desk, first: str, second: str | None, said: str
) -> None:
    """The file stays as it is, Ctrl-C included."""
    stored(desk)
    before = content(desk)
    child = desk.at_terminal("store", "passphrase")
    answer(child, NEW, first)
    if second is not None:
        answer(child, "once more:", second)
        child.expect_exact(said)
        child.expect_exact(NEW)
        child.waitnoecho(10)
        child.sendintr()
    code, shown = finish(child)

    assert code == (130 if second is not None else 2)
    assert second is not None or said in shown
    assert content(desk) == before
    assert record_of(desk).own.kind == FILE


@pytest.mark.parametrize("words", [("passphrase",), ("recovery-key", "--yes"), ("rekey", "--yes")])
def test_without_a_terminal_it_is_said_what_to_give(
    locked: Locked, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """A value could be piped in, a passphrase cannot; pasting the hint has to help."""
    desk, old, _ = locked
    env = {} if words[0] == "rekey" else {"DEVKEYS_PASSPHRASE_FILE": written(tmp_path, old)}
    done = desk.devkeys("store", *words, env=env)
    assert done.code == 2
    known = "DEVKEYS_PASSPHRASE_FILE" if words[0] == "rekey" else "--passphrase-file"
    assert f"hint: {known} names a file with the passphrase; nothing was changed" in done.err


def test_without_a_store_one_is_made_behind_it(desk: Desk, tmp_path: Path) -> None:
    """Its key never was on the disk as it is."""
    place = written(tmp_path, phrase())
    assert desk.devkeys("store", "passphrase", "--passphrase-file", place).code == 0

    assert envelope.wants_passphrase(content(desk))
    assert record_of(desk).own.kind == PASSPHRASE
    env = {"DEVKEYS_PASSPHRASE_FILE": place}
    assert desk.devkeys("set", "LLM_API_KEY", input=b"x", env=env).code == 0
    drop(desk)


@pytest.mark.parametrize("passphrase", ["record", "file"])
def test_either_order_of_an_interruption_works(desk: Desk, passphrase: str) -> None:
    """Readers go by the file; status and doctor say what is so, and repeating finishes it."""
    value = stored(desk)
    data_dir, word = data_of(desk), phrase()
    plain = content(desk)
    wrap(data_dir, word)
    if passphrase == "record":
        Path(layout.identity_path(data_dir)).write_bytes(plain)
        assert desk.devkeys("run", "--", "printenv", "LLM_API_KEY").text.strip() == value
        assert "its key is a file that only its mode protects" in desk.devkeys("status").text
        assert "interrupted: repeat it" in desk.devkeys("status").text
        assert "store passphrase was interrupted" in desk.devkeys("doctor").text
    else:
        record = Path(layout.record_path(data_dir))
        plain = record.read_bytes().replace(b"store 2", b"store 1").replace(b"passphrase", b"file")
        record.write_bytes(plain.removesuffix(b"end\n"))
        assert desk.devkeys("run", "--", "true").code == 125
        assert "a passphrase opens its key" in desk.devkeys("status").text


def test_kill_at_every_write_leaves_a_store_that_opens(desk: Desk, tmp_path: Path) -> None:
    """Old or new, never neither: the value is there with or without the passphrase."""
    need("strace")
    value = stored(desk)
    place = written(tmp_path, phrase())
    saved = tmp_path / "saved"
    shutil.copytree(desk.home, saved, symlinks=True)
    for call, last in (("rename", 4), ("fsync", 7), ("unlink", 3)):
        for when in range(1, last):
            shutil.rmtree(desk.home)
            shutil.copytree(saved, desk.home, symlinks=True)
            calls = "rename,renameat,renameat2" if call == "rename" else call
            kill = f"inject={calls}:signal=KILL:when={when}"
            before = ("strace", "-f", "-o", "/dev/null", "-e", kill)
            words = ("store", "passphrase", "--passphrase-file", place)
            outside(before, desk, *words, program=QUICK_DEVKEYS)
            env = {"DEVKEYS_PASSPHRASE_FILE": place}
            done = desk.devkeys("run", "--", "printenv", "LLM_API_KEY", env=env)
            assert done.text.strip() == value, (call, when, done.err)
            drop(desk)


def test_unlock_says_until_when_and_prolongs_unasked(locked: Locked, tmp_path: Path) -> None:
    """Then `run` asks nobody; `lock` ends it, as often as it is said."""
    need_kernel()
    desk, passphrase, value = locked
    place = written(tmp_path, passphrase)
    first = desk.devkeys("store", "unlock", "--for", "30s", "--passphrase-file", place)
    again = desk.devkeys("store", "unlock", "--for", "2m")

    assert (first.code, again.code) == (0, 0)
    assert "unlocked until" in first.err
    assert "unlocked until" in again.err
    assert desk.devkeys("run", "--", "printenv", "LLM_API_KEY").text.strip() == value
    assert "; unlocked until" in desk.devkeys("status").text
    for _ in range(2):
        done = desk.devkeys("store", "lock")
        assert (done.code, "locked" in done.err) == (0, True)
        assert not is_unlocked(desk)
    assert "; locked" in desk.devkeys("status").text


def test_unlock_asks_at_the_terminal(locked: Locked) -> None:
    """With the configured time."""
    need_kernel()
    desk, passphrase, _ = locked
    child = desk.at_terminal("store", "unlock")
    answer(child, ASKED, passphrase)
    code, shown = finish(child)

    assert code == 0
    assert "unlocked until" in shown
    assert is_unlocked(desk)


@pytest.mark.parametrize("period", ["0", "0s", "0h", "8", "8x", "-1h", "1e3s", "8d", "\u0661h", ""])
def test_no_other_time_is_taken(locked: Locked, period: str) -> None:
    """A wrong word before anybody is asked."""
    done = locked[0].devkeys("store", "unlock", f"--for={period}")

    assert done.code == 2
    assert "such as 30m or 8h" in done.err


def test_configured_never_to_keep_it_wants_a_time(locked: Locked) -> None:
    """`unlock_for = "0s"` is the default that `unlock` cannot follow."""
    desk, _, _ = locked
    keep_for(desk, "0s")
    done = desk.devkeys("store", "unlock")

    assert done.code == 2
    assert "--for 8h" in done.err


def test_unlock_without_the_kernels_keyring(locked: Locked, tmp_path: Path) -> None:
    """It says so before it asks, with exit code 3; there is nothing for `lock` to do."""
    need("strace")
    desk, passphrase, _ = locked
    place = written(tmp_path, passphrase)
    done = outside(WITHOUT_KERNEL, desk, "store", "unlock", "--passphrase-file", place)
    assert done.returncode == 3
    assert "kernel's keyring cannot be used" in done.stderr
    assert "DEVKEYS_PASSPHRASE_FILE" in done.stderr
    done = outside(WITHOUT_KERNEL, desk, "store", "lock")
    assert done.returncode == 0
    assert "nothing keeps the store unlocked" in done.stderr


def test_what_has_no_passphrase_needs_no_unlocking(desk: Desk) -> None:
    """Exit 0, so that one line of a login script serves every machine."""
    for command in ("unlock", "lock"):
        done = desk.devkeys("store", command)
        assert (done.code, "no store yet" in done.err) == (0, True)
    stored(desk)
    for command in ("unlock", "lock"):
        done = desk.devkeys("store", command)
        assert (done.code, "no passphrase protects" in done.err) == (0, True)
    assert desk.devkeys("store", "passphrase", "--remove").code == 3


def test_a_protected_file_that_is_gone_is_told(locked: Locked) -> None:
    """With what is lost, not as a wrong passphrase."""
    desk, _, _ = locked
    os.unlink(layout.identity_path(data_of(desk)))
    for words in (("unlock",), ("passphrase",)):
        done = desk.devkeys("store", *words)
        assert done.code == 3
        assert "is gone" in done.err
    assert desk.devkeys("status").code == 0


def test_the_confirmed_identity_gets_it_too(desk: Desk, tmp_path: Path) -> None:
    """One that is a plain file beside; a later change of the common one changes both."""
    stored(desk)
    make_confirmed(desk)
    old, new = phrase(), written(tmp_path, phrase())
    place = written(tmp_path, old)
    assert desk.devkeys("store", "passphrase", "--passphrase-file", place).code == 0
    assert envelope.unseal_with(content(desk, CONFIRMED), secret(old))
    holder = record_of(desk).confirmed
    assert holder is not None
    assert holder.kind == PASSPHRASE
    env = {"DEVKEYS_PASSPHRASE_FILE": place}
    assert desk.devkeys("store", "passphrase", "--passphrase-file", new, env=env).code == 0

    word = secret(Path(new).read_text().strip())
    assert all(envelope.unseal_with(content(desk, which), word) for which in (OWN, CONFIRMED))


def test_the_confirmed_identity_gets_no_passphrase_that_does_not_open_the_store(
    locked: Locked, tmp_path: Path
) -> None:
    """A repository's own `.envrc` may name a file whose content others know."""
    desk, passphrase, _ = locked
    (desk.project / "devkeys.toml").write_text("[profiles.prod]\nconfirm = true\n")
    assert desk.devkeys("allow", "--yes", "-p", "prod").code == 0
    desk.devkeys("store", "unlock", "--passphrase-file", written(tmp_path, passphrase))
    env = {"DEVKEYS_PASSPHRASE_FILE": written(tmp_path, phrase())}
    done = desk.devkeys("set", "-p", "prod", "LLM_API_KEY", input=b"live", env=env)
    assert done.code == 3
    assert "DEVKEYS_PASSPHRASE_FILE leads to does not open" in done.err
    assert not os.path.exists(layout.identity_path(data_of(desk), CONFIRMED))


def test_a_passphrase_of_its_own_stays(locked: Locked, tmp_path: Path) -> None:
    """The store's is changed or removed, and that of confirmed profiles is another one."""
    desk, passphrase, _ = locked
    confirmed = phrase()
    env = {"DEVKEYS_PASSPHRASE_FILE": written(tmp_path, passphrase)}
    plain = {"DEVKEYS_PASSPHRASE_FILE": written(tmp_path, confirmed)}
    assert desk.devkeys("store", "passphrase", "--remove", "--yes", env=env).code == 0
    make_confirmed(desk, confirmed)
    wrap(data_of(desk), passphrase)
    before = content(desk, CONFIRMED)
    place = written(tmp_path, phrase())
    assert desk.devkeys("store", "passphrase", "--passphrase-file", place, env=env).code == 0
    assert content(desk, CONFIRMED) == before

    # Beside a store with a passphrase none of its keys is to lie about without one.
    words = ("store", "passphrase", "--remove", "--yes", "--confirmed")
    done = desk.devkeys(*words, env=plain)
    assert (done.code, content(desk, CONFIRMED)) == (3, before)


def session(
    keyring: GnomeKeyring,
    desk: Desk,
    *words: str,
    given: bytes = b"",
    env: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[bytes]":
    """Run devkeys where there is a keychain."""
    return subprocess.run(
        [*QUICK_DEVKEYS, *words],
        cwd=desk.project,
        env={**keyring.env, "HOME": str(desk.home), **(env or {})},
        input=given,
        capture_output=True,
        check=False,
    )


def accounts(keyring: GnomeKeyring) -> set[str]:
    """Return whose items of ours there are."""
    return {item["username"] for item in keyring.items()}


def test_in_a_keychain_only_the_confirmed_gets_one(
    desk: Desk, keyring: GnomeKeyring, tmp_path: Path
) -> None:
    """The store's own is protected; the other leaves the keychain, and can come back."""
    assert session(keyring, desk, "allow", "--yes").returncode == 0
    assert session(keyring, desk, "set", "LLM_API_KEY", given=b"x").returncode == 0
    done = session(keyring, desk, "store", "passphrase")
    assert done.returncode == 3
    assert b"the keychain protects the store's key already" in done.stderr
    assert session(keyring, desk, "store", "unlock").returncode == 0
    (desk.project / "devkeys.toml").write_text("[profiles.prod]\nconfirm = true\n")
    assert session(keyring, desk, "allow", "--yes", "-p", "prod").returncode == 0
    done = session(keyring, desk, "set", "-p", "prod", "LLM_API_KEY", given=b"live")
    assert done.returncode == 0, done.stderr
    assert accounts(keyring) == {"identity", "confirmed"}
    place = written(tmp_path, phrase())
    words = ("store", "passphrase", "--confirmed", "--passphrase-file", place)
    done = session(keyring, desk, *words)
    assert done.returncode == 0, done.stderr

    assert accounts(keyring) == {"identity"}
    assert envelope.wants_passphrase(content(desk, CONFIRMED))
    run = ("run", "-p", "prod", "--", "printenv", "LLM_API_KEY")
    assert session(keyring, desk, *run).returncode == 125
    env = {"DEVKEYS_PASSPHRASE_FILE": place}
    assert session(keyring, desk, *run, env=env).stdout == b"live\n"
    assert b"confirmed profiles have a passphrase" in session(keyring, desk, "status").stdout
    words = ("store", "passphrase", "--confirmed", "--remove", "--yes")
    item = ("service", "devkeys", "username", "confirmed")
    keyring.store(envelope.new_identity().reveal().decode(), *item)  # which opens another store
    done = session(keyring, desk, *words, env=env)
    assert done.returncode == 3
    assert b"is there already, and is not this store's" in done.stderr
    subprocess.run(["secret-tool", "clear", *item], env=keyring.env, check=True)
    done = session(keyring, desk, *words, env=env)
    assert done.returncode == 0, done.stderr
    assert accounts(keyring) == {"identity", "confirmed"}
    assert not os.path.exists(layout.identity_path(data_of(desk), CONFIRMED))
    record = read_record(data_of(desk))
    assert record is not None
    assert record.confirmed is not None
    assert record.confirmed.kind == KEYCHAIN
    assert session(keyring, desk, *run).stdout == b"live\n"
