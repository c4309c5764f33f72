"""Profiles with `confirm = true`: whose key their values are sealed to, and who reads them."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import Desk, key, make_desk
from locked_store import (
    answer,
    data_of,
    drop,
    finish,
    is_unlocked,
    keep_for,
    make_confirmed,
    need_kernel,
    phrase,
    record_of,
    wrap,
)
from quick_devkeys import QUICK_DEVKEYS

from devkeys import unlocking
from devkeys.keychain import kernel
from devkeys.store import envelope, identity, layout
from devkeys.store.record import CONFIRMED, FILE, PASSPHRASE

CONFIRM = "[profiles.dev]\n[profiles.prod]\nconfirm = true\n"
ASKED = "passphrase of confirmed profiles:"
RUN = ("run", "-p", "prod", "--", "printenv", "LLM_API_KEY")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Return a user with a project that wants one secret, and a store for a start."""
    monkeypatch.setattr("desk.DEVKEYS", QUICK_DEVKEYS)
    desk = make_desk(tmp_path, "LLM_API_KEY=\n")
    for profile in ("dev", "prod"):
        assert desk.devkeys("allow", "--yes", "-p", profile).code == 0
    assert desk.devkeys("set", "LLM_API_KEY", input=b"of dev").code == 0
    keep_for(desk, "60s")
    yield desk
    drop(desk)


def confirming(desk: Desk, text: str = CONFIRM) -> None:
    """Let the repository say which profiles are to be confirmed; agree to it."""
    (desk.project / "devkeys.toml").write_text(text)
    for profile in ("dev", "prod"):
        assert desk.devkeys("allow", "--yes", "-p", profile).code == 0


def opens(desk: Desk, which: str, ending: str = "age", profile: str = "prod") -> bool:
    """Say whether the plain identity file *which* alone opens a file of chat."""
    secret = identity.read_identity_file(layout.identity_path(data_of(desk), which))
    assert secret is not None
    path = layout.values_path(data_of(desk), "chat", profile).removesuffix("age") + ending
    try:
        return bool(envelope.unseal(layout.read(path) or b"", secret, path=path))
    except envelope.UnreadableError:
        return False


def set_prod(desk: Desk, value: str) -> None:
    """Store a value of the profile prod."""
    done = desk.devkeys("set", "-p", "prod", "LLM_API_KEY", input=value.encode())
    assert done.code == 0, done.err


def test_a_confirmed_profile_has_a_key_of_its_own(desk: Desk) -> None:
    """The store's own does not open its values; other profiles have nothing of it."""
    confirming(desk)
    value = key()
    set_prod(desk, value)

    holder = record_of(desk).confirmed
    assert holder is not None
    assert holder.kind == FILE
    assert (opens(desk, CONFIRMED), opens(desk, "identity")) == (True, False)
    assert opens(desk, "identity", profile="dev")
    assert desk.devkeys(*RUN).text.strip() == value


def test_one_that_becomes_confirmed_is_sealed_anew_when_written(desk: Desk) -> None:
    """It can be read before that; then no file of it is left to the store's own key."""
    first, second = key(), key()
    set_prod(desk, first)
    set_prod(desk, second)
    confirming(desk)
    assert desk.devkeys(*RUN).text.strip() == second
    set_prod(desk, second)  # the same again: that changes no value

    for ending in ("age", "before", "previous"):
        assert (opens(desk, CONFIRMED, ending), opens(desk, "identity", ending)) == (True, False)
    assert desk.devkeys(*RUN).text.strip() == second


def test_a_repository_may_tighten_never_loosen(desk: Desk) -> None:
    """Without `confirm` the values stay sealed as they are, and can be read and written."""
    confirming(desk)
    value, other = key(), key()
    set_prod(desk, value)
    confirming(desk, "[profiles.dev]\n[profiles.prod]\n")
    assert desk.devkeys(*RUN).text.strip() == value
    set_prod(desk, other)

    assert (opens(desk, CONFIRMED), opens(desk, "identity")) == (True, False)
    assert desk.devkeys(*RUN).text.strip() == other
    assert desk.devkeys("unset", "-p", "prod", "LLM_API_KEY").code == 0
    assert (opens(desk, CONFIRMED), opens(desk, "identity")) == (True, False)


def test_behind_a_passphrase_each_run_asks(desk: Desk) -> None:
    """The kernel keeps nothing of it, in a terminal where the store itself is open."""
    confirming(desk)
    value, passphrase = key(), phrase()
    set_prod(desk, value)
    wrap(data_of(desk), passphrase, CONFIRMED)
    for _ in range(2):
        child = desk.at_terminal(*RUN)
        answer(child, ASKED, passphrase)
        assert finish(child) == (0, value)
    holder = record_of(desk).confirmed
    assert holder is not None
    assert unlocking.unlocked(holder) is None
    done = desk.devkeys(*RUN)
    assert done.code == 125
    assert "a passphrase protects confirmed profiles" in done.err
    assert desk.devkeys("run", "--", "printenv", "LLM_API_KEY").text == "of dev\n"


