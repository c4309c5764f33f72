"""Every command before `strace`: no canary goes anywhere but where it belongs."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import quick_scrypt
import typer
from canary.canaries import SHAPES, Canary, binary, plain
from canary.identities import known
from canary.playing import Scenario, play
from canary.scenarios import SCENARIOS
from canary.situations import typed_value
from canary.stage import PHRASES, Stage
from gnome_keyring import gnome_keyring
from real import need
from small_disk import fill, small_disk

from devkeys.cli import app
from devkeys.store import envelope

ALL = os.environ.get("DEVKEYS_CANARY") == "all"  # each scenario in each way: some minutes
HEADLESS, KEYCHAIN = "headless", "keychain"


@pytest.fixture(scope="module")
def headless(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Make a stage whose store has its key in a file."""
    need("strace")
    return Stage(tmp_path_factory.mktemp("canary") / "stage", None)


@pytest.fixture(scope="module")
def keychain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Make a stage whose store has its key in a gnome-keyring."""
    need("strace", "secret-tool")
    with gnome_keyring() as keyring:
        yield Stage(tmp_path_factory.mktemp("canary") / "stage", keyring)


def _plays() -> Iterator[object]:
    for number, scenario in enumerate(SCENARIOS):
        shapes = SHAPES if scenario.text else (*SHAPES, binary)
        for store in (HEADLESS, KEYCHAIN):
            if scenario.only not in ("", store):
                continue
            if scenario.seldom and not ALL:
                continue
            if store == KEYCHAIN and not (ALL or scenario.keychain or scenario.only):
                continue
            for shape in shapes if ALL and scenario.enters else shapes[number % 5 :][:1]:
                name = f"{scenario.name}-{store}-{shape.__name__}"
                yield pytest.param(scenario, store, shape, id=name)


@pytest.mark.parametrize(("scenario", "store", "shape"), list(_plays()))
def test_no_canary_leaks(
    scenario: Scenario,
    store: str,
    shape: Callable[[str], Canary],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    """A command hands a secret on only in the ways that are its task, whatever becomes of it."""
    stage: Stage = request.getfixturevalue(store)
    stage.lay_out(shape("SPARE_KEY"))

    played = play(stage, scenario, tmp_path / "strace")

    assert not played.leaks
    assert scenario.says in played.said
    assert scenario.code in (None, played.code), played.said


@pytest.mark.needs_root
def test_a_full_disk_shows_nothing(headless: Stage, tmp_path: Path) -> None:
    """A new store for which there is no room."""
    headless.lay_out(plain("SPARE_KEY"))
    with small_disk(str(tmp_path / "disk")) as disk:
        fill(disk)
        words = ("set", "SPARE_KEY")
        scenario = Scenario("full", words, given=typed_value, env={"XDG_DATA_HOME": disk})
        played = play(headless, scenario, tmp_path / "strace")
    assert (played.leaks, played.code) == ([], 3), played.said


@pytest.mark.needs_root
def test_another_users_file_shows_nothing(headless: Stage, tmp_path: Path) -> None:
    """What somebody else put in the place of the values is not read, and not told."""
    headless.lay_out(plain("SPARE_KEY"))
    os.chown(headless.values, 12345, -1)
    scenario = Scenario("owner", ("get", "PEM_KEY", "--reveal"))
    played = play(headless, scenario, tmp_path / "strace")
    assert (played.leaks, played.code) == ([], 3), played.said


# Commands that do hand on what only these rows forbid: which secret, and where to.
CAUGHT = {
    "unlock": ("the identity", "kernel keyring"),
    "passphrase-remove": ("the identity", "~/.local/share/devkeys/identity"),
    "rekey": ("the identity", "~/.local/share/devkeys/identity"),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_store_key_in_a_forbidden_place_is_seen(
    name: str, headless: Stage, tmp_path: Path
) -> None:
    """What opens the store is known in each form that it has, and its new one too."""
    headless.lay_out(plain("SPARE_KEY"))
    scenario = next(one for one in SCENARIOS if one.name == name)
    played = play(headless, scenario._replace(key=()), tmp_path / "strace")
    assert CAUGHT[name] in {(leak.name, leak.where) for leak in played.leaks}


@pytest.mark.parametrize("name", PHRASES)
def test_a_shown_passphrase_is_seen(name: str, headless: Stage, tmp_path: Path) -> None:
    """The present one, a new one and a wrong one."""
    headless.lay_out(plain("SPARE_KEY"))
    words = ("run", "--only", "PORT", "--", "head", f"../{name}")
    played = play(headless, Scenario("shown", words), tmp_path / "strace")
    assert {leak.name for leak in played.leaks} == {f"the passphrase {name}"}


def test_a_recovery_key_is_known_by_what_is_printed(headless: Stage) -> None:
    """Its secret half is searched for, though only its passphrase opens the text."""
    headless.lay_out(plain("SPARE_KEY"))
    secret = envelope.new_identity().reveal()
    text = quick_scrypt.armored(quick_scrypt.seal(secret, headless.phrases["chosen"].text))
    found = known(headless, [], text.replace(b"\n", b"\r\n"))
    # The stage may have one of its own, from a row that was played before.
    assert ("the recovery key", secret) in {(one.name, one.value) for one in found}


def test_a_successor_is_known_behind_the_passphrase(headless: Stage) -> None:
    """An interrupted rekey leaves it sealed to a key that is locked itself."""
    headless.lay_out(plain("SPARE_KEY"))
    own, new = envelope.new_identity(), envelope.new_identity()
    texts = [
        quick_scrypt.seal(own.reveal(), headless.phrases["phrase"].text),
        envelope.seal(new.reveal(), (envelope.recipient_of(own) or "",)),
    ]
    found = {one.value for one in known(headless, texts, b"")}
    # The stage may have a recovery key as well, from a row that was played before.
    assert found >= {own.reveal(), new.reveal()}


def test_every_command_is_played() -> None:
    """Whoever adds a command says here what it may do with a secret."""
    played = {scenario.words[:2] for scenario in SCENARIOS}
    played |= {words[:1] for words in played}
    commands = set(_commands(typer.main.get_command(app), ()))
    assert not commands - played


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield words
    for name, one in (inner or {}).items():
        yield from _commands(one, (*words, name))
