"""Names that are given a value: `NAME=value` and what other shells, JSON and headers write."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from devkeys.names import is_secret_name
from devkeys.typed import values
from devkeys.typed.values import Value

# In these shells `$NAME = value` is an assignment and blanks may stand round the sign.
LOOSE = frozenset({"nushell", "elvish", "xonsh", "powershell"})

_SIGN = re.compile(
    r"""(?<![\w])(?P<name>[A-Za-z_][\w-]{0,200})
    (?P<close>\\?["'`]?[\])}]{0,2})
    (?P<before>[ \t]{0,8})(?P<sign>[+?:]?=(?![=~>])|:(?![-=?+:/]))
    (?P<after>(?:[ \t]{0,8}\\?\n?[ \t]{0,8})?)""",
    re.VERBOSE,
)
# The last word before the value is the name: `set -gx NAME v`, `setx NAME v`, `set-env NAME v`.
_SET = re.compile(
    r"""(?<![\w.-])(?P<verb>set|setenv|set-env|setx|put|add)[ \t]+(?:-[\w-]+[ \t]+)*
    (?:[^\s"']*[:/.])?["']?(?P<name>[A-Za-z_]\w{0,200})["']?[ \t]+(?=[^\s-])""",
    re.VERBOSE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CERTAIN = re.compile(r"PASSWORD|PASSWD|PASSPHRASE")


class Given(NamedTuple):
    """A *name* and the *value* that it is given; *sure* if the text is an assignment for certain.

    Where it is not, only a value that looks like a key counts.
    """

    name: str
    value: Value
    sure: bool


def secret_given(text: str, shell: str, declared: Collection[str]) -> str | None:
    """Return the name of the first secret that *text* gives a literal value, or None."""
    for given in (*_signs(text, shell), *_sets(text)):
        if not _is_secret(given.name, declared):
            continue
        plain = given.name if given.name.isupper() else _snake(given.name)
        if not values.is_literal(plain, given.value):
            continue
        if given.sure or values.looks_random(given.value.text):
            return given.name
    return None


def _is_secret(name: str, declared: Collection[str]) -> bool:
    return name in declared or is_secret_name(_snake(name))


def _snake(name: str) -> str:
    return _CAMEL.sub("_", name).replace("-", "_").strip("_").upper()


def _signs(text: str, shell: str) -> Iterator[Given]:
    loose = shell in LOOSE
    for match in _SIGN.finditer(text):
        name = match["name"]
        before = text[max(match.start() - 2, 0) : match.start()]
        if (before.endswith("$") and not loose) or before == "${":
            continue  # a test of its value, or its default
        spaced = bool(match["before"])
        after = bool(match["after"])
        if match["sign"] == ":":
            sure = bool(match["close"].strip("])}"))
        else:
            if after and not loose and not spaced:
                continue  # NAME= command
            sure = loose or not spaced
        if not name.isupper() and not _CERTAIN.search(name.upper()):
            sure = sure and loose and before.endswith(("$", ".", ":"))
        yield Given(name, values.read(text, match.end()), sure)


def _sets(text: str) -> Iterator[Given]:
    for match in _SET.finditer(text):
        value = values.read(text, match.end())
        if values.is_name(value.text):
            continue
        yield Given(
            match["name"], value, match["verb"].startswith("set") and match["name"].isupper()
        )