def test_an_exported_value_of_a_confirmed_profile_is_compared(desk: Desk) -> None:
    """To confirm is the point, so it is asked for; where nobody can be, it is said."""
    confirming(desk)
    passphrase = phrase()
    set_prod(desk, key())
    wrap(data_of(desk), passphrase, CONFIRMED)
    child = desk.at_terminal(*RUN, env={"LLM_API_KEY": "other"})
    answer(child, ASKED, passphrase)
    code, shown = finish(child)
    assert code == 125
    assert "--prefer-store or --prefer-env" in shown
    done = desk.devkeys(*RUN, env={"LLM_API_KEY": "other"})
    assert (done.code, done.text) == (0, "other\n")
    assert "could not be asked" in done.err


def test_one_passphrase_for_both_is_asked_for_once(desk: Desk) -> None:
    """Both identities are locked; the one that was typed opens the other too."""
    confirming(desk)
    value, passphrase = key(), phrase()
    set_prod(desk, value)
    for which in ("identity", CONFIRMED):
        wrap(data_of(desk), passphrase, which)
    child = desk.at_terminal(*RUN)
    answer(child, ASKED, passphrase)

    assert finish(child) == (0, value)


def test_two_passphrases_are_asked_for_each(desk: Desk) -> None:
    """A file that says the store's is not taken for the other's, which is asked for."""
    confirming(desk)
    value, own, other = key(), phrase(), phrase()
    set_prod(desk, value)
    wrap(data_of(desk), own)
    wrap(data_of(desk), other, CONFIRMED)
    place = desk.home / "pw"
    place.write_text(own)
    child = desk.at_terminal(*RUN, env={"DEVKEYS_PASSPHRASE_FILE": str(place)})
    answer(child, ASKED, other)

    assert finish(child) == (0, value)


def test_a_store_with_a_passphrase_gives_it_one(desk: Desk) -> None:
    """Chosen at the first value of such a profile, and then not asked for again."""
    confirming(desk)
    own, other = phrase(), phrase()
    wrap(data_of(desk), own)
    child = desk.at_terminal("set", "-p", "prod", "LLM_API_KEY")
    value = key()
    answer(child, "LLM_API_KEY:", value)
    answer(child, "passphrase of the store:", own)
    answer(child, "new passphrase of confirmed profiles, asked for at each use:", other)
    answer(child, "once more:", other)
    code, shown = finish(child)

    assert code == 0, shown
    assert "passphrase of" not in shown
    holder = record_of(desk).confirmed
    assert holder is not None
    assert holder.kind == PASSPHRASE
    child = desk.at_terminal(*RUN)
    answer(child, ASKED, other)
    if not is_unlocked(desk):
        answer(child, "passphrase of the store:", own)
    assert finish(child) == (0, value)


def test_no_terminal_makes_it_by_the_file(desk: Desk) -> None:
    """A server's script is given one passphrase, for both; without it nothing is stored."""
    confirming(desk)
    passphrase = phrase()
    wrap(data_of(desk), passphrase)
    place = desk.home / "pw"
    place.write_text(passphrase)
    env = {"DEVKEYS_PASSPHRASE_FILE": str(place)}
    words = ("set", "-p", "prod", "LLM_API_KEY")
    assert desk.devkeys(*words, input=b"x").code == 3
    assert desk.devkeys(*words, input=b"x", env=env).code == 0
    assert record_of(desk).confirmed is not None
    assert desk.devkeys(*RUN, env=env).text == "x\n"


def test_doctor_searches_where_nobody_need_be_asked(desk: Desk) -> None:
    """A confirmed value in a file is found; behind a passphrase it is named as not looked at."""
    confirming(desk)
    value = "sk-" + secrets.token_hex(20)
    set_prod(desk, value)
    (desk.project / "notes.txt").write_text(f"use {value}\n")
    assert "notes.txt" in desk.devkeys("doctor").text
    passphrase = phrase()
    wrap(data_of(desk), passphrase, CONFIRMED)
    done = desk.devkeys("doctor")
    assert "notes.txt" not in done.text
    assert "they are of a confirmed profile" in done.text
    child = desk.at_terminal("doctor")
    code, shown = finish(child)
    assert ASKED not in shown, code


def test_what_it_takes_to_read_dev_is_not_the_others(desk: Desk) -> None:
    """Nobody is asked for the passphrase of confirmed profiles by commands about others."""
    need_kernel()
    make_confirmed(desk, phrase())
    for words in (("set", "LLM_API_KEY"), ("run", "--", "true"), ("unset", "LLM_API_KEY")):
        done = desk.devkeys(*words, input=b"x")
        assert done.code == 0, done.err


def test_forgetting_everything_drops_what_the_kernel_keeps(desk: Desk) -> None:
    """Neither file nor kernel opens anything afterwards."""
    need_kernel()
    passphrase = phrase()
    wrap(data_of(desk), passphrase)
    place = desk.home / "pw"
    place.write_text(passphrase)
    env = {"DEVKEYS_PASSPHRASE_FILE": str(place)}
    assert desk.devkeys("run", "--", "true", env=env).code == 0
    holder = record_of(desk).own
    assert is_unlocked(desk)
    assert desk.devkeys("forget", "--all", "--yes").code == 0

    assert kernel.get(unlocking.label(holder.recipient)) is None
