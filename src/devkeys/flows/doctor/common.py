"""Values that stand everywhere, so that finding them means nothing.

They are named in the report and not searched for, unless the user names them.
"""

import re

from devkeys.flows.doctor.checks import published

_SHORTEST_WORD = 12  # letters: a shorter word is one of a language, or of a program
_WORD = re.compile(
    r"(?:[a-z]+|[A-Z][a-z]+|[A-Z]+)(?:[-_. ](?:[a-z]+|[A-Z][a-z]+|[A-Z]+))*[-_.]?\d{0,2}"
)
# In lower case only: keys in base64 have slashes and dots too, but not without capitals.
_PLACE = re.compile(
    r"""
    [a-z][a-z0-9+.-]*://[a-z0-9._-]+(?::\d{1,5})?(?:/[a-z0-9._~/-]*)?   # an address
    | [a-z0-9._-]+:\d{1,5}                                             # a host and its port
    | (?:[a-z0-9-]+\.)+[a-z]{2,}                                       # a host
    | ~?(?:/[a-z0-9._-]+){2,}/?                                        # a path
    """,
    re.VERBOSE,
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_NUMBER = re.compile(r"[\d.,:/ +-]+")


def is_common(name: str, value: str) -> bool:
    """Tell whether *value*, held by *name*, is one that many files hold without any slip."""
    text = value.strip()
    if len(set(text)) < 5 or published.is_published(text) or published.is_known(name, text):
        return True
    return _is_word(text) or _is_place(text)


def _is_word(text: str) -> bool:
    return len(text) < _SHORTEST_WORD and bool(_WORD.fullmatch(text))


def _is_place(text: str) -> bool:
    """Tell whether *text* is an address, a path, a number: what also stands where it is used."""
    if _MAIL.fullmatch(text) or _NUMBER.fullmatch(text):
        return True
    return bool(_PLACE.fullmatch(text)) and not _holds_random(text)


def _holds_random(text: str) -> bool:
    """Tell whether a part of *text* is long and mixed, as keys are and hosts are not."""
    return any(
        len(part) >= 16 and re.search(r"\d", part) and re.search(r"[a-z]", part)
        for part in re.split(r"[/:.]", text)
    )
