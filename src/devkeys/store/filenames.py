"""Names of projects and profiles as file names; `layout` knows the plain ones by itself."""

from devkeys.errors import UsageError
from devkeys.store.layout import DEVICES, NAME_LIMIT, PLAIN


def encode(name: str) -> str:
    """Return a file name that stands for *name* and no other, also where case is ignored.

    All but lower-case ASCII letters, digits, `-`, `_` and inner dots becomes `%xx`.
    """
    if not name or not is_plain(name):
        raise UsageError(
            f"{name[:40]!a} cannot name a project or a profile",
            hint="use a name of at least one character, without control characters",
        )
    last = len(name) - 1
    encoded = "".join(
        character
        if character in PLAIN or (character == "." and 0 < place < last)
        else _percent(character)
        for place, character in enumerate(name)
    )
    if encoded.partition(".")[0] in DEVICES:
        encoded = _percent(encoded[0]) + encoded[1:]
    if len(encoded) > NAME_LIMIT:
        raise UsageError(
            f"the name {name[:40]!a}... is too long: {len(encoded)} characters as a file name, "
            f"at most {NAME_LIMIT}",
            hint="use a shorter name",
        )
    return encoded


def _percent(character: str) -> str:
    return "".join(f"%{byte:02x}" for byte in character.encode("utf-8"))


def fits(name: str) -> bool:
    """Say whether *name* is one that `encode` takes."""
    try:
        return bool(encode(name))
    except UsageError:
        return False


def decode(encoded: str) -> str | None:
    """Return the name that `encode` made *encoded* of; None if it made it of none."""
    head, *rest = encoded.split("%")
    try:
        data = head.encode("ascii") + b"".join(
            bytes.fromhex(part[:2]) + part[2:].encode("ascii") for part in rest
        )
        name = data.decode("utf-8")
        return name if encode(name) == encoded else None
    except (ValueError, UsageError):
        return None


def is_plain(text: str) -> bool:
    """Say whether *text* can stand in a line of text: no control character, no surrogate."""
    return not any(
        character < " " or "\x7f" <= character <= "\x9f" or "\ud800" <= character <= "\udfff"
        for character in text
    )
