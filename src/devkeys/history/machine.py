"""The machine on which histories are looked for: an environment, a home, a kind of system."""

import os
from collections.abc import Mapping


class Machine:
    """Where programs of this user keep things; *platform* is as `sys.platform`."""

    def __init__(self, environ: Mapping[str, str], home: str, platform: str) -> None:
        self.environ = environ
        self.home = home
        self.platform = platform
        self.data = self.absolute("XDG_DATA_HOME") or self.at(".local", "share")
        self.state = self.absolute("XDG_STATE_HOME") or self.at(".local", "state")
        self.config = self.absolute("XDG_CONFIG_HOME") or self.at(".config")
        self.cache = self.absolute("XDG_CACHE_HOME") or self.at(".cache")
        self.support = self.at("Library", "Application Support")  # macOS
        self.roaming = self.absolute("APPDATA") or self.at("AppData", "Roaming")  # Windows
        self.local = self.absolute("LOCALAPPDATA") or self.at("AppData", "Local")

    def at(self, *parts: str) -> str:
        """Return a path below HOME."""
        return os.path.join(self.home, *parts)

    def absolute(self, name: str) -> str | None:
        """Return the variable *name* if it is an absolute path, or one from `~` on."""
        path = self.environ.get(name, "")
        if path[:2] == "~/":
            path = self.at(path[2:])
        return path if os.path.isabs(path) else None


def names(directory: str, begin: str = "", end: str = "") -> list[str]:
    """Return the paths in *directory* whose names begin and end so, sorted; none without one.

    Of a directory that may not be read it is one path with a `*`, for a reader to fail at.
    """
    try:
        found = sorted(os.listdir(directory))
    except PermissionError:
        return [os.path.join(directory, f"{begin}*{end}")]
    except (OSError, ValueError):
        return []
    wanted = [name for name in found if name.startswith(begin) and name.endswith(end)]
    return [os.path.join(directory, name) for name in wanted]
