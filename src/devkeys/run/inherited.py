"""What of the caller's environment the child keeps, where it is not simply all of it."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What --clean leaves of the caller's environment.
CLEAN = frozenset(
    (
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ"),
        *("LANG", "LANGUAGE", "TERM", "COLORTERM", "NO_COLOR", "SSH_AUTH_SOCK"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FTP_PROXY"),
        # Without these no program starts on Windows.
        *("SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "APPDATA"),
    )
)


def clean(environ: "Mapping[str, str]", declared: "Iterable[str]") -> dict[str, str]:
    """Return *environ* without all that neither CLEAN nor *declared* names."""
    kept = CLEAN.union(declared)
    return {
        name: value
        for name, value in environ.items()
        if name in kept or name.upper() in CLEAN or name.startswith("LC_")
    }


def matches(name: str, patterns: "Iterable[str]") -> bool:
    """Tell whether *name* is one of *patterns*, of which some end in `*`."""
    return any(
        name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
        for pattern in patterns
    )
