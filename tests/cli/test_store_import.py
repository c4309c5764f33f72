"""store import: merged, shown first, all of a profile or nothing of it, and read back."""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import checkout
import pexpect
import pytest
from command import DEVKEYS
from desk import Desk, key, make_desk
from laptops import PASSPHRASE, Key, laptop, quick, snapshot, stored, values_file
from real import need
from small_disk import fill, small_disk

from devkeys import allow, keep
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import bundle, layout, ledger, previous
from devkeys.store.bundle import Bundle, Part
from devkeys.store.identity import load
from devkeys.store.ledger import Note
from devkeys.store.values import Values

DECLARATION = "LLM_API_KEY=\n\nDB_PASSWORD=\n\nMODEL=small\n"


@pytest.fixture
def mine(tmp_path: Path) -> Key:
    """Make an age identity of the test's own."""
    return Key(tmp_path)


@pytest.fixture
def new(tmp_path: Path) -> Desk:
    """Give this test a new laptop, which has nothing stored."""
    return laptop(tmp_path / "new", DECLARATION)


def an_export(*parts: Part, by: str = "ana@laptop") -> bytes:
    """Return the plain text of an export."""
    return bundle.encode(Bundle("2026-01-31T23:59:59Z", by, parts))


def part(
    profile: str = "dev",
    *,
    project: str = "chat",
    changed: str | None = None,
    confirmed: bool = False,
    **values: str,
) -> Part:
    """Return what an export has of one profile, all of it secrets."""
    return a_part(values, profile, project=project, changed=changed, confirmed=confirmed)


def a_part(
    values: Mapping[str, str],
    profile: str = "dev",
    *,
    project: str = "chat",
    changed: str | None = None,
    confirmed: bool = False,
) -> Part:
    """Return the same of values that are in a mapping."""
    held = Values(
        999_999_999_999_999,
        {name: Secret(value.encode()) for name, value in values.items()},
        dict.fromkeys(values, "secret"),
        dict.fromkeys(values, 3),
    )
    notes = {
        name: Note("secret", 3, None, changed, None, "prompt", "ana@laptop") for name in values
    }
    return Part(project, profile, confirmed, held, [], notes)


def test_into_an_empty_home(new: Desk, mine: Key, tmp_path: Path) -> None:
    """A store is made; values, kinds, generations and notes are those of the export."""
    one, two = key(), key()
    path = mine.seal(
        an_export(
            part(LLM_API_KEY=one, changed="2026-01-01T00:00:00Z"),
            part("staging", LLM_API_KEY=two),
        ),
        tmp_path / "keys.age",
    )
    done = mine.imported(new, path, "--yes")
    assert done.code == 0, done.err
    assert stored(new) == {"LLM_API_KEY": one.encode()}
    assert stored(new, profile="staging") == {"LLM_API_KEY": two.encode()}
    note = ledger.read(Session(new.environ).data_dir, "chat", "dev")["LLM_API_KEY"]
    assert note == Note("secret", 3, None, "2026-01-01T00:00:00Z", None, "prompt", "ana@laptop")
    assert "imported 2 values, and read them back" in done.err
    assert "in a clone of chat, devkeys init asks whether" in done.err
    assert one not in done.err


def test_counters_of_another_machine_do_not_count_here(
    new: Desk, mine: Key, tmp_path: Path
) -> None:
    """The export's has 15 digits; a value can be stored after it as ever."""
    path = mine.seal(an_export(part(LLM_API_KEY=key())), tmp_path / "keys.age")
    mine.imported(new, path, "--yes")
    made = key()
    checkout.store(new.project, new.home, "staging", LLM_API_KEY=key())
    allow.bind(Session(new.environ), checkout.project(new.project, new.home).checkout, name="chat")
    checkout.store(new.project, new.home, LLM_API_KEY=made)
    assert stored(new) == {"LLM_API_KEY": made.encode()}


