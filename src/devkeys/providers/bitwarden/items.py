"""Items of a Bitwarden vault, whichever program gave them: which one, and which field."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from devkeys.providers import exact_json
from devkeys.providers.errors import DeniedError, UnreachableError
from devkeys.secret import Secret

Json = dict[str, Any]

LOGIN_PARTS = ("username", "password", "totp")
_UNREADABLE = "[error: cannot decrypt]"  # in place of a text; newer versions leave it out
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Item(NamedTuple):
    """One item; *fields* are its custom fields, and what its login and its notes hold.

    A custom field without a value is there with None; a part of the login is not.
    """

    id: str
    name: str
    fields: Sequence[tuple[str, str | None]]

    def __repr__(self) -> str:
        return f"<item {self.id}>"


def text_of(raw: object) -> str | None:
    """Return a text as a program gave it, None for none; raise ValueError for anything else.

    Bitwarden itself does not tell an empty text from none.
    """
    if raw is None or raw == "":
        return None
    if isinstance(raw, str) and not isinstance(raw, exact_json.Number) and _is_text(raw):
        return raw
    raise ValueError("a field is no text")


def _is_text(text: str) -> bool:
    if text == _UNREADABLE:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return True


def is_id(part: str) -> bool:
    """Tell whether a reference's first part is an item's id; nothing else is looked for then."""
    return _ID.fullmatch(part) is not None


def identity(raw: Json) -> tuple[str, str]:
    """Return the id and the name of an item that a program listed; raise ValueError without."""
    number = text_of(raw.get("id"))
    if number is None:
        raise ValueError("an item has no id")
    return number, "" if raw.get("name") == _UNREADABLE else text_of(raw.get("name")) or ""


def objects(raw: Any) -> list[Json]:
    """Return a list of objects, empty for none; raise ValueError for anything else."""
    if raw is not None and not isinstance(raw, list):
        raise ValueError("no list")
    found = [one for one in raw or () if isinstance(one, dict)]
    if len(found) != len(raw or ()):
        raise ValueError("no object")
    return found


def listed(raw: Any) -> list[Json]:
    """Return the items that a program listed, each with an id; raise ValueError otherwise."""
    if raw is None:
        raise ValueError("no list")
    found = objects(raw)
    for one in found:
        identity(one)
    return found


def find(among: Sequence[Json], part: str) -> Json | None:
    """Return the item, as a program listed it, whose name or id is exactly *part*.

    None without any. Raise DeniedError if there are several: nobody can know which is meant;
    UnreachableError if it may be one of those whose names could not be decrypted.
    """
    key = "id" if is_id(part) else "name"
    found = [raw for raw in among if raw.get(key) == part]
    if len(found) > 1:
        ids = ", ".join(identity(raw)[0] for raw in found)
        raise DeniedError(
            f"Bitwarden has {len(found)} items called {part}: {ids}",
            hint="write the id of one of them in place of the name, as in bw://ID/field",
        )
    if not found and key == "name" and not all(identity(raw)[1] for raw in among):
        raise UnreachableError(
            f"some items of Bitwarden could not be decrypted, and {part} may be one of them",
            hint="bw list items shows them without a name; write the id of the item, as in "
            "bw://ID/field",
        )
    return found[0] if found else None


def value(item: Item, name: str) -> str | None:
    """Return what the field *name* holds, None without it; raise DeniedError if there are two."""
    found = [text for called, text in item.fields if called == name]
    if len(found) > 1:
        raise DeniedError(
            f"the item {item.id} of Bitwarden has {len(found)} fields called {name}",
            hint="rename all but one of them; what the login or the notes hold counts as well, "
            "and so does each URI",
        )
    return found[0] if found else None


def everything(item: Item) -> dict[str, Secret]:
    """Return all that has a value; raise DeniedError if two fields have one name."""
    found = {name: value(item, name) for name, _ in item.fields}
    return {name: Secret(text.encode()) for name, text in found.items() if text is not None}
