"""What a newer devkeys wrote is refused, with the way out, and left byte for byte as it is."""

import re
from pathlib import Path

import golden_files as golden
import pytest
from desk import Done
from golden_files import PROFILE, PROJECT, content, identity_of, plain, recipient_of

from devkeys.errors import DevkeysError
from devkeys.secret import Secret
from devkeys.store import bundle, envelope, layout, rebuilding, record, recovery, remote, values
from devkeys.store.layout import NewerError
from devkeys.store.record import OWN, Record

RECORD, COPY = "store-1-file", "store-1-file, the copy"
VALUES, BEFORE = "values-1", "values-1-before"

READ = ("run -- true", "get LLM_API_KEY", "status")
LIST = ("list",)
WRITE = ("set LLM_API_KEY", "unset LLM_API_KEY", "import ../more.env --overwrite")
STORE = ("store export ../export", "store rekey --yes")
LOOK = ("store verify", "store repair --yes --accept-old")
AGREE = ("allow --yes", "deny", "forget --yes")
IMPORT = "store import ../golden-export --yes --identity ../home/.local/share/devkeys/identity"

# By the file that is newer: who refuses it. Whoever else is named below works, and leaves it.
REFUSED_BY = {
    RECORD: (*READ, *WRITE, *STORE, *LOOK, "forget --yes", IMPORT),
    COPY: ("store rekey --yes", *LOOK),
    VALUES: ("run -- true", *WRITE, *STORE, *LOOK),
    BEFORE: (*WRITE, "store rekey --yes", *LOOK),
    "previous-1": (*WRITE, *STORE, *LOOK),
    "remote-1": LOOK,
    "ledger-1": (*LIST, *WRITE, "store export ../export", *LOOK, "forget --yes"),
    "counter-1": ("run -- true", *WRITE, *LOOK),
    "consent-1": (*READ, *AGREE),
    "skips-1": ("run -- true", "status", "skip LICENSE_CODE"),
}
WORKS = {
    RECORD: (),
    COPY: (*READ, *LIST, *WRITE),
    VALUES: ("get LLM_API_KEY", *LIST),
    BEFORE: (*READ, *LIST),
    "previous-1": (*READ, *LIST),
    "remote-1": (*READ, *LIST, *WRITE),
    "ledger-1": ("run -- true",),
    "counter-1": ("get LLM_API_KEY", *LIST),
    "consent-1": ("list --all", *LOOK),
    "skips-1": ("list --all", *LOOK),
}


@pytest.fixture
def home(tmp_path: Path) -> golden.Golden:
    """Make a home of golden files, and files to import."""
    (tmp_path / "more.env").write_text("LLM_API_KEY=more words\n")
    (tmp_path / "more.env").chmod(0o600)
    (tmp_path / "golden-export").write_bytes((golden.FOLDER / "export-1").read_bytes())
    return golden.lay_out(tmp_path)


def _do(home: golden.Golden, words: str) -> Done:
    return home.desk.devkeys(*words.split(), input=b"fourth words")


def _all(home: golden.Golden) -> dict[str, bytes]:
    """Return what every file of the home holds, but what is only derived, and locks."""
    derived = ("shell-index", "shell-said")
    return {
        str(path): re.sub(rb"(?m)^plan .*\n", b"", path.read_bytes())
        for path in home.desk.home.rglob("*")
        if path.is_file()
        and path.suffix != ".lock"
        and path.name != "lock"
        and path.name not in derived
        and path.parent.name not in ("plans", "turns")
    }


@pytest.mark.parametrize("name", REFUSED_BY)
def test_it_is_refused_and_left(home: golden.Golden, name: str) -> None:
    """By those that read it and by those that would write in its place; no other file changes."""
    data = golden.newer(name.partition(",")[0])
    home.put(name, data.replace(golden.CHECKOUT.encode(), str(home.desk.project).encode()))
    before = _all(home)
    for words in REFUSED_BY[name]:
        done = _do(home, words)
        said = " ".join((done.text + done.err).split())
        assert done.code != 0, words
        assert "was written by a newer devkeys (format " in said, (words, said)
        assert "Traceback" not in said
        assert _all(home) == before, words


@pytest.mark.parametrize("name", [name for name, words in WORKS.items() if words])
def test_who_does_not_need_it_works(home: golden.Golden, name: str) -> None:
    """And leaves it as it is."""
    data = golden.newer(name.partition(",")[0])
    data = data.replace(golden.CHECKOUT.encode(), str(home.desk.project).encode())
    path = home.put(name, data)
    for words in WORKS[name]:
        done = _do(home, words)
        assert done.code == 0, (words, done.text, done.err)
        assert path.read_bytes() == data, words


def test_what_is_to_be_forgotten_is_removed(home: golden.Golden) -> None:
    """Whatever its format: that was asked for, and shown before."""
    for name in (VALUES, BEFORE, "previous-1", "counter-1"):
        home.put(name, golden.newer(name))
    done = _do(home, "forget --project chat --yes")
    assert done.code == 0, done.err
    assert not any(home.places[name].exists() for name in (VALUES, BEFORE, "previous-1"))


def test_doctor_stops(home: golden.Golden) -> None:
    """It would tell of findings that were accepted."""
    home.put("accepted-1", golden.newer("accepted-1"))
    done = _do(home, "doctor")
    assert (done.code, "newer devkeys" in done.err) == (3, True), done.err


