"""store export: one encrypted file, whole or not at all."""

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import checkout
import pexpect
import pytest
from command import DEVKEYS
from desk import Desk, key
from laptops import PASSPHRASE, Key, snapshot, stored, values_file
from real import need
from repositories import run_git
from small_disk import fill, small_disk

from devkeys.secret import Secret
from devkeys.store import bundle, envelope


@pytest.fixture
def value(desk: Desk) -> str:
    """Store a secret that had another value before, and a setting."""
    made = key()
    for one in (key(), made):
        checkout.store(desk.project, desk.home, LLM_API_KEY=one)
    checkout.store(desk.project, desk.home, MODEL="large")
    checkout.store(desk.project, desk.home, "staging", LLM_API_KEY=key())
    return made


@pytest.fixture
def mine(tmp_path: Path) -> Key:
    """Make an age identity of the test's own."""
    return Key(tmp_path)


def test_plain_age_reads_it(desk: Desk, value: str, mine: Key, tmp_path: Path) -> None:
    """Without devkeys: a header, then the values as they are, the former and the notes."""
    need("age")
    path = mine.exported(desk, tmp_path / "keys.age")
    text = mine.open(path)
    assert text.startswith(b"devkeys-export 1\nmade 20")
    assert f"LLM_API_KEY\0{value}\0MODEL\0large\0".encode() in text
    found = bundle.decode(text, path="x")
    assert [part[:3] for part in found.parts] == [
        ("chat", "dev", False),
        ("chat", "staging", False),
    ]
    assert len(found.parts[0].former) == 1
    assert found.parts[0].notes["LLM_API_KEY"].source == "test"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_says_what_is_in_it_and_no_value(
    desk: Desk, value: str, mine: Key, tmp_path: Path
) -> None:
    """Projects, profiles and numbers; names on request; nothing on stdout."""
    words = ("--recipient", mine.recipient)
    done = desk.devkeys("store", "export", str(tmp_path / "a.age"), *words)
    assert "  chat (dev): 2 values and 1 earlier value\n  chat (staging): 1 value\n" in done.err
    assert "wrote 3 values of 1 project to" in done.err
    assert "LLM_API_KEY" not in done.err
    named = desk.devkeys("store", "export", str(tmp_path / "b.age"), "--names", *words)
    assert "    LLM_API_KEY\n    MODEL\n" in named.err
    assert done.out + named.out == b""
    assert value not in done.err + named.err


@pytest.mark.usefixtures("value")
def test_the_store_stays_as_it_is(desk: Desk, mine: Key, tmp_path: Path) -> None:
    """An export only reads: not a byte below HOME is another."""
    before = snapshot(desk.home)
    mine.exported(desk, tmp_path / "keys.age")
    assert snapshot(desk.home) == before


@pytest.mark.usefixtures("value")
def test_with_a_passphrase_from_a_descriptor(desk: Desk, tmp_path: Path) -> None:
    """Read once, decrypted again to be sure, and opened by nothing else."""
    secret, path = tmp_path / "passphrase", tmp_path / "keys.age"
    secret.write_text(PASSPHRASE + "\n")
    words = f'exec "$@" store export {path} --passphrase-file /dev/fd/3 3< {secret}'
    done = subprocess.run(
        ["sh", "-c", words, "sh", *DEVKEYS],
        env=desk.environ,
        capture_output=True,
        check=False,
        cwd=desk.project,
    )
    assert done.returncode == 0, done.stderr
    assert b"decrypted it again, and found them all" in done.stderr
    plain = envelope.unseal_with(path.read_bytes(), Secret(PASSPHRASE.encode()))
    assert plain is not None
    assert plain.startswith(b"devkeys-export 1\n")


@pytest.mark.usefixtures("value")
def test_a_typed_passphrase_that_is_short_is_asked_for_once_more(
    desk: Desk, tmp_path: Path
) -> None:
    """It is said why; the second one counts. Two that differ are asked for again."""
    path = tmp_path / "keys.age"
    child = desk.at_terminal("store", "export", str(path))
    for prompt, answer in (
        ("new passphrase of the export:", "short"),
        ("once more:", "short"),
        ("fewer than 12 characters", None),
        ("new passphrase of the export:", PASSPHRASE),
        ("once more:", PASSPHRASE + "x"),
        ("two different ones", None),
        ("new passphrase of the export:", PASSPHRASE),
        ("once more:", PASSPHRASE),
    ):
        child.expect(prompt)
        if answer is not None:
            child.send(answer + "\r")
    child.expect("found them all")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0
    assert envelope.unseal_with(path.read_bytes(), Secret(PASSPHRASE.encode())) is not None


@pytest.mark.usefixtures("value")
def test_an_empty_passphrase_is_refused(desk: Desk, tmp_path: Path) -> None:
    """From a file too; and there is nothing left behind."""
    empty = tmp_path / "empty"
    empty.write_text("\n")
    path = tmp_path / "keys.age"
    done = desk.devkeys("store", "export", str(path), "--passphrase-file", str(empty))
    assert done.code == 3
    assert "is empty" in done.err
    child = desk.at_terminal("store", "export", str(path))
    child.expect("new passphrase of the export:")
    child.send("\r")
    child.expect("no passphrase; nothing was changed")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 2
    assert not path.exists()


