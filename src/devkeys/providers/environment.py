"""`env://NAME`: another variable of the caller's own environment."""

import os
from collections.abc import Mapping, Sequence

from devkeys.providers import Diagnosis
from devkeys.providers.caller import Caller
from devkeys.references import Reference
from devkeys.secret import Secret


class Environment:
    """The environment that devkeys was started in, without what an outer `run` put there."""

    def __init__(self, caller: Caller) -> None:
        self._environ = caller.environ

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Secret | None]:
        """Return the variables' values; an empty one is a value."""
        return {reference: self._value(reference) for reference in asked}

    def _value(self, reference: Reference) -> Secret | None:
        text = self._environ.get(reference.path[0])
        return None if text is None else Secret(os.fsencode(text))

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return which of the variables are there."""
        return Diagnosis(readable={one: one.path[0] in self._environ for one in asked})
