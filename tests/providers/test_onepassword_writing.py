"""Writing to 1Password: against a copy of `op`."""

import secrets
from pathlib import Path
from typing import Any

import pytest
from op_vaults import ITEM, VAULT, Vaults, asked, in_sections, plain

from devkeys.errors import UsageError
from devkeys.providers.errors import DeniedError, LockedError, UnreachableError
from devkeys.providers.onepassword import OnePassword
from devkeys.references import parse
from devkeys.secret import Secret


@pytest.fixture
def vaults(tmp_path: Path) -> Vaults:
    """Make 1Password, with one empty vault."""
    return Vaults(tmp_path)


def test_set_changes_one_field(vaults: Vaults) -> None:
    """All else of an item stays: other fields, sections, numbers as they were written."""
    other = {"id": "o", "type": "STRING", "label": "note", "value": " kept "}
    fields = [*in_sections(("dev", "key", "old"), ("prod", "key", "two")), other]
    vaults.add("chat", fields, sections=[{"id": "sdev", "label": "dev"}], version=7)
    OnePassword(vaults.caller).set(parse(f"{ITEM}/dev/key"), Secret(b"new"))
    [item] = vaults.items
    assert [one["value"] for one in item["fields"]] == ["new", "two", " kept "]
    assert (item["version"], item["sections"]) == (7, [{"id": "sdev", "label": "dev"}])


def test_value_is_in_no_argument(vaults: Vaults) -> None:
    """A value goes to op over its stdin only, when an item is made and when it is changed."""
    provider, reference = OnePassword(vaults.caller), parse(f"{ITEM}/key")
    values = [secrets.token_hex(8) for _ in range(2)]
    for value in values:
        provider.set(reference, Secret(value.encode()))
    provider.delete(reference)
    words = str([call["words"] for call in vaults.calls])
    assert not any(value in words for value in values)
    assert "item create" in vaults.commands
    assert "item edit" in vaults.commands


def test_new_field_gets_a_new_section(vaults: Vaults) -> None:
    """A field and a section that are not there are made in an item that is."""
    vaults.add("chat", {"key": "a value"})
    provider, reference = OnePassword(vaults.caller), parse(f"{ITEM}/dev/token")
    provider.set(reference, Secret(b"new"))
    assert plain(asked(vaults, str(reference), f"{ITEM}/key")) == ["new", "a value"]
    [item] = vaults.items
    assert [one["label"] for one in item["sections"]] == ["dev"]


def test_notes_of_a_new_item_are_its_notes(vaults: Vaults) -> None:
    """`notesPlain` is a field that every item has; a new item gets no second one."""
    reference = parse(f"{ITEM}/notesPlain")
    OnePassword(vaults.caller).set(reference, Secret(b"a note"))
    [item] = vaults.items
    assert [one["id"] for one in item["fields"]] == ["notesPlain"]


def test_empty_date_does_not_keep_an_item_from_being_changed(vaults: Vaults) -> None:
    """The program prints a date without a value and refuses it; it is left out."""
    date = {"id": "expires", "type": "DATE", "label": "expires"}
    key = {"id": "k", "type": "CONCEALED", "label": "key", "value": "old"}
    vaults.add("chat", [date, key])
    OnePassword(vaults.caller).set(parse(f"{ITEM}/key"), Secret(b"new"))
    assert plain(asked(vaults, f"{ITEM}/key")) == ["new"]


UNWRITABLE: dict[str, dict[str, Any]] = {
    "a Login with a passkey": {"category": "LOGIN", "passkey": {"type": "webauthn"}},
    "an SSH key": {"category": "SSH_KEY"},
    "an item with a file": {"files": [{"id": "g", "name": "key.pem", "content": "x"}]},
}


@pytest.mark.parametrize("kind", UNWRITABLE)
def test_item_that_would_lose_something_is_refused(vaults: Vaults, kind: str) -> None:
    """An item of which op would lose a part is refused before any prompt, and stays."""
    vaults.add("chat", {"key": "old"}, **UNWRITABLE[kind])
    before = vaults.items
    provider, reference = OnePassword(vaults.caller), parse(f"{ITEM}/key")
    with pytest.raises(DeniedError) as caught:
        provider.check_writable(reference)
    assert caught.value.hint
    with pytest.raises(DeniedError):
        provider.set(reference, Secret(b"new"))
    assert vaults.items == before


UNFIT = {
    "empty": b"",
    "carriage return": b"a\r\nb",
    "NUL": b"a\0b",
    "escape": b"\x1b[0m",
    "no UTF-8": b"\xff",
}