@pytest.mark.usefixtures("value")
def test_nobody_to_type_a_passphrase(desk: Desk, tmp_path: Path) -> None:
    """Without a terminal it says what to give instead."""
    done = subprocess.run(
        [*DEVKEYS, "store", "export", str(tmp_path / "keys.age")],
        env=desk.environ,
        cwd=desk.project,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert done.returncode == 2
    assert b"--passphrase-file FILE names one" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--recipient", "age1nonsense"), "no recipient"),
        (("--recipient", "ssh-ed25519 AAAA"), "no recipient"),
        (("--recipients-file", "nothing-there"), "there is no file"),
        (("--project", "other"), "nothing is stored for other"),
        (("-p", "prod"), "nothing is stored in the profile prod"),
    ],
)
@pytest.mark.usefixtures("value")
def test_wrong_words(desk: Desk, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    """Whatever is wrong is said before a passphrase is asked for."""
    done = desk.devkeys("store", "export", str(tmp_path / "keys.age"), *words)
    assert done.code in (2, 3)
    assert message in done.err
    assert not (tmp_path / "keys.age").exists()


@pytest.mark.usefixtures("value")
def test_a_passphrase_and_recipients_is_refused(desk: Desk, mine: Key, tmp_path: Path) -> None:
    """Age cannot have both in one file."""
    words = ("--recipient", mine.recipient, "--passphrase-file", str(mine.path))
    done = desk.devkeys("store", "export", str(tmp_path / "keys.age"), *words)
    assert done.code == 2
    assert "not both" in done.err


@pytest.mark.usefixtures("value")
def test_to_several_recipients_and_an_ssh_key(desk: Desk, mine: Key, tmp_path: Path) -> None:
    """Each of them opens it alone; comments in a list of recipients are passed over."""
    need("age", "ssh-keygen")
    ssh = tmp_path / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(ssh)], check=True)
    listed = tmp_path / "recipients"
    listed.write_text(f"# the team\n\n{mine.recipient}\n{ssh.with_suffix('.pub').read_text()}")
    path = tmp_path / "keys.age"
    done = desk.devkeys("store", "export", str(path), "--recipients-file", str(listed))
    assert done.code == 0, done.err
    command = ["age", "-d", "-i", str(ssh), str(path)]
    with_ssh = subprocess.run(command, check=True, capture_output=True).stdout
    assert with_ssh == mine.open(path)


@pytest.mark.usefixtures("value")
def test_a_file_that_is_there_is_not_replaced_without_force(
    desk: Desk, mine: Key, tmp_path: Path
) -> None:
    """Nor is a link; with --force the old one is replaced as a whole."""
    path, link = tmp_path / "keys.age", tmp_path / "link.age"
    path.write_text("mine")
    link.symlink_to(path)
    words = ("--recipient", mine.recipient)
    done = desk.devkeys("store", "export", str(path), *words)
    assert done.code == 2
    assert "is there already" in done.err
    assert desk.devkeys("store", "export", str(link), "--force", *words).code == 2
    assert path.read_text() == "mine"
    assert desk.devkeys("store", "export", str(path), "--force", *words).code == 0
    assert path.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


@pytest.mark.parametrize("name", ["", "missing/keys.age"])
@pytest.mark.usefixtures("value")
def test_a_place_that_cannot_be(desk: Desk, mine: Key, tmp_path: Path, name: str) -> None:
    """A directory, or one that is not there."""
    path = os.path.join(str(tmp_path), name)
    done = desk.devkeys("store", "export", path, "--recipient", mine.recipient)
    assert done.code == 2
    assert "directory" in done.err


@pytest.mark.usefixtures("value")
def test_to_stdout(desk: Desk, mine: Key, tmp_path: Path) -> None:
    """`-` writes the file, or text with --armor, to stdout, and words to stderr."""
    need("age")
    done = desk.devkeys("store", "export", "-", "--recipient", mine.recipient)
    (tmp_path / "a").write_bytes(done.out)
    text = desk.devkeys("store", "export", "-", "--armor", "--recipient", mine.recipient)
    (tmp_path / "b").write_bytes(text.out)
    assert text.out.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert mine.open(tmp_path / "a").count(b"LLM_API_KEY\0") == 2
    assert mine.open(tmp_path / "b").count(b"LLM_API_KEY\0") == 2


@pytest.mark.usefixtures("value")
def test_no_bytes_to_a_terminal(desk: Desk, mine: Key) -> None:
    """Only armored text goes to a screen."""
    child = desk.at_terminal("store", "export", "-", "--recipient", mine.recipient)
    child.expect("--armor makes it text")
    child.expect(pexpect.EOF)
    child = desk.at_terminal("store", "export", "-", "--armor", "--recipient", mine.recipient)
    child.expect("-----END AGE ENCRYPTED FILE-----")
    child.expect(pexpect.EOF)


