"""`devkeys import REF`: what a provider's item has, copied into the store."""

import json
import secrets

import pexpect
import pytest
from desk import Desk, key
from fake_provider import FakeProvider
from imported import fate, reaches, stored

SOURCE = "fake://team/chat"


def taken(desk: Desk, fake: FakeProvider, *words: str) -> str:
    """Import SOURCE without a question, and return what was said."""
    done = desk.devkeys("import", SOURCE, "--yes", *words, env=fake.env)
    assert (done.code, done.out) == (0, b""), done.err
    return done.err


def test_what_the_item_has_is_stored_byte_for_byte(desk: Desk, fake: FakeProvider) -> None:
    """One call, values that are no UTF-8 or end in a line end, and none of them shown."""
    value, raw = key(), b"\xff\xfe " + secrets.token_bytes(16).hex().encode() + b"\n"
    fake.put(f"{SOURCE}/LLM_API_KEY", value.encode())
    fake.put(f"{SOURCE}/DB_PASSWORD", raw)
    said = taken(desk, fake)
    assert fake.requests == [["list", [SOURCE], False]]
    assert fate(said, "LLM_API_KEY") == fate(said, "DB_PASSWORD") == "stored"
    assert desk.devkeys("get", "DB_PASSWORD", "--reveal").out == raw
    assert reaches(desk, "LLM_API_KEY") == {"LLM_API_KEY": value}
    assert value not in said
    listed = json.loads(desk.devkeys("list", "--json").out)["values"]
    assert {item["source"] for item in listed} == {f"import {SOURCE}"}


def test_labels_that_are_no_names_are_said_and_left(desk: Desk, fake: FakeProvider) -> None:
    """A password manager's field may be called anything."""
    fake.put(f"{SOURCE}/api key", key().encode())
    fake.put(f"{SOURCE}/2nd", b"x")
    fake.put(f"{SOURCE}/LLM_API_KEY", key().encode())
    said = taken(desk, fake)
    assert f"devkeys: left at {SOURCE}, for they are no names of variables: api key, 2nd" in said
    assert stored(desk) == {"LLM_API_KEY"}


def test_undeclared_names_are_left_where_they_are(desk: Desk, fake: FakeProvider) -> None:
    """The item keeps them, so nothing is lost; --undeclared keeps or declares them."""
    fake.put(f"{SOURCE}/OTHER", b"x")
    assert fate(taken(desk, fake), "OTHER") == "undeclared, left where they are"
    assert stored(desk) == set()
    taken(desk, fake, "--undeclared", "keep")
    assert stored(desk) == {"OTHER"}


def test_a_name_with_a_reference_is_not_copied_unless_asked(desk: Desk, fake: FakeProvider) -> None:
    """Its own, or the one that a profile's source makes."""
    desk.declare(f"LLM_API_KEY={SOURCE}/LLM_API_KEY\n")
    fake.put(f"{SOURCE}/LLM_API_KEY", b"x")
    assert "reference" in fate(taken(desk, fake), "LLM_API_KEY")
    desk.declare("LLM_API_KEY=\n")
    (desk.project / "devkeys.toml").write_text(f'[profiles.dev]\nsource = "{SOURCE}"\n')
    assert "reference" in fate(taken(desk, fake), "LLM_API_KEY")
    assert stored(desk) == set()
    assert fate(taken(desk, fake, "--with-references"), "LLM_API_KEY") == "stored"


def test_what_no_environment_holds_is_left(desk: Desk, fake: FakeProvider) -> None:
    """One binary field does not keep the others out."""
    fake.put(f"{SOURCE}/DB_PASSWORD", b"a\0b")
    fake.put(f"{SOURCE}/LLM_API_KEY", b"x")
    said = taken(desk, fake)
    assert "NUL byte" in fate(said, "DB_PASSWORD")
    assert stored(desk) == {"LLM_API_KEY"}


def test_another_stored_value_is_asked_about(desk: Desk, fake: FakeProvider) -> None:
    """At a terminal the user chooses; nothing is to be removed afterwards."""
    desk.devkeys("set", "LLM_API_KEY", input=b"mine")
    desk.devkeys("allow", "--yes")
    fake.put(f"{SOURCE}/LLM_API_KEY", b"theirs")
    child = desk.at_terminal("import", SOURCE, env=fake.env)
    child.expect_exact("[s]tored or [n]ew?")
    child.sendline("n")
    child.expect(pexpect.EOF)
    assert "Take what is stored" not in (child.before or "")
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").out == b"theirs"


def test_init_takes_values_from_a_source(desk: Desk, fake: FakeProvider) -> None:
    """`init --yes --from REF` asks nothing and is ready."""
    for name in ("LLM_API_KEY", "DB_PASSWORD"):
        fake.put(f"{SOURCE}/{name}", key().encode())
    done = desk.devkeys("init", "--yes", "--from", SOURCE, env=fake.env)
    assert done.code == 0, done.err
    assert stored(desk) == {"LLM_API_KEY", "DB_PASSWORD"}


ONE_VALUE = "write NAME=bw://item/field into .env.example, and commands get it from there"
REFUSED = [
    ("bw://item/field", "bw://item/field is one value", ONE_VALUE),
    ("bw://my chat/field", "is one value", "devkeys import 'bw://my chat' takes them all"),
    (
        "vault://kv/chat?version=3#key",
        "is one value",
        "devkeys import 'vault://kv/chat?version=3' ",
    ),
    ("pass://chat/api#1", "is one value", "devkeys import pass://chat/api takes them all"),
    ("env://NAME", "env://NAME is one value", "NAME=env://NAME into .env.example, and commands"),
    ("keychain://a/b", "keychain://a/b is one value", "commands get it from there\n"),
    ("keychain://a", "keychain:// gives one value", "write NAME=keychain://a/NAME into"),
    ("file:///run/key", "file:// gives one value", "write NAME=file:///run/key into"),
    ("op://vault", "op://vault/NAME is no reference of 1Password: it is too short", "such as"),
    ("op://u:p@vault/item", "holds a credential; it is not shown here", "take it out"),
]


@pytest.mark.parametrize(("reference", "message", "hint"), REFUSED)
def test_what_is_no_source_is_refused(desk: Desk, reference: str, message: str, hint: str) -> None:
    """The error says why, and what to do instead; nothing was changed."""
    done = desk.devkeys("import", reference, "--yes")
    assert done.code == 2
    assert message in done.err
    assert hint in done.err
    assert not (desk.home / ".local/share/devkeys/consent").exists()


def test_a_program_that_cannot_list_is_refused(desk: Desk, fake: FakeProvider) -> None:
    """Nothing is agreed to and nothing stored."""
    fake.behave(cannot=["list"])
    done = desk.devkeys("import", SOURCE, "--yes", env=fake.env)
    assert done.code == 2
    assert "cannot read all values of an item at once" in done.err
    assert stored(desk) == set()


def test_no_such_item_is_an_error(desk: Desk, fake: FakeProvider) -> None:
    """That it may be one value is in the hint."""
    done = desk.devkeys("import", SOURCE, "--yes", env=fake.env)
    assert done.code == 3
    assert f"there is nothing at {SOURCE}" in done.err
    assert f"if it is one value, write NAME={SOURCE} into .env.example" in done.err


def test_remove_is_for_files(desk: Desk, fake: FakeProvider) -> None:
    """A team's item is never emptied."""
    done = desk.devkeys("import", SOURCE, "--remove", env=fake.env)
    assert done.code == 2
    assert "--remove takes values out of a file only" in done.err
    assert fake.actions == []
