"""Reading all values of a provider's item or path, to import them."""

import shlex
from collections.abc import Mapping

from devkeys import ask, references
from devkeys.errors import DevkeysError, UsageError
from devkeys.flows.access import access, caller_of
from devkeys.flows.entry import NAME
from devkeys.flows.here import Here
from devkeys.flows.importing.source import Source
from devkeys.providers import BulkProvider, open_provider
from devkeys.references import MalformedError, Reference
from devkeys.secret import Secret


def read(here: Here, text: str) -> Source:
    """Return the values at the source *text*; raise DevkeysError if there is no such item.

    What has no variable's name, such as the label `api key`, is said and left out.
    """
    reference = _parse(here, text)
    values = ask_all(here, reference)
    if values is None:
        raise DevkeysError(f"there is nothing at {reference}", hint=_hint_of(reference))
    strange = [name for name in values if not NAME.fullmatch(name)]
    if strange:
        ask.say(
            f"devkeys: left at {reference}, for they are no names of variables: "
            + ask.plain(", ".join(strange))
        )
    known = {name: value for name, value in values.items() if name not in strange}
    return Source(b"", str(reference), remote=known)


def ask_all(here: Here, source: Reference) -> Mapping[str, Secret] | None:
    """Return the values at *source* by name, None if there is no such item."""
    caller = caller_of(here)
    provider = open_provider(source.scheme, caller)
    if not isinstance(provider, BulkProvider):
        raise UsageError(
            f"{source.scheme}:// gives one value for one reference, and not all that there is",
            hint=_as_reference(_single(source) or references.parse(f"{source}/NAME")),
        )
    with access(here, source.scheme, caller):
        return provider.get_all(source)


def example_of(scheme: str) -> str:
    """Return what a source of *scheme* looks like."""
    known = references.describe(scheme)
    text = known.example.partition("#")[0]
    return text if known.joint == "#" else text.rpartition("/")[0]


def _parse(here: Here, text: str) -> Reference:
    try:
        return references.parse_source(text)
    except MalformedError as error:
        try:
            single = references.parse(text)
        except MalformedError:
            raise error from None
    hint, item = _as_reference(single), references.source_of(single)
    if item and isinstance(open_provider(item.scheme, caller_of(here)), BulkProvider):
        hint += f"; devkeys import {shlex.quote(str(item))} takes them all"
    raise UsageError(
        f"{single} is one value; import takes all that an item or a path has", hint=hint
    )


def _hint_of(source: Reference) -> str:
    single = _single(source)
    if single is not None:
        return f"if it is one value, {_as_reference(single)}"
    return f"see whether {references.describe(source.scheme).title} has it under that name"


def _single(source: Reference) -> Reference | None:
    """Return *source* as the reference of one value, if it can be one."""
    try:
        return references.parse(str(source))
    except MalformedError:
        return None


def _as_reference(single: Reference) -> str:
    return f"write NAME={single} into .env.example, and commands get it from there"
