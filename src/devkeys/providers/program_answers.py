"""What a `devkeys-provider-NAME` printed, read strictly; docs/providers.md has the rules.

Nothing of an improper output is shown, and of a proper one only messages and hints, which
are dropped if they hold a value that the same answer, or the request, holds.
"""

import base64
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from devkeys.providers import exact_json
from devkeys.providers.errors import KINDS, ProviderError

LONGEST = 300  # characters of a message or a hint
UNSUPPORTED = "unsupported"
# What an answer about one reference may say, besides an error.
_OUTCOMES: Mapping[str, Mapping[str, tuple[bool | None, ...]]] = {
    "get": {"absent": (True,)},
    "list": {"absent": (True,)},
    "set": {"done": (True,)},
    "delete": {"done": (True,), "absent": (True,)},
    "writable": {"writable": (True,)},
    "check": {"readable": (True, False, None)},
}
_WORDS = {
    "missing": "a program that it works through is not there",
    "locked": "nobody is signed in, or it is locked",
    "denied": "it says no",
    "unreachable": "it could not be reached",
}


class ImproperError(Exception):
    """The output is no answer; the message says why and holds nothing of it."""


class UnsupportedError(Exception):
    """The program cannot do this; *protocols* are the versions that it speaks, if it said so."""

    def __init__(self, protocols: tuple[int, ...] = ()) -> None:
        super().__init__("unsupported")
        self.protocols = protocols


class Answers(NamedTuple):
    """What was answered: to each reference, under each name, and about the program itself.

    An outcome is the value's bytes, True (done, writable, readable), False or None (not
    readable, unknown), ABSENT, or an error.
    """

    outcomes: Mapping[str, "bytes | bool | ProviderError | Absent | None"]
    named: Mapping[str, bytes]
    version: str | None = None
    account: str | None = None

    def __repr__(self) -> str:
        return f"<answers to {len(self.outcomes)}>"  # they hold values


class Absent:
    """There is no value."""


ABSENT = Absent()


def read(
    output: bytes, action: str, asked: Collection[str], *, scheme: str, sent: bytes
) -> Answers:
    """Return what *output* answers to *action* on the references *asked*.

    *sent* is a value that the request held. Raise ImproperError, UnsupportedError, or the
    ProviderError that stands for all.
    """
    lines = _lines(output)
    values = [sent, *(_value(line) for line in lines if "value" in line)]
    reader = _Reader(action, asked, scheme, _forms(values))
    for line in lines:
        reader.take(line)
    return reader.result()


def _lines(output: bytes) -> list[dict[str, Any]]:
    texts = output.removesuffix(b"\n").split(b"\n")
    lines = [_object(text, number) for number, text in enumerate(texts, start=1)]
    if not lines or lines[-1] != {"end": True}:
        raise ImproperError("its last line is not the end")
    return lines[:-1]


def _object(text: bytes, number: int) -> dict[str, Any]:
    try:
        found = exact_json.parse(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ImproperError(f"line {number} is not one JSON object")
    return found


def _value(line: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(line["value"].encode("ascii"), validate=True)
    except (ValueError, AttributeError):
        raise ImproperError("a value is not base64") from None


def _forms(values: Collection[bytes]) -> tuple[str, ...]:
    """Return what must not stand in a message: each value, and as it was transmitted."""
    found = {value.decode(errors="replace") for value in values}
    found |= {base64.b64encode(value).decode() for value in values}
    return tuple({form.strip() for form in found} - {""})


class _Reader:
    def __init__(
        self, action: str, asked: Collection[str], scheme: str, forms: tuple[str, ...]
    ) -> None:
        self._action, self._asked = action, asked
        self._scheme, self._forms = scheme, forms
        self._outcomes: dict[str, bytes | bool | ProviderError | Absent | None] = {}
        self._named: dict[str, bytes] = {}
        self._about: Mapping[str, Any] | None = None

    def take(self, line: Mapping[str, Any]) -> None:
        if "reference" in line:
            self._take_reference(line)
        elif "error" in line:
            raise self._error(line, {"protocol"})
        elif self._action == "list" and set(line) == {"name", "value"}:
            self._take_named(line)
        elif (
            self._action == "check" and self._about is None and set(line) <= {"version", "account"}
        ):
            self._about = line
        else:
            raise ImproperError("a line says what this action does not ask for")

    def _take_reference(self, line: Mapping[str, Any]) -> None:
        reference = line["reference"]
        if not isinstance(reference, str) or reference not in self._asked:
            raise ImproperError("it answers what was not asked")
        if reference in self._outcomes:
            raise ImproperError("it answers twice")
        self._outcomes[reference] = self._outcome(line)

    def _outcome(self, line: Mapping[str, Any]) -> "bytes | bool | ProviderError | Absent | None":
        if "error" in line:
            error = self._error(line, {"reference"})
            if isinstance(error, UnsupportedError):
                raise error
            return error
        rest = {name: value for name, value in line.items() if name != "reference"}
        if self._action == "get" and set(rest) == {"value"}:
            return _value(rest)
        for name, allowed in _OUTCOMES[self._action].items():
            if set(rest) == {name} and any(rest[name] is one for one in allowed):
                return ABSENT if name == "absent" else allowed[allowed.index(rest[name])]
        raise ImproperError("an answer is none that this action has")

    def _take_named(self, line: Mapping[str, Any]) -> None:
        name = line["name"]
        if not isinstance(name, str) or not name or not name.isprintable():
            raise ImproperError("a name cannot be printed")
        if name in self._named:
            raise ImproperError("a name stands twice")
        self._named[name] = _value(line)

    def _error(
        self, line: Mapping[str, Any], more: Collection[str]
    ) -> ProviderError | UnsupportedError:
        kind = line["error"]
        if set(line) - {"error", "message", "hint", *more}:
            raise ImproperError("an error says what it cannot")
        if kind == UNSUPPORTED:
            return UnsupportedError(_protocols(line.get("protocol", [])))
        if not isinstance(kind, str) or kind not in KINDS:
            raise ImproperError("an error is of no known kind")
        message = self._words(line.get("message")) or _WORDS[kind]
        hint = self._words(line.get("hint"))
        return KINDS[kind](
            f"{self._scheme}: {message}",
            hint=hint or f"see the documentation of devkeys-provider-{self._scheme}",
        )

    def _words(self, text: object) -> str | None:
        """Return a program's own words if they can be shown: short, one line, without a value."""
        if not isinstance(text, str) or len(text) > LONGEST or not text.isprintable():
            return None
        return None if any(form in text for form in self._forms) else text.strip()

    def result(self) -> Answers:
        if self._named and self._outcomes:
            raise ImproperError("it has names, and says that there are none")
        if self._action != "list" and set(self._outcomes) != set(self._asked):
            raise ImproperError("it leaves a reference without an answer")
        about = self._about or {}
        return Answers(
            self._outcomes,
            self._named,
            self._words(about.get("version")),
            self._words(about.get("account")),
        )


def _protocols(given: object) -> tuple[int, ...]:
    numbers = given if isinstance(given, list) else [given]
    found = [one for one in numbers if isinstance(one, exact_json.Number) and one.isdecimal()]
    if len(found) != len(numbers):
        raise ImproperError("its protocols are no whole numbers")
    return tuple(map(int, found))
