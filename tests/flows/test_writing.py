"""`devkeys set NAME --to REF`: into a provider, refused before anything is asked."""

import subprocess
from pathlib import Path

import pytest
from desk import Desk, key, make_desk
from fake_provider import FakeProvider
from real import need
from traceable import TRACEABLE

DECLARATION = """\
LLM_API_KEY=fake://team/chat

DB_PASSWORD=

MODEL=small
"""
TO = "fake://team/chat"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give this test a user who has nothing stored."""
    return make_desk(tmp_path, DECLARATION)


def test_the_value_is_at_the_provider_and_in_no_store(desk: Desk, fake: FakeProvider) -> None:
    """What stdin gives is written there, byte for byte, read back, and no store is made."""
    value = b"\xff " + key().encode() + b"\nsecond line\n"
    done = desk.devkeys("set", "LLM_API_KEY", "--to", TO, input=value, env=fake.env)
    assert (done.code, done.out) == (0, b"")
    assert done.err.startswith(f"devkeys: wrote LLM_API_KEY to {TO}\n")
    assert fake.value(TO) == value
    assert fake.actions == ["writable", "set", "get"]
    assert not (desk.home / ".local/share/devkeys/projects").exists()
    assert not (desk.home / ".local/share/devkeys/identity").exists()


def test_run_gets_what_was_written(desk: Desk, fake: FakeProvider) -> None:
    """Once the reference is allowed, which is said, a command has the value."""
    value = key()
    desk.declare(f"LLM_API_KEY={TO}\n")
    done = desk.devkeys("set", "LLM_API_KEY", "--to", TO, input=value.encode(), env=fake.env)
    assert "devkeys: hint: devkeys allow lets commands" in done.err
    desk.devkeys("allow", "--yes", env=fake.env)
    done = desk.devkeys("run", "--", "printenv", "LLM_API_KEY", env=fake.env)
    assert (done.code, done.text) == (0, value + "\n")


def test_the_value_is_asked_for_hidden(desk: Desk, fake: FakeProvider) -> None:
    """At a terminal nothing of it is shown."""
    value = key()
    child = desk.at_terminal("set", "LLM_API_KEY", "--to", TO, env=fake.env)
    child.expect("LLM_API_KEY:")
    child.sendline(value)
    child.expect("devkeys: wrote LLM_API_KEY")
    shown = (child.before or "") + child.read()
    assert value not in shown
    assert fake.value(TO) == value.encode()


def test_a_generated_value_can_be_written(desk: Desk, fake: FakeProvider) -> None:
    """--generate goes there too, and a setting's value from the command line."""
    done = desk.devkeys("set", "LLM_API_KEY", "--generate", "--to", TO, env=fake.env)
    assert f"devkeys: generated LLM_API_KEY and wrote it to {TO}" in done.err
    assert len(fake.value(TO) or b"") == 64
    assert desk.devkeys("set", "MODEL=large", "--to", "fake://m", env=fake.env).code == 0
    assert fake.value("fake://m") == b"large"


def test_a_secret_on_the_command_line_is_refused_as_ever(desk: Desk, fake: FakeProvider) -> None:
    """Nothing is asked of the provider then."""
    value = key()
    done = desk.devkeys("set", f"LLM_API_KEY={value}", "--to", TO, env=fake.env)
    assert done.code == 2
    assert "stands in your shell's history" in done.err
    assert value not in done.err
    assert fake.actions == []


REFUSED = [
    ("env://OTHER", "devkeys cannot write to env:// references; nothing was changed"),
    ("file:///tmp/x", "devkeys cannot write to file:// references; nothing was changed"),
    ("nonsense", "this is no reference: one looks like op://vault/item/field"),
    ("other://x", "devkeys-provider-other, which is not on PATH"),
    ("op://vault/item", "op://vault/item holds many values, and LLM_API_KEY is one"),
]


@pytest.mark.parametrize(("to", "message"), REFUSED)
def test_what_cannot_be_written_to_is_refused_before_the_prompt(
    desk: Desk, to: str, message: str
) -> None:
    """At a terminal the error comes at once; nobody pastes a secret for nothing."""
    child = desk.at_terminal("set", "LLM_API_KEY", "--to", to)
    shown = child.read().replace("\r\n", "\n")
    child.wait()
    assert message in shown
    assert "devkeys: hint:" in shown
    assert "LLM_API_KEY:" not in shown
    assert child.exitstatus in (2, 3)


def test_an_item_instead_of_a_field_gets_the_field(desk: Desk) -> None:
    """The hint is the whole reference, as a shell takes it."""
    done = desk.devkeys("set", "LLM_API_KEY", "--to", "op://my vault/item", input=b"x")
    assert done.code == 2
    assert "devkeys: hint: --to 'op://my vault/item/LLM_API_KEY'\n" in done.err


def test_a_program_that_cannot_write_is_refused_before_the_prompt(
    desk: Desk, fake: FakeProvider
) -> None:
    """`writable` is asked first; `set` never."""
    fake.behave(cannot=["writable"])
    done = desk.devkeys("set", "LLM_API_KEY", "--to", TO, input=b"", env=fake.env)
    assert done.code == 2
    assert "devkeys-provider-fake cannot write" in done.err
    assert fake.actions == ["writable"]


def test_a_locked_provider_says_what_opens_it(desk: Desk, fake: FakeProvider) -> None:
    """The error and its hint are the provider's, and stdin is not even read."""
    locked = {"error": "locked", "message": "nobody is signed in", "hint": "fake signin"}
    fake.behave(errors={"writable": locked})
    done = desk.devkeys("set", "LLM_API_KEY", "--to", TO, input=b"x", env=fake.env)
    assert done.code == 3
    assert "nobody is signed in" in done.err
    assert "devkeys: hint: fake signin" in done.err


