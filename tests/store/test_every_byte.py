"""Every bit of a store's files flipped, every length, every byte doubled or dropped; files swapped.

What is read is exactly what was written, or it is one clear error. What cannot be noticed by
reading, and is tested as such below:

- the comment in an identity file, and the blanks behind the key, may say anything;
- a counter that became smaller lets an older file pass that was put back;
- an old file passes if the counter is put back or removed, too; `verify` tells by the ledger,
  unless that is put back as well: then the whole profile is as it was, and nobody can tell;
- values that are gone, and were written only once, look as if there had never been any;
  `verify` tells by the ledger.
"""

import itertools
import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import NamedTuple

import new_store
import pytest
import quick_scrypt
from new_store import NewStore

from devkeys import passphrase
from devkeys.errors import DevkeysError, UsageError
from devkeys.flows.store.receiving import receive
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import (
    bundle,
    envelope,
    identity,
    layout,
    ledger,
    previous,
    record,
    remote,
    values,
    verifying,
)
from devkeys.store.bundle import Bundle, Part
from devkeys.store.faults import Store
from devkeys.store.record import KEYCHAIN, Holder, Record
from devkeys.store.remote import Kept

WORDS = "words to open it"


class Subject(NamedTuple):
    """A file of the store: where it is, what reads it, and the *values* no message may have.

    *harmless* says of which bytes a change need not be noticed: what is read stays right.
    """

    path: Path
    read: Callable[[], object]
    values: tuple[bytes, ...]
    harmless: Collection[int] = ()


class Full(NamedTuple):
    """A store in which each file holds something, and the values in it."""

    store: NewStore
    values: tuple[bytes, ...]

    def path(self, path_of: Callable[[str, str, str], str], profile: str = "dev") -> Path:
        """Return the path of a file of the project."""
        return Path(path_of(self.store.data_dir, "chat", profile))


@pytest.fixture
def full(store: NewStore) -> Full:
    """Fill a store: two writes, former values, those of a provider, a second profile."""
    made = tuple(new_store.key() for _ in range(5))
    store.set("chat", "dev", A=made[0], B=made[1])
    store.set("chat", "dev", A=made[2])
    store.set("chat", "prod", A=made[3])
    store.set("chat", "prod", A=made[0])
    kept = [Kept("op://team/chat/key", "0" * 32, 1, 2, Secret(made[4]))]
    remote.write(store.data_dir, "chat", "dev", store.identity, kept)
    secret = store.identity.secret.reveal()
    return Full(store, (*made, secret))


def _revealed(found: values.Values) -> object:
    held = {name: one.reveal() for name, one in found.values.items()}
    return found.counter, held, found.kinds, found.generations


def _read_values(full: Full, path: Path) -> object:
    sealed = layout.read(str(path))
    assert sealed is not None
    plain = full.store.identity.unseal(sealed, path=str(path))
    return _revealed(values.decode(plain, "chat", "dev", path=str(path)))


def _load(full: Full) -> object:
    def read_keychain(service: str, account: str) -> Secret | None:
        return full.store.identity.secret if (service, account) == ("devkeys", "identity") else None

    found = identity.load(full.store.data_dir, read_keychain=read_keychain)
    assert found is not None
    return found.secret.reveal(), found.recipients, found.kind


def _values(full: Full) -> Subject:
    path = full.path(layout.values_path)

    def read() -> object:
        found = values.read(*full.store[:2], "chat", "dev", full.store.identity)
        assert found is not None
        return _revealed(found)

    return Subject(path, read, full.values)


def _before(full: Full) -> Subject:
    path = full.path(layout.before_path)
    return Subject(path, lambda: _read_values(full, path), full.values)


def _previous(full: Full) -> Subject:
    def read() -> object:
        found = previous.read(full.store.data_dir, "chat", "dev", full.store.identity)
        return [(one.name, one.generation, one.value.reveal()) for one in found]

    return Subject(full.path(layout.previous_path), read, full.values)


def _remote(full: Full) -> Subject:
    def read() -> object:
        found = remote.read(full.store.data_dir, "chat", "dev", full.store.identity)
        return [(o.reference, o.context, o.taken, o.until, o.value.reveal()) for o in found]

    return Subject(full.path(layout.remote_path), read, full.values)


