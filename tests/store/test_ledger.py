"""The ledger: dates and people, without values."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from new_store import NewStore, key

from devkeys import atomic
from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import layout, ledger, write
from devkeys.store.ledger import Note

DAY = 86_400.0


def _set(store: NewStore, now: float, source: str = "prompt", **new: bytes) -> None:
    contents = {name: (Secret(value), "secret") for name, value in new.items()}
    write.update(
        *store[:2],
        "chat",
        "dev",
        store.identity,
        write.setting(contents),
        source=source,
        who="me@here",
        now=now,
    )


def _path(store: NewStore) -> str:
    return layout.ledger_path(store.data_dir, "chat", "dev")


def _notes(store: NewStore) -> dict[str, Note]:
    return ledger.read(store.data_dir, "chat", "dev")


def test_no_ledger_is_empty(store: NewStore) -> None:
    """Reading needs no values and no identity."""
    assert _notes(store) == {}


def test_a_new_value_is_noted(store: NewStore) -> None:
    """When, from where, by whom, which generation."""
    _set(store, 2 * DAY, "import .env", A=key())
    moment = "1970-01-03T00:00:00Z"
    assert _notes(store) == {"A": Note("secret", 1, moment, moment, None, "import .env", "me@here")}


def test_a_changed_value_keeps_its_birth(store: NewStore) -> None:
    """Created stays, changed moves; other names stay as they are."""
    _set(store, 0, A=key(), B=key())
    _set(store, DAY, "stdin", A=key())
    notes = _notes(store)
    assert notes["A"] == Note(
        "secret", 2, "1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z", None, "stdin", "me@here"
    )
    assert notes["B"].changed == "1970-01-01T00:00:00Z"


def test_a_removed_name_leaves_a_note(store: NewStore) -> None:
    """It says when and by whom; the name no longer counts as one with a value."""
    _set(store, 0, A=key(), B=key())
    write.update(
        *store[:2],
        "chat",
        "dev",
        store.identity,
        write.removing(["A"]),
        source="",
        who="you@there",
        now=DAY,
    )
    notes = _notes(store)
    assert (notes["A"].removed, notes["A"].who) == ("1970-01-02T00:00:00Z", "you@there")
    assert ledger.names(notes) == ["B"]


def test_a_name_that_comes_back_is_born_again(store: NewStore) -> None:
    """With the next generation."""
    _set(store, 0, A=key())
    write.update(
        *store[:2],
        "chat",
        "dev",
        store.identity,
        write.removing(["A"]),
        source="",
        who="me",
        now=DAY,
    )
    _set(store, 2 * DAY, A=key())
    note = _notes(store)["A"]
    assert (note.generation, note.created, note.removed) == (2, "1970-01-03T00:00:00Z", None)


def test_a_clock_that_goes_back_breaks_nothing(store: NewStore) -> None:
    """A machine that woke up in 1970 or before still stores values."""
    _set(store, 30_000 * DAY, A=key())
    for now in (0.0, -DAY, -1e18, 1e300, float("inf"), float("nan")):
        _set(store, now, A=key())
    assert _notes(store)["A"].generation == 7


GARBAGE = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b"[" * 200_000,
    b'{"format": 1}',
    b'{"format": 1, "names": []}',
    b'{"format": "x", "names": {"A": null, "B": {}, "C": {"kind": "secret"}}}',
    b'{"format": 1, "names": {"A": {"kind": "secret", "generation": true}}}',
    b'{"format": 1, "names": {"A": {"kind": [], "generation": 1}}}',
    b'{"format": 1, "names": {"A": {"kind": "secret", "generation": ' + b"9" * 400 + b"}}}",
    b'{"format": 1, "names": {"a b": {"kind": "secret", "generation": 1}}}',
]


@pytest.mark.parametrize("content", GARBAGE)
def test_a_damaged_ledger_is_no_obstacle(store: NewStore, content: bytes) -> None:
    """It reads as empty, and the next write makes it up from the values."""
    _set(store, 0, A=key())
    _set(store, 0, A=key())
    atomic.write(_path(store), content)
    assert _notes(store) == {}
    _set(store, DAY, B=key())
    notes = _notes(store)
    assert notes["A"] == Note("secret", 2, None, None, None, None, None)
    assert notes["B"].created == "1970-01-02T00:00:00Z"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["format", "names", "A", "kind", "generation", "created"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(store: NewStore, content: object) -> None:
    """Whatever stands there, there is no other failure."""
    os.makedirs(os.path.dirname(_path(store)), exist_ok=True)
    atomic.write(_path(store), json.dumps(content).encode())
    try:
        assert isinstance(_notes(store), dict)
    except StoreError as error:
        assert "newer devkeys" in str(error)  # noqa: PT017  # both ways are right


def test_a_ledger_that_is_behind_is_made_up(store: NewStore) -> None:
    """The values' own header is the truth about generations and names."""
    _set(store, 0, A=key())
    old = Path(_path(store)).read_bytes()
    _set(store, DAY, A=key(), B=key())
    atomic.write(_path(store), old)
    _set(store, 2 * DAY, C=key())
    notes = _notes(store)
    assert notes["A"] == Note("secret", 2, "1970-01-01T00:00:00Z", None, None, None, None)
    assert notes["B"] == Note("secret", 1, None, None, None, None, None)


def test_names_that_only_the_ledger_has_are_gone(store: NewStore) -> None:
    """A name that has no value is noted as removed at the next write."""
    _set(store, 0, A=key(), B=key())
    newer = Path(_path(store)).read_bytes()
    write.update(
        *store[:2], "chat", "dev", store.identity, write.removing(["B"]), source="", who="me", now=0
    )
    atomic.write(_path(store), newer)
    _set(store, DAY, A=key())
    assert ledger.names(_notes(store)) == ["A"]


def test_a_newer_ledger_is_left_alone(store: NewStore) -> None:
    """The whole write is refused, before anything is changed."""
    _set(store, 0, A=b"old")
    content = b'{"format": 2, "names": "elsewhere"}'
    atomic.write(_path(store), content)
    with pytest.raises(StoreError, match=r"dev.json was written by a newer devkeys \(format 2\)"):
        _notes(store)
    with pytest.raises(StoreError, match="newer devkeys"):
        _set(store, 0, A=b"new")
    assert Path(_path(store)).read_bytes() == content
    assert store.get("chat", "dev") == {"A": b"old"}


def test_a_ledger_that_others_may_read_is_an_error(store: NewStore) -> None:
    """Names and habits are nobody else's business either."""
    _set(store, 0, A=key())
    os.chmod(_path(store), 0o644)
    with pytest.raises(StoreError, match="mode 0644"):
        _notes(store)
