"""Which files of the store a newer devkeys wrote.

What belongs to them nobody here knows: nothing beside them is judged, and nothing is mended.
"""

from collections.abc import Callable, Iterator
from functools import partial

from devkeys.errors import StoreError
from devkeys.store import layout, ledger, values
from devkeys.store.identity import Identity
from devkeys.store.layout import NewerError
from devkeys.store.record import read_copy, read_record

_SEALED = (layout.values_path, layout.before_path, layout.previous_path, layout.remote_path)


def records(data_dir: str) -> Iterator[tuple[str, str]]:
    """Yield the path of the record, or of its copy, if it is newer, and a sentence about it."""
    yield from _newer(layout.record_path(data_dir), partial(read_record, data_dir))
    yield from _newer(layout.record_copy_path(data_dir), partial(read_copy, data_dir))


def of_profile(
    data_dir: str, state_dir: str, project: str, profile: str, identity: Identity | None
) -> Iterator[tuple[str, str]]:
    """Yield the path of each newer file of one profile, and a sentence about it.

    Without *identity* nobody can tell of those that are encrypted.
    """
    counter = layout.counter_path(state_dir, project, profile)
    yield from _newer(counter, partial(values.read_counter, counter))
    notes = layout.ledger_path(data_dir, project, profile)
    yield from _newer(notes, partial(ledger.read, data_dir, project, profile))
    if identity is not None:
        for path in (path_of(data_dir, project, profile) for path_of in _SEALED):
            yield from _newer(path, partial(_check, path, identity))


def _newer(path: str, read: Callable[[], object]) -> Iterator[tuple[str, str]]:
    try:
        read()
    except NewerError as error:
        yield path, str(error)
    except StoreError:
        return  # damaged, which is another matter


def check_replaceable(path: str, identity: Identity) -> None:
    """Raise NewerError if a newer devkeys wrote the file *path*; what is damaged may go."""
    for _, what in _newer(path, partial(_check, path, identity)):
        raise NewerError(what, hint=layout.UPGRADE)


def _check(path: str, identity: Identity) -> None:
    sealed = layout.read(path, limit=layout.LIMIT)
    if sealed is not None:
        layout.check_known(identity.unseal(sealed, path=path), path=path)
