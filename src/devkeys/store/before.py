"""The file of values as it was before its last write, for when the present one is damaged.

It is as encrypted as the present one. What was taken away on purpose must not stay in it: then
it gets the new content.
"""

import os

from devkeys import atomic
from devkeys.store import layout


def keep(path: str, before: str) -> None:
    """Let *before* be the file that *path* is now, if there is one; under the store's lock."""
    temporary = atomic.temporary_of(before)
    try:
        os.link(path, temporary, follow_symlinks=False)
        os.replace(temporary, before)
    except FileNotFoundError:
        return
    except (OSError, NotImplementedError):  # a file system, or a system, without hard links
        _copy(path, before)
    finally:
        # Where both are one file already, a rename of one onto the other leaves both names.
        atomic.remove_quietly(temporary)


def _copy(path: str, before: str) -> None:
    data = layout.read(path, limit=layout.LIMIT)
    if data is not None:
        atomic.write(before, data)
