"""Whether what stands behind a name is a value itself, or only says where one is.

Text is taken as it was typed, in whatever shell: quotes are looked at, not obeyed, because
values also stand inside quoted commands (`bash -c "export A_KEY='…'"`).
"""

import os
import re
from typing import NamedTuple

from devkeys import references
from devkeys.declaration.placeholders import is_placeholder

_TRIVIAL = frozenset(
    ("true", "false", "yes", "no", "on", "off", "null", "none", "nil", "undefined", "empty")
) | frozenset("01-.*?!")
_END = re.compile(r"[\s;|&<>()\"'`]")
_OPENERS = ("$(", "${", "`", "(", "@(", "<(", "{{", "@$(", "^(")
_EXPANSION = re.compile(
    r"""\$\{[^{}]{0,500}\} | \$\([^()]{0,500}\) | `[^`]{0,500}` | \{\{[^{}]{0,500}\}\}
    | \$(?:env[.:]|E:)?[A-Za-z_]\w* | \$[0-9@*#?!$-] | %[A-Za-z_]\w*% | \{\$[\w.:]+\}""",
    re.VERBOSE,
)
_VARIABLE = re.compile(r"\$\{?(?:env[.:])?[A-Za-z_][\w.]*\}?|\$\(.*\)?|\$\{.*", re.DOTALL)
_PATTERN = re.compile(r"\.\*|\.\+|\[\^|\\[SwdD]|^\^|\(\?|\(\[")
_CODE = re.compile(r"[A-Za-z_][\w.]*[(\[]")
_SCHEME_WORDS = re.compile(r"\b(?:bearer|basic|token|apikey|digest)\b", re.IGNORECASE)
_RUN = re.compile(r"[A-Za-z0-9+/_-]{6,}")
_URL_PASSWORD = re.compile(r"[a-z][\w+.-]*://[^/\s:@]*:([^/\s@]*)@", re.IGNORECASE)
_NEAR_PATH = re.compile(r"(?:~|\.{1,2})[\\/]|[A-Za-z]:\\|file://")
_FAR_PATH = re.compile(r"/(?:[a-z][\w.@-]*/)+[\w.@-]+/?|/dev/\w+")
_NAME_LIKE = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+")


class Value(NamedTuple):
    """A word as it was typed, without its quotes; *quote* is what it began with, if anything."""

    text: str
    quote: str = ""


def read(text: str, start: int) -> Value:
    """Return the word that begins at *start*; an unbalanced quote goes to the end of *text*."""
    while text.startswith("\\\n", start):
        start += 2
    # `\"` is a quote inside quotes, `$'` and `@'` are quotes of some shells.
    head = re.compile(r"""\\?[$@]?\\?["'`]""").match(text, start)
    if head is None or text.startswith("`", start):
        end = _END.search(text, start)
        stop = end.start() if end else len(text)
        if text.startswith(("`", "$(", "${", "("), start):
            return Value(text[start : start + 2])
        return Value(text[start:stop])
    quote = head[0][-1]
    escaped = head[0].startswith("\\")
    place = head.end()
    while True:
        stop = text.find(quote, place)
        if stop < 0:
            return Value(text[head.end() :], quote)
        if escaped or text[stop - 1] != "\\" or quote != '"':
            break
        place = stop + 1
    found = text[head.end() : stop].removesuffix("\\") if escaped else text[head.end() : stop]
    if not found and text[stop + 1 : stop + 2].strip() and not _END.match(text, stop + 1):
        return read(text, stop + 1)
    return Value(found, quote)


def is_literal(name: str, value: Value) -> bool:
    """Say whether *value*, given to *name*, is what has to be kept out of sight."""
    text = value.text.strip()
    if not text or text.lower() in _TRIVIAL or text.lower() == name.lower():
        return False
    if value.quote == "'":
        if _VARIABLE.fullmatch(text) or text.startswith(("{{", "`")):
            return False
    elif text.startswith(_OPENERS) or (not value.quote and _CODE.match(text)):
        return False
    elif _EXPANSION.search(text):
        return _is_literal_beside_variables(text, _EXPANSION.sub("", text))
    if references.scheme_of(text) in references.SCHEMES or text.startswith("secretref:"):
        return False
    return not (_PATTERN.search(text) or is_path(text) or is_placeholder(name, text, secret=True))


def _is_literal_beside_variables(text: str, rest: str) -> bool:
    password = _URL_PASSWORD.match(rest)
    if password:
        return bool(password[1])
    if text.startswith("$") and text.lstrip("${}()_.:" + _WORD)[:1] in ("/", "\\"):
        return False  # $HOME/.ssh/key
    return bool(_RUN.search(_SCHEME_WORDS.sub("", rest))) and "://" not in rest


_WORD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def is_path(text: str) -> bool:
    """Say whether *text* names a file: one that exists, or one that is written as such."""
    if _NEAR_PATH.match(text) or _FAR_PATH.fullmatch(text):
        return True
    return len(text) < 4096 and "\0" not in text and os.path.exists(text)


def is_name(text: str) -> bool:
    """Say whether *text* is a variable's name, as in `set A_KEY B_KEY`."""
    return bool(_NAME_LIKE.fullmatch(text))


def looks_random(text: str) -> bool:
    """Say whether nobody would write *text* as a word: the test where a name alone says little."""
    if len(text) < 6 or any(char.isspace() for char in text):
        return False
    digits = sum(char.isdigit() for char in text)
    letters = sum(char.isalpha() for char in text)
    if digits and letters:
        # version-2, web01, 2024-05-01T10:00 and 3000ms are no keys.
        return not re.fullmatch(r"[A-Za-z_./-]+\d{1,3}|v?\d+[\d._:TZ-]*[a-z]{0,2}", text)
    if letters and len(text) >= 16:
        return text.lower() != text and text.upper() != text and not re.search(r"[_./ -]", text)
    return letters > 3 and bool(re.search(r"[!#$%^&*+~?@]", text)) and "/" not in text