@pytest.mark.parametrize("kind", UNFIT)
def test_value_that_op_would_alter_is_refused(vaults: Vaults, kind: str) -> None:
    """What op cannot give back as it is, is not put there; the old value stays."""
    vaults.add("chat", {"key": "old"})
    with pytest.raises(DeniedError):
        OnePassword(vaults.caller).set(parse(f"{ITEM}/key"), Secret(UNFIT[kind]))
    assert vaults.calls == []


def test_value_that_was_altered_is_told(vaults: Vaults) -> None:
    """What op says that it kept is compared with what was set."""
    value = secrets.token_hex(8)
    vaults.add("chat", {"key": "old"})
    vaults.change(alters=True)
    with pytest.raises(UnreachableError) as caught:
        OnePassword(vaults.caller).set(parse(f"{ITEM}/key"), Secret(value.encode()))
    assert value not in f"{caught.value} {caught.value.hint}"


def test_writing_is_checked_before_the_prompt(vaults: Vaults) -> None:
    """No session, no vault, two items of one name: said before a value is asked for."""
    vaults.add("twice", {"key": "1"})
    vaults.add("twice", {"key": "2"})
    vaults.add("chat", in_sections(("dev", "key", "1"), ("prod", "key", "2")))
    provider = OnePassword(vaults.caller)
    for text in (f"op://{VAULT}/twice/key", "op://None/chat/key", f"{ITEM}/key"):
        with pytest.raises(DeniedError):
            provider.check_writable(parse(text))
    provider.check_writable(parse(f"{ITEM}/dev/key"))
    provider.check_writable(parse(f"op://{VAULT}/new/key"))
    vaults.expire_after(0)
    with pytest.raises(LockedError):
        provider.check_writable(parse(f"{ITEM}/dev/key"))


def test_attribute_is_not_written(vaults: Vaults) -> None:
    """A one-time password is no field that can be set."""
    with pytest.raises(UsageError):
        OnePassword(vaults.caller).check_writable(parse(f"{ITEM}/key?attribute=otp"))


def test_connect_server_is_not_written_to(vaults: Vaults) -> None:
    """The program can only read through a Connect server, and that is said before the prompt."""
    caller = vaults.asker(OP_CONNECT_HOST="http://connect", OP_CONNECT_TOKEN="t")
    with pytest.raises(DeniedError):
        OnePassword(caller).check_writable(parse(f"{ITEM}/key"))


def test_service_account_that_may_only_read_is_denied(vaults: Vaults) -> None:
    """A service account without the right to write learns so, and what to look at."""
    vaults.add_vault(VAULT, writable=False)
    caller = vaults.asker(OP_SERVICE_ACCOUNT_TOKEN="a token")
    with pytest.raises(DeniedError) as caught:
        OnePassword(caller).set(parse(f"{ITEM}/key"), Secret(b"new"))
    assert "OP_SERVICE_ACCOUNT_TOKEN" in (caught.value.hint or "")


def test_item_found_by_its_website_is_not_written(vaults: Vaults) -> None:
    """The program finds an item by website as well; we write only to what the reference names."""
    vaults.add("Chat", {"key": "old"}, urls=[{"href": "https://chat.example.com"}])
    reference = parse(f"op://{VAULT}/chat.example.com/key")
    assert plain(asked(vaults, str(reference), f"op://{VAULT}/none/key")) == ["old", None]
    with pytest.raises(DeniedError):
        OnePassword(vaults.caller).check_writable(reference)


def test_name_that_is_an_option_wants_an_id(vaults: Vaults) -> None:
    """An item whose name op would take for an option cannot be written by its name."""
    with pytest.raises(DeniedError):
        OnePassword(vaults.caller).check_writable(parse(f"op://{VAULT}/--reveal/key"))
    assert vaults.calls == []


def test_delete_takes_one_field(vaults: Vaults) -> None:
    """One field goes, also one with a period in its name or of a Login; all else stays."""
    vaults.add("chat", in_sections(("a.b", "c.d", "1"), ("x", "c.d", "2")), category="LOGIN")
    provider, reference = OnePassword(vaults.caller), parse(f"{ITEM}/a.b/c.d")
    assert provider.delete(reference) is True
    assert plain(asked(vaults, str(reference), f"{ITEM}/x/c.d")) == [None, "2"]
    assert provider.delete(reference) is False


def test_built_in_field_is_emptied(vaults: Vaults) -> None:
    """A built-in field cannot go; it loses its value."""
    field = {"id": "password", "type": "CONCEALED", "purpose": "PASSWORD", "label": "Password"}
    vaults.add("chat", [field | {"value": "old"}])
    provider, reference = OnePassword(vaults.caller), parse(f"{ITEM}/password")
    assert provider.delete(reference) is True
    assert plain(asked(vaults, str(reference))) == [None]
    assert provider.delete(reference) is False
