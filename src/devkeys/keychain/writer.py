"""The D-Bus wire format: marshalling any values; not on the way of `run`, see `wire`."""


class Writer:
    """Marshals values one after another, little endian; *data* is what has been written."""

    __slots__ = ("data",)

    def __init__(self) -> None:
        self.data = bytearray()

    def align(self, boundary: int) -> None:
        """Write the empty bytes up to the next multiple of *boundary*."""
        self.data += bytes(-len(self.data) % boundary)

    def number(self, value: int) -> None:
        """Write a `u`."""
        self.align(4)
        self.data += value.to_bytes(4, "little")

    def blob(self, value: bytes) -> None:
        """Write an `ay`."""
        self.number(len(value))
        self.data += value

    def string(self, text: str) -> None:
        """Write an `s` or `o`."""
        self.blob(text.encode())
        self.data.append(0)

    def signature(self, text: str) -> None:
        """Write a `g`."""
        self.data.append(len(text))
        self.data += text.encode() + b"\0"

    def begin(self, boundary: int) -> tuple[int, int]:
        """Begin an array whose elements are aligned to *boundary*; give the result to `end`."""
        self.number(0)
        place = len(self.data) - 4
        self.align(boundary)
        return place, len(self.data)

    def end(self, mark: tuple[int, int]) -> None:
        """End the array that began at *mark*: its length is known now."""
        place, start = mark
        self.data[place : place + 4] = (len(self.data) - start).to_bytes(4, "little")

    def strings(self, pairs: dict[str, str]) -> None:
        """Write *pairs* as `a{ss}`."""
        mark = self.begin(8)
        for name, text in pairs.items():
            self.align(8)
            self.string(name)
            self.string(text)
        self.end(mark)

    def paths(self, paths: list[str]) -> None:
        """Write *paths* as `ao`."""
        mark = self.begin(4)
        for path in paths:
            self.string(path)
        self.end(mark)
