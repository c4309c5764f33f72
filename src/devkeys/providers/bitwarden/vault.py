"""Items as `bw` gives and takes them: JSON objects, of which only one field is changed.

An object goes back with all that it came with. bw keeps what it does not know of, and the
date of its last change lets the server refuse what somebody else has changed since.
"""

from typing import Any

from devkeys.providers.bitwarden.items import LOGIN_PARTS, Item, Json, identity, objects, text_of
from devkeys.providers.errors import DeniedError

LOGIN, NOTE = 1, 2  # types of an item
TEXT, HIDDEN, LINKED = "0", "1", "3"  # types of a custom field, as exact_json gives numbers
_LINKS = {"100": "username", "101": "password"}  # what a linked field stands for


def read(raw: Json) -> Item:
    """Return the item that bw gave as *raw*; raise ValueError if it is none."""
    login = _object(raw.get("login"))
    texts = {name: text_of(login.get(name)) for name in LOGIN_PARTS}
    fields = [(name, text) for name, text in texts.items() if text is not None]
    for uri in objects(login.get("uris")):
        text = text_of(uri.get("uri"))
        fields += [] if text is None else [("uri", text)]
    notes = text_of(raw.get("notes"))
    fields += [] if notes is None else [("notes", notes)]
    custom: list[tuple[str, str | None]] = [
        (text_of(one.get("name")) or "", _custom(one, texts)) for one in objects(raw.get("fields"))
    ]
    return Item(*identity(raw), [*fields, *custom])


def is_trashed(raw: Json) -> bool:
    """Tell whether the item lies in the trash; `bw list items` leaves it out as well."""
    return raw.get("deletedDate") is not None


def new(name: str, field: str, text: str) -> Json:
    """Return a new item with one field: a login for what only logins have, else a note."""
    is_login = field in LOGIN_PARTS or field == "uri"
    raw: Json = {
        "type": LOGIN if is_login else NOTE,
        "name": name,
        "notes": None,
        "favorite": False,
        "reprompt": 0,
        "fields": [],
        "passwordHistory": [],
    }
    raw["login" if is_login else "secureNote"] = {"uris": []} if is_login else {"type": 0}
    return with_field(raw, field, text)


def with_field(raw: Json, field: str, text: str) -> Json:
    """Return the item *raw* with *text* in its field, in place of what was there.

    Raise DeniedError if the field is none that holds any text, or if there are two.
    """
    custom = objects(raw.get("fields"))
    if any(one.get("name") == field for one in custom):
        return raw | {"fields": [_changed(one, field, text) for one in custom]}
    if field == "notes":
        return raw | {"notes": text}
    if str(raw.get("type")) == str(LOGIN) and field in (*LOGIN_PARTS, "uri"):
        part = {"uris": [{"match": None, "uri": text}]} if field == "uri" else {field: text}
        return raw | {"login": _object(raw.get("login")) | part}
    hidden = {"name": field, "value": text, "type": int(HIDDEN)}
    return raw | {"fields": [*custom, hidden]}


def without_field(raw: Json, field: str) -> Json:
    """Return the item *raw* without the value of its field."""
    custom = objects(raw.get("fields"))
    kept = [one for one in custom if one.get("name") != field]
    if len(kept) != len(custom):
        return raw | {"fields": kept}
    if field == "notes":
        return raw | {"notes": None}
    part: Json = {"uris": []} if field == "uri" else {field: None}
    return raw | {"login": _object(raw.get("login")) | part}


def _changed(one: Json, field: str, text: str) -> Json:
    if one.get("name") != field:
        return one
    if str(one.get("type")) not in (TEXT, HIDDEN):
        raise DeniedError(
            f"the field {field} is a check box or a link of Bitwarden, which holds no text",
            hint="give the value another name, or make the field anew as a hidden one",
        )
    return one | {"value": text}


def _custom(one: Json, texts: dict[str, str | None]) -> str | None:
    if str(one.get("type")) == LINKED:
        return texts.get(_LINKS.get(str(one.get("linkedId")), ""))
    return text_of(one.get("value"))


def _object(value: Any) -> Json:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004  # it is data that is wrong
    return value