def test_counters_of_a_store_that_is_gone_are_gone_past(
    new: Desk, mine: Key, tmp_path: Path
) -> None:
    """Who moved a lost store away imports in one go, and a file of the lost one is noticed."""
    held = key()
    path = mine.seal(an_export(part(LLM_API_KEY=held)), tmp_path / "export")
    for _ in range(3):
        new.devkeys("set", "LLM_API_KEY", input=key().encode())
    data = Path(Session(new.environ).data_dir)
    data.rename(data.with_name("lost"))
    done = mine.imported(new, path, "--yes")
    assert done.code == 0, done.err
    assert stored(new) == {"LLM_API_KEY": held.encode()}
    assert new.devkeys("store", "verify").code == 0


def test_a_second_time_changes_nothing(new: Desk, mine: Key, tmp_path: Path) -> None:
    """Not a byte, and nothing is asked."""
    path = mine.seal(an_export(part(LLM_API_KEY=key())), tmp_path / "keys.age")
    assert mine.imported(new, path, "--yes").code == 0
    before = snapshot(new.home)
    done = mine.imported(new, path)
    assert (done.code, "all of it is here already" in done.err) == (0, True)
    assert snapshot(new.home) == before


def test_a_dry_run_writes_nothing(new: Desk, mine: Key, tmp_path: Path) -> None:
    """Names and dates are shown; an empty HOME stays empty."""
    value = key()
    path = mine.seal(
        an_export(part(LLM_API_KEY=value, changed="2026-01-01T00:00:00Z")), tmp_path / "keys.age"
    )
    done = mine.imported(new, path, "--dry-run")
    assert done.code == 0
    assert (
        "The export says that it was made 2026-01-31T23:59:59Z by ana@laptop.\n"
        "It is encrypted to a key: anybody who knows its public half can have made it.\n"
        "chat (dev)\n"
        "  LLM_API_KEY  new  file: 2026-01-01T00:00:00Z by ana@laptop\n"
    ) in done.err
    assert value not in done.err
    assert snapshot(new.home) == {}


def test_it_is_asked_before_anything_is_written(new: Desk, mine: Key, tmp_path: Path) -> None:
    """After everything was shown; no is no, and without a terminal it needs --yes."""
    path = mine.seal(an_export(part(LLM_API_KEY=key())), tmp_path / "keys.age")
    done = mine.imported(new, path)
    assert (done.code, "--yes imports unasked" in done.err) == (2, True)
    for answer, code in (("n", 2), ("y", 0)):
        assert snapshot(new.home) == {}
        child = new.at_terminal("store", "import", str(path), "--identity", str(mine.path))
        child.expect("LLM_API_KEY")
        child.expect(r"Take this into the store\? \[y/N\]")
        child.sendline(answer)
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus == code
    assert "LLM_API_KEY" in stored(new)


