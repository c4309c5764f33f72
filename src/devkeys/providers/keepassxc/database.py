"""A database as `keepassxc-cli export` writes it: XML, read strictly.

The shell of `keepassxc-cli open` frames nothing, and `show` is one opening of a database for
each entry, which takes a second where its owner has chosen so; this is one for all.
"""

import re
from typing import NamedTuple
from xml.etree import ElementTree as ET

from devkeys.providers.errors import DeniedError

STANDARD = ("Title", "UserName", "Password", "URL", "Notes")  # what every entry has
_NO_UUID = "A" * 22 + "=="
_REFERENCE = re.compile(r"\{REF:[A-Z]@[A-Z]:.*\}", re.DOTALL | re.IGNORECASE)


class Entry(NamedTuple):
    """One entry: *path* is of the names of its groups below the top, and its title."""

    path: tuple[str, ...]
    attributes: dict[str, str]

    def __repr__(self) -> str:
        return f"<entry {'/'.join(self.path)}>"  # its attributes hold values


class Contents(NamedTuple):
    """What is in a database, but for its recycle bin; *groups* by their paths below the top."""

    entries: list[Entry]
    groups: set[tuple[str, ...]]


def parse(exported: bytes) -> Contents:
    """Return what was exported; raise ValueError if that is no database."""
    # The writer leaves a carriage return as it is, for which a reader of XML takes a newline.
    text = exported.replace(b"\r", b"&#13;")
    if b"<!DOCTYPE" not in text:
        try:
            return _contents(ET.fromstring(text))  # noqa: S314  # nothing expands without a DOCTYPE
        except (ValueError, ET.ParseError):
            pass
    raise ValueError("no export of a database")


def _contents(root: ET.Element) -> Contents:
    top = root.find("Root/Group")
    if root.tag != "KeePassFile" or top is None:
        raise ValueError
    is_used = root.findtext("Meta/RecycleBinEnabled") == "True"
    bin_ = root.findtext("Meta/RecycleBinUUID") if is_used else None
    contents = Contents([], set())
    _collect(top, (), None if bin_ == _NO_UUID else bin_, contents)
    return contents


def _collect(
    group: ET.Element, path: tuple[str, ...], bin_: str | None, contents: Contents
) -> None:
    contents.groups.add(path)
    for one in group.findall("Entry"):  # what an entry was before is below its History
        attributes = _attributes(one)
        contents.entries.append(Entry((*path, attributes.get("Title", "")), attributes))
    for inner in group.findall("Group"):
        if bin_ is None or inner.findtext("UUID") != bin_:
            _collect(inner, (*path, inner.findtext("Name") or ""), bin_, contents)


def _attributes(entry: ET.Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in entry.findall("String"):
        name, value = one.findtext("Key"), one.find("Value")
        if name is None or value is None or name in found or len(value):
            raise ValueError
        found[name] = value.text or ""
    return found


def find(entries: list[Entry], path: tuple[str, ...]) -> Entry | None:
    """Return the entry at *path*; raise DeniedError if there are two."""
    found = [entry for entry in entries if entry.path == path]
    if len(found) > 1:
        raise DeniedError(
            f"{'/'.join(path)} stands for {len(found)} entries of the database",
            hint="rename one of them in KeePassXC",
        )
    return found[0] if found else None


def value(entry: Entry, attribute: str) -> bytes | None:
    """Return an attribute's value; raise DeniedError if it stands in another entry."""
    text = entry.attributes.get(attribute)
    if text is not None and _REFERENCE.fullmatch(text):
        raise DeniedError(
            f"{attribute} of {'/'.join(entry.path)} refers to another entry",
            hint="name that entry itself",
        )
    return None if text is None else text.encode()


def is_bare(entry: Entry) -> bool:
    """Tell whether an entry holds nothing but its title and its password."""
    kept = {name for name, text in entry.attributes.items() if text or name not in STANDARD}
    return kept <= {"Title", "Password"}
