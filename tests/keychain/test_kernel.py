"""The kernel's own keyring: the real one, and keyctl to look at what is there."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from real import absent, need

from devkeys.keychain import kernel
from devkeys.keychain.kernel import KernelKeyringError
from devkeys.secret import Secret

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's own")

PUT = """
import sys
from devkeys.errors import KeychainError
from devkeys.keychain import kernel
from devkeys.secret import Secret
try:
    kernel.put(sys.argv[1], Secret(sys.stdin.buffer.read()), seconds=60)
except KeychainError as error:
    print(type(error).__name__, error, error.hint, sep="\\n")
"""
GET = """
import sys
from devkeys.keychain import kernel
found = kernel.get(sys.argv[1])
print(found.reveal().hex() if found else "nothing", kernel.drop(sys.argv[1]))
"""


@pytest.fixture
def name() -> Iterator[str]:
    """Return a description of the test's own; nothing is kept under it afterwards."""
    need("keyctl")
    name = f"devkeys-test:{secrets.token_hex(8)}"
    try:
        kernel.get(name)
    except KernelKeyringError as error:
        absent(f"needs the kernel's keyring: {error}")
    yield name
    kernel.drop(name)


def value() -> Secret:
    """Make up a value."""
    return Secret(b"AGE-" + secrets.token_hex(20).encode())


def keyctl(*words: str) -> str:
    """Return what keyctl says."""
    done = subprocess.run(["keyctl", *words], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()


def python(code: str, *words: str, before: tuple[str, ...] = (), given: bytes = b"") -> str:
    """Return what a Python says that runs *code*, in an environment of its own."""
    done = subprocess.run(
        [*before, sys.executable, "-P", "-c", code, *words],
        input=given,
        capture_output=True,
        check=False,
    )
    return (done.stdout + done.stderr).decode()


def living(name: str) -> list[str]:
    """Return the kernel's own lines on all keys under *name* that were not invalidated."""
    with open("/proc/keys", encoding="ascii", errors="replace") as keys:
        return [line for line in keys if f" {name}:" in line and "i" not in line.split()[1]]


def test_what_is_put_is_got(name: str) -> None:
    """Every byte, and more of them than a key has; an ordinary user's quota is 20,000 in all."""
    longest = kernel.LONGEST if os.geteuid() == 0 else 5000
    for data in (b"x", b"a\0b\n\xff", os.urandom(longest)):
        kernel.put(name, Secret(data), seconds=60)
        found = kernel.get(name)
        assert found is not None
        assert found.reveal() == data


def test_nothing_is_none(name: str) -> None:
    """What was never put is not there, and cannot be dropped."""
    assert kernel.get(name) is None
    assert kernel.drop(name) is False


def test_keyctl_sees_it(name: str) -> None:
    """It is a key of the user's own keyring; others get nothing, and the owner cannot change it."""
    kept = value()
    kernel.put(name, kept, seconds=60)
    key = keyctl("search", "@u", "user", name)
    uid, gid = os.geteuid(), os.getegid()

    assert keyctl("rdescribe", key) == f"user;{uid};{gid};3f0b0000;{name}"
    assert keyctl("print", key) == kept.reveal().decode()
    assert key in keyctl("rlist", "@u").split()
    assert [word for word in keyctl("rlist", "@p").split() if word == key] == []


def test_keyctl_puts_what_we_get(name: str) -> None:
    """What lies there under the name is found, whoever put it there."""
    keyctl("add", "user", name, "by hand", "@u")
    assert kernel.get(name) == Secret(b"by hand")


def test_another_session_has_it_too(name: str) -> None:
    """Another login, whose session keyring does not lead to the user's, reads and drops it."""
    kept = value()
    kernel.put(name, kept, seconds=60)
    said = python(GET, name, before=("keyctl", "session", "-"))

    assert f"{kept.reveal().hex()} True" in said
    assert kernel.get(name) is None


def test_put_in_another_session_is_for_this_one_too(name: str) -> None:
    """Nor does it matter where it was put, which process has ended by now."""
    kept = value()
    said = python(PUT, name, before=("keyctl", "session", "-"), given=kept.reveal())

    assert kernel.get(name) == kept, said


def test_its_time_ends(name: str) -> None:
    """After the time-out it is gone, for everyone, and can be put again."""
    kernel.put(name, value(), seconds=1)
    key = keyctl("search", "@u", "user", name)
    assert kernel.get(name) is not None
    time.sleep(1.5)

    assert kernel.get(name) is None
    assert kernel.drop(name) is False
    assert "expired" in keyctl("print", key) or "not available" in keyctl("print", key)
    kernel.put(name, value(), seconds=60)
    assert kernel.get(name) is not None


def test_the_kernel_knows_the_time_out(name: str) -> None:
    """A key of eight hours is one of eight hours; one of a century has the longest there is."""
    for seconds, shown in ((8 * 3600, ("7h", "8h")), (1 << 40, ("3550w", "3551w"))):
        kernel.put(name, value(), seconds=seconds)
        (found,) = living(name)
        assert found.split()[3] in shown


def test_a_key_without_a_time_out_is_not_made(name: str) -> None:
    """For the kernel nought is for ever."""
    with pytest.raises(ValueError, match="time-out"):
        kernel.put(name, value(), seconds=0)
    assert kernel.get(name) is None


def test_the_new_replaces_the_old(name: str) -> None:
    """One key is left, and whoever had the old one by its number has nothing."""
    first, second = value(), value()
    kernel.put(name, first, seconds=60)
    old = keyctl("search", "@u", "user", name)
    kernel.put(name, second, seconds=60)

    assert kernel.get(name) == second
    assert first.reveal().decode() not in keyctl("print", old)
    assert len(living(name)) == 1


def test_dropped_is_gone_by_its_number(name: str) -> None:
    """Also where another keyring leads to it."""
    kept = value()
    kernel.put(name, kept, seconds=60)
    key = keyctl("search", "@u", "user", name)

    assert kernel.drop(name) is True
    assert kernel.get(name) is None
    assert kept.reveal().decode() not in keyctl("print", key)


def test_revoked_is_gone(name: str) -> None:
    """A key that was revoked by hand is not there, and no error."""
    keyctl("add", "user", name, "by hand", "@u")
    keyctl("revoke", keyctl("search", "@u", "user", name))
    assert kernel.get(name) is None


@pytest.mark.needs_root
def test_another_user_has_nothing(name: str) -> None:
    """Another uid neither finds it, nor sees it, nor reads it by its number."""
    need("setpriv")
    kept = value()
    kernel.put(name, kept, seconds=60)
    key = keyctl("search", "@u", "user", name)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    session = [*nobody, "keyctl", "session", "-"]
    for command in (["keyctl", "print", key], ["keyctl", "describe", key], ["cat", "/proc/keys"]):
        for before in (nobody, session):
            done = subprocess.run([*before, *command], capture_output=True, text=True, check=False)
            assert kept.reveal().decode() not in done.stdout + done.stderr
            assert name not in done.stdout
    search = [*session, "keyctl", "search", "@u", "user", name]
    assert subprocess.run(search, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ("add_key", "EPERM", "operation not permitted"),
        ("add_key", "ENOSYS", "function not implemented"),
        ("keyctl", "EPERM", "operation not permitted"),
        ("keyctl", "ENOSYS", "function not implemented"),
        ("add_key", "EDQUOT", "disk quota exceeded"),
    ],
)
def test_a_refusal_is_an_error_with_a_hint(name: str, call: str, error: str, words: str) -> None:
    """As docker's default profile refuses it, or a full quota; nothing of the value is told."""
    need("strace")
    kept = value()
    trace = ("strace", "-o", os.devnull, "-e", "trace=add_key,keyctl")
    before = (*trace, "-e", f"inject={call}:error={error}")
    said = python(PUT, name, before=before, given=kept.reveal())

    kind, message, hint = said.splitlines()
    assert kind == "KernelKeyringError"
    assert message == f"the kernel's keyring cannot be used: {words}"
    assert ("keyctl show @u" if error == "EDQUOT" else "DEVKEYS_PASSPHRASE_FILE") in hint
    assert kernel.get(name) is None


