"""What is to become of each imported name: decided here, without doing anything."""

from collections.abc import Mapping
from typing import NamedTuple

from devkeys.consent.asks import reference_of
from devkeys.declaration.classify import Variable, holds_password
from devkeys.declaration.references import find_reference
from devkeys.flows.importing.known import Known
from devkeys.names import is_secret_name
from devkeys.secret import Secret
from devkeys.steering import steers

# What becomes of a name, in the words of the summary and in its order.
STORED = "stored"
SAME = "stored already"
DEFAULT = "as .env.example has it, nothing to keep"
LATER = "kept, but no command gets them until they are declared"
OTHER = "another value is stored already, and stays"
REFERENCED = "come from a reference, not copied"
POINTER = "references, not values"
PLACEHOLDER = "still placeholders"
EMPTY = "empty"
LEFT = "undeclared, left where they are"
REFUSED = "steer which programs run, left where they are"
UNFIT = "hold a NUL byte, which no environment can, left where they are"
FATES = (
    STORED,
    SAME,
    DEFAULT,
    LATER,
    OTHER,
    REFERENCED,
    POINTER,
    PLACEHOLDER,
    EMPTY,
    LEFT,
    REFUSED,
    UNFIT,
)

# References that stand in a `.env` for another tool to follow; `file://` may be a value.
_POINTERS = ("op", "bw", "keychain", "pass", "keepassxc", "vault", "aws-sm", "aws-ssm", "sops")


class Found(NamedTuple):
    """One imported name, with its value, its *kind* (secret or setting) and its fate."""

    name: str
    value: Secret
    kind: str
    fate: str


def text_of(value: Secret) -> str:
    """Return *value* as text; two different values are two different texts."""
    return value.reveal().decode(errors="surrogateescape")


def pieces_of_values(values: Mapping[str, Secret | None], known: Known) -> set[str]:
    """Return those of a file's *values* whose very names may be secret, and are not to be shown.

    A key that was wrapped without quotes leaves lines such as `c2VjcmV0==`.
    """
    return {
        name
        for name, value in values.items()
        if name not in known.declared
        and name != name.upper()
        and (value is None or value.reveal() in (b"", b"="))
    }


def sort(
    values: Mapping[str, Secret | None], known: Known, *, with_references: bool
) -> list[Found]:
    """Return what is to become of each of *values*, in their order; of undeclared bare names none.

    LATER stands for whatever is undeclared and has a value, STORED for what is to be stored.
    """
    return [
        _found(name, value or Secret(b""), known, with_references=with_references)
        for name, value in values.items()
        if value is not None or name in known.declared
    ]


def _found(name: str, value: Secret, known: Known, *, with_references: bool) -> Found:
    text = text_of(value)
    variable = known.declared.get(name)
    if variable is None:
        secret = is_secret_name(name) or holds_password(text)
        fate = _of_undeclared(name, text)
    else:
        secret = variable.secret
        fate = _of_declared(variable, text, known, with_references=with_references)
    kind = "secret" if secret else "setting"
    if fate in (STORED, LATER) and "\0" in text:
        fate = UNFIT
    if fate in (STORED, LATER):
        fate = _beside_stored(name, value, kind, known) or fate
    return Found(name, value, kind, fate)


def _of_undeclared(name: str, text: str) -> str:
    if not text:
        return EMPTY
    if is_pointer(text):
        return POINTER
    return REFUSED if steers(name) else LATER


def _of_declared(variable: Variable, text: str, known: Known, *, with_references: bool) -> str:
    if reference_of(variable, known.source) is not None and not with_references:
        return REFERENCED
    if text in known.stand_ins.get(variable.name, ()):
        return PLACEHOLDER
    if text == (variable.default or ""):
        return DEFAULT if text else EMPTY
    if is_pointer(text):
        return POINTER
    # Emptied on purpose, what has a default is empty; what is wanted is missing.
    return EMPTY if not text and variable.wanted else STORED


def is_pointer(text: str) -> bool:
    """Tell whether *text* is a reference into a password manager instead of a value."""
    return find_reference(text) is not None and text.partition("://")[0] in _POINTERS


def _beside_stored(name: str, value: Secret, kind: str, known: Known) -> str | None:
    """Return the fate of a value whose name is stored already; None if it is to be stored."""
    own = known.own.get(name)
    if own is not None and own[0] != value:
        return OTHER
    kept = own or known.inherited.get(name)
    # What is declared otherwise than it was stored is stored anew, as what it is now.
    return SAME if kept == (value, kind) and name in known.declared else None
