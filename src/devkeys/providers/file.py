"""`file://path`: a file's content, such as what Docker or systemd mounts."""

from collections.abc import Mapping, Sequence

from devkeys.providers import Answer, Diagnosis, localfile
from devkeys.providers.caller import Caller
from devkeys.providers.errors import ProviderError
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
            data = localfile.read(self._caller.file(reference.path))
        except ProviderError as error:
            return error
        return None if data is None else Secret(localfile.without_line_end(data))

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return which of the files are there and may be read."""
        return Diagnosis(
            readable={one: localfile.is_readable(self._caller, one.path) for one in asked}
        )
