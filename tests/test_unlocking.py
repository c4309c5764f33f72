"""A store that a passphrase protects, in use: who is asked, when, and for how long it counts."""

import os
import secrets
import subprocess
import time
from pathlib import Path

import pexpect
import pytest
from command import DEVKEYS
from desk import Desk, key, make_desk
from locked_store import (
    WITHOUT_KERNEL,
    answer,
    drop,
    finish,
    is_unlocked,
    keep_for,
    locked,
    need_kernel,
    outside,
    record_of,
    wrap,
)
from real import need

from devkeys import unlocking
from devkeys.keychain import kernel
from devkeys.secret import Secret
from devkeys.store import envelope
from devkeys.store.record import PASSPHRASE, Holder

__all__ = ["locked"]
Locked = tuple[Desk, str, str]
ASKED = "passphrase of the store:"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a user with a project that wants one secret."""
    return make_desk(tmp_path, "LLM_API_KEY=\n\nMODEL=small\n")


def test_without_a_terminal_run_says_what_to_do(locked: Locked) -> None:
    """Exit 125, with the command that unlocks and the variable that needs nobody."""
    desk, _, _ = locked
    done = desk.devkeys("run", "--", "true")

    assert done.code == 125
    assert "a passphrase protects the store: there is no terminal to ask at" in done.err
    assert "devkeys store unlock" in done.err
    assert "DEVKEYS_PASSPHRASE_FILE" in done.err


def test_at_a_terminal_run_asks_once(locked: Locked) -> None:
    """The passphrase is not shown; the next `run` finds the store unlocked, also without one."""
    need_kernel()
    desk, passphrase, value = locked
    child = desk.at_terminal("run", "--", "printenv", "LLM_API_KEY")
    answer(child, ASKED, passphrase)
    code, shown = finish(child)
    again = desk.devkeys("run", "--", "printenv", "LLM_API_KEY")

    assert (code, shown) == (0, value)
    assert passphrase not in shown
    assert (again.code, again.text.strip()) == (0, value)
    assert is_unlocked(desk)


def test_a_piped_stdin_is_the_commands(locked: Locked) -> None:
    """The passphrase comes from the terminal itself, stdin goes to the command whole."""
    desk, passphrase, _ = locked
    line = 'printf 1234 | "$0" -P -m devkeys run -- sh -c \'cat; echo "$LLM_API_KEY" | wc -c\''
    child = pexpect.spawn(
        "sh",
        ["-c", line, DEVKEYS[0]],
        cwd=str(desk.project),
        env=desk.environ,
        encoding="utf-8",
        timeout=30,
    )
    answer(child, ASKED, passphrase)

    assert finish(child) == (0, "123444")


def test_a_file_says_it_where_nobody_is(locked: Locked, tmp_path: Path) -> None:
    """And the command that is started learns nothing of it."""
    desk, passphrase, value = locked
    place = tmp_path / "pw"
    place.write_text(passphrase + "\n")
    done = desk.devkeys("run", "--", "env", env={"DEVKEYS_PASSPHRASE_FILE": str(place)})

    assert f"LLM_API_KEY={value}\n" in done.text
    assert "PASSPHRASE" not in done.text
    assert passphrase not in done.text


def test_a_descriptor_says_it_and_is_gone(locked: Locked) -> None:
    """Whether it was read or not, the command finds neither variable nor descriptor."""
    desk, passphrase, value = locked
    show = "printenv LLM_API_KEY; env | grep -c PASSPHRASE; ls /proc/self/fd"
    for given in ({}, {"LLM_API_KEY": "exported"}):
        reader, writer = os.pipe()
        os.write(writer, passphrase.encode())
        os.close(writer)
        os.set_inheritable(reader, True)  # the function takes no name
        spare = os.dup2(reader, 123)
        done = subprocess.run(
            [*DEVKEYS, "run", "--prefer-env", "--", "sh", "-c", show],
            cwd=desk.project,
            env={**desk.environ, "DEVKEYS_PASSPHRASE_FD": "123", **given},
            pass_fds=[spare],
            capture_output=True,
            text=True,
            check=False,
        )
        os.close(reader)
        os.close(spare)
        shown = done.stdout.split()
        assert shown[:2] == [given.get("LLM_API_KEY", value), "0"], done.stderr
        assert "123" not in shown


def test_a_wrong_file_is_an_error(locked: Locked, tmp_path: Path) -> None:
    """It names the variable and no passphrase; at a terminal nobody is asked instead."""
    desk, _, _ = locked
    place = tmp_path / "pw"
    place.write_text("not the one")
    child = desk.at_terminal("run", "--", "true", env={"DEVKEYS_PASSPHRASE_FILE": str(place)})
    code, shown = finish(child)

    assert code == 125
    assert "DEVKEYS_PASSPHRASE_FILE" in shown
    assert "not the one" not in shown


def test_three_wrong_ones_end_it(locked: Locked) -> None:
    """Exit 125, and nothing is unlocked; an empty one counts."""
    desk, _, _ = locked
    child = desk.at_terminal("run", "--", "true")
    for wrong in ("wrong", "", "wrong again"):
        answer(child, ASKED, wrong)
    code, shown = finish(child)

    assert code == 125
    assert "3 times something else than the passphrase" in shown
    assert not is_unlocked(desk)


def test_after_a_slip_the_right_one_counts(locked: Locked) -> None:
    """Two wrong ones are forgiven."""
    desk, passphrase, _ = locked
    child = desk.at_terminal("run", "--", "true")
    answer(child, ASKED, passphrase.upper())
    answer(child, ASKED, passphrase + " ")
    answer(child, ASKED, passphrase)

    assert finish(child)[0] == 0


def test_ctrl_c_leaves_the_terminal_as_it_was(locked: Locked) -> None:
    """Exit 130, and what is typed is seen again."""
    desk, _, _ = locked
    child = desk.at_terminal("run", "--", "true")
    child.expect_exact(ASKED)
    child.waitnoecho(10)
    child.send("half a pass")
    child.sendintr()
    child.expect("\n")
    echoes = child.getecho()

    assert finish(child)[0] == 130
    assert echoes


def test_the_end_of_input_is_no_passphrase(locked: Locked) -> None:
    """Ctrl-D says so and ends it, and does not ask for ever."""
    desk, _, _ = locked
    child = desk.at_terminal("run", "--", "true")
    child.expect_exact(ASKED)
    child.waitnoecho(10)
    child.send("\x04")
    code, shown = finish(child)

    assert code == 125
    assert "the input has ended" in shown


def test_in_ci_nobody_is_asked(locked: Locked) -> None:
    """A CI job may have a terminal, and nobody sits at it."""
    desk, _, _ = locked
    code, shown = finish(desk.at_terminal("run", "--", "true", env={"CI": "true"}))

    assert code == 125
    assert "nobody is asked for it in CI" in shown


def test_an_exported_value_needs_no_passphrase(locked: Locked) -> None:
    """Nobody is asked, not even at a terminal, only to compare; it says that it could not."""
    desk, _, _ = locked
    child = desk.at_terminal("run", "--", "printenv", "LLM_API_KEY", env={"LLM_API_KEY": "mine"})
    code, shown = finish(child)

    assert code == 0
    assert "everything comes from the environment; the store could not be asked" in shown
    assert "mine" in shown


def test_what_needs_no_value_never_asks(locked: Locked) -> None:
    """`status`, `list`, `get` without --reveal and `allow` work at a terminal, locked."""
    desk, _, _ = locked
    for words in (("status",), ("list",), ("list", "--all"), ("get", "LLM_API_KEY"), ("allow",)):
        code, shown = finish(desk.at_terminal(*words))
        assert code == 0, shown
        assert "passphrase of" not in shown


def test_one_command_asks_once(desk: Desk) -> None:
    """`init` stores value after value, and doctor reads file after file."""
    names = [f"{letter}_API_KEY" for letter in "ABCDEFGHIJ"]
    desk.declare("".join(f"{name}=\n" for name in names))
    desk.devkeys("allow", "--yes")
    assert desk.devkeys("set", names[0], input=b"x").code == 0
    assert desk.devkeys("set", names[0], "-p", "prod", input=b"x").code == 0
    passphrase = "only once"
    wrap(unlock_data(desk), passphrase)
    keep_for(desk, "0s")
    child = desk.at_terminal("init")
    asked = 0
    for name in names[1:]:
        while child.expect_exact([f"{name}:", ASKED]) == 1:
            asked += 1
            child.waitnoecho(10)
            child.sendline(passphrase)
        child.waitnoecho(10)
        child.sendline(key())
    while child.expect_exact([ASKED, pexpect.EOF]) == 0:
        asked += 1
        child.waitnoecho(10)
        child.sendline(passphrase)
    child.wait()
    assert (child.exitstatus, asked) == (0, 1)
    assert desk.devkeys("list").text.count("_API_KEY") == 11

    child = desk.at_terminal("doctor")
    answer(child, ASKED, passphrase)
    _, shown = finish(child)
    assert ASKED not in shown


def unlock_data(desk: Desk) -> str:
    """Return the store's directory."""
    return str(desk.home / ".local/share/devkeys")


