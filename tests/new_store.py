"""A store for tests: headless, in a directory of its own."""

import os
import secrets
from typing import NamedTuple

from devkeys.secret import Secret
from devkeys.store import create, values, write
from devkeys.store.identity import Identity
from devkeys.store.values import Values


class NewStore(NamedTuple):
    """Where it is and what opens it."""

    data_dir: str
    state_dir: str
    identity: Identity

    def set(self, project: str, profile: str, **new: bytes) -> Values:
        """Store these values as secrets."""
        contents = {name: (Secret(value), "secret") for name, value in new.items()}
        return write.update(
            *self[:2],
            project,
            profile,
            self.identity,
            write.setting(contents),
            source="prompt",
            who="me",
            now=0,
        )

    def unset(self, project: str, profile: str, *names: str) -> Values:
        """Remove the values of these names."""
        return write.update(
            *self[:2],
            project,
            profile,
            self.identity,
            write.removing(names),
            source="",
            who="me",
            now=0,
        )

    def get(self, project: str, profile: str) -> dict[str, bytes] | None:
        """Read one profile, revealed; None if it has no file."""
        found = values.read(*self[:2], project, profile, self.identity)
        if found is None:
            return None
        return {name: value.reveal() for name, value in found.values.items()}


def make(directory: str) -> NewStore:
    """Make a headless store in *directory*."""
    data_dir = os.path.join(directory, "data")
    state_dir = os.path.join(directory, "state")
    return NewStore(data_dir, state_dir, create.create(data_dir, keychain=None))


def key() -> bytes:
    """Make up a value."""
    return b"sk-" + secrets.token_hex(20).encode()