@pytest.mark.parametrize("when", [1, 2, 3, 4])
def test_nothing_stays_of_what_failed_on_the_way(name: str, when: int) -> None:
    """Refused at its permissions, its time-out or its link, a key stays nowhere."""
    need("strace")
    trace = ("strace", "-o", os.devnull, "-e", "trace=keyctl")
    before = (*trace, "-e", f"inject=keyctl:error=EACCES:when={when}")
    said = python(PUT, name, before=before, given=value().reveal())

    assert said.splitlines()[0] == "KernelKeyringError"
    assert kernel.get(name) is None


def test_it_is_reachable_only_with_its_time_out(name: str) -> None:
    """The order of the calls: permissions, time-out, and only then the user's keyring."""
    need("strace")
    kept = value()
    command = ["strace", "-e", "trace=add_key,keyctl", sys.executable, "-P", "-c", PUT, name]
    done = subprocess.run(command, input=kept.reveal(), capture_output=True, check=True)
    calls = [line for line in done.stderr.decode().splitlines() if "key" in line.split("(")[0]]
    names = [line.split("(")[1].split(",")[0] for line in calls]

    assert names == [
        *("KEYCTL_SEARCH", '"user"', "KEYCTL_SETPERM", "KEYCTL_SET_TIMEOUT"),
        *("KEYCTL_LINK", "KEYCTL_UNLINK"),
    ]
    assert "KEY_SPEC_PROCESS_KEYRING" in calls[1]


def test_a_process_without_ctypes_says_so(name: str) -> None:
    """A Python that was built without libffi cannot ask; that is told, not guessed."""
    code = "import sys; sys.modules['_ctypes'] = None\n" + PUT
    assert "function not implemented" in python(code, name, given=b"x")


def test_other_systems_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere the error says so."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(KernelKeyringError) as caught:
        kernel.get("devkeys-test")
    assert "only Linux" in (caught.value.hint or "")


def test_an_unlocked_key_is_nothing_to_a_command(name: str) -> None:
    """What comes after an exec has no keyring of ours."""
    code = PUT + "\nimport os; os.execv(sys.argv[2], [sys.argv[2], 'rlist', '@p'])"
    said = python(code, name, shutil.which("keyctl") or "", given=b"x")
    assert "KernelKeyringError" not in said
    assert not any(word.isdigit() for word in said.split())
