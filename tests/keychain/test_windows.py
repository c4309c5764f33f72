"""The Windows Credential Manager, against a binding that copies its documented limits."""

import secrets

import pytest

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain.errors import KeychainLockedError
from devkeys.keychain.windows import (
    Credential,
    CredentialError,
    WindowsKeychain,
    open_binding,
)
from devkeys.secret import Secret


class Manager:
    """Credentials by target, with Windows' limit of 2,560 bytes; *code* fails every call."""

    def __init__(self) -> None:
        self.credentials: dict[str, Credential] = {}
        self.code = 0

    def read(self, target: str) -> Credential:
        """Give a credential, or ERROR_NOT_FOUND."""
        self._fail(0 if target in self.credentials else 1168)
        return self.credentials[target]

    def write(self, target: str, credential: Credential) -> None:
        """Keep a credential, or fail with RPC_X_BAD_STUB_DATA."""
        self._fail(1783 if len(credential.blob) > 2560 else 0)
        self.credentials[target] = credential

    def delete(self, target: str) -> None:
        """Forget a credential, or ERROR_NOT_FOUND."""
        self._fail(0 if target in self.credentials else 1168)
        del self.credentials[target]

    def _fail(self, code: int) -> None:
        if self.code or code:
            raise CredentialError(self.code or code)


@pytest.fixture
def manager() -> Manager:
    """Give an empty Credential Manager."""
    return Manager()


@pytest.fixture
def keychain(manager: Manager) -> WindowsKeychain:
    """Give the keychain that it is."""
    return WindowsKeychain(manager)


def test_a_value_comes_back(keychain: WindowsKeychain) -> None:
    """What was set is got, and replaced by a second set."""
    value = Secret(secrets.token_hex(37).encode())
    assert keychain.get("devkeys", "identity") is None
    keychain.set("devkeys", "identity", Secret(b"old"))
    keychain.set("devkeys", "identity", value)
    assert keychain.get("devkeys", "identity") == value


def test_it_is_written_as_keyring_writes_it(keychain: WindowsKeychain, manager: Manager) -> None:
    """The keyring library looks under the service's name, for the user, and decodes UTF-16."""
    keychain.set("devkeys", "identity", Secret(b"value"))
    written = Credential("identity", "value".encode("utf-16-le"))
    assert manager.credentials == {"devkeys": written}


def test_keyrings_compound_name_is_found(keychain: WindowsKeychain, manager: Manager) -> None:
    """An item that keyring moved, because another account came, is still ours."""
    manager.credentials["devkeys"] = Credential("other", "theirs".encode("utf-16-le"))
    manager.credentials["identity@devkeys"] = Credential("identity", "ours".encode("utf-16-le"))
    assert keychain.get("devkeys", "identity") == Secret(b"ours")
    keychain.set("devkeys", "identity", Secret(b"new"))
    assert keychain.get("devkeys", "other") == Secret(b"theirs")
    assert keychain.get("devkeys", "identity") == Secret(b"new")
    assert len(manager.credentials) == 2


def test_another_accounts_credential_is_not_overwritten(
    keychain: WindowsKeychain, manager: Manager
) -> None:
    """Where the service's name is taken, the compound name is used, which keyring reads too."""
    manager.credentials["devkeys"] = Credential("other", "theirs".encode("utf-16-le"))
    keychain.set("devkeys", "identity", Secret(b"ours"))
    assert sorted(manager.credentials) == ["devkeys", "identity@devkeys"]
    assert keychain.get("devkeys", "other") == Secret(b"theirs")


def test_delete_removes_only_this_item(keychain: WindowsKeychain) -> None:
    """Another account's item stays, and a second delete says that there was none."""
    keychain.set("devkeys", "identity", Secret(b"x"))
    keychain.set("devkeys", "other", Secret(b"y"))
    assert keychain.delete("devkeys", "identity")
    assert not keychain.delete("devkeys", "identity")
    assert keychain.get("devkeys", "other") == Secret(b"y")


@pytest.mark.parametrize("raw", [b"x" * 1281, "ż".encode() * 1281, b"\xff\xfe\x80"])
def test_what_does_not_fit_is_refused(
    keychain: WindowsKeychain, manager: Manager, raw: bytes
) -> None:
    """A credential holds 1,280 UTF-16 units of text; nothing is cut or half written."""
    with pytest.raises(KeychainError, match="cannot hold it"):
        keychain.set("devkeys", "identity", Secret(raw))
    assert manager.credentials == {}


def test_the_longest_value(keychain: WindowsKeychain) -> None:
    """The limit itself fits."""
    keychain.set("devkeys", "identity", Secret(b"x" * 1280))
    assert keychain.get("devkeys", "identity") == Secret(b"x" * 1280)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(1312, KeychainAbsentError), (5, KeychainLockedError), (1223, KeychainLockedError)],
)
def test_a_failure_is_of_its_kind(
    keychain: WindowsKeychain, manager: Manager, code: int, kind: type[KeychainError]
) -> None:
    """A session without credentials and a refusal are told apart, and neither is None."""
    manager.code = code
    for act in (
        lambda: keychain.get("devkeys", "identity"),
        lambda: keychain.set("devkeys", "identity", Secret(b"x")),
        lambda: keychain.delete("devkeys", "identity"),
    ):
        with pytest.raises(KeychainError) as caught:
            act()
        assert type(caught.value) is kind


def test_an_unknown_error_is_an_error(keychain: WindowsKeychain, manager: Manager) -> None:
    """What is not known to mean "not there" does not mean it."""
    manager.code = 87
    with pytest.raises(KeychainError, match="error 87"):
        keychain.get("devkeys", "identity")


def test_elsewhere_there_is_no_binding() -> None:
    """The module is imported cleanly on every system; the binding is Windows' only."""
    with pytest.raises(KeychainAbsentError):
        open_binding()