@pytest.mark.usefixtures("value")
def test_some_of_it(desk: Desk, mine: Key, tmp_path: Path) -> None:
    """A profile, or a project with those of its directories."""
    need("age")
    one = bundle.decode(mine.open(mine.exported(desk, tmp_path / "a", "-p", "staging")), path="x")
    assert [part[:2] for part in one.parts] == [("chat", "staging")]
    two = mine.open(mine.exported(desk, tmp_path / "b", "--project", "chat"))
    assert len(bundle.decode(two, path="x").parts) == 2


def test_an_empty_store(desk: Desk, mine: Key, tmp_path: Path) -> None:
    """Nothing to export is an error, and makes no store."""
    path = tmp_path / "keys.age"
    done = desk.devkeys("store", "export", str(path), "--recipient", mine.recipient)
    assert done.code == 3
    assert "nothing is stored" in done.err
    assert snapshot(desk.home) == {}
    assert not path.exists()


@pytest.mark.usefixtures("value")
def test_what_cannot_be_read_stops_it(desk: Desk, mine: Key, tmp_path: Path) -> None:
    """Named, exit code 3 and no file; --skip-unreadable leaves it out and says so."""
    need("age")
    path = tmp_path / "keys.age"
    values_file(desk, profile="staging").write_bytes(b"age-encryption.org/v1\nnonsense")
    words = ("store", "export", str(path), "--recipient", mine.recipient)
    done = desk.devkeys(*words)
    assert done.code == 3
    assert "nothing was exported\n  chat (staging): " in done.err
    assert not path.exists()
    done = desk.devkeys(*words, "--skip-unreadable")
    assert done.code == 0
    assert "not, as it cannot be read,\n  chat (staging): " in done.err
    assert len(bundle.decode(mine.open(path), path="x").parts) == 1


def test_damaged_former_values_do_not_take_the_present_ones_along(
    desk: Desk, value: str, mine: Key, tmp_path: Path
) -> None:
    """They are named as what is missing; the values are in the export."""
    need("age")
    path = tmp_path / "keys.age"
    values_file(desk).with_suffix(".previous").write_bytes(b"nonsense")
    words = ("store", "export", str(path), "--recipient", mine.recipient)
    assert "chat (dev), earlier values: " in desk.devkeys(*words).err
    assert desk.devkeys(*words, "--skip-unreadable").code == 0
    assert value.encode() in mine.open(path)


@pytest.mark.usefixtures("value")
def test_in_a_repository_that_does_not_ignore_it(desk: Desk, mine: Key) -> None:
    """A warning, and at a terminal a question; none once it is ignored."""
    run_git("init", "-q", cwd=desk.project)
    words = ("store", "export", "keys.age", "--recipient", mine.recipient)
    child = desk.at_terminal(*words)
    child.expect("which does not ignore it")
    child.expect(r"all the same\? \[y/N\]")
    child.sendline("n")
    child.expect("nothing was written")
    child.expect(pexpect.EOF)
    assert not (desk.project / "keys.age").exists()
    done = desk.devkeys(*words)
    assert (done.code, "does not ignore it" in done.err) == (0, True)
    (desk.project / ".gitignore").write_text("*.age\n")
    done = desk.devkeys(*words, "--force")
    assert (done.code, "does not ignore it" in done.err) == (0, False)


@pytest.mark.needs_root
@pytest.mark.usefixtures("value")
def test_a_full_disk(desk: Desk, mine: Key, tmp_path: Path) -> None:
    """No half file, and the old one stays where it was to be replaced."""
    with small_disk(str(tmp_path / "disk")) as disk:
        path = Path(disk, "keys.age")
        path.write_text("the last export")
        fill(disk)
        words = ("store", "export", str(path), "--force", "--recipient", mine.recipient)
        done = desk.devkeys(*words)
        assert done.code == 3
        assert "no space left on device" in done.err
        assert path.read_text() == "the last export"
        assert sorted(os.listdir(disk)) == ["filler", "keys.age"]


def test_a_confirmed_profile_is_marked(
    desk: Desk, mine: Key, tmp_path: Path, confirmed: Callable[[str], None]
) -> None:
    """Its values are in it too, as nobody could move them otherwise."""
    need("age")
    made = key()
    confirmed(made)
    done = desk.devkeys(
        "store", "export", str(tmp_path / "keys.age"), "--recipient", mine.recipient
    )
    assert "chat (prod): 1 value, to be confirmed at each use" in done.err
    text = mine.open(tmp_path / "keys.age")
    assert made.encode() in text
    assert [part[:3] for part in bundle.decode(text, path="x").parts] == [("chat", "prod", True)]
    assert stored(desk) == {}


@pytest.fixture
def confirmed(desk: Desk) -> Callable[[str], None]:
    """Return what stores a value of a profile that is to be confirmed."""

    def store(value: str) -> None:
        (desk.project / "devkeys.toml").write_text("[profiles.prod]\nconfirm = true\n")
        done = desk.devkeys("set", "LLM_API_KEY", "-p", "prod", input=value.encode())
        assert done.code == 0, done.err

    return store
