"""A value that does not show itself by accident."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


class Secret:
    """The bytes of one value; only `reveal` gives them.

    Neither repr, str, format, pickle, copy nor a traceback that prints local
    variables shows them. It cannot keep code that means to read them from reading them.
    """

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """Return the value, exactly as it was stored."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("<secret>", spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    __hash__ = None  # type: ignore[assignment]  # a hash of a secret is a fingerprint of it

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> "NoReturn":
        raise TypeError("a secret is not to be serialised")