def _export(full: Full) -> Subject:
    found = values.read(*full.store[:2], "chat", "dev", full.store.identity)
    assert found is not None
    notes = ledger.read(full.store.data_dir, "chat", "dev")
    former = previous.read(full.store.data_dir, "chat", "dev", full.store.identity)
    part = Part("chat", "dev", False, found, former, notes)
    plain = bundle.encode(Bundle("2026-01-31T23:59:59Z", "ana@laptop", [part]))
    path = Path(full.store.data_dir).parent / "export"
    path.touch(0o600)
    path.write_bytes(envelope.seal(plain, full.store.identity.recipients))

    session = Session({"HOME": os.path.dirname(full.store.data_dir)})
    keys = [layout.identity_path(full.store.data_dir)]

    def read() -> object:
        found = receive(session, str(path), identities=keys, passphrase_file=None)
        (only,) = found.bundle.parts
        former = [(one.name, one.generation, one.value.reveal()) for one in only.former]
        return _revealed(only.values), former, dict(only.notes)

    return Subject(path, read, full.values)


def _counter(full: Full) -> Subject:
    """Return the counter, as it lets the values pass: another number is another limit."""
    path = Path(layout.counter_path(full.store.state_dir, "chat", "dev"))
    digit = path.read_bytes().index(b"\n") + 1
    return Subject(path, _values(full).read, full.values, range(digit, digit + 1))


def _record(full: Full) -> Subject:
    return Subject(Path(layout.record_path(full.store.data_dir)), lambda: _load(full), full.values)


def _record_2(full: Full) -> Subject:
    own = full.store.identity.recipients[0]
    others = [envelope.recipient_of(envelope.new_identity()) or "" for _ in range(3)]
    holder = Holder(KEYCHAIN, "identity", own, others[0], others[1])
    record.write_record(full.store.data_dir, Record(holder, None, others[2]))
    return _record(full)


def _identity(full: Full) -> Subject:
    """Return an identity as it is: its comment may say anything, and so may its last line end."""
    path = Path(layout.identity_path(full.store.data_dir))
    data = path.read_bytes()
    harmless = (*range(data.index(b"\n") + 1), len(data) - 1)
    return Subject(path, lambda: _load(full), full.values, harmless)


def _wrapped(full: Full) -> Subject:
    path = Path(layout.identity_path(full.store.data_dir))
    path.write_bytes(quick_scrypt.seal(full.store.identity.secret.reveal() + b"\n", WORDS))

    def read() -> object:
        sealed = layout.read(str(path)) or b""
        if not envelope.wants_passphrase(sealed):
            return identity.parse_identity(sealed, str(path)).reveal()
        found = passphrase.fits(Secret(WORDS.encode()), sealed, str(path))
        if found is None:
            raise UsageError("that is not the passphrase", hint="try another")
        return found.reveal()

    return Subject(path, read, full.values)


SUBJECTS = {
    "values": _values,
    "before": _before,
    "previous": _previous,
    "remote": _remote,
    "export": _export,
    "counter": _counter,
    "record": _record,
    "record-2": _record_2,
    "identity": _identity,
    "identity-passphrase": _wrapped,
}


@pytest.fixture(params=SUBJECTS)
def subject(full: Full, request: pytest.FixtureRequest) -> Subject:
    """Return each kind of file in turn."""
    return SUBJECTS[request.param](full)


