"""Age files: seal and unseal; the one door of pyrage.

Format: age-encryption.org/v1, so that `age -d` can always recover what is in them. It
authenticates neither an author nor a place; `values` checks what it can of both.
"""

from devkeys.errors import StoreError
from devkeys.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyrage.x25519 import Identity


def prepare() -> None:
    """Import pyrage now: it takes nearly a millisecond, and there are times to wait anyway."""
    import pyrage  # noqa: F401  # what counts is that it is there


def new_identity() -> Secret:
    """Make an age identity, `AGE-SECRET-KEY-1...`."""
    import pyrage

    return Secret(str(pyrage.x25519.Identity.generate()).encode("ascii"))


def recipient_of(identity: Secret) -> str | None:
    """Return the recipient, `age1...`, of *identity*; None if it is no age identity."""
    parsed = _parse(identity)
    return None if parsed is None else str(parsed.to_public())


def _parse(identity: Secret) -> "Identity | None":
    import pyrage

    try:
        return pyrage.x25519.Identity.from_str(identity.reveal().decode("ascii"))
    except (pyrage.IdentityError, UnicodeDecodeError):
        return None


def is_recipient(text: str) -> bool:
    """Say whether *text* is an age recipient, as `recipient_of` writes it."""
    import pyrage

    try:
        return str(pyrage.x25519.Recipient.from_str(text)) == text
    except pyrage.RecipientError:
        return False


def seal(plain: bytes, recipients: tuple[str, ...]) -> bytes:
    """Return *plain* encrypted so that any of *recipients*, and nobody else, can read it."""
    import pyrage

    parsed = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
    return bytes(pyrage.encrypt(plain, parsed))


def unseal(sealed: bytes, identity: Secret, *, path: str) -> bytes:
    """Return the plain text of *sealed*, which was read from *path*."""
    import pyrage

    parsed = _parse(identity)
    if parsed is not None:
        try:
            return bytes(pyrage.decrypt(sealed, [parsed]))
        except pyrage.DecryptError:
            pass
    raise StoreError(
        f"{path} cannot be decrypted: it is damaged, or was made with another identity",
        hint="put it back from a backup; nothing was changed",
    )
