"""What may be said of a command: words of our own tables and plain names, never a value."""

import re

from devkeys import names

_LONGEST = 60
_NAME = r"[A-Za-z]+(?:_?[0-9]{1,3}(?=_|$)|_[A-Za-z]+)*"


def _table(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OTHER_WORDS = _table(
    """API AUTH ACCESS CLIENT APP DB ROOT ADMIN USER USERNAME HTTP HTTPS PROXY REGISTRY DOCKER SSH
    GITHUB GITLAB NPM AWS SESSION PRIVATE BASIC REFRESH ID STORE ENCRYPTION SIGNING MASTER OAUTH2
    OAUTH BOT REMOTE STRING VALUE BECOME BIND SASL"""
)


def shown_name(name: str) -> str | None:
    """Return *name* if it can be said aloud: a plain identifier, no key of any kind."""
    return name if len(name) <= _LONGEST and re.fullmatch(_NAME, name) else None


def shown_option(dashes: str, option: str) -> str:
    """Return *option* if it is made of words that are known here, else only that it is one."""
    known = names.SECRET_WORDS | names.SECRET_LAST_WORDS | names.QUALIFIERS | _OTHER_WORDS
    if known.issuperset(re.split("[-_]", option.upper())):
        return f"what follows {dashes}{option}"
    return "what follows an option"
