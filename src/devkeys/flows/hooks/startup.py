"""Which file each shell reads when it starts, and the line there that loads the hook.

From each shell's own documentation. Every line does nothing where the copy is gone.
"""

import os
import shlex
import sys
from collections.abc import Callable, Mapping

from devkeys.errors import DevkeysError

LOGIN_FILES = (".bash_profile", ".bash_login", ".profile")  # bash reads the first that is there


def file_of(shell: str, environ: Mapping[str, str]) -> str:
    """Return the start-up file of *shell* that an interactive one reads, there or not."""
    home = home_of(environ)
    config = _absolute(environ, "XDG_CONFIG_HOME") or os.path.join(home, ".config")
    if shell == "powershell":
        return os.path.join(_powershell_directory(config), "profile.ps1")
    if shell == "nushell":
        return os.path.join(_nushell_directory(environ, home), "config.nu")
    roaming = environ.get("APPDATA", home) if sys.platform == "win32" else config
    candidates = {
        "bash": [os.path.join(home, ".bashrc")],
        "zsh": [os.path.join(_absolute(environ, "ZDOTDIR") or home, ".zshrc")],
        "fish": [os.path.join(config, "fish", "conf.d", "devkeys.fish")],
        "elvish": [
            os.path.join(roaming, "elvish", "rc.elv"),
            os.path.join(home, ".elvish", "rc.elv"),
        ],
        "xonsh": [os.path.join(config, "xonsh", "rc.xsh"), os.path.join(home, ".xonshrc")],
    }[shell]
    return next((path for path in candidates if os.path.lexists(path)), candidates[0])


def home_of(environ: Mapping[str, str]) -> str:
    """Return HOME as shells use it, symbolic links and all."""
    return _absolute(environ, "HOME") or os.path.expanduser("~")


def _absolute(environ: Mapping[str, str], name: str) -> str | None:
    path = environ.get(name, "")
    return path if os.path.isabs(path) else None


def _nushell_directory(environ: Mapping[str, str], home: str) -> str:
    base = _absolute(environ, "XDG_CONFIG_HOME")
    if base is None and sys.platform == "darwin":
        base = os.path.join(home, "Library", "Application Support")
    elif base is None and sys.platform == "win32":
        base = environ.get("APPDATA")
    return os.path.join(base or os.path.join(home, ".config"), "nushell")


def _powershell_directory(config: str) -> str:
    """Return where `$PROFILE.CurrentUserAllHosts` is, of PowerShell 6 and later."""
    if sys.platform == "win32":
        from devkeys.places import documents_dir

        return os.path.join(documents_dir(), "PowerShell")
    return os.path.join(config, "powershell")


def line_of(shell: str, copy: str) -> str:
    """Return the line that loads the file *copy*, if it is there, in the words of *shell*."""
    if not copy.isprintable():
        raise DevkeysError(
            f"the path {copy!r} cannot stand in a start-up file",
            hint=f'load it by hand, as in  eval "$(devkeys hook {shell})"',
        )
    quote, form = _LINES[shell]
    return form.replace("FILE", quote(copy))


def _doubled(path: str) -> str:
    return "'" + path.replace("'", "''") + "'"


def _in_fish(path: str) -> str:
    return "'" + path.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _in_nushell(path: str) -> str:
    hashes = "#"
    while "'" + hashes in path:
        hashes += "#"
    return f"r{hashes}'{path}'{hashes}"


def _in_powershell(path: str) -> str:
    # It takes typographic quotes for quotes, and each is doubled by itself.
    return "'" + "".join(c * 2 if c in "'\u2018\u2019\u201a\u201b" else c for c in path) + "'"


_LINES: dict[str, tuple[Callable[[str], str], str]] = {
    # Not `.`: in a sourced file bash hides the DEBUG trap that is there, so ours would have to wait
    # for the first prompt, and a later `PROMPT_COMMAND=...` would be its end.
    "bash": (shlex.quote, 'if [ -r FILE ]; then eval "$(<FILE)"; fi'),
    "zsh": (shlex.quote, "if [ -r FILE ]; then . FILE; fi"),
    "fish": (_in_fish, "test -r FILE; and source FILE"),
    # `source` is done while the file is parsed, so no `if` can stand round it.
    "nushell": (_in_nushell, "source (if (FILE | path exists) { FILE } else { null })"),
    "elvish": (
        _doubled,
        "{ use path; if (path:is-regular &follow-symlink FILE) { eval (slurp < FILE) } }",
    ),
    # Not `source`: xonsh's own parser takes half a second for what Python's has at once.
    "xonsh": (
        repr,
        (
            '__import__("os").path.isfile(FILE) and '
            'exec(compile(open(FILE, encoding="utf-8").read(), FILE, "exec"))'
        ),
    ),
    "powershell": (_in_powershell, "if (Test-Path -LiteralPath FILE) { . FILE }"),
}


def remark(shell: str, environ: Mapping[str, str]) -> str | None:
    """Return, for a person, what may keep *shell* from reading its start-up file."""
    home = home_of(environ)
    if shell == "zsh" and not environ.get("ZDOTDIR"):
        path = os.path.join(home, ".zshenv")
        if b"ZDOTDIR=" in _content(path):
            return f"{path} sets ZDOTDIR: if that is not {home}, the line belongs there"
    if shell == "bash":
        there = [p for n in LOGIN_FILES if os.path.lexists(p := os.path.join(home, n))]
        path = there[0] if there else os.path.join(home, LOGIN_FILES[0])
        if (there or sys.platform == "darwin") and b"bashrc" not in _content(path):
            return (
                f"a login shell reads {path}, which does not read .bashrc: to have the hook there "
                "as well, write  . ~/.bashrc  into it"
            )
    return None


def _content(path: str) -> bytes:
    from devkeys import files

    try:
        return files.read_regular(path) or b""
    except DevkeysError:
        return b""
