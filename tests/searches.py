"""Searches for values that a test makes up, with each engine that is to be had."""

import importlib.util
import random
import string
from collections.abc import Callable, Sequence

from devkeys.scan.engine import Engine, Hyperscan
from devkeys.scan.search import Known, Search
from devkeys.scan.stride import Stride
from devkeys.secret import Secret

ENGINES: tuple[Callable[[Sequence[bytes]], Engine], ...] = (
    (Stride, Hyperscan) if importlib.util.find_spec("hyperscan") else (Stride,)
)
_LETTERS = string.ascii_letters + string.digits


def value(size: int, seed: int = 0) -> bytes:
    """Make up a value of *size* bytes, the same one each time."""
    dice = random.Random(size * 1000 + seed)  # noqa: S311  # nobody's key
    return "".join(dice.choices(_LETTERS, k=size)).encode()


def search_for(*values: bytes, make: Callable[[Sequence[bytes]], Engine] | None = None) -> Search:
    """Return a search for *values*, named S0, S1, ..."""
    known = [Known(f"S{number}", Secret(one)) for number, one in enumerate(values)]
    return Search(known) if make is None else Search(known, make)
