"""Age files: seal and unseal; the one door of pyrage.

Format: age-encryption.org/v1, so that `age -d` can always recover what is in them. It
authenticates neither an author nor a place; `values` checks what it can of both.
"""

from devkeys.errors import StoreError, UsageError
from devkeys.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyrage.ssh import Recipient as SSHRecipient
    from pyrage.x25519 import Identity, Recipient

_HEADER = b"age-encryption.org/v1\n"
_MOST_HEADER = 1 << 15  # bytes
_MOST_RECIPIENTS = 256
_ARMOR = b"-----BEGIN AGE ENCRYPTED FILE-----"


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
    except (pyrage.RecipientError, UnicodeEncodeError):
        return False


def seal(plain: bytes, recipients: tuple[str, ...], *, armored: bool = False) -> bytes:
    """Return *plain* encrypted so that any of *recipients*, and nobody else, can read it."""
    import pyrage

    parsed = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
    return bytes(pyrage.encrypt(plain, parsed, armored=armored))


def seal_and_open(
    plain: bytes, recipients: tuple[str, ...], readers: "Iterable[Secret]", *, path: str
) -> bytes:
    """Return what `seal` does, once each of *readers* has opened it; *path* is where it goes."""
    sealed = seal(plain, recipients)
    if any(unseal(sealed, reader, path=path) != plain for reader in readers):
        raise StoreError(
            f"what was to be written to {path} cannot be read back",
            hint="check the memory of this machine; nothing was changed",
        )
    return sealed


class UnreadableError(StoreError):
    """A file of the store that its identity does not open: damaged, or another identity's."""


def unseal(sealed: bytes, *identities: Secret, path: str) -> bytes:
    """Return the plain text of *sealed*, which was read from *path*."""
    import pyrage

    parsed = [one for identity in identities if (one := _parse(identity)) is not None]
    try:
        if _has_header(sealed):
            return bytes(pyrage.decrypt(sealed, parsed))
    except pyrage.DecryptError:
        pass
    raise UnreadableError(
        f"{path} cannot be decrypted: it is damaged, or was made with another identity",
        hint="devkeys store repair says what can be had back; nothing was changed",
    )


def _has_header(sealed: bytes) -> bool:
    """Say whether *sealed* begins with a header that is no longer than one may be.

    pyrage's time grows with the square of it: one of 90 kB without end takes a minute.
    """
    start = _start(sealed)
    end = start.find(b"\n---", 0, _MOST_HEADER)
    return end >= 0 and start.count(b"\n->", 0, end) <= _MOST_RECIPIENTS


def count_recipients(sealed: bytes) -> int:
    """Return how many recipients the header of *sealed* says can read it."""
    header, _, _ = sealed.partition(b"\n---")
    return header.count(b"\n-> X25519 ")


def seal_with(plain: bytes, passphrase: Secret, *, armored: bool = False) -> bytes:
    """Return *plain* encrypted with *passphrase*, which takes seconds; raise if it is no text."""
    import pyrage

    try:
        text = passphrase.reveal().decode()
    except UnicodeDecodeError:
        raise UsageError(
            "the passphrase is not UTF-8 text", hint="choose one of ordinary characters"
        ) from None
    return bytes(pyrage.passphrase.encrypt(plain, text, armored=armored))


# What others have encrypted; the store has no use for the rest.


class DamagedError(StoreError):
    """No age file, or one that ends in the middle or was changed."""


def is_age(sealed: bytes) -> bool:
    """Say whether *sealed* looks like an age file, armored or not."""
    return sealed.lstrip().startswith((_HEADER, _ARMOR))


def wants_passphrase(sealed: bytes) -> bool:
    """Say whether *sealed* is encrypted with a passphrase, not to recipients."""
    return _start(sealed).startswith(_HEADER + b"-> scrypt ")


def _start(sealed: bytes) -> bytes:
    sealed = sealed.lstrip()
    if not sealed.startswith(_ARMOR):
        return sealed
    from binascii import Error, a2b_base64

    text = sealed[len(_ARMOR) : 2 * _MOST_HEADER].partition(b"-----END")[0]
    text = b"".join(text.split())
    try:
        return a2b_base64(text[: len(text) // 4 * 4])
    except Error:
        return b""


def unseal_any(sealed: bytes, keys: "Iterable[Secret]") -> bytes | None:
    """Return the plain text of *sealed*, which somebody encrypted; None if none of *keys* fits.

    A key is an age identity or the text of an SSH private key; others are passed over.
    """
    import pyrage

    identities = [parsed for key in keys if (parsed := _parse(key) or _parse_ssh(key))]
    try:
        if _has_header(sealed):
            return bytes(pyrage.decrypt(sealed.lstrip(), identities))
    except pyrage.DecryptError as error:
        if str(error) == "No matching keys found":
            return None
    raise DamagedError("this is no age file, or it is damaged")


def _parse_ssh(key: Secret) -> object:
    import pyrage

    try:
        return pyrage.ssh.Identity.from_buffer(key.reveal())
    except pyrage.IdentityError:  # no SSH key, or one with a passphrase
        return None


def unseal_with(sealed: bytes, passphrase: Secret) -> bytes | None:
    """Return the plain text of *sealed*; None if *passphrase* is another. It takes seconds."""
    import pyrage

    try:
        if _has_header(sealed):
            return bytes(pyrage.passphrase.decrypt(sealed.lstrip(), passphrase.reveal().decode()))
    except UnicodeDecodeError:
        return None
    except pyrage.DecryptError as error:
        if str(error) == "Decryption failed":
            return None
        if str(error).startswith("Excessive work"):
            raise StoreError(
                "a much faster machine encrypted this, and it would take too long here",
                hint="age -d opens it all the same, or export again with a recipient",
            ) from None
    raise DamagedError("this is no age file, or it is damaged")


def seal_for_others(plain: bytes, recipients: "Iterable[str]", *, armored: bool = False) -> bytes:
    """Return *plain* encrypted to age recipients and SSH public keys; UsageError for a wrong one.

    A plugin's recipient, such as a YubiKey's, is a wrong one: pyrage runs no plugins.
    """
    import pyrage

    parsed = [_parse_recipient(recipient) for recipient in recipients]
    return bytes(pyrage.encrypt(plain, parsed, armored=armored))


def _parse_recipient(text: str) -> "Recipient | SSHRecipient":
    import pyrage

    kind = pyrage.ssh.Recipient if text.startswith("ssh-") else pyrage.x25519.Recipient
    try:
        return kind.from_str(text)
    except (pyrage.RecipientError, UnicodeEncodeError):
        raise UsageError(
            f"{text[:60]!a} is no recipient that devkeys can encrypt to",
            hint="give age1... of age-keygen, or a line ssh-ed25519 ... or ssh-rsa ... of a .pub",
        ) from None