@pytest.fixture
def both(new: Desk, mine: Key, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """Store three values of which the export has one equal, one older, one newer and one more."""
    values = {name: key() for name in ("SAME", "OURS", "THEIRS", "HERE")}
    checkout.store(new.project, new.home, **values)
    old, late = "2020-01-01T00:00:00Z", ledger.utc(time.time() + 3600)
    theirs = {"OURS": key(), "THEIRS": key(), "THERE": key()}
    held = a_part({"SAME": values["SAME"], **theirs})
    notes = {
        name: note._replace(changed=late if name == "THEIRS" else old)
        for name, note in held.notes.items()
    }
    path = mine.seal(an_export(held._replace(notes=notes)), tmp_path / "keys.age")
    return path, {**values, **{f"{name}_FILE": value for name, value in theirs.items()}}


def formers(desk: Desk) -> dict[str, list[bytes]]:
    """Return the former values by name."""
    session = Session(desk.environ)
    identity = load(session.data_dir, read_keychain=lambda *_: None)
    assert identity is not None
    found: dict[str, list[bytes]] = {}
    for one in previous.read(session.data_dir, "chat", "dev", identity):
        found.setdefault(one.name, []).append(one.value.reveal())
    return found


def test_it_merges(new: Desk, mine: Key, both: tuple[Path, dict[str, str]]) -> None:
    """The later one of two stays, the other can be had back, and nothing else goes away."""
    path, values = both
    done = mine.imported(new, path, "--yes", "--json")
    assert done.code == 0, done.err
    assert {name: value.decode() for name, value in stored(new).items()} == {
        "SAME": values["SAME"],
        "OURS": values["OURS"],
        "HERE": values["HERE"],
        "THEIRS": values["THEIRS_FILE"],
        "THERE": values["THERE_FILE"],
    }
    assert formers(new) == {
        "OURS": [values["OURS_FILE"].encode()],
        "THEIRS": [values["THEIRS"].encode()],
    }
    told = json.loads(done.text)
    assert {row["name"]: row["outcome"] for row in told["profiles"][0]["names"]} == {
        "HERE": "only-here",
        "OURS": "stays",
        "SAME": "same",
        "THEIRS": "replaced",
        "THERE": "added",
    }
    assert (told["format"], told["written"], told["undecided"]) == (1, True, 0)
    assert not any(value in done.text + done.err for value in values.values())


@pytest.mark.parametrize("prefer", ["here", "file"])
def test_one_side_can_be_preferred(
    new: Desk, mine: Key, both: tuple[Path, dict[str, str]], prefer: str
) -> None:
    """Then no date counts."""
    path, values = both
    assert mine.imported(new, path, "--yes", "--prefer", prefer).code == 0
    ending = "" if prefer == "here" else "_FILE"
    found = stored(new)
    assert found["OURS"].decode() == values["OURS" + ending]
    assert found["THEIRS"].decode() == values["THEIRS" + ending]


def test_what_nobody_decides_stops_all_of_it(new: Desk, mine: Key, tmp_path: Path) -> None:
    """Exit code 3, nothing changed in any profile, and the way on is named."""
    checkout.store(new.project, new.home, LLM_API_KEY=key())
    held = part(LLM_API_KEY=key()), part("staging", LLM_API_KEY=key())
    path = mine.seal(an_export(*held), tmp_path / "keys.age")
    before = snapshot(new.home)
    for words in (("--yes",), ("--dry-run",)):
        done = mine.imported(new, path, *words)
        assert done.code == 3
        assert "LLM_API_KEY  differs: which?  file: date unknown" in done.err
    assert "--prefer here, or --prefer file" in mine.imported(new, path, "--yes").err
    assert snapshot(new.home) == before
    assert mine.imported(new, path, "--yes", "--prefer", "other").code == 2


@pytest.mark.parametrize("answer", ["h", "f"])
def test_a_person_decides(new: Desk, mine: Key, tmp_path: Path, answer: str) -> None:
    """Each name that has no telling dates is asked for; the other value is kept as a former."""
    ours, theirs = key(), key()
    checkout.store(new.project, new.home, LLM_API_KEY=ours)
    path = mine.seal(an_export(part(LLM_API_KEY=theirs)), tmp_path / "keys.age")
    child = new.at_terminal("store", "import", str(path), "--identity", str(mine.path), "--yes")
    child.expect(r"chat \(dev\) LLM_API_KEY: the value that is \[h\]ere, or that of the \[f\]ile\?")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0
    stays, goes = (ours, theirs) if answer == "h" else (theirs, ours)
    assert stored(new) == {"LLM_API_KEY": stays.encode()}
    assert formers(new) == {"LLM_API_KEY": [goes.encode()]}


def test_some_projects(new: Desk, mine: Key, tmp_path: Path) -> None:
    """Only what is asked for is taken; another name is an error that says what there is."""
    held = part(A=key()), part(project="shop", A=key()), part(project="shop/web", A=key())
    path = mine.seal(an_export(*held), tmp_path / "keys.age")
    done = mine.imported(new, path, "--yes", "--project", "other")
    assert (done.code, "it has chat, shop, shop/web" in done.err) == (2, True)
    assert mine.imported(new, path, "--yes", "--project", "shop").code == 0
    assert stored(new) == {}
    assert stored(new, "shop") != {}
    assert stored(new, "shop/web") != {}


@pytest.mark.parametrize("project", ["../../../../tmp/x", "/etc", "..", "a/../../b", "CON"])
def test_a_project_is_never_a_path(new: Desk, mine: Key, tmp_path: Path, project: str) -> None:
    """What its name says, its files are below the store's own directory."""
    path = mine.seal(an_export(part("..", project=project, A="a")), tmp_path / "keys.age")
    outside = {p for p in tmp_path.rglob("*") if new.home not in p.parents}
    assert mine.imported(new, path, "--yes").code == 0
    assert {p for p in tmp_path.rglob("*") if new.home not in p.parents} == outside
    root = layout.projects_dir(Session(new.environ).data_dir)
    (file,) = Path(root).rglob("*.age")
    assert file.parent.parent == Path(root)


def test_a_confirmed_profile_stays_one(new: Desk, mine: Key, tmp_path: Path) -> None:
    """It is sealed to the confirmed identity, made now, and the store's own does not open it."""
    value = key()
    held = part("prod", confirmed=True, LLM_API_KEY=value), part(LLM_API_KEY=key())
    path = mine.seal(an_export(*held), tmp_path / "keys.age")
    done = mine.imported(new, path, "--yes")
    assert done.code == 0, done.err
    assert "chat (prod), to be confirmed at each use" in done.err
    session = Session(new.environ)
    own = load(session.data_dir, read_keychain=lambda *_: None)
    assert own is not None
    with pytest.raises(Exception, match="another identity"):
        own.unseal(values_file(new, profile="prod").read_bytes(), path="x")
    found = keep.read(session, "chat", "prod", confirm=True)
    assert found is not None
    assert found.values["LLM_API_KEY"].reveal() == value.encode()
    assert mine.imported(new, path).code == 0


def test_a_wrong_passphrase_three_times(new: Desk, tmp_path: Path) -> None:
    """Then it ends; the right one at the third opens it. From a file there is one try."""
    path = quick(an_export(part(LLM_API_KEY=key())), tmp_path / "keys.age")
    for last, code in (("wrong", 3), (PASSPHRASE, 0)):
        child = new.at_terminal("store", "import", str(path), "--yes")
        for answer in ("wrong", "", last):
            child.expect("passphrase of .*keys.age:")
            child.send(answer + "\r")
        child.expect("3 times something else" if code else "imported 1 value")
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus == code
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong")
    done = new.devkeys("store", "import", str(path), "--passphrase-file", str(wrong))
    assert (done.code, "is not that of" in done.err) == (3, True)


def test_what_only_a_passphrase_opens_says_nothing_of_others(new: Desk, tmp_path: Path) -> None:
    """Whoever made it knew the passphrase, so that warning is not there."""
    path = quick(an_export(part(LLM_API_KEY=key())), tmp_path / "keys.age")
    word = tmp_path / "word"
    word.write_text(PASSPHRASE)
    done = new.devkeys("store", "import", str(path), "--dry-run", "--passphrase-file", str(word))
    assert (done.code, "anybody who knows" in done.err) == (0, False)


def test_without_anybody_to_ask_for_the_passphrase(new: Desk, tmp_path: Path) -> None:
    """It says what to give instead."""
    path = quick(an_export(part(LLM_API_KEY=key())), tmp_path / "keys.age")
    done = subprocess.run(
        [*DEVKEYS, "store", "import", str(path), "--yes"],
        env=new.environ,
        cwd=new.project,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 3
    assert b"--passphrase-file FILE says where it is" in done.stderr


def test_what_age_itself_encrypted(new: Desk, mine: Key, tmp_path: Path) -> None:
    """Armored, to an age and an SSH recipient, on stdin."""
    need("age", "ssh-keygen")
    ssh = tmp_path / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(ssh)], check=True)
    value = key()
    sealed = subprocess.run(
        ["age", "-a", "-r", mine.recipient, "-R", f"{ssh}.pub"],
        input=an_export(part(LLM_API_KEY=value)),
        capture_output=True,
        check=True,
    ).stdout
    words = ("store", "import", "-", "--identity", str(ssh))
    assert new.devkeys(*words, input=sealed).code == 2
    done = new.devkeys(*words, "--yes", input=sealed)
    assert done.code == 0, done.err
    assert stored(new) == {"LLM_API_KEY": value.encode()}


