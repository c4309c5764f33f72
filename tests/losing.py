"""What has happened before a drill of docs/recovery.md, and what holds after it."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from gnome_keyring import gnome_keyring
from lost_and_found import Laptop
from recovery_page import Typist, drills

RUN = "devkeys run -- python app.py"
PAGE = {drill.name: drill for drill in drills()}
Check = Callable[[str, Typist], None]


def nothing_more(_screen: str, _typist: Typist) -> None:
    """Stand for the check of a drill that has none of its own."""


class Case(NamedTuple):
    """What has happened to whom.

    The command *first* shows it, in the same terminal; *seen* was on the screen before. *answers*
    are more than the usual ones. *other* is the laptop that "on the other" means. After the drill
    *check* looks, and unless *mended* is False the store is whole and the app gets the values.
    """

    laptop: Laptop
    first: str = ""
    seen: str = ""
    answers: Mapping[str, str] = {}
    other: Laptop | None = None
    check: Check = nothing_more
    mended: bool = True


class Scene:
    """Where a drill is set up; what it needs ends with the test."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.stack = stack

    def laptop(self, name: str = "home") -> Laptop:
        """Make a laptop without a keychain; all have the same checkout."""
        return Laptop(self.folder / name, self.folder / "chat")

    def with_keychain(self) -> Laptop:
        """Make a laptop with a gnome-keyring of its own."""
        ring = self.stack.enter_context(gnome_keyring())
        return Laptop(self.folder, self.folder / "chat", ring)
