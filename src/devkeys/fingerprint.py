"""Digests of files, and short keyed tags of values; on the way of `run`."""

import os
from _blake2 import blake2b

from devkeys import files
from devkeys.errors import DevkeysError

TAG_BYTES = 6
KEY_BYTES = 32


def digest(*parts: bytes) -> str:
    """Return 32 hex digits for *parts*; where one ends and the next begins counts."""
    state = blake2b(digest_size=16)
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()


def tag(value: bytes, key: bytes) -> str:
    """Return 12 hex digits by which whoever has *key* knows *value* again."""
    return blake2b(value, digest_size=TAG_BYTES, key=key).hexdigest()


def tag_key(state_dir: str) -> bytes:
    """Return this machine's key for tags, made at the first use.

    It keeps a tag that a child prints into a log from being a way to guess the value. One
    that was cut short would not: a new one takes its place. Where none can be kept, as in a
    read-only container, this process has one to itself.
    """
    path = os.path.join(state_dir, "tag.key")
    key = files.read_private(path)
    if key is not None and len(key) == KEY_BYTES:
        return key
    try:
        return _make_key(path)
    except DevkeysError:
        return os.urandom(KEY_BYTES)


def _make_key(path: str) -> bytes:
    from devkeys import atomic
    from devkeys.lock import locked

    atomic.make_private_dir(os.path.dirname(path))
    with locked(path + ".lock"):
        key = files.read_private(path)
        if key is None or len(key) != KEY_BYTES:
            key = os.urandom(KEY_BYTES)
            atomic.write(path, key)
    return key
