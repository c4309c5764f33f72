"""The age identities that a scenario has to do with, and all that is to be hidden of them."""

import re
from collections.abc import Iterable

from canary.canaries import Canary, identity
from canary.stage import Stage

from devkeys.errors import DevkeysError
from devkeys.secret import Secret
from devkeys.store import envelope

_IDENTITY = re.compile(rb"AGE-SECRET-KEY-1[0-9A-Z]{58}")
_SHOWN = re.compile(
    rb"-----BEGIN AGE ENCRYPTED FILE-----.*?-----END AGE ENCRYPTED FILE-----", re.DOTALL
)
_MOST = 4096  # bytes of a file that holds no more than an identity


def known(stage: Stage, texts: Iterable[bytes], shown: bytes) -> set[Canary]:
    """Return the identities in *texts*, also in such as a passphrase or one of them opens.

    A recovery key is printed: *shown* may hold one.
    """
    texts = {text for text in texts if len(text) < _MOST}
    store = _in(texts) | _unlocked(stage, texts)
    store |= {found for text in texts for found in _unsealed(text, store)}
    printed = {text.replace(b"\r\n", b"\n") for text in _SHOWN.findall(shown)}
    recovery = _unlocked(stage, {stage.recovery, *printed})
    named = {identity(found, "the recovery key") for found in recovery}
    return named | {identity(found) for found in store - recovery}


def _in(texts: Iterable[bytes]) -> set[bytes]:
    return {found for text in texts for found in _IDENTITY.findall(text)}


def _unlocked(stage: Stage, texts: Iterable[bytes]) -> set[bytes]:
    """Return what is in those of *texts* that a passphrase of the stage opens."""
    found = set()
    for text in texts:
        if not envelope.is_age(text) or not envelope.wants_passphrase(text):
            continue
        for phrase in stage.phrases.values():
            try:
                opened = envelope.unseal_with(text, Secret(phrase.value))
            except DevkeysError:
                break
            if opened is not None:
                found |= _in([opened])
                break
    return found


def _unsealed(text: bytes, keys: Iterable[bytes]) -> set[bytes]:
    """Return what is in *text*, if one of *keys* opens it: the successor that a rekey keeps."""
    if not envelope.is_age(text):
        return set()
    try:
        return _in([envelope.unseal(text, *map(Secret, keys), path="")])
    except DevkeysError:
        return set()
