"""Where devkeys works in one run: the caller's environment and this machine's places.

On the way of `run`.
"""

import os

from devkeys import places
from devkeys.environ import original


class Session:
    """The caller's environment, the real path of HOME, and devkeys' own directories."""

    __slots__ = ("config_dir", "data_dir", "environ", "home", "state_dir")

    def __init__(self, environ: dict[str, str] | None = None) -> None:
        self.environ = original() if environ is None else environ
        self.home = os.path.realpath(self.environ.get("HOME") or os.path.expanduser("~"))
        self.data_dir = places.data_dir(self.environ)
        self.state_dir = places.state_dir(self.environ)
        self.config_dir = places.config_dir(self.environ)