def test_every_flipped_byte_of_the_file_is_one_clear_error(
    new: Desk, mine: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never a wrong value, never another exception; nor does a file that was cut pass."""
    from devkeys.errors import DevkeysError
    from devkeys.flows.store.receiving import receive

    monkeypatch.chdir(tmp_path)
    path = mine.seal(an_export(part(LLM_API_KEY=key())), tmp_path / "keys.age")
    sealed, session = path.read_bytes(), Session(new.environ)

    def read(data: bytes) -> None:
        path.write_bytes(data)
        receive(session, str(path), identities=[str(mine.path)], passphrase_file=None)

    read(sealed)
    for place in range(len(sealed)):
        with pytest.raises(DevkeysError) as caught:
            read(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
        assert caught.value.hint
        with pytest.raises(DevkeysError):
            read(sealed[:place])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"LLM_API_KEY=abc\n", "devkeys import FILE, in the project, takes in its values"),
        (b"# keys\nexport A=1\n", "devkeys import FILE"),
        (b"\0\1\2=", "is no export"),
        (b"", "is no export"),
        (b"devkeys-export 1\n", "that somebody decrypted"),
        (b"age-encryption.org/v1\nnonsense", "encrypted to keys, and none was given"),
    ],
)
def test_another_file_by_mistake(new: Desk, tmp_path: Path, content: bytes, message: str) -> None:
    """It is said what it is, with what to do; nothing of it is repeated."""
    path = tmp_path / "given"
    path.write_bytes(content)
    done = new.devkeys("store", "import", str(path), "--yes")
    assert done.code in (2, 3)
    assert message in done.err
    assert "abc" not in done.err
    assert snapshot(new.home) == {}


def test_a_file_of_the_store_by_mistake(new: Desk, mine: Key, tmp_path: Path) -> None:
    """By its place, or by what is in it."""
    checkout.store(new.project, new.home, LLM_API_KEY=key())
    file = values_file(new)
    assert "is a file of the store itself" in new.devkeys("store", "import", str(file)).err
    opened = load(Session(new.environ).data_dir, read_keychain=lambda *_: None)
    assert opened is not None
    plain = opened.unseal(file.read_bytes(), path="x")
    done = mine.imported(new, mine.seal(plain, tmp_path / "copy.age"))
    assert (done.code, "holds the values of one profile of a store" in done.err) == (2, True)


def test_no_file_a_directory_and_a_huge_one(new: Desk, tmp_path: Path) -> None:
    """Each is said in its own words; the huge one is not read."""
    assert "there is no file" in new.devkeys("store", "import", "nothing").err
    assert "is a directory" in new.devkeys("store", "import", str(tmp_path)).err
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(1 << 30)
    assert "is too large" in new.devkeys("store", "import", str(huge)).err
    os.mkfifo(tmp_path / "pipe")
    assert "FIFO" in new.devkeys("store", "import", str(tmp_path / "pipe")).err


def test_keys_that_are_none(new: Desk, mine: Key, tmp_path: Path) -> None:
    """No key, another's, an encrypted one: each says what it is."""
    path = mine.seal(an_export(part(A="a")), tmp_path / "keys.age")
    other = tmp_path / "other"
    other.mkdir()
    for file, message in (
        (Key(other).path, "none of the keys in"),
        (tmp_path / "nothing", "there is no file"),
        (path, "is encrypted itself"),
        (new.project / ".env.example", "holds no age identity"),
    ):
        done = new.devkeys("store", "import", str(path), "--identity", str(file))
        assert done.code in (2, 3)
        assert message in done.err


def test_a_newer_export(new: Desk, mine: Key, tmp_path: Path) -> None:
    """It is refused, and says to upgrade."""
    text = an_export(part(A="a")).replace(b"devkeys-export 1", b"devkeys-export 2")
    done = mine.imported(new, mine.seal(text, tmp_path / "keys.age"), "--yes")
    assert (done.code, "newer devkeys (format 2)" in done.err) == (3, True)
    assert snapshot(new.home) == {}


@pytest.mark.needs_root
def test_a_full_disk_in_the_middle(new: Desk, mine: Key, tmp_path: Path) -> None:
    """Whole profiles or nothing; once there is room the same import does the rest."""
    values = {f"NAME_{number}": "x" * 9000 for number in range(2)}
    held = [a_part(values, f"p{number}") for number in range(4)]
    path = mine.seal(an_export(*held), tmp_path / "keys.age")
    with small_disk(str(tmp_path / "disk")) as disk:
        env = {"XDG_DATA_HOME": disk}
        done = mine.imported(new, path, "--yes", env=env)
        assert done.code == 3
        assert "import the same file again: that does the rest" in done.err
        whole = list(Path(disk).rglob("*.age"))
        assert 0 < len(whole) < 4
        assert not list(Path(disk).rglob("*.tmp"))
        fill(disk)
        assert mine.imported(new, path, "--yes", env=env).code == 3
        (Path(disk) / "filler").unlink()
        subprocess.run(["mount", "-o", "remount,size=1m", disk], check=True)
        done = mine.imported(new, path, "--yes", env=env)
        assert done.code == 0, done.err
        assert len(list(Path(disk).rglob("*.age"))) == 4
        assert "all of it is here already" in mine.imported(new, path, env=env).err


def test_an_import_that_was_killed_is_run_again(new: Desk, mine: Key, tmp_path: Path) -> None:
    """What is noted is made up for, though the values were in their place already."""
    value, changed = key(), "2026-01-01T00:00:00Z"
    path = mine.seal(an_export(part(LLM_API_KEY=value, changed=changed)), tmp_path / "keys.age")
    assert mine.imported(new, path, "--yes").code == 0
    session = Session(new.environ)
    os.unlink(layout.ledger_path(session.data_dir, "chat", "dev"))
    os.unlink(layout.counter_path(session.state_dir, "chat", "dev"))
    assert mine.imported(new, path, "--yes").code == 0
    assert ledger.read(session.data_dir, "chat", "dev")["LLM_API_KEY"].changed == changed
    assert os.path.exists(layout.counter_path(session.state_dir, "chat", "dev"))


def test_two_imports_and_a_set_at_once(new: Desk, mine: Key, tmp_path: Path) -> None:
    """Either all of an import is there, or it says that somebody was quicker; none is torn."""
    checkout.store(new.project, new.home, OTHER=key())
    value = key()
    path = mine.seal(an_export(part(LLM_API_KEY=value, DB_PASSWORD=value)), tmp_path / "keys.age")
    words = [*DEVKEYS, "store", "import", str(path), "--identity", str(mine.path), "--yes"]
    commands = [words, words, [*DEVKEYS, "set", "MODEL=large"]]
    running = [
        subprocess.Popen(command, env=new.environ, cwd=new.project, stderr=subprocess.PIPE)
        for command in commands
    ]
    errors = [process.communicate()[1] for process in running]
    codes = [process.returncode for process in running]
    assert codes[2] == 0
    for code, error in zip(codes[:2], errors[:2], strict=True):
        assert code == 0 or (code == 3 and b"was changed meanwhile" in error), error
    assert mine.imported(new, path, "--yes").code == 0
    assert sorted(stored(new)) == ["DB_PASSWORD", "LLM_API_KEY", "MODEL", "OTHER"]


def test_escape_sequences_do_not_reach_the_terminal(new: Desk, mine: Key, tmp_path: Path) -> None:
    """No project has such a name, so it is damage, told without it."""
    text = an_export(part(A="a")).replace(b"project chat", b"project ch\x1bt")
    done = mine.imported(new, mine.seal(text, tmp_path / "keys.age"), "--yes")
    assert done.code == 3
    assert "\x1b" not in done.err


def test_the_help_has_examples(tmp_path: Path) -> None:
    """Both commands explain themselves."""
    desk = make_desk(tmp_path, DECLARATION)
    for command in ("export", "import"):
        done = desk.devkeys("store", command, "--help")
        assert (done.code, f"devkeys store {command} keys.age" in done.text) == (0, True)
