"""Who asks: which programs, files and credentials a provider gets, and which never."""

import os
import subprocess
from pathlib import Path

import pytest

from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, ProgramMissingError
from devkeys.secret import Secret


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """Give a home, a checkout with a subproject, programs in and outside of it, our own place."""
    found = {
        "home": tmp_path / "home",
        "checkout": tmp_path / "checkout",
        "project": tmp_path / "checkout" / "apps" / "chat",
        "bin": tmp_path / "bin",
        "planted": tmp_path / "checkout" / "bin",
        "own": tmp_path / "home" / "own",
    }
    for place in found.values():
        place.mkdir(parents=True, exist_ok=True)
    for name in ("bin", "planted"):
        program = found[name] / "op"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return found


@pytest.fixture
def caller(places: dict[str, Path]) -> Caller:
    """Give who asks from the subproject."""
    path = os.pathsep.join([".", "bin", "", str(places["planted"]), str(places["bin"])])
    return Caller(
        {"PATH": path, "OP_ACCOUNT": "team"},
        home=str(places["home"]),
        directory=str(places["project"]),
        outside=str(places["checkout"]),
        own=(str(places["own"]),),
    )


def test_a_checkouts_program_is_not_found(caller: Caller, places: dict[str, Path]) -> None:
    """The first that lies outside is it, whatever PATH says before."""
    assert caller.find("op") == str(places["bin"] / "op")
    assert caller.find("nothing", "op") == str(places["bin"] / "op")
    assert caller.find("nothing") is None


def test_a_link_into_the_checkout_is_not_found(caller: Caller, places: dict[str, Path]) -> None:
    """Nor does a link from outside lead to one."""
    (places["bin"] / "op").unlink()
    (places["bin"] / "op").symlink_to(places["planted"] / "op")
    assert caller.find("op") is None


def test_without_an_outside_all_absolute_entries_count(
    caller: Caller, places: dict[str, Path]
) -> None:
    """Where there is no checkout, or HOME is it, the user's own PATH counts."""
    assert caller._replace(outside=None).find("op") == str(places["planted"] / "op")


def test_without_a_path_it_is_the_systems(caller: Caller) -> None:
    """No PATH is what a shell makes of it."""
    assert caller._replace(environ={}).find("sh") is not None


def test_a_needed_program_that_is_missing_is_an_error(
    caller: Caller, places: dict[str, Path]
) -> None:
    """The error names the program, and the hint where it is to be had."""
    assert caller.need("op", title="1Password", install="it") == str(places["bin"] / "op")
    with pytest.raises(ProgramMissingError, match="1Password is asked through op2") as caught:
        caller.need("op2", title="1Password", install="1password-cli")
    assert caught.value.hint == "install 1password-cli"


def test_files_of_a_reference(caller: Caller, places: dict[str, Path]) -> None:
    """Absolute, below home, or relative to the project and no further than the checkout."""
    assert caller.file(("", "run", "key")) == os.path.realpath("/run/key")
    assert caller.file(("~", "keys", "one")) == str(places["home"] / "keys" / "one")
    assert caller.file(("keys", "one")) == str(places["project"] / "keys" / "one")
    (places["project"] / "up").symlink_to(places["checkout"])
    assert caller.file(("up", "one")) == str(places["checkout"] / "one")


def test_a_relative_file_stays_in_the_checkout(caller: Caller, places: dict[str, Path]) -> None:
    """A link that the repository brought does not turn a project's file into another."""
    (places["project"] / "link").symlink_to(places["home"])
    with pytest.raises(DeniedError, match="leads out of the project") as caught:
        caller.file(("link", "key"))
    assert caught.value.hint
    alone = caller._replace(outside=None)
    with pytest.raises(DeniedError, match="leads out of the project"):
        alone.file(("link", "key"))


@pytest.mark.needs_root
def test_our_own_files_are_none_under_another_name(caller: Caller, places: dict[str, Path]) -> None:
    """A bind mount, which no path shows, leads to them as well."""
    other = places["home"] / "other"
    other.mkdir()
    mount = ["mount", "--bind", str(places["own"]), str(other)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    try:
        with pytest.raises(DeniedError, match="devkeys' own file"):
            caller.file(("~", "other", "dev.age"))
    finally:
        subprocess.run(["umount", str(other)], check=True)


def test_our_own_files_are_no_values(caller: Caller, places: dict[str, Path]) -> None:
    """No reference leads to the store, by no name that it has."""
    (places["home"] / "link").symlink_to(places["own"])
    for path in (("~", "own", "dev.age"), ("~", "link", "dev.age")):
        with pytest.raises(DeniedError, match="devkeys' own file"):
            caller.file(path)
    with pytest.raises(DeniedError, match="devkeys' own file"):
        caller.file(("", *str(places["own"]).strip("/").split("/"), "dev.age"))


def test_a_slash_in_a_part_is_refused(caller: Caller) -> None:
    """An encoded slash would be a second way to write a place."""
    with pytest.raises(DeniedError, match="what parts it"):
        caller.file(("~", "keys/../own"))


def test_credentials_come_from_the_keychain(caller: Caller) -> None:
    """Only those of the provider, only where the environment has none, only by configuration."""
    asked = []

    def read(service: str, account: str) -> Secret | None:
        asked.append((service, account))
        return None if account == "absent" else Secret(f"{service}/{account}".encode())

    configured = caller._replace(
        environ={**caller.environ, "OP_CONNECT_TOKEN": "mine"},
        credentials={
            "OP_SERVICE_ACCOUNT_TOKEN": ("op", "me"),
            "OP_CONNECT_TOKEN": ("op", "other"),
            "VAULT_TOKEN": ("vault", "me"),
            "BW_SESSION": ("bw", "absent"),
        },
        read_keychain=read,
    )
    found = configured.environment("op")
    assert found["OP_SERVICE_ACCOUNT_TOKEN"] == "op/me"
    assert found["OP_CONNECT_TOKEN"] == "mine"
    assert "VAULT_TOKEN" not in found
    assert asked == [("op", "me")]
    assert "BW_SESSION" not in configured.environment("bw")
    assert "OP_SERVICE_ACCOUNT_TOKEN" not in caller.environment("op")


def test_a_credential_of_any_bytes_is_passed_on(caller: Caller) -> None:
    """What the keychain has is what the program gets."""
    configured = caller._replace(
        credentials={"VAULT_TOKEN": ("vault", "me")},
        read_keychain=lambda _service, _account: Secret(b"\xff\xfe"),
    )
    assert os.fsencode(configured.environment("vault")["VAULT_TOKEN"]) == b"\xff\xfe"


def test_a_programs_own_path_has_no_checkout(caller: Caller, places: dict[str, Path]) -> None:
    """What a program starts in turn is not the repository's either; PATH never becomes empty."""
    assert caller.environment("op")["PATH"] == str(places["bin"])
    planted = caller._replace(environ={"PATH": str(places["planted"])})
    assert planted.environment("op")["PATH"] == os.defpath
    assert "PATH" not in caller._replace(environ={}).environment("op")
    assert caller.environ["PATH"].startswith(".")  # the caller's own is not changed


def test_it_shows_no_environment(caller: Caller) -> None:
    """An error that shows its locals shows no value."""
    assert "team" not in repr(caller)
