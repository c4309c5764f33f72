"""The plan on disk: what comes back is what was kept, or nothing."""

import marshal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys import VERSION
from devkeys.fingerprint import digest
from devkeys.plan import AGREED, SECRET, Plan, Variable, cache

NAMES = st.from_regex(r"[A-Z_][A-Z0-9_]{0,9}", fullmatch=True)
TEXT = st.text(max_size=20)
PIECES = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)
VARIABLES = st.builds(
    Variable,
    NAMES,
    st.integers(0, 15),
    st.none() | TEXT,
    st.none() | TEXT,
    st.none() | PIECES,
    st.none() | TEXT,
)


def plan(*variables: Variable) -> Plan:
    """Return a plan with these variables."""
    scopes: dict[str, tuple[str, ...]] = {"lint": ("A",)}
    return Plan("key", "chat/api", "dev", ("chat/api", "chat"), variables, scopes, 7.5, True, 60)


def fields(thing: Plan | Variable) -> list[object]:
    """Return all that *thing* holds, variables taken apart."""
    values = [getattr(thing, slot) for slot in thing.__slots__]
    return [
        [fields(item) for item in value]
        if isinstance(value, tuple) and value and isinstance(value[0], Variable)
        else value
        for value in values
    ]


@given(variables=st.lists(VARIABLES, max_size=5))
def test_what_is_kept_is_read(
    variables: list[Variable], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A plan is read back as it was compiled."""
    path = str(tmp_path_factory.mktemp("plans") / "one")
    kept = plan(*variables)
    digest = cache.write(path, kept, ())

    found = cache.read(path, digest)

    assert found is not None
    assert fields(found) == fields(kept)


def test_every_damage_is_noticed(tmp_path: Path) -> None:
    """No changed bit of a plan is ever taken for a plan."""
    path = tmp_path / "plans" / "one"
    digest = cache.write(
        str(path), plan(Variable("A", SECRET | AGREED, None, None, None, None)), ()
    )
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert cache.read(str(path), digest) is None
    path.write_bytes(whole[:-1])
    assert cache.read(str(path), digest) is None


def test_changed_input_makes_it_old(tmp_path: Path) -> None:
    """A plan does not count once a file that it was compiled from is another."""
    file = tmp_path / "devkeys.toml"
    file.write_text("# one\n")
    path = str(tmp_path / "plans" / "one")
    digest = cache.write(path, plan(), (cache.input_of(str(file)),))
    assert cache.read(path, digest) is not None

    file.write_text("# two\n")

    assert cache.read(path, digest) is None


def test_new_file_makes_it_old(tmp_path: Path) -> None:
    """That a file was not there is an input too."""
    file = tmp_path / "devkeys.toml"
    path = str(tmp_path / "plans" / "one")
    digest = cache.write(path, plan(), (cache.input_of(str(file)),))
    assert cache.read(path, digest) is not None

    file.write_text("")

    assert cache.read(path, digest) is None


def test_no_plan(tmp_path: Path) -> None:
    """A plan that was deleted is none."""
    assert cache.read(str(tmp_path / "none"), "0" * 32) is None


def test_location_tells_all_that_is_asked_for(tmp_path: Path) -> None:
    """Place, profile, file and content of the declaration each lead to a plan of their own."""
    for folder, text in (("a", "A=1\n"), ("b", "A=1\n"), ("c", "A=2\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ".env.example").write_text(text)
    named = str(tmp_path / "a" / ".env.example")
    locations = {
        cache.locate(str(tmp_path / folder), profile, file)
        for folder in ("a", "b", "c")
        for profile in ("dev", "prod")
        for file in ("", named)
    }
    before = cache.locate(str(tmp_path / "a"), "dev", "")
    (tmp_path / "a" / ".env.example").write_text("A=3\n")

    assert len(locations) == 12
    assert cache.locate(str(tmp_path / "a"), "dev", "") != before


@pytest.mark.parametrize(
    "kept",
    [
        None,
        (),
        (cache.FORMAT, VERSION, None, ()),
        (cache.FORMAT, VERSION, (), ("key",)),
        (cache.FORMAT, VERSION, ((),), ()),
        (cache.FORMAT, VERSION, ((("a\0b", None)),), ()),
        (cache.FORMAT, VERSION, (), ("k", "p", "dev", (), (1,), {}, 1.0, False, 0)),
    ],
)
def test_a_plan_of_another_shape_is_none(tmp_path: Path, kept: Any) -> None:
    """What another devkeys kept under its right digest is compiled anew, not a traceback."""
    path = tmp_path / "one"
    path.write_bytes(marshal.dumps(kept))

    assert cache.read(str(path), digest(path.read_bytes())) is None
