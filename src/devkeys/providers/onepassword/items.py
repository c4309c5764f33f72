"""Items of 1Password as `op ... --format=json` prints them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from devkeys.providers import exact_json
from devkeys.providers.errors import DeniedError
from devkeys.providers.onepassword import complaints
from devkeys.references import Reference
from devkeys.secret import Secret

_ID = "abcdefghijklmnopqrstuvwxyz0123456789"


def same(one: str, other: str) -> bool:
    """Tell whether two names are one to 1Password, which does not look at case."""
    return one.casefold() == other.casefold()


def parse(output: bytes) -> Any:
    """Return what JSON *output* holds; raise UnreachableError if it is none."""
    try:
        return exact_json.parse(output)
    except ValueError:
        raise complaints.no_answer() from None


class Field(NamedTuple):
    """A field of an item; *raw* is its JSON."""

    label: str
    value: str | None
    raw: dict[str, Any]

    def __repr__(self) -> str:
        return f"<field {self.label}>"

    @property
    def section(self) -> Mapping[str, Any] | None:
        """The section that it stands in."""
        section = self.raw.get("section")
        return section if isinstance(section, dict) else None

    def secret(self) -> Secret | None:
        """Return the value; None without one. Raise UnreachableError if it is no text."""
        try:
            return Secret(self.value.encode()) if self.value is not None else None
        except UnicodeEncodeError:  # half a surrogate pair
            raise complaints.no_answer() from None

    def is_called(self, name: str) -> bool:
        """Tell whether *name* is its label or its id."""
        return same(name, self.label) or same(name, str(self.raw.get("id", "")))

    def is_in(self, section: str) -> bool:
        """Tell whether *section* is the label or the id of its section."""
        return _is_section(self.section, section)


def find_section(raw: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return the section *name* of the item *raw*."""
    sections = raw.get("sections") or []
    return next((one for one in sections if _is_section(one, name)), None)


def _is_section(section: object, name: str) -> bool:
    """Tell whether *name* is the label or the id of *section*."""
    return isinstance(section, dict) and any(
        same(name, str(section.get(key, ""))) for key in ("label", "id")
    )


class Item:
    """One item with its values."""

    def __init__(self, raw: object) -> None:
        fields = raw.get("fields", []) if isinstance(raw, dict) else None
        if not isinstance(raw, dict) or not isinstance(fields, list):
            raise complaints.no_answer()
        self.raw: dict[str, Any] = raw
        self.id, self.title, self.category = (
            _string(raw, key) for key in ("id", "title", "category")
        )
        if not self.id or self.id.strip(_ID):
            raise complaints.no_answer()  # it will be an argument
        self.fields = [_field(one) for one in fields]

    def __repr__(self) -> str:
        return f"<item {self.title}>"

    @property
    def files(self) -> Sequence[Any]:
        """The item's attachments."""
        files = self.raw.get("files") or []
        return files if isinstance(files, list) else []

    def is_called(self, name: str) -> bool:
        """Tell whether *name* is its title or its id."""
        return same(name, self.title) or same(name, self.id)

    def has_file(self, name: str) -> bool:
        """Tell whether an attachment has that name or id."""
        return any(
            isinstance(one, dict) and same(name, str(one.get(key, "")))
            for one in self.files
            for key in ("name", "id")
        )

    def field(self, reference: Reference) -> Field | None:
        """Return the one field that *reference* leads to; raise DeniedError if there are two.

        Without a section in it, a field outside of all sections goes before those in one.
        """
        *sections, name = reference.path[2:]
        found = [one for one in self.fields if one.is_called(name)]
        if sections:
            found = [one for one in found if one.is_in(sections[0])]
        elif len(found) > 1:
            found = [one for one in found if one.section is None] or found
        if len(found) > 1:
            raise DeniedError(
                f"{reference} leads to {len(found)} fields of that name",
                hint="write the section, or the field's id: op item get with --format=json has it",
            )
        return found[0] if found else None


class Summary(NamedTuple):
    """An item of a list, without values."""

    id: str
    title: str
    sites: tuple[str, ...]

    def is_titled(self, name: str) -> bool:
        """Tell whether *name* is its title."""
        return same(name, self.title)

    def is_called(self, name: str) -> bool:
        """Tell whether op finds it by *name*: title, id, or a website's."""
        sites = any(name.casefold() in site.casefold() for site in self.sites)
        return sites or same(name, self.title) or same(name, self.id)


def parse_list(output: bytes) -> list[Summary]:
    """Return the items of `op item list --format=json`; raise UnreachableError if it is none."""
    raw = parse(output)
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        raise complaints.no_answer()
    return [Summary(_string(one, "id"), _string(one, "title"), _sites(one)) for one in raw]


def _sites(raw: Mapping[str, Any]) -> tuple[str, ...]:
    urls = raw.get("urls") or []
    found = (one.get("href") for one in urls if isinstance(one, dict))
    return tuple(site for site in found if isinstance(site, str))


def _field(raw: object) -> Field:
    if not isinstance(raw, dict):
        raise complaints.no_answer()
    value = raw.get("value")
    if value is not None and not isinstance(value, str):
        raise complaints.no_answer()
    if value is not None and value.startswith("[use 'op item get "):
        raise complaints.no_answer()  # what op prints instead of a value that it conceals
    label = raw.get("label") or raw.get("id")
    if not isinstance(label, str):
        raise complaints.no_answer()
    return Field(label, value or None, raw)  # 1Password keeps no empty values


def _string(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str):
        raise complaints.no_answer()
    return value
