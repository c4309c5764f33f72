"""Providers: where a reference, `scheme://path`, leads.

This version resolves none: a reference is shown, and its name can be given a value of
one's own with `devkeys set`.
"""

from collections.abc import Mapping, Sequence

from devkeys.errors import DevkeysError

SCHEMES: frozenset[str] = frozenset()


class ProviderError(DevkeysError):
    """A provider could not be asked; this never means that it holds nothing."""


def get_many(references: Sequence[str]) -> Mapping[str, DevkeysError]:
    """Return for each of *references* its value, None if there is none, or why not to be had."""
    return {
        reference: ProviderError(
            f"{reference.partition('://')[0]}:// cannot be read by this version of devkeys; "
            "devkeys set gives a value of your own"
        )
        for reference in references
    }


def can_read(reference: str) -> bool:
    """Say whether this version knows how to read *reference*, without trying it."""
    return reference.partition("://")[0] in SCHEMES
