"""What AWS and botocore say, in our four kinds of errors; nothing of theirs is shown but codes."""

import re
import shlex

from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProgramMissingError,
    ProviderError,
    RevokedError,
    UnreachableError,
)
from devkeys.references import Reference

_CODE = re.compile(r"[A-Za-z0-9.]{1,64}")
_SIGNED_OUT = {  # names of botocore's exceptions, of which old versions lack some
    "CredentialRetrievalError",
    "LoginAuthorizationCodeError",
    "LoginInsufficientPermissions",
    "LoginRefreshRequired",
    "LoginTokenLoadError",
    "MetadataRetrievalError",
    "NoAuthTokenError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "RefreshWithMFAUnsupportedError",
    "SSOError",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
}
_STALE = {  # error codes: the credentials themselves are no longer good
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_BUSY = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "InternalServ")


class RefusedError(Exception):
    """What AWS refused: *code* and *message* are its own, *error* is for the user."""

    def __init__(self, code: str, message: str, error: ProviderError) -> None:
        super().__init__(code)
        self.code, self.message, self.error = code, message, error

    @property
    def denied(self) -> bool:
        """Whether a right was missing."""
        return "AccessDenied" in self.code or self.code == "UnauthorizedOperation"


def entry_error(code: str, group: Reference) -> ProviderError:
    """Return what an error means that stands for one secret in an answer."""
    return refusal(code, 400, group, group.option("profile"))


def garbled(where: Reference) -> UnreachableError:
    """Return the error for an answer that is none."""
    return UnreachableError(
        f"AWS gave no proper answer for {where}",
        hint="see whether AWS_ENDPOINT_URL or a proxy leads to something else",
    )


def refusal(code: str, status: int, group: Reference, profile: str | None) -> ProviderError:
    """Return what the service's error *code*, with this HTTP *status*, means."""
    shown = code if _CODE.fullmatch(code) else "an error without a name"
    if code in _STALE:
        return RevokedError(
            f"AWS takes these credentials no longer ({shown})", hint=_login(profile)
        )
    if status >= 500 or code.startswith(_BUSY):
        return UnreachableError(f"AWS cannot answer now ({shown})", hint="try again in a moment")
    if "AccessDenied" in code or status == 403:
        return DeniedError(
            f"AWS denies these credentials {group}",
            hint=f"`aws sts get-caller-identity{_option(profile)}` says whose; ask for a policy",
        )
    return DeniedError(f"AWS refuses {group}: {shown}", hint="check its name, profile and region")


def failure(error: Exception, group: Reference, profile: str | None) -> ProviderError:
    """Return what an exception of the library means, told by its name and its bases'."""
    names = {kind.__name__ for kind in type(error).__mro__}
    name = type(error).__name__
    if names & _SIGNED_OUT:
        return LockedError(f"nobody is signed in to AWS ({name})", hint=_login(profile))
    if names & {"HTTPClientError", "ConnectionError"}:
        return UnreachableError(
            f"AWS cannot be reached ({name})", hint="check the network, a proxy and the region"
        )
    return _of_settings(name, group, profile) or garbled(group)


def _of_settings(name: str, group: Reference, profile: str | None) -> ProviderError | None:
    errors: dict[str, ProviderError] = {
        "ProfileNotFound": LockedError(
            f"AWS has no such profile here: {profile or 'default'}",
            hint="aws configure list-profiles has them",
        ),
        "NoRegionError": LockedError(
            f"AWS: no region is set for {group}",
            hint=f"aws configure set region REGION{_option(profile)}, or write ?region=",
        ),
        "MissingDependencyException": ProgramMissingError(
            "AWS needs a part of botocore that is not installed",
            hint="pipx inject devkeys 'botocore[crt]'",
        ),
        "ParamValidationError": DeniedError(
            f"AWS has and keeps no such thing: {group}", hint="check its name"
        ),
        "InvalidRegionError": DeniedError(f"{group}: no such region", hint="check ?region="),
    }
    unclear = LockedError("AWS: ~/.aws/config cannot be understood", hint="aws configure list")
    errors |= dict.fromkeys(("ConfigParseError", "InvalidConfigError", "ConfigNotFound"), unclear)
    return errors.get(name)


def _login(profile: str | None) -> str:
    option = _option(profile)
    return f"aws sso login{option} (aws login or aws configure, if that is how you sign in)"


def _option(profile: str | None) -> str:
    return f" --profile {shlex.quote(profile)}" if profile else ""
