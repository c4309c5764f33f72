"""A Windows console's keys, from a stand-in for msvcrt."""

from devkeys.ask.console import ConsoleKeys
from devkeys.ask.keys import read_value


class Typed:
    """A console at which *text* was typed."""

    def __init__(self, text: str) -> None:
        units = text.encode("utf-16-le", "surrogatepass")
        self._units = [
            units[place : place + 2].decode("utf-16-le", "surrogatepass")
            for place in range(0, len(units), 2)
        ]

    def getwch(self) -> str:
        """Return the next unit."""
        return self._units.pop(0)

    def kbhit(self) -> bool:
        """Tell whether there is one."""
        return bool(self._units)


def test_characters_of_two_units_are_one() -> None:
    """A character outside the basic plane arrives as UTF-8."""
    entered = read_value(ConsoleKeys(Typed("k\u00e9y\U0001f511\r")))
    assert entered.value == "k\u00e9y\U0001f511".encode()


def test_an_arrow_is_no_part_of_the_value() -> None:
    """The second character of a special key, here H of the up arrow, stays out."""
    assert b"H" not in read_value(ConsoleKeys(Typed("ab\xe0Hcd\r"))).value
