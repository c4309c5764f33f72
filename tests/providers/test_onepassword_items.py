"""All fields of an item, and what diagnosis tells: against a copy of `op`."""

from pathlib import Path

import pytest
from op_vaults import ITEM, VAULT, Vaults, in_sections

from devkeys.providers import BulkProvider, DiagnosableProvider, open_provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, UnreachableError
from devkeys.providers.onepassword import OnePassword
from devkeys.references import parse, parse_source


@pytest.fixture
def vaults(tmp_path: Path) -> Vaults:
    """Make 1Password, with one empty vault."""
    return Vaults(tmp_path)


def bulk(vaults: Vaults, source: str) -> dict[str, str] | None:
    """Return the values at *source* in the open."""
    provider = open_provider("op", vaults.caller)
    assert isinstance(provider, BulkProvider)
    found = provider.get_all(parse_source(source))
    return None if found is None else {key: one.reveal().decode() for key, one in found.items()}


def test_all_fields_of_an_item(vaults: Vaults) -> None:
    """An item's fields come by label, exactly, without those that are empty."""
    empty = {"id": "e", "type": "STRING", "label": "empty"}
    vaults.add("chat", [*in_sections(("dev", "A", "1\r\n"), ("prod", "B", "2")), empty])
    assert bulk(vaults, ITEM) == {"A": "1\r\n", "B": "2"}
    assert bulk(vaults, f"{ITEM}/prod") == {"B": "2"}
    assert bulk(vaults, f"{ITEM}/none") is None
    assert bulk(vaults, f"op://{VAULT}/none") is None


def test_two_fields_of_one_label_are_an_error(vaults: Vaults) -> None:
    """Which of two fields is meant, nobody can say; the hint names sections."""
    vaults.add("chat", in_sections(("dev", "A", "1"), ("prod", "A", "2")))
    with pytest.raises(DeniedError) as caught:
        bulk(vaults, ITEM)
    assert "section" in (caught.value.hint or "")
    assert bulk(vaults, f"{ITEM}/dev") == {"A": "1"}


@pytest.mark.parametrize(
    "output", ["", "null", "[]", '{"id": "a"}', '{"id": "a", "title": "chat", "category": "X"', "x"]
)
def test_item_that_is_none_is_no_answer(vaults: Vaults, output: str) -> None:
    """Output that is no item is an error, and no absence."""
    caller = vaults.instead(f"echo '{output}'")
    with pytest.raises(UnreachableError):
        OnePassword(caller).get_all(parse_source(ITEM))


def test_concealed_value_is_never_taken_for_one(vaults: Vaults) -> None:
    """What op prints in place of a value that it conceals is no value."""
    vaults.add("chat", {"key": "[use 'op item get x --reveal' to reveal]"})
    with pytest.raises(UnreachableError):
        bulk(vaults, ITEM)


def diagnosis(vaults: Vaults, *texts: str, caller: Caller | None = None) -> tuple[object, ...]:
    """Return version, account, what is readable, and the kind of error."""
    provider = OnePassword(caller or vaults.caller)
    assert isinstance(provider, DiagnosableProvider)
    references = [parse(text) for text in texts]
    found = provider.diagnose(references)
    readable = [found.readable[one] for one in references]
    return found.version, found.account, readable, found.error and found.error.kind


def test_diagnosis_asks_for_no_value(vaults: Vaults) -> None:
    """Which items are there is told without a value or a field having been asked for."""
    vaults.add("chat", {"key": "a value"})
    texts = (f"{ITEM}/key", f"op://{VAULT}/none/key", "op://No/chat/key")
    assert diagnosis(vaults, *texts) == (
        "2.39.0",
        "dev@example.com at https://team.example.com",
        [True, False, False],
        None,
    )
    assert set(vaults.commands) == {"", "whoami", "item list"}


def test_diagnosis_asks_for_no_finger(vaults: Vaults) -> None:
    """Where the app has not approved this terminal yet, that is said and nothing asked."""
    vaults.change(app=True)
    vaults.add("chat", {"key": "a value"})
    assert diagnosis(vaults, f"{ITEM}/key") == ("2.39.0", None, [None], "locked")
    assert vaults.prompts == 0


def test_diagnosis_of_a_service_account(vaults: Vaults) -> None:
    """A service account is called one; no token is shown."""
    caller = vaults.asker(OP_SERVICE_ACCOUNT_TOKEN="a token")
    found = diagnosis(vaults, caller=caller)
    assert found == ("2.39.0", "a service account at https://team.example.com", [], None)


def test_diagnosis_through_connect(vaults: Vaults) -> None:
    """Through a Connect server nothing can be told without a value."""
    caller = vaults.asker(OP_CONNECT_HOST="http://connect", OP_CONNECT_TOKEN="t")
    found = diagnosis(vaults, f"{ITEM}/key", caller=caller)
    assert found == ("2.39.0", "a Connect server", [None], None)


def test_diagnosis_without_op(vaults: Vaults) -> None:
    """Without op the diagnosis is that it is missing."""
    found = diagnosis(vaults, f"{ITEM}/key", caller=vaults.asker(PATH=""))
    assert found == (None, None, [None], "missing")
