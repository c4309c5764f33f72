"""Any other `NAME://...`: an executable `devkeys-provider-NAME` on PATH; see docs/providers.md."""

from collections.abc import Mapping, Sequence

from devkeys.providers import Answer
from devkeys.providers.caller import Caller
from devkeys.references import Reference


class Program:
    """The program that reads references of *scheme*."""

    def __init__(self, scheme: str, caller: Caller) -> None:
        self._scheme = scheme
        self._caller = caller

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Ask the program, once, for all of *asked*."""
        self._caller.need(
            f"devkeys-provider-{self._scheme}",
            title=f"{self._scheme}://",
            install=f"a program devkeys-provider-{self._scheme}, see docs/providers.md",
        )
        return {}
