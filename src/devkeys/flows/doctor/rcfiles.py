"""The files that set up a user's shells and sessions: read as text, nothing of them is run."""

import os
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.flows.hooks import startup

LIMIT = 1 << 20  # bytes of one file

_BASH = (
    *(".bashrc", ".bash_profile", ".bash_login", ".profile", ".bash_aliases", ".bash_logout"),
    *(".xprofile", ".xsessionrc", ".xinitrc", ".kshrc", ".mkshrc", ".direnvrc"),
)
_ZSH = (".zshenv", ".zprofile", ".zshrc", ".zlogin", ".zlogout")
_TCSH = (".tcshrc", ".cshrc", ".login")
# Below the configuration directory: a file, or a directory and how the names in it end.
_CONFIGURED = (
    ("fish", "fish/config.fish", ""),
    ("fish", "fish/conf.d", ".fish"),
    ("fish_variables", "fish/fish_variables", ""),
    ("xonsh", "xonsh/rc.xsh", ""),
    ("xonsh", "xonsh/rc.d", ""),
    ("elvish", "elvish/rc.elv", ""),
    ("environment", "environment.d", ".conf"),
    ("bash", "plasma-workspace/env", ".sh"),
    ("bash", "direnv/direnvrc", ""),
    ("bash", "direnv/lib", ".sh"),
)
# `. ~/.exports`, at the start of a command; other expansions than that of HOME are not followed.
_SOURCED = re.compile(
    r"""(?:^|[;&|{]|\bthen\b|\bdo\b)[ \t]*(?:\.|source)[ \t]+
    (?:"(?:~|\$HOME|\$\{HOME\})/(?P<double>[^"$`\n]+)"
    |(?:~|\$HOME|\$\{HOME\})/(?P<bare>[^\s"'$`;&|()<>*?]+)|"?(?P<whole>/[^\s"'$`;&|()<>*?]+))""",
    re.MULTILINE | re.VERBOSE,
)


class RcFile(NamedTuple):
    """A file that is there, and the shell it is for.

    Besides shells these are `environment` (NAME=value) and `fish_variables`.
    """

    path: str
    shell: str


def found(environ: Mapping[str, str]) -> list[RcFile]:
    """Return the start-up files that are there, without those that they read in turn."""
    return [
        RcFile(path, shell)
        for path, shell in dict(_candidates(environ)).items()
        if os.path.lexists(path)
    ]


def _candidates(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    home = startup.home_of(environ)
    zdotdir = environ.get("ZDOTDIR", "")
    config = environ.get("XDG_CONFIG_HOME", "")
    config = config if os.path.isabs(config) else os.path.join(home, ".config")
    yield from ((os.path.join(home, name), "bash") for name in _BASH)
    for directory in (home, zdotdir) if os.path.isabs(zdotdir) else (home,):
        yield from ((os.path.join(directory, name), "zsh") for name in _ZSH)
    yield from ((os.path.join(home, name), "tcsh") for name in _TCSH)
    for shell, relative, ending in _CONFIGURED:
        path = os.path.join(config, relative)
        yield path, shell
        yield from ((inner, shell) for inner in _within(path) if inner.endswith(ending))
    yield os.path.join(home, ".xonshrc"), "xonsh"
    yield os.path.join(home, ".elvish", "rc.elv"), "elvish"
    yield os.path.join(home, ".pam_environment"), "environment"
    yield os.path.join(home, ".ssh", "environment"), "environment"
    for shell, names in _PROFILES.items():
        directory = os.path.dirname(startup.file_of(shell, environ))
        yield from ((os.path.join(directory, name), shell) for name in names)
        autoload = os.path.join(directory, "autoload")
        yield from ((inner, shell) for inner in _within(autoload) if inner.endswith(".nu"))


_PROFILES = {
    "nushell": ("env.nu", "config.nu", "login.nu"),
    "powershell": (
        *("profile.ps1", "Microsoft.PowerShell_profile.ps1"),
        "Microsoft.VSCode_profile.ps1",
    ),
}


def _within(directory: str) -> list[str]:
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []
    return [os.path.join(directory, name) for name in names]


def read(path: str) -> str:
    """Return the text of the file *path*; "" for a directory, or where nothing is.

    Raise DevkeysError if it cannot be read or is no regular file. PowerShell's may be UTF-16.
    """
    if os.path.isdir(path):
        return ""
    data = files.read_regular(path, limit=LIMIT) or b""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "surrogateescape")


def sourced(file: RcFile, text: str, home: str) -> list[RcFile]:
    """Return the files below *home* that *text*, of *file*, reads by a name that is written out."""
    if file.shell not in ("bash", "zsh", "fish"):
        return []
    paths = []
    for match in _SOURCED.finditer(text):
        path = match["whole"] or os.path.join(home, match["double"] or match["bare"])
        if os.path.normpath(path).startswith(home.rstrip(os.sep) + os.sep):
            paths.append(os.path.normpath(path))
    return [RcFile(path, file.shell) for path in dict.fromkeys(paths) if os.path.isfile(path)]


def where_set(environ: Mapping[str, str], name: str) -> tuple[str, int] | None:
    """Return the file and line that sets the variable *name*; None if none is seen to."""
    escaped = re.escape(name)
    assigned = re.compile(
        rf"""^[^#\n]*?(?:(?<![\w$]){escaped}\+?= | \$(?:env[.:])?{escaped}[ \t]*=[^=]
        | (?:\bset[a-z-]*|SETUVAR)[ \t]+(?:-\S+[ \t]+)*(?:env:)?{escaped}[ \t:])""",
        re.MULTILINE | re.VERBOSE,
    )
    for file, text in texts(environ):
        if not isinstance(text, Exception) and (match := assigned.search(text)):
            return file.path, text.count("\n", 0, match.end()) + 1
    return None


def texts(environ: Mapping[str, str]) -> Iterator[tuple[RcFile, str | Exception]]:
    """Yield each start-up file, and those that they read, with its text or why there is none."""
    home = startup.home_of(environ)
    queue, seen = found(environ), set[str]()
    count = len(queue)
    for place, file in enumerate(queue):
        real = os.path.realpath(file.path)
        if real in seen:
            continue
        seen.add(real)
        try:
            text = read(file.path)
        except DevkeysError as error:
            yield file, error
            continue
        if place < count:  # one step, no further
            queue += sourced(file, text, home)
        yield file, text
