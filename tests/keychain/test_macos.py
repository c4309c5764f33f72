"""The macOS keychain, against a program that copies the measured quirks of `security`."""

import os
import secrets
import sys
from pathlib import Path

import pytest
from keychain_scripts import finish, start

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain.errors import KeychainLockedError
from devkeys.keychain.macos import MacKeychain
from devkeys.secret import Secret

# What is copied: the exit code is the low byte of the OSStatus, also of `-i`'s last command;
# `-i` splits lines at 4,096 bytes and words as a shell, and echoes what it does not know;
# `-w` prints hexadecimal digits for what is not printable; an existing item needs -U.
SECURITY = """#!{python}
import json, os, shlex, sys
here = os.path.dirname(os.path.abspath(__file__))
def path(name): return os.path.join(here, name)
def load():
    try: return json.load(open(path("items.json")))
    except FileNotFoundError: return {{}}
def save(items): json.dump(items, open(path("items.json"), "w"))
def option(words, name): return words[words.index(name) + 1] if name in words else None
def run(words):
    if os.path.exists(path("code")):
        return int(open(path("code")).read())
    items, verb = load(), words[0]
    key = f'{{option(words, "-s")}}/{{option(words, "-a")}}'
    if verb == "add-generic-password":
        if key in items and "-U" not in words: return 45
        value = option(words, "-w") or ""
        items[key] = value[:7] if os.path.exists(path("cuts")) else value
        save(items)
        return 0
    if verb not in ("find-generic-password", "delete-generic-password"):
        sys.stderr.write(f"security: unknown command {{words}}\\n")
        return 2
    if key not in items:
        sys.stderr.write("security: SecKeychainSearchCopyNext: could not be found\\n")
        return 44
    if verb == "delete-generic-password":
        del items[key]
        save(items)
        print("password has been deleted.", file=sys.stderr)
        return 0
    value = items[key]
    plain = value.isascii() and value.isprintable()
    print(value if plain else value.encode().hex())
    return 0
with open(path("argv"), "a") as log: log.write(repr(sys.argv[1:]) + "\\n")
if os.path.exists(path("hangs")):
    import time; time.sleep(600)
if sys.argv[1] == "-i":
    data, code = sys.stdin.read(), 0
    for line in data.splitlines():
        for start in range(0, len(line), 4096):
            code = run(shlex.split(line[start:start + 4096]))
    sys.exit(code)
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Make the fake program's directory."""
    program = tmp_path / "security"
    program.write_text(SECURITY.format(python=sys.executable))
    program.chmod(0o755)
    return tmp_path


@pytest.fixture
def keychain(directory: Path) -> MacKeychain:
    """Give the keychain behind the fake program."""
    return MacKeychain(str(directory / "security"), limit=10)


@pytest.fixture
def value() -> Secret:
    """Make up a value that looks like an age identity."""
    return Secret(f"AGE-SECRET-KEY-1{secrets.token_hex(29).upper()}".encode())


def test_a_value_comes_back(keychain: MacKeychain, value: Secret) -> None:
    """What was set is got, and replaced by a second set."""
    assert keychain.get("devkeys", "identity") is None
    keychain.set("devkeys", "identity", Secret(b"old"))
    keychain.set("devkeys", "identity", value)
    assert keychain.get("devkeys", "identity") == value


def test_no_value_is_in_an_argument(
    directory: Path, keychain: MacKeychain, value: Secret, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the process list nor the terminal shows it."""
    keychain.set("devkeys", "identity", value)
    shown = (directory / "argv").read_text() + "".join(capfd.readouterr())
    assert "find-generic-password" in shown
    assert value.reveal().decode() not in shown


def test_delete(keychain: MacKeychain, value: Secret) -> None:
    """A second delete says that there was none."""
    keychain.set("devkeys", "identity", value)
    assert keychain.delete("devkeys", "identity")
    assert not keychain.delete("devkeys", "identity")
    assert keychain.get("devkeys", "identity") is None


@pytest.mark.parametrize(
    "raw", [b"", b"a b", b"a\nb", b"a'b", b'a"b', b"a\\b", b"-U", "ż".encode(), b"\0", b"x" * 4000]
)
def test_what_cannot_be_given_safely_is_refused(
    directory: Path, keychain: MacKeychain, raw: bytes
) -> None:
    """Nothing is written that `security` would split, cut, or run as a command."""
    with pytest.raises(KeychainError, match="cannot be given it safely"):
        keychain.set("devkeys", "identity", Secret(raw))
    assert not (directory / "argv").exists()


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "-x", 'a"b'])
def test_names_that_are_more_than_one_word_are_refused(
    directory: Path, keychain: MacKeychain, name: str
) -> None:
    """A service or account cannot become a command or an option."""
    with pytest.raises(KeychainError, match="cannot name a keychain item"):
        keychain.set(name, "identity", Secret(b"x"))
    with pytest.raises(KeychainError, match="cannot name a keychain item"):
        keychain.get("devkeys", name)
    assert not (directory / "argv").exists()


@pytest.mark.parametrize("code", [29, 36, 51, 128])
def test_a_locked_keychain(directory: Path, keychain: MacKeychain, code: int) -> None:
    """Interaction not allowed, wrong password and cancelled are locked, never "not there"."""
    (directory / "code").write_text(str(code))
    with pytest.raises(KeychainLockedError):
        keychain.get("devkeys", "identity")
    with pytest.raises(KeychainLockedError):
        keychain.set("devkeys", "identity", Secret(b"x"))
    with pytest.raises(KeychainLockedError):
        keychain.delete("devkeys", "identity")


def test_no_default_keychain(directory: Path, keychain: MacKeychain) -> None:
    """A user without a keychain, as on a build machine, has none."""
    (directory / "code").write_text("37")
    with pytest.raises(KeychainAbsentError):
        keychain.get("devkeys", "identity")


def test_an_unknown_code_is_an_error(directory: Path, keychain: MacKeychain) -> None:
    """What is not known to mean "not there" does not mean it."""
    (directory / "code").write_text("1")
    with pytest.raises(KeychainError, match="code 1"):
        keychain.get("devkeys", "identity")


def test_what_was_cut_is_found_out(directory: Path, keychain: MacKeychain, value: Secret) -> None:
    """A success that kept something else is an error, and does not show the value."""
    (directory / "cuts").touch()
    with pytest.raises(KeychainError, match="did not keep") as caught:
        keychain.set("devkeys", "identity", value)
    assert value.reveal().decode() not in str(caught.value)


def test_without_the_program_it_is_absent(tmp_path: Path) -> None:
    """A system without `security` has no such keychain."""
    with pytest.raises(KeychainAbsentError):
        MacKeychain(str(tmp_path / "security")).get("devkeys", "identity")


def test_the_program_is_not_looked_for_on_path() -> None:
    """What a repository puts first on PATH is not run."""
    from devkeys.keychain import macos

    assert os.path.isabs(macos.SECURITY)


def test_a_program_that_hangs_ends_at_the_limit(directory: Path) -> None:
    """A dialog that nobody sees is time that ran out, and nothing stays behind."""
    (directory / "hangs").touch()
    code = """
import sys
from devkeys.errors import KeychainError
from devkeys.keychain.macos import MacKeychain
try:
    MacKeychain(sys.argv[1], limit=0.3).get("devkeys", "identity")
except KeychainError as error:
    print(type(error).__name__)
"""
    process = start(code, str(directory / "security"), env=os.environ)
    assert finish(process) == ("KeychainTimeoutError\n", "devkeys: waiting for the keychain\n")
