"""What `op` writes to stderr, and what it means.

Its words are collected from public reports, for it documents none: `op inject` 2.2x
(dimagi-internal/ace#1613), `op read` 2.39 and the desktop app's of chezmoi, mise and varlock
users. A sentence that is not known here is never taken for absence.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from devkeys.providers.child import Done
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProviderError,
    UnreachableError,
)

VAULT, ITEM, FIELD, AMBIGUOUS, MALFORMED = "vault", "item", "field", "ambiguous", "malformed"

# Names are in quotes, and a name in a reference has none: it cannot pass for a sentence.
# Not compiled here: only a failure needs them, and every run would wait for it.
_SUBJECTS = (
    (VAULT, r"\"([^\"\n]*)\" isn't a vault in this account"),
    (FIELD, r"item '([^'\n]*)' does not have a field '"),
    (AMBIGUOUS, r"More than one item matches \"([^\"\n]*)\""),
    (ITEM, r"\"([^\"\n]*)\" isn't an item"),
    (ITEM, r"could not find item ([^\n]*) in vault "),
)
_MALFORMED = r"invalid secret reference '(op://[^'\n]*)'"
_REFERENCE = r"'op://[^'\n]*'"
_SIGN_IN = "op signin"
_APP = (
    "start and unlock the 1Password app, with Settings > Developer > Integrate with 1Password CLI"
)


class Subject(NamedTuple):
    """What a complaint is about: a part of references, of what *kind* and which."""

    kind: str
    name: str


class _Meaning(NamedTuple):
    words: tuple[str, ...]
    error: type[ProviderError]
    message: str
    hint: str


# The first that fits counts.
_MEANINGS = (
    _Meaning(
        ("unknown flag", "unknown command", "unknown shorthand"),
        UnreachableError,
        "op is too old: it does not know what it is asked",
        "update op to 2.30 or newer",
    ),
    _Meaning(
        ("no accounts configured", "no account found", "could not find account"),
        LockedError,
        "op knows no such 1Password account",
        f"op account add; or {_APP}",
    ),
    _Meaning(
        ("prompt dismissed", "authorization timeout", "authorization timed out"),
        LockedError,
        "1Password asked for approval and got none",
        "run it again and approve the dialog of 1Password",
    ),
    _Meaning(
        ("desktop app", "connect to 1password app", "requestdelegatedsession"),
        LockedError,
        "op cannot reach the 1Password app",
        _APP,
    ),
    _Meaning(
        ("(429)", "too many requests", "rate limit"),
        UnreachableError,
        "1Password takes no more requests for now",
        "wait for an hour; op service-account ratelimit shows the limits",
    ),
    _Meaning(
        ("(401)", "(403)", "(101)", "unauthorized", "forbidden", "permission", "sacredentials"),
        DeniedError,
        "1Password says no",
        "op whoami shows as whom it is asked; see its rights to the vault, or sign in anew",
    ),
    _Meaning(
        ("signed in", "session", "sign in", "signin", "authenticat"),
        LockedError,
        "nobody is signed in to 1Password",
        _SIGN_IN,
    ),
    _Meaning(
        ("deadline exceeded", "dial tcp", "no such host", "connection", "timeout", "network"),
        UnreachableError,
        "op cannot reach 1Password",
        "see whether the network is there; op whoami tells",
    ),
    _Meaning(
        ("error initializing client",), LockedError, "op is not set up", f"{_SIGN_IN}; or {_APP}"
    ),
)


def subject(done: Done) -> Subject | None:
    """Return which vault, item, field or reference a failed `op` names; None if it names none."""
    text = done.complaint.decode(errors="replace")
    malformed = re.search(_MALFORMED, text)
    if malformed:
        return Subject(MALFORMED, malformed[1])
    text = re.sub(_REFERENCE, "", text)  # whose names may read like a sentence
    found = ((kind, re.search(pattern, text)) for kind, pattern in _SUBJECTS)
    return next((Subject(kind, match[1]) for kind, match in found if match), None)


def failure(done: Done, environ: Mapping[str, str]) -> ProviderError:
    """Return why a failed `op` could not be asked at all."""
    text = re.sub(_REFERENCE, "", done.complaint.decode(errors="replace")).lower()
    for meaning in _MEANINGS:
        if any(word in text for word in meaning.words):
            hint = meaning.hint
            if environ.get("OP_SERVICE_ACCOUNT_TOKEN") and meaning.error is not UnreachableError:
                hint = "see OP_SERVICE_ACCOUNT_TOKEN, and which vaults that account may use"
            elif hint == _SIGN_IN and any(name.startswith("OP_SESSION_") for name in environ):
                # op takes such a token for the session and never asks the app (secretspec#80)
                hint = "eval $(op signin); with the 1Password app unset OP_SESSION_* instead"
            return meaning.error(meaning.message, hint=hint)
    return UnreachableError(
        f"op ended with {done.code} for a reason that is not known", hint="see what op whoami says"
    )


def no_answer() -> UnreachableError:
    """Return the error for output that is no answer."""
    return UnreachableError("op gave no proper answer", hint="see what op whoami says by itself")
