"""`file://path`: a file's content, such as what Docker or systemd mounts."""

import os
from collections.abc import Mapping, Sequence

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.providers import Answer, Diagnosis
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, ProviderError
from devkeys.references import Reference
from devkeys.secret import Secret


class File:
    """Regular files, each one value; a single line is taken without its line end."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return what the files hold."""
        return {reference: self._read(reference) for reference in asked}

    def _read(self, reference: Reference) -> Answer:
        try:
            data = files.read_regular(self._caller.file(reference.path))
        except ProviderError as error:
            return error
        except DevkeysError as error:  # unreadable, a FIFO, too large
            return DeniedError(str(error), hint=error.hint)
        return None if data is None else Secret(without_line_end(data))

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return which of the files are there and may be read."""
        return Diagnosis(readable={reference: self._readable(reference) for reference in asked})

    def _readable(self, reference: Reference) -> bool:
        try:
            path = self._caller.file(reference.path)
        except ProviderError:
            return False
        return os.path.isfile(path) and os.access(path, os.R_OK)


def without_line_end(data: bytes) -> bytes:
    """Take away the line end of a single line; a text of several lines keeps its own."""
    for end in (b"\r\n", b"\n"):
        if data.endswith(end) and data.count(b"\n") == 1:
            return data[: -len(end)]
    return data
