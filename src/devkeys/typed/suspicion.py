r"""What the shells' hooks look for before they ask anybody: a wide net, of built-ins only.

The files in `shell/` hold these patterns and the tables of tables.py in each shell's own words,
and tests hold each of them to this module, line by line: what is suspicious here is so there.
Whatever `judge` finds has to be suspicious: that is the law that keeps a secret out of the
history even where devkeys itself cannot be started.

All is compared in lower case, but for the rules' keywords. The patterns use nothing that POSIX
extended expressions lack: no look-around, no `\b`, no lazy repetition.
"""

import re
from collections.abc import Collection

from devkeys.scan import rules
from devkeys.typed.tables import (
    CLIENTS,
    DATABASES,
    KEEPERS,
    LOGINS,
    PARTS,
    PROGRAMS,
    SINKS,
    WORDS,
)

__all__ = [
    "ASSIGNED",
    "CLIENTS",
    "DATABASES",
    "FOLLOWED",
    "FORMAT",
    "HEADER",
    "KEEPERS",
    "LOGINS",
    "LONGEST",
    "PARTS",
    "POURED",
    "PROGRAM",
    "PROGRAMS",
    "SINKS",
    "SPOKEN",
    "URL",
    "WORDS",
    "suspicious",
]
LONGEST = 16384  # characters; a longer command is suspicious for its length

_any = "|".join
_TAIL = "[a-z0-9_-]*"
_NAMES = (
    rf"(?:(?:{_any(PARTS)}){_TAIL}|(?:^|[^a-z0-9])(?:{_any(WORDS)})(?:[_-]{_TAIL})?"
    rf"|(?:{_any(DATABASES)})[_-]?ur[il]s?{_TAIL})"
)
_CLOSE = "[\"'`\\\\]*[])}]*[ \t]*"
# How a value begins, past a double quote: a variable has text behind it or is none that a name
# could be; what begins with a command or is a variable alone is no value.
_QUOTES = '[ \t\n\\\\"@]*'
_VALUE = (
    '(?:[^]=~>) \t\n"$`(;|&<\\\\-]|["\\\\][]=~>)(;|&<-]|[$][^a-z_{( \t\n]|[\\\\][$]'
    "|[=~][a-z0-9]|[$][a-z_][a-z0-9_.:]*[^] \t\n\"';|&)}a-z0-9_.:]|[$][{][^}]*[}][^] \t\n\"';|&)}])"
)
# NAME=value, NAME: value, "name": "value"; f("NAME", "value")
ASSIGNED = re.compile(
    rf"{_NAMES}(?:{_CLOSE}(?:[+?:]?=|:){_QUOTES}(?:{_VALUE}|-)|[\"'][ \t]*,[ \t]*[\"'])"
)
# set NAME value, Set-Item Env:NAME value, --token value
_SETTING = "(?:^|[^a-z0-9_])(?:set[a-z-]*|put|add|new-[a-z]+)"
FOLLOWED = re.compile(
    rf"(?:(?:{_SETTING}(?:[ \t].*)?|(?:^|[^a-z0-9_-])-{_TAIL}){_NAMES}"
    rf"|(?:^|[^a-z0-9_-])-(?:{_any(WORDS)})(?:[_-]{_TAIL})?)"
    rf"[\"']?[ \t](?:[ \t]*-value[ \t])?{_QUOTES}{_VALUE}",
    re.DOTALL,
)
# Authorization: ..., Bearer ...
HEADER = re.compile(r"authorization|bearer[ \t]|cookie:")
# scheme://user:password@host, scheme://token@host
URL = re.compile(r"://[^/ \t\n\"'<>]*@")
# alter user ana password '...', identified by '...'; ConvertTo-SecureString '...'; a .netrc
SPOKEN = re.compile(
    r"(?:password|identified[ \t]+by)[ \t]+[\\\"]*'|securestring[ \t]|machine[ \t].*password[ \t]",
    re.DOTALL,
)
# mysql -p..., docker login -p ..., curl -u user:password, vault kv put path name=value. All that
# is typed behind the program counts: what parts commands may stand in quotes.
PROGRAM = re.compile(
    rf"(?:^|[^a-z0-9_.-])(?:(?:{_any(PROGRAMS)})[a-z0-9_.-]*[ \t]"
    rf"|(?:{_any(LOGINS)})(?:[.]exe)?[ \t].*(?:login|upload|auth|unlock|unseal)"
    rf"|(?:{_any(CLIENTS)})(?:[.]exe)?[ \t](?:.*[ \t\n])?-(?:-[a-z-]*user|-auth|[a-z]*[ua])"
    rf"|(?:{_any(KEEPERS)})(?:[.]exe)?[ \t].*(?:secret|=|-value))",
    re.DOTALL,
)
# ... | devkeys set NAME, devkeys set NAME <<< ..., ... --password-stdin
POURED = re.compile(
    rf"[|](?:[^|]*[^a-z0-9_-])?(?:{_any(SINKS)})(?:[^a-z0-9_-]|$)"
    rf"|(?:{_any(SINKS)})[ \t].*<[<(]|-(?:stdin|fd|with-token)(?:[^a-z0-9-]|$)",
    re.DOTALL,
)
# A key of a known format; here case counts.
FORMAT = re.compile(
    r"(?:^|[^A-Za-z0-9]|\\[nrt]|[0-9]m|%[0-9A-Fa-f][0-9A-Fa-f]|\\[ux][0-9A-Fa-f]+)"
    rf"(?:{_any(map(re.escape, rules.PREFIXES))})[A-Za-z0-9_./+=-]{{10}}"
)
# A declared name is looked at where it may be given a value.
_GIVEN = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)[\"'`\\]*[])}]*[ \t]*(?:[+?:]?=|:)")
_GIVING = re.compile(_SETTING + "[ \t]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def suspicious(text: str, declared: Collection[str] = ()) -> bool:
    """Say whether *text* may hold a secret; *declared* is as in `judge`."""
    if len(text) > LONGEST:
        return True
    lower = text.lower()
    patterns = (ASSIGNED, FOLLOWED, HEADER, URL, SPOKEN, PROGRAM, POURED)
    if any(pattern.search(lower) for pattern in patterns):
        return True
    if FORMAT.search(text) or any(keyword in text for keyword in rules.INFIXES):
        return True
    if not declared:
        return False
    names = (_NAME if _GIVING.search(lower) else _GIVEN).findall(text)
    return not set(declared).isdisjoint(names)
