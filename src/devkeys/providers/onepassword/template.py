"""One `op inject` for many references: between markers that nobody can guess."""

import os
from collections.abc import Sequence

from devkeys.references import Reference


def reference_text(reference: Reference) -> str:
    """Return *reference* as `op` writes it: without an account."""
    text = "op://" + "/".join(reference.path)
    options = [f"{name}={value}" for name, value in reference.options if name != "account"]
    return f"{text}?{'&'.join(options)}" if options else text


def _marker() -> bytes:
    return os.urandom(16).hex().encode()


class Template:
    """A template with each of *asked* between two markers, and the way back.

    Nothing but references, hex digits and line ends stands in it: `op inject` takes `op://`
    anywhere for a reference, and `$NAME` for a variable.
    """

    def __init__(self, asked: Sequence[Reference]) -> None:
        self._frames = [(_marker(), _marker()) for _ in asked]
        self.data = b"\n".join(
            before + b"{{ " + reference_text(one).encode() + b" }}" + after
            for one, (before, after) in zip(asked, self._frames, strict=True)
        )

    def values(self, output: bytes) -> list[bytes] | None:
        """Return the values, in the order of the references, or None if this is no answer.

        Each marker has to occur once, in order, with nothing outside the frames but the line
        ends of the template and the one that op adds (seen by varlock and others).
        """
        if any(output.count(marker) != 1 for frame in self._frames for marker in frame):
            return None
        values, rest = [], output
        for number, (before, after) in enumerate(self._frames):
            outside, _, rest = rest.partition(before)
            value, mark, rest = rest.partition(after)
            if outside != (b"\n" if number else b"") or not mark:
                return None
            values.append(value)
        return values if rest in (b"", b"\n", b"\r\n") else None
