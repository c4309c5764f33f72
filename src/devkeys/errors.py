"""What can go wrong, with the exit code it ends in; imports nothing of ours."""

FOUND = 1
USAGE = 2
UNRESOLVED = 3
RUN_FAILED = 125
NOT_EXECUTABLE = 126
NOT_FOUND = 127
INTERRUPTED = 130

LONGEST = 4000  # characters of a message or a hint


class DevkeysError(Exception):
    """A mistake or a failure that the user can do something about.

    *message* says what was wrong and where: lower case, no period, never a value.
    *hint* is a thing to do.
    """

    exit_code = UNRESOLVED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(_shortened(message))
        self.hint = None if hint is None else _shortened(hint)


def _shortened(text: str) -> str:
    """Return *text* without its middle if a word in it, of a damaged file, may have a megabyte."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST // 2]} ... {text[-LONGEST // 4 :]}"


class UsageError(DevkeysError):
    """Wrong arguments."""

    exit_code = USAGE


class DeclarationError(DevkeysError):
    """A declaration file or a configuration file that cannot be understood."""

    exit_code = USAGE


class StoreError(DevkeysError):
    """The store cannot be read or written; nothing was changed."""


class KeychainError(DevkeysError):
    """The keychain could not be asked; this never means that it holds nothing."""


class KeychainAbsentError(KeychainError):
    """There is no keychain here: no service, no session, no backend.

    What else a keychain may do is in `keychain.errors`.
    """
