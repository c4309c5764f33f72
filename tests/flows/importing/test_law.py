"""The law of import: a command gets what its dotenv reader would have read."""

import io
from itertools import count
from pathlib import Path

import pytest
from checkout import session
from dotenv import dotenv_values
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from devkeys import allow
from devkeys.declaration.syntax import read_dotenv
from devkeys.errors import DeclarationError
from devkeys.flows.here import Here
from devkeys.flows.importing import Options, sorting, take_in
from devkeys.flows.importing.known import what_is_known
from devkeys.flows.importing.source import Source
from devkeys.project.find import checkout_of
from devkeys.resolve import resolve
from devkeys.run import stored

DECLARATION = (
    "LLM_API_KEY=your-key-here\n\nDB_PASSWORD=\n\nPG_PASSWORD=postgres\n\nPORT=3000\n\n"
    "TITLE='A b'\n\nEMPTY_NAME=\n\n# DEBUG=1\n"
)
NAMES = ("LLM_API_KEY", "DB_PASSWORD", "PG_PASSWORD", "PORT", "TITLE", "EMPTY_NAME", "DEBUG")
NUMBERS = count()

characters = st.characters(codec="utf-8", exclude_characters="\0")
texts = st.one_of(
    st.text(characters, max_size=12),
    st.sampled_from(["your-key-here", "postgres", "3000", "A b", "1", "${HOME}", "$$", "op://a/b"]),
)
quotes = st.sampled_from(["{}", "'{}'", '"{}"'])
lines = st.builds(
    lambda name, text, quote: f"{name}={quote.format(text)}", st.sampled_from(NAMES), texts, quotes
)


def place(directory: Path, home: Path) -> Here:
    """Make a new checkout that is allowed all it asks for."""
    folder = directory / f"project{next(NUMBERS)}"
    folder.mkdir()
    (folder / ".env.example").write_text(DECLARATION)
    found = session(home)
    here = Here(found, checkout_of(str(folder), found.home), "dev", None)
    allow.agree(found, here.project())
    return here


@pytest.fixture
def headless(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give this test a HOME from which no keychain can be reached."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "no-runtime-directory"))
    return home


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(written=st.lists(lines, max_size=5), end=st.sampled_from(["\n", "\r\n"]))
def test_a_command_gets_what_was_in_the_file(
    headless: Path, tmp_path: Path, written: list[str], end: str
) -> None:
    """For every declared name, what run resolves is what python-dotenv reads, unfilled."""
    data = (end.join(written) + end).encode()
    try:
        read_dotenv(data, path=".env")
    except DeclarationError:
        assume(False)
    here = place(tmp_path, headless)
    take_in(here, Source(data, ".env"), Options(yes=True))
    project, record = here.project(), here.record
    assert record is not None
    plan = here.plan(project, record)
    found = resolve(
        plan.variables,
        {},
        read_store=lambda: stored.read(
            here.session,
            plan,
            list(plan.variables),
            {},
            seen=stored.counters(here.session, plan),
            settled=(),
            prefer_store=False,
        ),
        ask_providers=lambda _: {},
    )
    stand_ins = what_is_known(here, record).stand_ins
    expected = dotenv_values(stream=io.StringIO(data.decode(), newline=""), interpolate=False)
    for name, value in expected.items():
        if value in stand_ins.get(name, ()) or sorting.is_pointer(value or ""):
            continue
        got = found.values.get(name)
        assert (got.reveal().decode() if got else "") == (value or "")
