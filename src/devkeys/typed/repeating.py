"""What a message may repeat of the command line: not a word that may be a secret.

Whoever forgets the name, or an option, has typed the value in its place. The line stands in the
shell's history by then; a terminal's log, a CI's output and a screen that is shared need not have
it, too.
"""

import re
from collections.abc import Iterable, Iterator

from devkeys import references
from devkeys.ask import visible
from devkeys.typed.literal import is_path
from devkeys.typed.values import looks_random

HIDDEN = "[not shown]"
UNFIT = "a word that may be a secret does not belong there; it is not shown"
_LONGEST = 100  # characters of a word that is no path
_RUN = re.compile(r"[A-Za-z0-9+]{12,}")
_PIECE = 8  # characters: what is left of a word that was cut or spelled in another way


def without_secrets(text: str, words: Iterable[str]) -> str:
    """Return *text* without what may be a secret among *words*, those of the command line."""
    secret = [word for word in set(_parts(words)) if word and not may_be_repeated(word)]
    forms = {form for word in secret for form in (word, visible(word), ascii(word)[1:-1])}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return UNFIT if any(piece in text for word in secret for piece in _pieces(word)) else text


def may_be_repeated(word: str) -> bool:
    """Tell whether *word* is a name, an option or a path, as people write them."""
    if is_path(word) or _is_reference(word):
        return True
    if len(word) > _LONGEST or any(char.isspace() or not char.isprintable() for char in word):
        return False
    return not any(looks_random(run) for run in _RUN.findall(word))


def _is_reference(word: str) -> bool:
    known = references.scheme_of(word) in references.SCHEMES
    return known and word.isprintable() and not references.may_hold_credential(word)


def _parts(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield word
        yield word.lstrip("-")
        yield word.partition("=")[2]


def _pieces(word: str) -> Iterator[str]:
    for run in _RUN.findall(word):
        yield from (
            run[start : start + _PIECE] for start in range(0, len(run) - _PIECE + 1, _PIECE)
        )
