"""The door of keyring: which backends are used, and what their failures become."""

from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import InitError, KeyringLocked, PasswordSetError

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain import fallback
from devkeys.keychain.errors import KeychainLockedError, KeychainRefusedError


class Good(KeyringBackend):
    """A backend in memory that claims to be recommended."""

    priority: Any = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types here
        self.items: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Give the item."""
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the item."""
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget the item."""
        del self.items[service, username]


class Advised(Good):
    """A backend that keyring itself does not recommend."""

    priority: Any = 0.5


class PlaintextKeyring(Good):
    """A backend that says in its name what it does, whatever its priority."""


class Renamed(PlaintextKeyring):
    """A subclass does the same under another name."""


class Alternative(Good):
    """A backend of keyrings.alt."""


Alternative.__module__ = "keyrings.alt.file"


class Chain(chainer.ChainerBackend):
    """A chain of the members that it is given."""

    backends: Any = ()


@pytest.fixture(autouse=True)
def restored() -> Any:
    """Leave keyring as it was."""
    before = keyring.core._keyring_backend
    yield
    keyring.core._keyring_backend = before


def use(backend: KeyringBackend) -> None:
    """Configure *backend* as keyring's own."""
    keyring.set_keyring(backend)


def ask(action: str, value: str = "") -> str | None:
    """Ask for the identity."""
    request = {"action": action, "service": "devkeys", "account": "identity"}
    if action == "set":
        request["value"] = value
    return fallback.answer(request)["value"]


@pytest.mark.parametrize("kind", [Advised, PlaintextKeyring, Renamed, Alternative, null.Keyring])
def test_a_backend_that_is_not_safe_is_refused(kind: type[KeyringBackend]) -> None:
    """Nothing is read from or written to it, and the message names it and a way out."""
    backend = kind()
    use(backend)
    with pytest.raises(KeychainRefusedError, match=kind.__name__) as caught:
        ask("set", "value")
    assert caught.value.hint
    assert not getattr(backend, "items", None)


def test_no_backend_is_absent() -> None:
    """The library's own way of saying that there is none is not a refusal."""
    use(fail.Keyring())  # type: ignore[no-untyped-call]  # keyring's backends have no types
    with pytest.raises(KeychainAbsentError):
        ask("get")


def test_of_a_chain_the_first_fit_member_is_used() -> None:
    """A plain-text member never gets the value, and writing and reading use the same one."""
    plain, good, other = PlaintextKeyring(), Good(), Good()
    chain = Chain()  # type: ignore[no-untyped-call]  # keyring's backends have no types
    chain.backends = (plain, good, other)
    use(chain)
    ask("set", "value")
    assert (plain.items, other.items) == ({}, {})
    assert ask("get") == "value"


def test_a_chain_of_unfit_members_is_refused() -> None:
    """There is no member left to use."""
    chain = Chain()  # type: ignore[no-untyped-call]  # keyring's backends have no types
    chain.backends = (PlaintextKeyring(), Advised())
    use(chain)
    with pytest.raises(KeychainRefusedError):
        ask("get")


def test_an_empty_chain_is_absent() -> None:
    """A chain without a member is no backend."""
    use(Chain())  # type: ignore[no-untyped-call]  # keyring's backends have no types
    with pytest.raises(KeychainAbsentError):
        ask("get")


def test_an_item_comes_back_and_goes() -> None:
    """Set, get and delete do what they say; what is not there is None."""
    use(Good())
    assert ask("get") is None
    assert ask("delete") is None
    ask("set", "value")
    assert ask("get") == "value"
    assert ask("delete") is not None
    assert ask("get") is None


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (KeyringLocked, KeychainLockedError),
        (InitError, KeychainAbsentError),
        (PasswordSetError, KeychainError),
        (RuntimeError, KeychainError),
    ],
)
def test_a_failure_is_of_its_kind_and_holds_no_value(
    raised: type[Exception], kind: type[KeychainError]
) -> None:
    """What a backend says about its failure may hold anything, so only its class is told."""

    class Failing(Good):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise raised(f"cannot keep {password} of {username} at {service}")

    use(Failing())
    with pytest.raises(KeychainError) as caught:
        ask("set", "confidential")
    assert type(caught.value) is kind
    assert "confidential" not in f"{caught.value}{caught.value.hint}"
    assert caught.value.__suppress_context__


def test_a_backend_that_keeps_something_else_is_found_out() -> None:
    """What is read back has to be what was written."""

    class Cutting(Good):
        def set_password(self, service: str, username: str, password: str) -> None:
            super().set_password(service, username, password[:3])

    use(Cutting())
    with pytest.raises(KeychainError, match="did not keep"):
        ask("set", "value")
