"""Which values of a file are secrets as they stand: nothing refers to, and nothing waits.

For a real `.env` every literal value of a secret counts; for a template, where weak values and
examples are the rule, only one that a machine has made.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from devkeys.declaration.classify import classify, holds_password
from devkeys.declaration.placeholders import is_placeholder
from devkeys.declaration.references import find_reference
from devkeys.declaration.syntax import parse
from devkeys.declaration.templates import literal, split
from devkeys.errors import DevkeysError
from devkeys.flows.doctor.checks.published import is_published, password_in
from devkeys.names import is_public_name, is_secret_name
from devkeys.scan import rules

LONGEST = 1 << 16  # characters of a value that are looked at

_LINE = re.compile(
    r"[^\S\r\n]*(?P<comment>#[#\s]{0,8})?(?:(?:export|set|setenv|declare[^\S\r\n]+-x)[^\S\r\n]+)?"
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]{0,200})[^\S\r\n]*=[^\S\r\n]*(?P<value>[^\r\n]*)"
)
_COMMAND = re.compile(r"\$\([^()\n]*\)?|`[^`\n]*`?|\$[A-Za-z_]\w*|\{\{[^{}\n]*\}\}|%[A-Za-z_]\w*%")
_ENCRYPTED = re.compile(r"encrypted:|ENC\[|vault:v\d+:|AGE-ENCRYPTED|-----BEGIN (?:AGE|PGP) ")
_PATH = re.compile(
    r"(?:~|\.{1,2})?/[\w .@%+-]{1,60}(?:/[\w .@%+-]{1,60})*/?|[A-Za-z]:\\[^\n]{1,200}"
)
_FILE = re.compile(r"[\w./-]{1,80}\.(?:pem|key|pub|crt|cer|json|ya?ml|toml|txt|p12|pfx|jks|env)")
_TRIVIAL_TEXT = """true false yes no on off null none nil undefined empty enabled disabled auto"""
_TRIVIAL = frozenset(_TRIVIAL_TEXT.split())
_HEX = re.compile(r"[0-9a-fA-F-]{28,}")
_TOKEN = re.compile(r"[A-Za-z0-9+/_=.~!@#$%^&*:-]{14,}")
_SEQUENCES = ("012345", "123456", "abcdef", "qwerty", "111111", "000000", "aaaaaa", "deadbeef")
_WORD = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}")
# In the words of people, `s3cr3t` among them; a machine makes none of these.
_LEET = str.maketrans("01345@$", "oieasas")
_SPOKEN = re.compile(
    r"secret|passw|example|change|random|string|develop|testing|your|dummy|sample|placeholder"
    r"|insecure|default|super|local"
)
_PLAIN_PARTS = re.compile(r"(?:(?:[A-Za-z][a-z]*|[A-Z]+|\d{1,4})(?:[-_.:/@]|\Z)){3,}")
_KEY_BODY = re.compile(r"[A-Za-z0-9+/]{40,}")


class Assignment(NamedTuple):
    """A name that gets a value on *line*, perhaps behind a `#`; *secret* by all that is known."""

    name: str
    value: str
    line: int
    commented: bool
    secret: bool

    def __repr__(self) -> str:
        return f"<{self.name}>"


def assignments(data: bytes, *, path: str) -> list[Assignment]:
    """Return what a dotenv file, or a script such as `.envrc`, assigns.

    What cannot be understood as a dotenv file is read line by line.
    """
    if not path.endswith(".envrc"):
        try:
            file = parse(data, path=path)
            secret = {variable.name: variable.secret for variable in classify(file)}
        except (DevkeysError, RecursionError):
            return list(_lines(data))
        return [
            Assignment(d.name, d.default[:LONGEST], d.line, d.commented, secret.get(d.name, False))
            for d in file.declarations
            if d.default
        ]
    return list(_lines(data))


def _lines(data: bytes) -> Iterator[Assignment]:
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        found = _LINE.match(line[:LONGEST])
        if found is None:
            continue
        value = _unquoted(found["value"].strip())
        name = found["name"]
        secret = is_secret_name(name) or holds_password(value)
        if value.strip("="):
            yield Assignment(name, value, number, found["comment"] is not None, secret)


def _unquoted(value: str) -> str:
    quote = value[:1]
    if quote in ("'", '"'):
        return value[1:].partition(quote)[0]
    return re.split(r"\s#|\s*;", value, maxsplit=1)[0].strip()


def is_kept_here(found: Assignment) -> bool:
    """Tell whether a real `.env` holds a secret in plain text in *found*.

    Behind a `#` only what a machine has made counts.
    """
    if found.commented:
        return is_live(found)
    return any(_is_kept(found, part) for part in _parts(found.value))


def _is_kept(found: Assignment, text: str) -> bool:
    if _tells_where(text):
        return False
    if _format_in(text):
        return True
    password = password_in(text)
    if password is not None:
        return bool(password) and not _stands_in(found.name, password)
    if not found.secret or _stands_in(found.name, text):
        return False
    return "://" not in text or _has_made_part(text)


def is_live(found: Assignment) -> bool:
    """Tell whether a template holds in *found* what a machine has made, and no example of it."""
    return any(_is_live(found, part) for part in _parts(found.value))


def _is_live(found: Assignment, text: str) -> bool:
    if is_public_name(found.name) or _tells_where(text):
        return False
    if _format_in(text):
        return not is_published(text)
    if _stands_in(found.name, text):
        return False
    password = password_in(text)
    if password is not None:
        return looks_made(password) and not _stands_in(found.name, password)
    return found.secret and _has_made_part(text)


def _has_made_part(text: str) -> bool:
    """Tell of an address whether a part of it is made by a machine; else of all of *text*."""
    if "://" not in text:
        return looks_made(text)
    return any(looks_made(part) for part in re.split("[/?&=]", text.partition("://")[2])[1:])


def _parts(value: str) -> Iterator[str]:
    """Yield the literal texts in *value*: beside `${...}`, and what stands in for it."""
    for text in (literal(value), *(part.text for part in split(value) if part.name)):
        rest = _COMMAND.sub("", text).strip().strip("\"'")
        if rest.strip(":/@.,-_ "):
            yield rest


def _tells_where(text: str) -> bool:
    if text.lower() in _TRIVIAL or (text.isdecimal() and len(text) < 6):
        return True
    if _ENCRYPTED.match(text) or find_reference(text) is not None:
        return True
    return bool(_FILE.fullmatch(text)) or (bool(_PATH.fullmatch(text)) and not _looks_random(text))


def _looks_random(path: str) -> bool:
    return any(looks_made(part) for part in path.split("/"))


def _stands_in(name: str, text: str) -> bool:
    return is_placeholder(name, text, secret=True) or is_published(text)


def _format_in(text: str) -> bool:
    return any(
        rule.id != "private-key" or _KEY_BODY.search(text, match.end())
        for rule, match in rules.tokens(text)
    )


def looks_made(text: str) -> bool:
    """Tell whether a machine made *text*: long, of many characters, and not of words."""
    lower = text.lower()
    if any(sequence in lower for sequence in _SEQUENCES) or _PLAIN_PARTS.fullmatch(text):
        return False
    if _HEX.fullmatch(text):
        return _entropy(text.replace("-", "")) > 2.8
    if _SPOKEN.search(lower.translate(_LEET)) or not _is_varied(text):
        return False
    return 2 * sum(map(_wordiness, _WORD.findall(text))) < len(text)


def _is_varied(text: str) -> bool:
    """Tell whether *text* has letters and digits, or is long and of both cases."""
    if not _TOKEN.fullmatch(text) or _entropy(text) < 3.0:
        return False
    if not any(char.isalpha() for char in text):
        return False
    long = len(text) >= 24 and text not in (text.lower(), text.upper())
    return long or any(char.isdigit() for char in text)


def _wordiness(run: str) -> int:
    """Return how much of *run*, letters of one case, is a word: one has vowels here and there."""
    vowels = sum(char in "aeiouyAEIOUY" for char in run)
    return len(run) if vowels * 5 >= len(run) else 0


def _entropy(text: str) -> float:
    """Return the bits that a character of *text* tells."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