def test_a_damaged_file_beside_a_newer_one_is_left_too(home: golden.Golden) -> None:
    """What the newer devkeys could make of it nobody here knows."""
    home.put(VALUES, content(VALUES)[:-1])
    home.put(BEFORE, golden.newer(BEFORE))
    before = _all(home)
    done = _do(home, "store repair --yes --accept-old")
    assert (done.code, "newer devkeys" in done.text + done.err) == (1, True)
    assert _all(home) == before


def test_other_profiles_are_mended(home: golden.Golden) -> None:
    """A newer file of one profile is no reason to leave another one damaged."""
    done = home.desk.devkeys("set", "-p", "prod", "LLM_API_KEY", input=b"prod words")
    assert done.code == 0, done.err
    home.put("ledger-1", golden.newer("ledger-1"))
    other = home.places["ledger-1"].with_name("prod.json")
    other.write_bytes(b"{")
    assert _do(home, "store repair --yes").code == 1
    assert b"LLM_API_KEY" in other.read_bytes()
    assert home.places["ledger-1"].read_bytes() == golden.newer("ledger-1")


def test_a_lost_record_is_not_made_anew_beside_a_newer_copy(home: golden.Golden) -> None:
    """Nor with a recovery key: the copy knows who else may read."""
    data_dir = str(home.places[RECORD].parent)
    newer = home.put(COPY, golden.newer(RECORD)).read_bytes()
    home.places[RECORD].unlink()
    sources = rebuilding.Sources(lambda *_: None, lambda *_: Secret(b""))
    with pytest.raises(NewerError):
        rebuilding.rebuild(data_dir, sources)
    with pytest.raises(NewerError):
        recovery.examine(data_dir, identity_of("recovery"), ())
    with pytest.raises(NewerError):
        record.write_record(data_dir, record.parse(content(RECORD), ""))
    assert home.places[COPY].read_bytes() == newer
    assert not home.places[RECORD].exists()


@pytest.mark.parametrize("name", [VALUES, BEFORE, "previous-1"])
def test_a_recovery_key_leaves_it(home: golden.Golden, name: str) -> None:
    """What is to be opened anew has to be known."""
    home.put(RECORD, content("store-2-recovery"))
    both = (recipient_of(), recipient_of("recovery"))
    text = envelope.unseal(golden.newer(name), identity_of(), path="")
    path = home.put(name, envelope.seal(text, both))
    before = path.read_bytes()
    data_dir = str(home.places[RECORD].parent)
    with pytest.raises(NewerError):
        recovery.examine(data_dir, identity_of("recovery"), (identity_of(),))
    with pytest.raises(NewerError):
        recovery.change(data_dir, {OWN: (identity_of(),)}, "")
    assert path.read_bytes() == before


def test_kept_values_of_providers_are_not_replaced(home: golden.Golden) -> None:
    """They are asked for again at each run, until devkeys is upgraded."""
    path = home.put("remote-1", golden.newer("remote-1"))
    before = path.read_bytes()
    with pytest.raises(NewerError):
        remote.write(str(home.places[RECORD].parent), PROJECT, PROFILE, golden.opened(), [])
    assert path.read_bytes() == before


def test_newer_accepted_findings(home: golden.Golden) -> None:
    """`doctor` neither counts nor replaces them."""
    path = home.put("accepted-1", golden.newer("accepted-1"))
    before = path.read_bytes()
    done = _do(home, "doctor --unaccept all")
    assert (done.code, "newer devkeys" in done.err) == (3, True), done.err
    assert path.read_bytes() == before


def test_a_newer_export(home: golden.Golden, tmp_path: Path) -> None:
    """Nothing of it is taken, nor one in which only the values are newer."""
    whole = golden.newer("export-1")
    text = plain("export-1")
    inner = text.replace(b"devkeys-values 1", b"devkeys-values 2")
    before = _all(home)
    for data in (whole, envelope.seal(inner, (recipient_of(),))):
        (tmp_path / "export").write_bytes(data)
        key = str(home.places["identity"])
        words = ("store", "import", str(tmp_path / "export"), "--yes", "--identity", key)
        done = home.desk.devkeys(*words)
        assert (done.code, "newer devkeys" in done.err) == (3, True), done.err
    assert _all(home) == before


def test_it_is_known_by_its_first_line_alone() -> None:
    """Whatever comes after it: other bytes, no empty line, another order."""
    for rest in (b"", b"\n", b"\n\xff\xfe\n\n\xff", b"\n\n\n", b"\nprofile dev\nproject chat\n\n"):
        with pytest.raises(NewerError):
            values.decode(b"devkeys-values 2" + rest, PROJECT, PROFILE, path="")
        with pytest.raises(NewerError):
            bundle.decode(b"devkeys-export 2" + rest, path="")
        with pytest.raises(NewerError):
            record.parse(b"devkeys-store 3" + rest, "")
        for kind in layout.SEALED_KINDS:
            with pytest.raises(NewerError):
                layout.check_known(kind.encode() + b" 12" + rest, path="")


@pytest.mark.parametrize("number", ["0", "01", "-1", "1.0", "", "٢", "9" * 16])
def test_what_is_no_number_is_damage(number: str) -> None:
    """Not a newer format: repair may mend it."""
    for data in (f"devkeys-values {number}\n", f"devkeys-values{number}\n"):
        with pytest.raises(DevkeysError, match="is damaged"):
            values.decode(data.encode(), PROJECT, PROFILE, path="")
        layout.check_known(data.encode(), path="")


def test_every_reader_knows_the_next_number_only_as_newer() -> None:
    """The numbers that are written are those that are read."""
    assert layout.check_format("devkeys-store 2", "devkeys-store", path="", newest=2) == 2
    found = record.encode(Record(record.parse(content("store-2-all"), "").own))
    assert found.startswith(b"devkeys-store 2\n")
