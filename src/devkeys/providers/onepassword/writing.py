"""Writing a field: the whole item goes to `op item edit` as JSON on stdin.

An assignment would be an argument, which every process sees. A template replaces the item,
and what it does not show is lost: a Login's passkey (known with op 2.32). Such items are
refused. Deleting needs no value, so there an assignment does.
"""

import os
import re
from typing import Any

from devkeys.errors import UsageError
from devkeys.providers import exact_json
from devkeys.providers.errors import DeniedError, UnreachableError
from devkeys.providers.onepassword import complaints
from devkeys.providers.onepassword.items import Field, Item, find_section, parse, same
from devkeys.providers.onepassword.program import Op
from devkeys.references import Reference
from devkeys.secret import Secret

# What their JSON leaves out would be lost.
_UNSAFE = {
    "LOGIN": "a Login, whose passkey would be lost",
    "SSH_KEY": "an SSH key",
    "DOCUMENT": "a document",
}
_CONTROL = re.compile(r"[\0-\x08\x0b-\x1f\x7f]")  # `op inject` takes them out of what it prints
_NOTES = "notesPlain"  # a field that every item has
_DATES = ("DATE", "MONTH_YEAR")


def check(op: Op, reference: Reference) -> Item | None:
    """Return the item that *reference* leads into, None if there is none yet.

    Raise ProviderError or UsageError if a value cannot be written there.
    """
    check_plain(op, reference)
    item = op.item(reference)
    if item is None:
        return None
    reason = _UNSAFE.get(item.category) or ("an item with files" if item.files else None)
    if reason:
        raise DeniedError(
            f"{reference} leads to {reason}: op can edit it only as a whole",
            hint="set it in the 1Password app, or keep the key in an item of its own",
        )
    item.field(reference)
    return item


def check_plain(op: Op, reference: Reference) -> None:
    """Raise UsageError or DeniedError unless *reference* is of a field that can be written."""
    if any(name != "account" for name, _ in reference.options):
        raise UsageError(
            f"{reference} is no field that can be written", hint="leave its attribute out"
        )
    if op.connect:
        raise DeniedError(
            "op can only read through a Connect server",
            hint="unset OP_CONNECT_HOST and OP_CONNECT_TOKEN, then op signin",
        )


def check_value(secret: Secret) -> str:
    """Return the text of *secret*; raise DeniedError if 1Password or op would alter it."""
    try:
        text = secret.reveal().decode()
    except UnicodeDecodeError:
        text = "\0"
    if not text or _CONTROL.search(text):
        raise DeniedError(
            "the value is empty, or has bytes that op cannot give back: control characters such "
            "as a carriage return, or no UTF-8",
            hint="encode it first, with base64 for instance",
        )
    return text


def write(op: Op, reference: Reference, secret: Secret) -> None:
    """Put *secret* into the field; make field and item if there is none."""
    value = check_value(secret)
    item = check(op, reference)
    vault = f"--vault={reference.path[0]}"
    if item is None:
        words = ("item", "create", "-")
        raw = _new_item(reference, value)
    else:
        words = ("item", "edit", item.id)
        raw = _edited(item, reference, value)
    output = op.ask(
        *words,
        vault,
        "--format=json",
        "--reveal",
        account=reference.option("account"),
        data=_template(raw),
    )
    kept = Item(parse(output)).field(reference)
    if kept is None or kept.value != value:
        raise UnreachableError(
            f"{reference}: 1Password shows something else than what was set",
            hint="look at the item in the 1Password app; its history has the old value",
        )


def delete(op: Op, reference: Reference) -> bool:
    """Take the field away; False if there is none, or none with a value."""
    check_plain(op, reference)
    item = op.item(reference)
    field = item.field(reference) if item is not None else None
    if item is None or field is None or field.value is None:
        return False
    # A built-in field stays, without a value.
    change = "=" if "purpose" in field.raw else "[delete]"
    output = op.ask(
        *("item", "edit", item.id, f"--vault={reference.path[0]}", "--format=json", "--reveal"),
        *("--", _assigned(field, reference) + change),
        account=reference.option("account"),
    )
    left = Item(parse(output)).field(reference)
    if left is not None and left.value is not None:
        raise UnreachableError(
            f"{reference}: op did not delete it", hint="delete it in the 1Password app"
        )
    return True


def _assigned(field: Field, reference: Reference) -> str:
    """Return how an assignment names *field*: `section.field`, with backslashes to escape."""
    names = [str(field.raw.get("id") if "purpose" in field.raw else field.label)]
    if field.section is not None:
        names.insert(0, str(field.section.get("label") or field.section.get("id")))
    if any(char in name for name in names for char in "[]"):
        raise DeniedError(
            f"{reference}: op can delete no field with brackets in its name",
            hint="delete it in the 1Password app",
        )
    return ".".join(re.sub(r"([.=\\])", r"\\\1", name) for name in names)


def _template(raw: dict[str, Any]) -> bytes:
    try:
        return exact_json.text(raw).encode()
    except UnicodeEncodeError:  # half a surrogate pair in another field
        raise complaints.no_answer() from None


def _new_item(reference: Reference, value: str) -> dict[str, Any]:
    raw: dict[str, Any] = {"title": reference.path[1], "category": "SECURE_NOTE", "fields": []}
    _add(raw, reference, value)
    return raw


def _edited(item: Item, reference: Reference, value: str) -> dict[str, Any]:
    field = item.field(reference)
    fields = [
        one.raw | {"value": value} if one is field else one.raw
        for one in item.fields
        # op prints a date without a value, and refuses it in a template.
        if one.value or one.raw.get("type") not in _DATES
    ]
    raw = item.raw | {"fields": fields}
    if field is None:
        _add(raw, reference, value)
    return raw


def _add(raw: dict[str, Any], reference: Reference, value: str) -> None:
    """Add a field to the item *raw*, and its section if that is missing."""
    *sections, name = reference.path[2:]
    field: dict[str, Any] = {"type": "CONCEALED", "label": name, "value": value}
    if not sections and same(name, _NOTES):
        field |= {"type": "STRING", "id": _NOTES, "purpose": "NOTES"}
    if sections:
        known = find_section(raw, sections[0])
        if known is None:
            known = {"id": os.urandom(13).hex(), "label": sections[0]}
            raw["sections"] = [*(raw.get("sections") or []), known]
        field["section"] = known
    raw["fields"] = [*raw["fields"], field]
