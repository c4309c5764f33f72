"""Age files of values with a line about each: what `remote` and `previous` have in common.

    KIND 1
    project chat
    profile dev
    (a line for each value)
    (an empty line, then the values one after the other)

A line says how long its value is; nothing in the values themselves is parsed.
"""

from devkeys.secret import Secret
from devkeys.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from devkeys.store.identity import Identity


def read(
    path: str, kind: str, project: str, profile: str, identity: "Identity"
) -> "tuple[list[str], memoryview]":
    """Return the lines about the values in the file *path*, and the values; neither if absent.

    Raise StoreError unless it is of that *kind*, project and profile.
    """
    sealed = layout.read(path, limit=layout.LIMIT)
    if sealed is None:
        return [], memoryview(b"")
    plain = identity.unseal(sealed, path=path)
    head, _, body = plain.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    layout.check_format(lines[0], kind, path=path)
    if lines[1:3] != [f"project {project}", f"profile {profile}"]:
        layout.damaged(path, "it belongs to another project or profile")
    return lines[3:], memoryview(body)


def take(body: memoryview, length: str, *, path: str) -> tuple[Secret, memoryview]:
    """Return the first value of *body*, of *length* bytes, and what comes after it.

    A view, for the rest of the bytes would be copied with each of many values.
    """
    if not (length == "0" or layout.is_count(length)) or int(length) > len(body):
        layout.damaged(path, "its values are cut short")
    return Secret(bytes(body[: int(length)])), body[int(length) :]


def plain_text(
    kind: str, project: str, profile: str, about: "Iterable[str]", values: "Iterable[Secret]"
) -> bytes:
    """Return the plain text that `read` takes apart again."""
    lines = [f"{kind} 1", f"project {project}", f"profile {profile}", *about]
    return "\n".join(lines).encode() + b"\n\n" + b"".join(value.reveal() for value in values)
