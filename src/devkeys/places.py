"""Where devkeys keeps its files; the one door of platformdirs.

On the way of `run`: on Linux the XDG rules are applied here, because platformdirs costs
15 ms; a test holds both to the same answers. On macOS the three places are one directory,
so no two of our files may differ by place alone.
"""

import os
import sys

from devkeys.errors import DevkeysError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

APP = "devkeys"


def data_dir(environ: "Mapping[str, str]") -> str:
    """Return the directory of what must not be lost: the store."""
    if sys.platform == "linux":
        return _xdg(environ, "XDG_DATA_HOME", ".local/share")
    import platformdirs

    return platformdirs.user_data_dir(APP, appauthor=False)


def state_dir(environ: "Mapping[str, str]") -> str:
    """Return the directory of what this machine remembers: consent, plans, counters."""
    if sys.platform == "linux":
        return _xdg(environ, "XDG_STATE_HOME", ".local/state")
    import platformdirs

    return platformdirs.user_state_dir(APP, appauthor=False)


def config_dir(environ: "Mapping[str, str]") -> str:
    """Return the directory of the user's own configuration."""
    if sys.platform == "linux":
        return _xdg(environ, "XDG_CONFIG_HOME", ".config")
    import platformdirs

    return platformdirs.user_config_dir(APP, appauthor=False)


def documents_dir() -> str:
    """Return the user's own documents: where PowerShell looks for its profile on Windows."""
    import platformdirs

    return platformdirs.user_documents_dir()


def _xdg(environ: "Mapping[str, str]", name: str, default: str) -> str:
    # The XDG specification: a relative path is invalid and to be ignored.
    base = environ.get(name, "")
    if not base.startswith("/"):
        base = f"{_home(environ)}/{default}"
    return f"{base.rstrip('/')}/{APP}"


def _home(environ: "Mapping[str, str]") -> str:
    home = environ.get("HOME", "")
    if not home.startswith("/"):
        import pwd

        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            home = ""
    if not home.startswith("/"):
        raise DevkeysError("the home directory is not known", hint="set HOME to an absolute path")
    return home.rstrip("/")
