"""One profile's values: how they stand in their age file, strictly.

The plain text is made to be read with `age -d` alone:

    devkeys-values 1
    project chat
    profile dev
    counter 7
    name LLM_API_KEY secret 2
    (an empty line, then for each name, in this order)
    LLM_API_KEY NUL value NUL

Age authenticates no place and no time. So the header says whose values these are, and the
counter, which grows with every write, is compared with the highest that was seen here.
"""

import os

from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from devkeys.store.identity import Identity

KINDS = ("secret", "setting")


class Values:
    """The values of one profile.

    *counter* is the number of writes so far. *values*, *kinds* (secret or setting) and
    *generations* (1, 2, ...) have the same names.
    """

    __slots__ = ("counter", "generations", "kinds", "values")

    def __init__(
        self,
        counter: int,
        values: dict[str, Secret],
        kinds: dict[str, str],
        generations: dict[str, int],
    ) -> None:
        self.counter = counter
        self.values = values
        self.kinds = kinds
        self.generations = generations

    def __repr__(self) -> str:
        return f"<values of {len(self.values)} names, counter {self.counter}>"


def read(
    data_dir: str,
    state_dir: str,
    project: str,
    profile: str,
    identity: "Identity",
    *,
    seen: int | None = None,
) -> Values | None:
    """Return the values of one profile; None if it never got any.

    *seen* is what `read_counter` gave, for whoever asked that already.
    Raise StoreError if they cannot be read, are another profile's or older than seen.
    """
    if seen is None:  # before the values, or a write meanwhile would make them look old
        seen = read_counter(layout.counter_path(state_dir, project, profile))
    path = layout.values_path(data_dir, project, profile)
    sealed = layout.read(path, limit=layout.LIMIT)
    if sealed is None:
        _check_never(path, layout.before_path(data_dir, project, profile))
        return None
    plain = identity.unseal(sealed, path=path)
    found = decode(plain, project, profile, path=path)
    if found.counter < seen:
        raise StoreError(
            f"{path} is older than what was seen here: write {found.counter}, seen {seen}",
            hint="if you put an old file back yourself, devkeys store repair takes it; "
            "else find out who did: its values may be keys that were replaced",
        )
    return found


def _check_never(path: str, before: str) -> None:
    """Raise if *path*, which is not there, was: the next writes would replace *before*, too."""
    if os.path.lexists(before) and not os.path.lexists(path):
        raise StoreError(
            f"{path} is gone, and only the file before its last write is there",
            hint="devkeys store repair brings back what that holds; nothing was changed",
        )


def read_counter(path: str) -> int:
    """Return the highest counter seen, from its file; 0 without one."""
    data = layout.read(path, limit=4096)
    if data is None:
        return 0
    format_line, _, rest = data.decode("ascii", "replace").partition("\n")
    layout.check_format(format_line, "devkeys-counter", path=path)
    number = rest.removesuffix("\n")
    if not layout.is_count(number) or not rest.endswith("\n"):
        layout.damaged(path, "it holds no counter")
    return int(number)


def encode(project: str, profile: str, values: Values) -> bytes:
    """Return the plain text of an age file."""
    names = sorted(values.values)
    lines = [
        "devkeys-values 1",
        f"project {project}",
        f"profile {profile}",
        f"counter {values.counter}",
        *(f"name {name} {values.kinds[name]} {values.generations[name]}" for name in names),
    ]
    head = "".join(f"{line}\n" for line in lines).encode()
    body = b"".join(name.encode() + b"\0" + values.values[name].reveal() + b"\0" for name in names)
    return head + b"\n" + body


def decode(plain: bytes, project: str, profile: str, *, path: str) -> Values:
    """Return the values in *plain*, the plain text of *path*.

    Raise StoreError unless it is exactly as `encode` writes it and belongs to *project*
    and *profile*.
    """
    head, gap, body = plain.partition(b"\n\n")
    first = head.partition(b"\n")[0].decode("ascii", "replace")
    layout.check_format(first, "devkeys-values", path=path)
    try:
        lines = head.decode().split("\n")
    except UnicodeDecodeError:
        lines = []
    if len(lines) < 4 or not gap:
        layout.damaged(path, "its header is cut short")
    _check_owner(lines[1], lines[2], project, profile, path)
    word, _, counter = lines[3].partition(" ")
    if word != "counter" or not layout.is_count(counter):
        layout.damaged(path, "its header has no counter")
    kinds, generations = _names(lines[4:], path)
    return Values(int(counter), _body(body, list(kinds), path), kinds, generations)


def _check_owner(
    project_line: str, profile_line: str, project: str, profile: str, path: str
) -> None:
    found = (project_line.partition(" "), profile_line.partition(" "))
    if found[0][0] != "project" or found[1][0] != "profile":
        layout.damaged(path, "its header names no project or no profile")
    if (found[0][2], found[1][2]) != (project, profile):
        from devkeys.store.filenames import fits

        # A file that was put together by hand may have a value where a name belongs.
        whose = [line[2] if fits(line[2]) else "another" for line in found]
        raise StoreError(
            f"{path} holds the values of {whose[0]!a}, profile {whose[1]!a}, "
            f"not those of {project!a}, profile {profile!a}",
            hint="another file was put in its place; see devkeys store repair",
        )


def _names(lines: list[str], path: str) -> tuple[dict[str, str], dict[str, int]]:
    kinds: dict[str, str] = {}
    generations: dict[str, int] = {}
    for line in lines:
        words = line.split(" ")
        if len(words) != 4 or words[0] != "name" or words[2] not in KINDS:
            layout.damaged(path, "a line of its header is no name")
        _, name, kind, generation = words
        if not is_name(name) or name in kinds or not layout.is_count(generation):
            layout.damaged(path, "a name in its header is wrong or stands there twice")
        kinds[name] = kind
        generations[name] = int(generation)
    return kinds, generations


def _body(body: bytes, names: list[str], path: str) -> dict[str, Secret]:
    parts = body.split(b"\0")
    if parts.pop() or parts[::2] != [name.encode() for name in names]:
        layout.damaged(path, "its values do not agree with its header")
    if len(parts) != 2 * len(names):
        layout.damaged(path, "its values are cut short")
    return dict(zip(names, map(Secret, parts[1::2]), strict=True))


def is_name(name: str) -> bool:
    """Say whether *name* can be a variable's: not empty, no blank, no `=`, no control."""
    if name.isascii() and name.isidentifier():  # nearly all are, and this is quick
        return True
    from devkeys.store.filenames import is_plain

    return "=" not in name and is_plain(name) and name.split() == [name]
