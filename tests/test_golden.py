"""What was written in any format is read with the meaning that it had, and written on."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import golden_files as golden
import pyrage
import pytest
from golden_files import CHECKOUT, PROFILE, PROJECT, content, identity_of, plain, recipient_of
from real import need

from devkeys import consent, fingerprint, index, skips
from devkeys.consent import plan_digest
from devkeys.consent import record as records
from devkeys.consent.record import Agreed
from devkeys.errors import StoreError
from devkeys.flows.doctor import baseline
from devkeys.plan import cache
from devkeys.run import marker, outer
from devkeys.secret import Secret
from devkeys.store import (
    bundle,
    create,
    envelope,
    framed,
    identity,
    layout,
    ledger,
    previous,
    record,
    recovery,
    remote,
    values,
)
from devkeys.store.record import CONFIRMED, FILE, KEYCHAIN, OWN, Holder

WHERE = "/golden/file"


@pytest.fixture
def home(tmp_path: Path) -> golden.Golden:
    """Make a home of golden files."""
    return golden.lay_out(tmp_path)


def _data(home: golden.Golden) -> str:
    return str(home.desk.home / ".local/share/devkeys")


def _state(home: golden.Golden) -> str:
    return str(home.desk.home / ".local/state/devkeys")


@pytest.mark.parametrize("word", ["own", "next", "former", "confirmed", "recovery"])
def test_the_identity_is_one_to_age_too(word: str) -> None:
    """What is made of a word is exactly what age makes of the same key."""
    text = identity_of(word).reveal().decode()
    assert str(pyrage.x25519.Identity.from_str(text)) == text
    assert envelope.is_recipient(recipient_of(word))


def test_no_golden_file_holds_a_key() -> None:
    """Whoever searches a clone for keys finds none."""
    found = b"".join(path.read_bytes() for path in golden.FOLDER.iterdir() if path.is_file())
    assert b"AGE-SECRET-KEY-1" not in found
    for word in ("own", "next", "former", "confirmed", "recovery"):
        assert identity_of(word).reveal() not in found


def test_a_golden_file_is_never_made_again() -> None:
    """Its maker refuses, and leaves it as it is."""
    maker = golden.FOLDER / "make.py"
    before = {path.name: path.read_bytes() for path in golden.FOLDER.iterdir() if path.is_file()}
    for words, code in (([], 0), (["values-1"], 1)):
        done = subprocess.run(
            [sys.executable, "-P", str(maker), *words], capture_output=True, check=False
        )
        assert (done.returncode, done.stdout) == (code, b"")
    after = {path.name: path.read_bytes() for path in golden.FOLDER.iterdir() if path.is_file()}
    assert after == before


def _facts(one: Holder | None) -> tuple[str, ...] | None:
    return None if one is None else (one.kind, one.account, one.recipient, one.next, one.former)


RECORDS = {
    "store-1-file": (("file", "", recipient_of(), "", ""), None, ""),
    "store-1-keychain": (("keychain", "identity", recipient_of(), "", ""), None, ""),
    "store-2-passphrase": (("passphrase", "", recipient_of(), "", ""), None, ""),
    "store-2-recovery": (("file", "", recipient_of(), "", ""), None, recipient_of("recovery")),
    "store-2-all": (
        ("keychain", "identity", recipient_of(), recipient_of("next"), recipient_of("former")),
        ("file", "", recipient_of("confirmed"), "", ""),
        recipient_of("recovery"),
    ),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record(name: str) -> None:
    """Who holds the identities, and who can read what is written."""
    found = record.parse(content(name), WHERE)
    assert (_facts(found.own), _facts(found.confirmed), found.recovery) == RECORDS[name]
    assert record.encode(found) == content(name)


def test_a_store_of_every_record_is_opened(tmp_path: Path) -> None:
    """The keychain or the file gives the identity, and files are sealed to whom it says."""
    for name in RECORDS:
        (tmp_path / name).mkdir()
        home = golden.lay_out(tmp_path / name, record=name)
        confirmed = Path(layout.identity_path(_data(home), CONFIRMED))
        confirmed.write_bytes(identity_of("confirmed").reveal() + b"\n")
        confirmed.chmod(0o600)
        for confirm in (False, True):
            found = identity.load(
                _data(home), read_keychain=lambda *_: identity_of(), confirm=confirm
            )
            assert found is not None
            assert values.read(_data(home), _state(home), PROJECT, PROFILE, found) is not None
            whose = CONFIRMED if confirm and name == "store-2-all" else OWN
            assert found.recipients == record.parse(content(name), WHERE).recipients(whose)


def test_identities() -> None:
    """A file as it is, one behind a passphrase, the next one of a rekey, a recovery key."""
    words = Secret(golden.PASSPHRASE.encode())
    assert identity.parse_identity(content("identity"), WHERE) == identity_of()
    assert create.file_content(identity_of()) == content("identity")
    wrapped = envelope.unseal_with(content("identity-passphrase"), words)
    assert wrapped is not None
    assert identity.parse_identity(wrapped, WHERE) == identity_of()
    assert identity.parse_identity(plain("identity-next"), WHERE) == identity_of("next")
    assert recovery.open_text(content("recovery-key"), words) == identity_of("recovery")


def _is_golden(found: values.Values, counter: int, port: bytes) -> None:
    assert {name: one.reveal() for name, one in found.values.items()} == {
        **golden.VALUES,
        "PORT": port,
    }
    assert found.kinds == {"LLM_API_KEY": "secret", "MAIL_TOKEN": "secret", "PORT": "setting"}
    assert (found.counter, found.generations["LLM_API_KEY"]) == (counter, 3)


@pytest.mark.parametrize(
    ("name", "counter", "port"), [("values-1", 6, b"8001"), ("values-1-before", 5, b"80010")]
)
def test_values(name: str, counter: int, port: bytes) -> None:
    """Bytes that are no text, kinds, generations and the counter."""
    found = values.decode(plain(name), PROJECT, PROFILE, path=WHERE)
    _is_golden(found, counter, port)
    assert values.encode(PROJECT, PROFILE, found) == plain(name)


def test_former_values(home: golden.Golden) -> None:
    """Each with its name and generation, oldest first."""
    found = previous.read(_data(home), PROJECT, PROFILE, golden.opened())
    assert [(one.name, one.generation, one.value.reveal()) for one in found] == golden.FORMER
    about = [f"value {one.generation} {len(one.value.reveal())} {one.name}" for one in found]
    kept = [one.value for one in found]
    assert framed.plain_text(previous.KIND, PROJECT, PROFILE, about, kept) == plain("previous-1")


def test_values_of_providers(home: golden.Golden) -> None:
    """With what decides whether they may still be used; written anew they are the same."""
    (one,) = remote.read(_data(home), PROJECT, PROFILE, golden.opened())
    facts = (one.reference, one.context, one.taken, one.until, one.value.reveal())
    value = b"words of a provider"
    assert facts == ("op://team/chat/key", "0" * 32, 1767225600, 1767229200, value)
    remote.write(_data(home), PROJECT, PROFILE, golden.opened(), [one])
    again = envelope.unseal(home.places["remote-1"].read_bytes(), identity_of(), path=WHERE)
    assert again == plain("remote-1")


def test_a_ledger(home: golden.Golden) -> None:
    """Dates, sources and people, of removed names too."""
    found = ledger.read(_data(home), PROJECT, PROFILE)
    assert found["LLM_API_KEY"] == ledger.Note(
        *("secret", 3, "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"),
        *(None, "prompt", "ana@laptop"),
    )
    assert found["OLD_TOKEN"].removed == "2026-01-05T00:00:00Z"
    assert ledger.names(found) == ["LLM_API_KEY", "MAIL_TOKEN", "PORT"]
    ledger.write(_data(home), PROJECT, PROFILE, found)
    assert home.places["ledger-1"].read_bytes() == content("ledger-1")


def test_a_counter(home: golden.Golden) -> None:
    """It is that of the values."""
    assert values.read_counter(str(home.places["counter-1"])) == 6


def test_an_export() -> None:
    """All of a profile, with its former values and its notes."""
    found = bundle.decode(plain("export-1"), path=WHERE)
    assert (found.made, found.by) == ("2026-01-08T00:00:00Z", "ana@laptop")
    (part,) = found.parts
    assert (part.project, part.profile, part.confirmed) == (PROJECT, PROFILE, False)
    _is_golden(part.values, 6, b"8001")
    assert [(one.name, one.generation, one.value.reveal()) for one in part.former] == golden.FORMER
    assert part.notes["LLM_API_KEY"].changed == "2026-01-03T00:00:00Z"
    assert bundle.encode(found) == plain("export-1")


def test_a_consent_record(tmp_path: Path) -> None:
    """What was agreed to, under which name, for which repository; and the digests of plans."""
    path = consent.path_of(str(tmp_path), CHECKOUT)
    os.mkdir(os.path.dirname(path), 0o700)
    Path(path).touch(0o600)
    Path(path).write_bytes(content("consent-1"))
    found = records.read(str(tmp_path), CHECKOUT)
    assert found is not None
    assert (found.identity, found.path) == (CHECKOUT, CHECKOUT)
    assert (found.remote, found.project) == ("git@example.com:ana/chat.git", "chat")
    assert found.agreed == {
        Agreed("", "dev", "LICENSE_CODE", ("@optional",)),
        Agreed("", "dev", "LLM_API_KEY", ("secret",)),
        Agreed("", "dev", "MAIL_TOKEN", ("secret",)),
    }
    digest = fingerprint.digest(content("plan-2"))
    assert plan_digest(content("consent-1"), "1" * 32) == digest
    records.write(str(tmp_path), found)
    assert Path(path).read_bytes() == content("consent-1")


def test_skips(home: golden.Golden) -> None:
    """The names; written anew they are the same."""
    path = home.places["skips-1"]
    found = skips.read(str(path))
    assert found == {"LICENSE_CODE"}
    skips.write(str(path), found)
    assert path.read_bytes() == content("skips-1")


def test_accepted_findings(home: golden.Golden) -> None:
    """How often each may be there, and which lists count."""
    found = baseline.read(_state(home))
    assert found.findings == {"0123456789abcdef" * 2: 2}
    assert found.lists == {"fedcba9876543210" * 2}


def test_the_shells_index(home: golden.Golden) -> None:
    """The names that do not look like secrets, and what a checkout lacks."""
    found = index.read(_state(home))
    here = os.path.realpath(home.desk.project)
    assert found == index.Index(frozenset(["LICENSE_CODE"]), {here: index.Lack(1, 2)})


def test_the_key_of_tags(home: golden.Golden) -> None:
    """It is used, not replaced: tags that are in use still tell."""
    assert fingerprint.tag_key(_state(home)) == content("tag-key")


def test_a_mark() -> None:
    """A `run` inside a `run` knows what was put there."""
    environ = {marker.VARIABLE: content("mark-1").decode(), "LLM_API_KEY": "third words"}
    found = outer.read(environ)
    assert found is not None
    assert (found.project, found.profile, found.plan) == (PROJECT, PROFILE, "0" * 32)
    assert (found.counters, found.generations) == ("6", {"LLM_API_KEY": 3})
    assert found.injected(environ, content("tag-key")) == ["LLM_API_KEY"]
    assert found.injected({"LLM_API_KEY": "other words"}, content("tag-key")) == []


def test_a_mark_of_another_format_says_nothing() -> None:
    """What the outer `run` put there then counts as exported by somebody."""
    for number in ("0", "2", "11"):
        text = number + content("mark-1").decode()[1:]
        assert outer.read({marker.VARIABLE: text}) is None


def test_a_plan_of_another_version_is_not_used(tmp_path: Path) -> None:
    """It is compiled anew: nothing is lost with it."""
    path = tmp_path / "plan"
    path.write_bytes(content("plan-2").replace(b"\xe9\x02\x00\x00\x00", b"\xe9\x03\x00\x00\x00"))
    assert path.read_bytes() != content("plan-2")
    assert cache.read(str(path), fingerprint.digest(path.read_bytes())) is None
    path.write_bytes(content("plan-2").replace(b"0.1.0", b"0.0.9"))
    assert cache.read(str(path), fingerprint.digest(path.read_bytes())) is None


SEALED = ("values-1", "values-1-before", "previous-1", "remote-1", "export-1", "identity-next")


@pytest.mark.parametrize("name", SEALED)
def test_age_opens_it(name: str, tmp_path: Path) -> None:
    """Nothing of ours is needed to have a value back."""
    need("age")
    (tmp_path / "identity").write_bytes(content("identity"))
    done = subprocess.run(
        ["age", "-d", "-i", str(tmp_path / "identity"), str(golden.FOLDER / name)],
        capture_output=True,
        check=True,
    )
    assert done.stdout == plain(name)


# The whole home, by the real command.


def _child(home: golden.Golden, **more: str) -> Mapping[str, bytes]:
    done = home.desk.devkeys("run", "--", "env", "-0", env=more)
    assert done.code == 0, done.err
    pairs = (line.partition(b"=") for line in done.out.split(b"\0"))
    return {name.decode(): value for name, _, value in pairs if name.decode() in golden.VALUES}


def test_run_gives_the_values(home: golden.Golden) -> None:
    """Nothing is asked, for all was agreed to then; and nothing of the store is written."""
    before = {name: home.places[name].read_bytes() for name in home.places}
    assert _child(home) == golden.VALUES
    for name, data in before.items():
        if name not in ("consent-1", "index-1"):  # which note the plan, and what it lacks
            assert home.places[name].read_bytes() == data


def test_list_and_status_know_it(home: golden.Golden) -> None:
    """Names, dates and people; nothing is missing."""
    listed = home.desk.devkeys("list", "--json")
    assert (listed.code, '"2026-01-03T00:00:00Z"' in listed.text) == (0, True)
    assert home.desk.devkeys("status").code == 0


def test_the_store_is_whole(home: golden.Golden) -> None:
    """`store verify` has no complaint, and `repair` nothing to do."""
    for command in ("verify", "repair"):
        done = home.desk.devkeys("store", command)
        assert done.code == 0, (done.text, done.err)


def test_a_golden_store_is_written_to(home: golden.Golden) -> None:
    """What was replaced becomes a former value, and generations go on."""
    done = home.desk.devkeys("set", "LLM_API_KEY", input=b"fourth words")
    assert done.code == 0, done.err
    assert _child(home) == {**golden.VALUES, "LLM_API_KEY": b"fourth words"}
    found = values.read(_data(home), _state(home), PROJECT, PROFILE, golden.opened())
    assert found is not None
    assert (found.counter, found.generations["LLM_API_KEY"]) == (7, 4)
    former = previous.read(_data(home), PROJECT, PROFILE, golden.opened())
    assert [one.value.reveal() for one in former][-1] == b"third words"
    assert ledger.read(_data(home), PROJECT, PROFILE)["LLM_API_KEY"].created is not None
    assert home.desk.devkeys("store", "verify").code == 0
    assert home.places["store-1-file"].read_bytes() == content("store-1-file")


def test_a_golden_export_is_imported(tmp_path: Path) -> None:
    """Into a store that holds nothing."""
    home = golden.lay_out(tmp_path)
    for name in ("values-1", "values-1-before", "previous-1", "ledger-1", "counter-1", "remote-1"):
        home.places[name].unlink()
    words = ("store", "import", str(golden.FOLDER / "export-1"), "--yes", "--identity")
    done = home.desk.devkeys(*words, str(home.places["identity"]))
    assert done.code == 0, done.err
    assert _child(home) == golden.VALUES


def test_a_passphrase_opens_it(tmp_path: Path) -> None:
    """The record of format 2 and the file that only a passphrase opens."""
    home = golden.lay_out(tmp_path, record="store-2-passphrase")
    home.put("identity", content("identity-passphrase"))
    words = tmp_path / "words"
    words.touch(0o600)
    words.write_text(golden.PASSPHRASE)
    assert _child(home, DEVKEYS_PASSPHRASE_FILE=str(words)) == golden.VALUES


def test_another_key_for_a_golden_store(home: golden.Golden) -> None:
    """Afterwards the record is one of format 1 again, for nothing needs another."""
    done = home.desk.devkeys("store", "rekey", "--yes")
    assert done.code == 0, done.err
    assert home.places["store-1-file"].read_bytes().startswith(b"devkeys-store 1\n")
    assert _child(home) == golden.VALUES


# Upgrading: the record is written in the oldest format that can say it.


def _change(home: golden.Golden, change: Callable[[record.Record], record.Record]) -> bytes:
    found = record.read_record(_data(home))
    assert found is not None
    record.write_record(_data(home), change(found))
    path = home.places["store-1-file"]
    assert path.read_bytes() == home.places["store-1-file, the copy"].read_bytes()
    return path.read_bytes()


def test_a_recovery_key_needs_format_2(home: golden.Golden) -> None:
    """And without one it is format 1 again, byte for byte; the files follow."""
    keys = {OWN: (identity_of(),)}
    path = home.places["store-1-file"]
    assert recovery.change(_data(home), keys, recipient_of("recovery")) == 3
    assert path.read_bytes() == content("store-2-recovery")
    sealed = home.places["values-1"].read_bytes()
    assert envelope.unseal(sealed, identity_of("recovery"), path=WHERE) == plain("values-1")
    recovery.change(_data(home), keys, "")
    assert path.read_bytes() == content("store-1-file")
    sealed = home.places["values-1"].read_bytes()
    with pytest.raises(StoreError):
        envelope.unseal(sealed, identity_of("recovery"), path=WHERE)


def test_a_passphrase_needs_format_2(home: golden.Golden) -> None:
    """And without one it is format 1 again."""
    found = _change(home, lambda old: old.but(OWN, old.own.but(kind=record.PASSPHRASE)))
    assert found == content("store-2-passphrase")
    found = _change(home, lambda old: old.but(OWN, old.own.but(kind=FILE)))
    assert found == content("store-1-file")


def test_a_rekey_needs_format_2_while_it_lasts(home: golden.Golden) -> None:
    """An older devkeys must not write what the new identity cannot open."""
    other = recipient_of("next")
    for change in ({"next": other}, {"recipient": other, "next": "", "former": recipient_of()}):
        found = _change(home, lambda old, c=change: old.but(OWN, old.own.but(**c)))  # type: ignore[misc]  # mypy has no type for a default of lambda
        assert found.startswith(b"devkeys-store 2\n")
    found = _change(home, lambda old: old.but(OWN, old.own.but(former="")))
    assert found.startswith(b"devkeys-store 1\n")


def test_confirmed_profiles_need_format_2(home: golden.Golden) -> None:
    """An older devkeys would open them without confirming."""
    create.create_confirmed(_data(home), golden.opened(), keychain=None)
    assert home.places["store-1-file"].read_bytes().startswith(b"devkeys-store 2\n")


def test_a_keychain_needs_no_other_format(home: golden.Golden) -> None:
    """A store that is moved there says what it always said."""
    found = _change(home, lambda old: old.but(OWN, Holder(KEYCHAIN, OWN, old.own.recipient)))
    assert found == content("store-1-keychain")