def _put(path: Path, data: bytes) -> None:
    """Write *data* over the file, which keeps its mode; quicker than a new one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


def _outcome(read: Callable[[], object], secrets: Iterable[bytes]) -> object:
    """Return what is read; None if it is an error, which helps and holds no value."""
    try:
        return read()
    except DevkeysError as caught:
        error = caught
    assert error.hint, error
    said = f"{error} {error.hint} {error!r} {error.__cause__!r}".encode()
    assert not any(one in said for one in secrets)
    return None


def _check(subject: Subject, changed: Iterable[tuple[int, bytes]]) -> int:
    """Check that no (place, content) is read as something else; return how many passed."""
    right, whole = subject.read(), subject.path.read_bytes()
    passed = 0
    for place, data in changed:
        _put(subject.path, data)
        found = _outcome(subject.read, subject.values)
        if found is not None:
            assert found == right, place
            assert place in subject.harmless, (place, data[max(place - 20, 0) : place + 20])
            passed += 1
    _put(subject.path, whole)
    return passed


def test_every_bit(subject: Subject) -> None:
    """One of them flipped is noticed wherever it matters.

    Of the values, and of what age does not seal, every bit; of what is sealed as the values are,
    one in each byte.
    """
    data = subject.path.read_bytes()
    sealed = data.startswith(b"age-") and subject.path.suffix != ".age"
    changed = (
        (place, data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :])
        for place in range(len(data))
        for bit in ([place % 8] if sealed else range(8))
    )
    passed = _check(subject, changed)
    assert passed <= 8 * len(subject.harmless)


def test_every_length(subject: Subject) -> None:
    """A file that ends too early, or is empty."""
    data = subject.path.read_bytes()
    _check(subject, ((length, data[:length]) for length in range(len(data))))


def test_every_byte_doubled_or_dropped(subject: Subject) -> None:
    """What is one byte too long or too short."""
    data = subject.path.read_bytes()
    for changed in (
        [(at, data[: at + 1] + data[at:]) for at in range(len(data))],
        [(at, data[:at] + data[at + 1 :]) for at in range(len(data)) if data[at] != data[at - 1]],
    ):
        _check(subject, changed)


def test_more_behind_the_end(subject: Subject) -> None:
    """Something of another file, or the file once more."""
    data = subject.path.read_bytes()
    more = [b"\0", b"x", b"more\n", data, data[-40:]]
    _check(subject, ((len(data), data + rest) for rest in more))


# Files in each other's place.

_Read = Callable[[], object]


def _everything(full: Full) -> dict[Path, _Read]:
    """Return what reads each file of the store, by its path; of another project's, too."""
    store = full.store
    store.set("other", "dev", A=new_store.key())
    store.set("other", "dev", A=new_store.key())

    def reading(project: str, profile: str) -> _Read:
        def read() -> object:
            found = values.read(*store[:2], project, profile, store.identity)
            return found and _revealed(found)

        return read

    def noted(project: str, profile: str) -> _Read:
        return lambda: ledger.read(store.data_dir, project, profile) or None

    readers: dict[Path, _Read] = {}
    for where in (("chat", "dev"), ("chat", "prod"), ("other", "dev")):
        readers[Path(layout.values_path(store.data_dir, *where))] = reading(*where)
        readers[Path(layout.counter_path(store.state_dir, *where))] = reading(*where)
        readers[Path(layout.ledger_path(store.data_dir, *where))] = noted(*where)
    for subject in (_before(full), _previous(full), _remote(full), _record(full), _identity(full)):
        readers[subject.path] = subject.read
    return readers


def test_no_file_is_taken_for_another(full: Full) -> None:
    """Of any two that are exchanged each reads as it did, or as nothing, or not at all."""
    readers = _everything(full)
    right = {path: read() for path, read in readers.items()}
    newest = right[full.path(layout.values_path)]
    pairs = list(itertools.combinations(readers, 2))
    assert len(pairs) > 80
    for one, other in pairs:
        data = one.read_bytes(), other.read_bytes()
        _put(one, data[1])
        _put(other, data[0])
        for path in (one, other):
            found = _outcome(readers[path], full.values)
            # The file before may well hold the newest values: that is the other way round.
            newer = found == newest and path.suffix == ".before"
            assert found in (None, right[path]) or newer, (one, other)
        _put(one, data[0])
        _put(other, data[1])


def test_an_old_file_is_noticed(full: Full) -> None:
    """By the counter; and by `verify` where only the ledger knows better."""
    path, counter = full.path(layout.values_path), full.store.state_dir + "/counters/chat/dev"
    _put(path, full.path(layout.before_path).read_bytes())
    assert _outcome(_values(full).read, full.values) is None
    os.unlink(counter)
    assert full.store.get("chat", "dev") == {"A": full.values[0], "B": full.values[1]}
    notes = layout.ledger_path(full.store.data_dir, "chat", "dev")
    assert notes in [fault.path for fault in verifying.examine(Store(*full.store))]


def test_what_is_wholly_as_it_was_is_not_noticed(store: NewStore) -> None:
    """Values, ledger and counter of the same day: so would a restored backup be."""
    store.set("chat", "dev", A=b"old words")
    paths = [
        layout.values_path(store.data_dir, "chat", "dev"),
        layout.ledger_path(store.data_dir, "chat", "dev"),
        layout.counter_path(store.state_dir, "chat", "dev"),
    ]
    old = [Path(path).read_bytes() for path in paths]
    store.set("chat", "dev", A=b"new words")
    for path, data in zip(paths, old, strict=True):
        _put(Path(path), data)
    assert store.get("chat", "dev") == {"A": b"old words"}
    assert list(verifying.examine(Store(*store))) == []


def test_values_that_are_gone_are_told_of(full: Full) -> None:
    """By `verify`, which has the ledger; at once, where there is a file from before."""
    full.store.set("chat", "new", A=new_store.key())
    for profile in ("dev", "new"):
        path = full.path(layout.values_path, profile)
        path.unlink()
        assert _outcome(lambda one=profile: full.store.get("chat", one), full.values) is None  # type: ignore[misc]  # mypy has no type for a default of lambda
        assert str(path) in [fault.path for fault in verifying.examine(Store(*full.store))]
