"""Names that are given a value: `NAME=value` and what other shells, JSON and headers write."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from devkeys.typed import literal, values
from devkeys.typed.naming import is_secret, snake
from devkeys.typed.values import Value

# In these shells `$NAME = value` is an assignment and blanks may stand round the sign; what has
# no quotes is a value only where the shell takes words for such.
LOOSE = frozenset({"nushell", "elvish", "xonsh", "powershell"})
_QUOTED_ONLY = LOOSE - {"elvish"}

_SIGN = r"""(?<![\w])(?P<name>[A-Za-z_][\w-]{0,200}+)
    (?P<close>\\?["'`]?[\])}]{0,2})
    (?P<before>[ \t]{0,8})(?P<sign>[+?:]?=(?!>|[=~](?![A-Za-z0-9]))|:(?![-=?+:/]))
    (?P<after>[ \t]{0,8}(?:\\?\n[ \t]{0,8})?)"""
# The last word before the value is the name: `set -gx NAME v`, `setx NAME v`, `set-env NAME v`,
# `Set-Item -Path Env:NAME -Value v`.
_SET = r"""(?<![\w.-])(?P<verb>set|setenv|set-env|setx|put|add|(?:set|new)-(?:item|variable))
    [ \t]+(?:-[\w-]+[ \t]+){0,9}(?:[^\s"':]{0,80}:)?["']?(?P<name>[A-Za-z_]\w{0,200}+)["']?[ \t]+
    (?:-value[ \t]+)?(?=[^\s-])(?!=[ \t]|\\\n[ \t]*-)"""
# Further behind such a verb: `aws configure set --profile ana NAME value`.
_SETS = r"(?<![A-Za-z0-9_])(?:set|put|add)[ \t][^;|&\n]{0,2000}"
_PAIR = r"(?<![\w$-])(?P<name>[A-Za-z_]\w{3,200}+)[ \t]+(?=[A-Za-z0-9])"
_MIXED = r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w+/=.~-]{16,}"
# ${NAME:-value}
_DEFAULT = r"\$\{(?P<name>[A-Za-z_]\w{0,200}+):[-=]([^}\s]{1,1000})"
# A function that is given a name and a value.
_CALL = (
    r"""(?P<verb>\w{1,40})?\(?[ \t]*["'](?P<name>[A-Za-z_]\w{0,200}+)["'][ \t]*,[ \t]*(?=["'])"""
)
# What an assignment stands behind, whatever the case of its name.
_COMMAND_PLACE = r"""(?:(?:^|[;&|({\n`]|(?<![\w-])(?:export|local|declare|typeset|readonly|env|then
    |do|else|let|mut|var))\s*(?:-\w+\s+)?|(?<![\w-])(?:-e|--env|--build-arg|--from-literal|-var|-H
    |--header)[ =]["']?)$"""
_SET_PLACE = r"(?:^|[;&|({\n]|(?<![\w-])(?:and|or|begin|then|do|else|devkeys|secrets))\s*$"
_CERTAIN = r"(?i)PASSWORD|PASSWD|PASSPHRASE"
_BARE = frozenset({"KEY", "KEYS"})
# In JSON these are given words that are no secrets: "token": "next".
_HEADERS = frozenset({"COOKIE", "SET_COOKIE"})  # looked into in options.py
_WEAK = _BARE | {"TOKEN", "COOKIE", "COOKIES", "WEBHOOK", "PAT", "IV", "SALT", "SESSION"}


class Given(NamedTuple):
    """A *name* and the *value* that it is given; *sure* if the text is an assignment for certain.

    Where it is not, only a value that looks like a key counts.
    """

    name: str
    value: Value
    sure: bool


def secret_given(text: str, shell: str, declared: Collection[str]) -> str | None:
    """Return the name of the first secret that *text* gives a literal value, or None."""
    for given in values.each(_given(text, shell, declared)):
        plain = given.name if given.name.isupper() else snake(given.name)
        if not given.sure and not values.looks_random(given.value.text):
            continue
        if literal.is_literal(plain, given.value):
            return given.name
    return None


def _given(text: str, shell: str, declared: Collection[str]) -> Iterator[Given]:
    if "=" in text or ":" in text:
        for match in re.finditer(_SIGN, text, re.VERBOSE):
            if is_secret(match["name"], declared):
                yield from _at_sign(text, match, shell, declared)
    if re.search(r"(?i)set|put|add|new-", text):
        for match in re.finditer(_SET, text, re.VERBOSE | re.IGNORECASE):
            if is_secret(match["name"], declared):
                yield from _at_set(text, match)
        yield from _behind_set(text)
    if "," in text:
        yield from _in_calls(text)
    if "${" in text:
        yield from _defaults(text, declared)


def _at_sign(
    text: str, match: re.Match[str], shell: str, declared: Collection[str]
) -> Iterator[Given]:
    if _gives_nothing(text, match, loose=shell in LOOSE):
        return
    value = values.read(text, match.end())
    if match["sign"] == ":":
        sure = _is_field(text, match, value, declared)
    else:
        sure = _is_assignment(text, match, value, shell, declared)
    yield Given(match["name"], value, sure)


def _gives_nothing(text: str, match: re.Match[str], *, loose: bool) -> bool:
    before = text[max(match.start() - 2, 0) : match.start()]
    if (before.endswith("$") and not loose) or (before == "${" and not match["close"]):
        return True  # a test of its value, or its default
    if match["sign"] == ":":
        return snake(match["name"]) in _HEADERS
    is_apart = match["after"] and not match["before"] and "\\" not in match["after"]
    return bool(is_apart) and not loose  # NAME= command


def _is_field(text: str, match: re.Match[str], value: Value, declared: Collection[str]) -> bool:
    """Say whether `name: value` is JSON, YAML or a header, and no sentence."""
    name = match["name"]
    if _stands_alone(text, match, value):
        return True
    if match["close"].strip("])}") and (
        _tells_by_itself(name, declared) or snake(name) not in _WEAK
    ):
        return True
    return name.upper() not in _BARE and _fills_its_quotes(text, match, value)


def _is_assignment(
    text: str, match: re.Match[str], value: Value, shell: str, declared: Collection[str]
) -> bool:
    name, loose = match["name"], shell in LOOSE
    if match["before"] and not loose and not (value.quote and re.search(_CERTAIN, name)):
        return False
    is_apart = match["before"] or match["after"]
    if is_apart and not value.quote and shell in _QUOTED_ONLY:
        return False
    return _tells_by_itself(name, declared) or _is_place(text, match.start(), name, value, loose)


def _tells_by_itself(name: str, declared: Collection[str]) -> bool:
    if name in declared or re.search(_CERTAIN, name):
        return True
    return name.isupper() and name not in _BARE


def _is_place(text: str, start: int, name: str, value: Value, loose: bool) -> bool:
    before = text[max(start - 200, 0) : start]
    if loose and before.endswith(("$", ".", ":")):
        return True
    if name in _BARE:
        return bool(re.search(_COMMAND_PLACE, before, re.VERBOSE))
    if name.upper() in _BARE:
        return False
    return (loose and bool(value.quote)) or bool(re.search(_COMMAND_PLACE, before, re.VERBOSE))


def _fills_its_quotes(text: str, match: re.Match[str], value: Value) -> bool:
    """Say whether a header, or a line of a file in capitals, is all that stands in quotes."""
    before = text[max(match.start() - 12, 0) : match.start()]
    if re.search(r"(?:-H|--header)[ =]?\\?[\"']$", before):
        return True
    after = text[match.end() + len(value.text) :][:1]
    return match["name"].isupper() and "_" in match["name"] and before[-1:] == after != ""


def _stands_alone(text: str, match: re.Match[str], value: Value) -> bool:
    """Say whether the line is `name: value` and nothing else, in a text of several lines."""
    start = text.rfind("\n", max(match.start() - 200, 0), match.start())
    if start < 0 or text[start : match.start()].strip(" \t\n-\"'"):
        return False
    stop = text.find("\n", match.end())
    line = text[match.end() : stop if stop >= 0 else len(text)].strip(" \t\r\"',")
    return line == value.text and "\n" not in match["after"]


def _at_set(text: str, match: re.Match[str]) -> Iterator[Given]:
    value = values.read(text, match.end())
    if values.is_name(value) or value.text == "to":  # a sentence
        return
    verb = match["verb"].lower()
    sure = verb in ("setx", "setenv") or "-" in verb
    if verb == "set" and match["name"].isupper():
        before = text[max(match.start() - 200, 0) : match.start()]
        sure = bool(re.search(_SET_PLACE, before))
    yield Given(match["name"], value, sure)


def _behind_set(text: str) -> Iterator[Given]:
    for part in re.finditer(_SETS, text):
        for match in re.finditer(_PAIR, part[0]):
            value = values.read(part[0], match.end())
            if is_secret(match["name"]) and re.fullmatch(_MIXED, value.text):
                yield Given(match["name"], value, sure=False)


def _in_calls(text: str) -> Iterator[Given]:
    for match in re.finditer(_CALL, text, re.VERBOSE):
        if is_secret(match["name"], ()):
            verb = (match["verb"] or "").lower()
            sure = "set" in verb or verb == "putenv"
            yield Given(match["name"], values.read(text, match.end()), sure)


def _defaults(text: str, declared: Collection[str]) -> Iterator[Given]:
    for match in re.finditer(_DEFAULT, text):
        if is_secret(match["name"], declared):
            yield Given(match["name"], Value(match[2].strip("\"'")), sure=False)
