"""What a keychain does instead of answering; imported when it does, not on the way of `run`."""

from devkeys.errors import KeychainAbsentError, KeychainError

_BUS = "org.freedesktop.DBus.Error"
_ABSENT = (f"{_BUS}.ServiceUnknown", f"{_BUS}.NameHasNoOwner", f"{_BUS}.Spawn.")
_GONE = (f"{_BUS}.NoReply", f"{_BUS}.Disconnected")
_SLOW = (f"{_BUS}.Timeout", f"{_BUS}.TimedOut")


class KeychainLockedError(KeychainError):
    """There is a keychain and it is locked; its user has to unlock it."""


class UnaskedError(KeychainLockedError):
    """A passphrase is needed, and the caller did not want anybody to be asked."""


class KeychainTimeoutError(KeychainError):
    """The keychain did not answer in time; whether it holds the item is unknown."""


class KeychainRefusedError(KeychainError):
    """The keychain backend would keep the value in plain text; devkeys does not use it."""


class UnfitError(KeychainError):
    """This keychain cannot hold such a value; nothing was changed."""


class UnusualError(KeychainError):
    """The service holds the item but will not give it in a plain session; keyring may get it."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the keychain's service does not give values in a plain session: {what}",
            hint="check that the service is up to date",
        )


class ReplyError(KeychainError):
    """The service answered with an error; *name* is its D-Bus name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the keychain's service answered {name}",
            hint="try again; if it stays so, restart the keychain's service",
        )
        self.name = name


def gone() -> KeychainError:
    """Return the error for a service that closed the connection."""
    return KeychainError(
        "the keychain's service went away before it answered",
        hint="start it again, then repeat the command",
    )


def of_reply(name: str) -> KeychainError:
    """Return the error that an answer with the D-Bus error *name* means."""
    if name.startswith(_ABSENT):
        return KeychainAbsentError(
            "no Secret Service answers on the D-Bus session bus",
            hint="start one (gnome-keyring, KWallet, KeePassXC), or use an identity file",
        )
    if name == "org.freedesktop.Secret.Error.IsLocked":
        return KeychainLockedError("the keychain is locked", hint="unlock it, then try again")
    if name in _GONE:
        return gone()
    if name in _SLOW:
        return KeychainTimeoutError(
            "the keychain's service did not start or answer in the bus's own time",
            hint="see whether it shows a dialog or hangs, then try again",
        )
    return ReplyError(name)