@pytest.mark.parametrize("value", [b"", b"\n", b"a\0b"])
def test_what_cannot_be_a_value_is_not_written(
    desk: Desk, fake: FakeProvider, value: bytes
) -> None:
    """Nothing, or a NUL byte, leaves what is there."""
    fake.put(TO, b"old")
    done = desk.devkeys("set", "LLM_API_KEY", "--to", TO, input=value, env=fake.env)
    assert done.code == 2
    assert fake.value(TO) == b"old"


def test_what_does_not_read_back_is_an_error(desk: Desk, fake: FakeProvider) -> None:
    """A provider that keeps something else is found out, and nothing of either is shown."""
    value = key()
    fake.behave(instead="b3RoZXI=")
    done = desk.devkeys("set", "LLM_API_KEY", "--to", TO, input=value.encode(), env=fake.env)
    assert done.code == 3
    assert f"what was written to {TO} does not read back as it was given" in done.err
    assert value not in done.err


def test_who_may_write_and_not_read_learns_that_it_was_written(
    desk: Desk, fake: FakeProvider
) -> None:
    """That it cannot be verified is an error, and says that the value is there."""
    fake.behave(errors={"get": {"error": "denied", "message": "write only", "hint": "ask Bob"}})
    done = desk.devkeys("set", "LLM_API_KEY", "--to", TO, input=b"x", env=fake.env)
    assert done.code == 3
    assert f"LLM_API_KEY was written to {TO}, but cannot be read back: fake: write only" in done.err
    assert "devkeys: hint: ask Bob" in done.err
    assert fake.value(TO) == b"x"


def test_another_reference_is_to_be_declared(desk: Desk, fake: FakeProvider) -> None:
    """Where `run` would not look, the line for `.env.example` is said."""
    done = desk.devkeys("set", "DB_PASSWORD", "--to", "fake://db", input=b"x", env=fake.env)
    where = desk.project / ".env.example"
    assert f"devkeys: hint: write DB_PASSWORD=fake://db into {where}, so that" in done.err
    done = desk.devkeys("set", "LLM_API_KEY", "--to", "fake://b", input=b"x", env=fake.env)
    assert (
        f"write LLM_API_KEY=fake://b into {where}, so that devkeys run reads it there" in done.err
    )
    assert f"instead of {TO}" in done.err
    done = desk.devkeys(
        *("set", "DB_PASSWORD", "-p", "staging", "--to", "fake://s"), input=b"x", env=fake.env
    )
    assert f"into {desk.project / '.env.staging.example'}" in done.err


def test_the_profiles_source_counts_as_declared(desk: Desk, fake: FakeProvider) -> None:
    """A reference that the source and the name make needs no line."""
    (desk.project / "devkeys.toml").write_text('[profiles.dev]\nsource = "fake://team"\n')
    to = "fake://team/DB_PASSWORD"
    done = desk.devkeys("set", "DB_PASSWORD", "--to", to, input=b"x", env=fake.env)
    assert done.code == 0
    assert ".env.example" not in done.err


def test_a_stored_value_that_hides_it_is_named(desk: Desk, fake: FakeProvider) -> None:
    """`run` would give the personal value: the way to take it away is said."""
    desk.devkeys("set", "LLM_API_KEY", input=b"mine")
    done = desk.devkeys("set", "LLM_API_KEY", "--to", TO, input=b"x", env=fake.env)
    assert "the value that is stored for chat comes before it" in done.err
    assert "devkeys unset LLM_API_KEY takes that away" in done.err


def test_what_was_kept_of_the_old_value_is_forgotten(desk: Desk, fake: FakeProvider) -> None:
    """With a cache the next run has the new value."""
    desk.declare(f"LLM_API_KEY={TO}\n")
    configuration = desk.home / ".config/devkeys/config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text('[profiles.dev]\ncache = "8h"\n')
    fake.put(TO, b"old")
    desk.devkeys("allow", "--yes", env=fake.env)
    run = ("run", "--", "printenv", "LLM_API_KEY")
    assert [desk.devkeys(*run, env=fake.env).text for _ in range(2)] == ["old\n"] * 2
    assert fake.actions == ["get"]
    desk.devkeys("set", "LLM_API_KEY", "--to", TO, input=b"new", env=fake.env)
    assert desk.devkeys(*run, env=fake.env).text == "new\n"


def test_ctrl_c_at_the_prompt_writes_nothing(desk: Desk, fake: FakeProvider) -> None:
    """It ends with 130."""
    child = desk.at_terminal("set", "LLM_API_KEY", "--to", TO, env=fake.env)
    child.expect("LLM_API_KEY:")
    child.waitnoecho(10)
    child.sendintr()
    child.read()
    child.wait()
    assert child.exitstatus == 130
    assert "set" not in fake.actions


def test_no_value_is_in_an_argument(desk: Desk, fake: FakeProvider, tmp_path: Path) -> None:
    """What every user may see of the processes holds nothing of it."""
    need("strace")
    value, log = key(), tmp_path / "calls"
    watch = ("strace", "-f", "-e", "trace=execve", "-s", "4096", "-v", "-o", str(log))
    subprocess.run(
        [*watch, *TRACEABLE, "set", "LLM_API_KEY", "--to", TO],
        input=value.encode(),
        cwd=desk.project,
        env={**desk.environ, **fake.env},
        capture_output=True,
        check=True,
    )
    assert fake.value(TO) == value.encode()
    assert "devkeys-provider-fake" in log.read_text()
    assert value not in log.read_text()
