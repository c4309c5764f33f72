"""Reading all values of a provider's item or path, to import them."""

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
    reference = _parse(text)
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
        title = references.describe(source.scheme).title
        raise UsageError(
            f"{title} gives one value for one reference, and not all that it has",
            hint=f"write NAME={references.join(str(source), 'NAME')} into .env.example",
        )
    with access(here, source.scheme, caller):
        return provider.get_all(source)


def example_of(scheme: str) -> str:
    """Return what a source of *scheme* looks like."""
    known = references.describe(scheme)
    text = known.example.partition("#")[0]
    return text if known.joint == "#" else text.rpartition("/")[0]


def _parse(text: str) -> Reference:
    try:
        return references.parse_source(text)
    except MalformedError as error:
        try:
            single = references.parse(text)
        except MalformedError:
            raise error from None
    raise UsageError(
        f"{single} is one value; import takes all that an item or a path has",
        hint=f"{_as_reference(single)}; devkeys import {example_of(single.scheme)} takes them all",
    )


def _hint_of(source: Reference) -> str | None:
    try:
        return f"if it is one value, {_as_reference(references.parse(str(source)))}"
    except MalformedError:
        return f"an item or a path looks like {example_of(source.scheme)}"


def _as_reference(single: Reference) -> str:
    return f"write NAME={single} into .env.example, and commands get it from there"
