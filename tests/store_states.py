"""What has to hold of a store at every moment, whatever interrupted whom."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from devkeys.secret import Secret
from devkeys.store import envelope, identity, layout, resealing, values
from devkeys.store.identity import Identity
from devkeys.store.record import CONFIRMED, OWN, Record, read_record

Read = Callable[[str, str], Secret | None]


def nowhere(_service: str, _account: str) -> Secret | None:
    """Stand for the keychain of a store that has none."""
    raise AssertionError("the keychain was asked")


def record_of(data_dir: str) -> Record:
    """Return the record, which is there."""
    record = read_record(data_dir)
    assert record is not None
    return record


def load(data_dir: str, read: Read = nowhere) -> Identity:
    """Return what is installed and opens all files."""
    found = identity.load(data_dir, read_keychain=read, confirm=True)
    assert found is not None
    return found


def check(
    data_dir: str,
    state_dir: str,
    expected: Mapping[tuple[str, str], Mapping[str, bytes]],
    read: Read = nowhere,
) -> None:
    """Check that what is installed opens every file, and that the values are as expected."""
    found = load(data_dir, read)
    for path in resealing.list_sealed(data_dir):
        found.unseal(Path(path).read_bytes(), path=path)
    for (project, profile), wanted in expected.items():
        have = values.read(data_dir, state_dir, project, profile, found)
        assert have is not None
        assert {name: one.reveal() for name, one in have.values.items()} == dict(wanted)


def check_settled(data_dir: str, read: Read = nowhere) -> None:
    """Check that nothing is left of a change: in the record, in files, in recipients."""
    record = record_of(data_dir)
    own = identity.load(data_dir, read_keychain=read)
    assert own is not None
    secrets = {OWN: own.secret, CONFIRMED: load(data_dir, read).secret}
    for which, holder in record.holders():
        assert (holder.next, holder.former) == ("", "")
        assert envelope.recipient_of(secrets[which]) == holder.recipient
        assert not os.path.lexists(layout.next_path(data_dir, which))
    assert resealing.miscounted(data_dir, record) == []
    left = [name for _, _, names in os.walk(data_dir) for name in names]
    assert [name for name in left if re.fullmatch(r"\..*\.tmp", name)] == []


def opened_by(data_dir: str, secret: Secret) -> int:
    """Return how many files *secret* opens."""
    found, _ = resealing.survey(data_dir, {OWN: (secret,)})
    return len(found)
