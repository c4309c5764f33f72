"""Why a provider could not be asked: none of these ever means that it holds nothing."""

from devkeys.errors import DevkeysError


class ProviderError(DevkeysError):
    """A provider could not be asked; the hint is the command that mends it.

    *kind* is what programs are told: `missing`, `locked`, `denied` or `unreachable`.
    """

    kind = "unreachable"


class ProgramMissingError(ProviderError):
    """The program or library that a provider works through is not there."""

    kind = "missing"


class LockedError(ProviderError):
    """Nobody is signed in, or the vault is locked: the user can open it."""

    kind = "locked"


class RevokedError(LockedError):
    """The server takes a sign-in no longer that it took before (401); a new one mends it.

    What it gave to the old one is not kept any longer, unlike that of a vault that is locked.
    """


class DeniedError(ProviderError):
    """The provider said no: no right to it, a revoked session (401, 403)."""

    kind = "denied"


class UnreachableError(ProviderError):
    """No answer, or none that can be understood: the network, a time-out, garbage."""


KINDS = {
    error.kind: error for error in (ProgramMissingError, LockedError, DeniedError, UnreachableError)
}
