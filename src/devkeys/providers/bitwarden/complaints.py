"""What `bw` says when it fails: messages of version 2026.6, never shown on."""

import re

from devkeys.providers.child import Done
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProgramMissingError,
    ProviderError,
    UnreachableError,
)

NODE = 22  # the Node.js that bw is made for
_CRASH = re.compile(rb"^Node\.js v(\d+)\.", re.MULTILINE)  # the last line of an uncaught error
UNLOCK = 'export BW_SESSION="$(bw unlock --raw)"'


def signed_out() -> LockedError:
    """Return the error of a bw that nobody is signed in to."""
    return LockedError("nobody is signed in to Bitwarden's bw", hint="bw login")


def locked() -> LockedError:
    """Return the error of a vault that no session key opens, or no master password."""
    return LockedError("Bitwarden's vault is locked", hint=UNLOCK)


def _revoked() -> ProviderError:
    # bw signs out by itself then; the vault's copy on this machine is gone with it.
    return DeniedError("Bitwarden's server takes bw's sign-in no longer", hint="bw login")


def _offline() -> ProviderError:
    return UnreachableError(
        "bw cannot reach Bitwarden's server", hint="see what bw sync says by itself"
    )


def _changed() -> ProviderError:
    return DeniedError("somebody else has changed the item meanwhile", hint="do it again")


def _too_long() -> ProviderError:
    return DeniedError(
        "the value is longer than Bitwarden keeps: about 3,600 bytes, in notes 7,400",
        hint="keep it as an attachment or elsewhere, such as devkeys' own store",
    )


def _no_right() -> ProviderError:
    return DeniedError(
        "Bitwarden does not let you change that item",
        hint="ask who owns its collection for the right to edit it; bw sync, if it is gone",
    )


# What stands in a message, in small letters; the first row with such a word tells.
_ROWS = (
    (("not logged in",), signed_out),
    (("unauthorized", "invalid_grant", "logged out", "access token"), _revoked),
    (("fetcherror", "failed, reason", "network", "timeout", "socket", "econn"), _offline),
    (("is locked", "master password", "session key", "decryption operation failed"), locked),
    (("out of date",), _changed),
    (("exceeds the maximum",), _too_long),
    (("not found", "permission", "not allowed", "policy", "forbidden"), _no_right),
)


def failure(message: str) -> ProviderError:
    """Return the error for bw's *message*, of which nothing is shown: it may hold a value."""
    said = message.lower()
    for words, error in _ROWS:
        if any(word in said for word in words):
            return error()
    return UnreachableError("bw failed", hint="see what bw sync says by itself")


def crash(done: Done) -> ProviderError:
    """Return the error for an end of bw without an answer: no Node, too old a Node, or else."""
    found = _CRASH.search(done.complaint)
    if found and int(found[1]) < NODE:
        return ProgramMissingError(
            f"bw does not run on Node.js {found[1].decode()}",
            hint=f"put Node.js {NODE} or newer on PATH, or bw as one file from bitwarden.com",
        )
    if done.code == 127 and done.says("node"):  # env, on bw's first line
        return ProgramMissingError(
            "bw is there, but no Node.js", hint=f"put Node.js {NODE} or newer on PATH"
        )
    return no_answer()


def no_answer() -> ProviderError:
    """Return the error for an answer that is none."""
    return UnreachableError("bw gave no proper answer", hint="see what bw status says by itself")
