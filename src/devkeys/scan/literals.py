"""What is searched for: the squeezed forms of all known values, as literals."""

from collections.abc import Sequence
from typing import NamedTuple

from devkeys.forms import Form, forms
from devkeys.scan.squeeze import squeeze

SHORTEST = 8  # bytes of a value; a shorter one stands by chance in any large file
SHORTEST_SQUEEZED = 7  # what the engine of the standard library finds for certain
LONGEST = 512  # bytes of a literal: whoever has so much of a value has the value


class Literal(NamedTuple):
    """A squeezed *text*, of the form *form* of the value that is number *known*."""

    known: int
    form: Form
    text: bytes


def literals(values: Sequence[bytes]) -> list[Literal]:
    """Return what to search for, for all of *values* that are long enough."""
    found = []
    for known, value in enumerate(values):
        if not is_long_enough(value):
            continue
        texts = set()
        for form in forms(value):
            cut = _cut(form)
            text = squeeze(cut.text)
            if len(text) >= SHORTEST_SQUEEZED and text not in texts:
                texts.add(text)
                found.append(Literal(known, cut, text))
    return found


def is_long_enough(value: bytes) -> bool:
    """Tell whether finding *value* somewhere means anything."""
    return len(value) >= SHORTEST and len(squeeze(value)) >= SHORTEST_SQUEEZED


def _cut(form: Form) -> Form:
    """Return *form* without what is behind its first LONGEST bytes that count."""
    if len(form.text) <= LONGEST:
        return form
    text = form.text[:LONGEST]
    step = LONGEST
    while len(squeeze(text)) < LONGEST and len(text) < len(form.text):
        step += LONGEST
        text = form.text[:step]
    return Form(form.name, text)