def test_set_takes_its_value_from_a_pipe_and_asks_at_the_terminal(locked: Locked) -> None:
    """The value on stdin is the value."""
    desk, passphrase, _ = locked
    line = 'printf other | "$0" -P -m devkeys set LLM_API_KEY'
    child = pexpect.spawn(
        "sh",
        ["-c", line, DEVKEYS[0]],
        cwd=str(desk.project),
        env=desk.environ,
        encoding="utf-8",
        timeout=30,
    )
    answer(child, ASKED, passphrase)
    code, shown = finish(child)
    assert (code, ASKED in shown) == (0, False)
    child = desk.at_terminal("get", "LLM_API_KEY", "--reveal")
    if not is_unlocked(desk):
        answer(child, ASKED, passphrase)
    assert "other" in finish(child)[1]


def test_a_run_inside_a_run_needs_nothing(locked: Locked) -> None:
    """Of the same project, as the values are there; though the store is locked again."""
    desk, passphrase, value = locked
    keep_for(desk, "0s")
    inner = [*DEVKEYS, "run", "--", "printenv", "LLM_API_KEY"]
    child = desk.at_terminal("run", "--", *inner)
    answer(child, ASKED, passphrase)

    assert finish(child) == (0, value)


def test_two_at_once_both_ask(locked: Locked) -> None:
    """Neither waits for the other, and both get the value."""
    desk, passphrase, value = locked
    both = [desk.at_terminal("run", "--", "printenv", "LLM_API_KEY") for _ in range(2)]
    for child in both:
        child.expect_exact(ASKED)
    for child in both:
        child.waitnoecho(10)
        child.sendline(passphrase)

    assert [finish(child) for child in both] == [(0, value)] * 2


