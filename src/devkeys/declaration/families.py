"""Variables that belong together: by the first word of their names, or by their paragraph."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from devkeys.names import PUBLIC_PREFIXES, words

if TYPE_CHECKING:
    from devkeys.declaration.classify import Variable

# A paragraph of more variables than this is a file without paragraphs.
_LARGEST_BLOCK = 12


def shared_first_words(names: Iterable[str]) -> frozenset[str]:
    """Return the first words that most of *names* begin with; they tell nothing (`APP_`)."""
    counted = Counter(_words(name)[0] for name in names)
    total = sum(counted.values())
    return frozenset(word for word, times in counted.items() if times > 10 and times * 2 > total)


def family_of(name: str, shared: frozenset[str]) -> str:
    """Return the first word of *name*, or the first two where the first is *shared*."""
    parts = _words(name)
    return "_".join(parts[:2]) if parts[0] in shared else parts[0]


def _words(name: str) -> list[str]:
    for prefix in PUBLIC_PREFIXES:
        if name.startswith(prefix) and len(name) > len(prefix):
            return words(name[len(prefix) :]) or [name]
    return words(name) or [name]


def mark_offered(
    variables: tuple["Variable", ...],
    blocks: Mapping[str, tuple[str, int]],
    optional: set[str],
) -> tuple["Variable", ...]:
    """Mark the empty ordinary variables that stand beside a wanted secret as offered.

    *blocks* gives each name's paragraph; those whose comments let them stay empty, the
    *optional*, are not offered.
    """
    sizes = Counter(blocks.values())
    wanted = [variable for variable in variables if variable.wanted and variable.secret]
    families = {variable.family for variable in wanted}
    beside = {blocks[v.name] for v in wanted if sizes[blocks[v.name]] <= _LARGEST_BLOCK}
    return tuple(
        v._replace(offered=True)
        if not (v.secret or v.wanted or v.commented or v.default or v.name in optional)
        and v.reference is None
        and "optional" not in v.decorators
        and (v.family in families or blocks[v.name] in beside)
        else v
        for v in variables
    )
