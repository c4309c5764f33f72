"""What is searched for: the squeezed forms of all known values, as literals."""

from collections.abc import Sequence
from typing import NamedTuple

from devkeys.forms import Form, forms
from devkeys.scan.squeeze import BETWEEN, squeeze, with_own_gaps

SHORTEST = 8  # bytes of a value; a shorter one stands by chance in any large file
SHORTEST_SQUEEZED = 7  # what the engine of the standard library finds for certain
LONGEST = 512  # bytes of a literal: whoever has so much of a value has the value
LONGEST_WRITTEN = 1 << 14  # bytes that those may take up, with blanks between them


class Literal(NamedTuple):
    """A squeezed *text*, of the form *form* of the value that is number *known*.

    *has_own_gaps* tells that the form has blanks or line ends, which have to be there.
    """

    known: int
    form: Form
    text: bytes
    has_own_gaps: bool


def literals(values: Sequence[bytes]) -> list[Literal]:
    """Return what to search for, for all of *values* that are long enough."""
    found = []
    for known, value in enumerate(values):
        if not is_long_enough(value):
            continue
        alike = set()
        for name, whole in forms(_head(value)):
            form = Form(name, _cut(whole))
            text, shape = squeeze(form.text), with_own_gaps(form.text)
            if len(text) >= SHORTEST_SQUEEZED and shape not in alike:
                alike.add(shape)
                found.append(Literal(known, form, text, has_own_gaps=shape != text))
    return found


def is_long_enough(value: bytes) -> bool:
    """Tell whether finding *value* somewhere means anything."""
    return len(value) >= SHORTEST and len(squeeze(_head(value))) >= SHORTEST_SQUEEZED


def _head(value: bytes) -> bytes:
    """Return what is searched for of *value*: itself, but for long ones."""
    if len(value) <= LONGEST:
        return value
    head = _cut(value.strip(BETWEEN))
    try:
        value.decode()
    except UnicodeDecodeError:
        return head
    return head.decode(errors="ignore").encode()  # no half of a character at its end


def _cut(text: bytes) -> bytes:
    """Return *text* without what is behind its first LONGEST bytes that count."""
    size = LONGEST
    while len(squeeze(text[:size])) < LONGEST and size < min(len(text), LONGEST_WRITTEN):
        size *= 2
    return text[:size]