def test_it_counts_for_as_long_as_configured(locked: Locked) -> None:
    """Then the kernel has forgotten it by itself."""
    need_kernel()
    desk, passphrase, _ = locked
    keep_for(desk, "1s")
    child = desk.at_terminal("run", "--", "true")
    answer(child, ASKED, passphrase)
    assert finish(child)[0] == 0
    time.sleep(1.5)

    assert not is_unlocked(desk)
    assert desk.devkeys("run", "--", "true").code == 125


def test_nothing_is_kept_where_the_user_wants_none(locked: Locked) -> None:
    """`unlock_for = "0s"` asks each time, and says nothing of it."""
    desk, passphrase, _ = locked
    keep_for(desk, "0s")
    for _ in range(2):
        child = desk.at_terminal("run", "--", "true")
        answer(child, ASKED, passphrase)
        assert finish(child) == (0, "")


def test_without_the_kernels_keyring_it_is_said(locked: Locked, tmp_path: Path) -> None:
    """In a container: once, to the person who typed; a file that says it makes it no matter."""
    need("strace")
    desk, passphrase, value = locked
    child = pexpect.spawn(
        WITHOUT_KERNEL[0],
        [*WITHOUT_KERNEL[1:], *DEVKEYS, "run", "--", "printenv", "LLM_API_KEY"],
        cwd=str(desk.project),
        env=desk.environ,
        encoding="utf-8",
        timeout=60,
    )
    answer(child, ASKED, passphrase)
    code, shown = finish(child)
    assert code == 0
    assert "the passphrase will be asked for each time: the kernel's keyring cannot" in shown
    place = tmp_path / "pw"
    place.write_text(passphrase)
    with_file = {"DEVKEYS_PASSPHRASE_FILE": str(place)}
    done = outside(WITHOUT_KERNEL, desk, "run", "--", "printenv", "LLM_API_KEY", env=with_file)
    assert (done.stdout.strip(), done.stderr) == (value, "")


def test_what_the_kernel_keeps_is_only_taken_if_it_is_the_stores(locked: Locked) -> None:
    """Another program of the user's may have put something under the name."""
    need_kernel()
    desk, _, _ = locked
    holder = record_of(desk).own
    for other in (b"", b"1 ", secrets.token_bytes(20), b"99 " + envelope.new_identity().reveal()):
        if other:
            kernel.put(unlocking.label(holder.recipient), Secret(other), seconds=20)
        assert unlocking.unlocked(holder) is None
        assert unlocking.unlocked_until(holder) is None
        assert desk.devkeys("run", "--", "true").code == 125


def test_the_kernels_name_publishes_no_recipient(locked: Locked) -> None:
    """Whoever has a store's recipient can write files that it accepts."""
    desk, _, _ = locked
    holder = record_of(desk).own

    assert unlocking.label(holder.recipient)[8:] not in holder.recipient


def test_locking_drops_every_name_it_may_have(locked: Locked) -> None:
    """During a rekey the identity before and the next may be kept, too."""
    need_kernel()
    made = [envelope.new_identity() for _ in range(3)]
    names = [envelope.recipient_of(one) or "" for one in made]
    holder = Holder(PASSPHRASE, "", *names)
    for name, one in zip(names, made, strict=True):
        kernel.put(unlocking.label(name), one, seconds=20)

    assert unlocking.forget(holder)
    assert [kernel.get(unlocking.label(name)) for name in names] == [None] * 3
    assert not unlocking.forget(holder)
    drop(locked[0])
