"""Some of many: a numbered list by family, with nothing ticked."""

import shutil
from collections.abc import Collection, Mapping, Sequence

from devkeys import ask
from devkeys.errors import UsageError

EXAMPLE = "1 3 5-7"


def choose_some(families: Mapping[str, Sequence[str]], others: Collection[str] = ()) -> list[str]:
    """Show the names of *families* and return those that the person ticks, in their order.

    Names and families of two or more have numbers; names can be typed too, also those of
    *others*, which are not shown. Enter is none.
    """
    numbers = number(families)
    width = shutil.get_terminal_size().columns
    ask.say("\n".join(render(families, numbers, width)))
    while True:
        answer = ask.line(f"Which of them do you need? (such as {EXAMPLE}; Enter for none)")
        try:
            return parse(answer, numbers, others)
        except UsageError as error:
            ask.say(str(error))


def number(families: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return what each number stands for: one name, or all the names of a family."""
    numbered: list[tuple[str, ...]] = []
    for names in families.values():
        if len(names) > 1:
            numbered.append(tuple(names))
        numbered += [(name,) for name in names]
    return {str(place): names for place, names in enumerate(numbered, start=1)}


def render(
    families: Mapping[str, Sequence[str]], numbers: Mapping[str, tuple[str, ...]], width: int
) -> list[str]:
    """Return the list in lines of at most *width* columns, where the names allow it."""
    number_of = {names: place for place, names in numbers.items()}
    digits = len(str(len(numbers)))
    lines = []
    for family, names in families.items():
        items = [f"{number_of[(name,)]} {name}" for name in names]
        if len(names) > 1:
            items.insert(0, f"{number_of[tuple(names)]} all of {family}:")
        lines += _wrapped(items, digits, width)
    return lines


def _wrapped(items: Sequence[str], digits: int, width: int) -> list[str]:
    padded = [" " * (digits - item.index(" ")) + item for item in items]
    lines = ["  " + padded[0]]
    for item in padded[1:]:
        if len(lines[-1]) + 2 + len(item) > width:
            lines.append("     " + item)
        else:
            lines[-1] += "  " + item
    return lines


def parse(
    answer: str, numbers: Mapping[str, tuple[str, ...]], others: Collection[str] = ()
) -> list[str]:
    """Return the names that *answer* ticks; raise UsageError for what is not in the list."""
    ticked: set[str] = set()
    names = {name for group in numbers.values() for name in group}
    for word in answer.replace(",", " ").split():
        if word in names or word in others:
            ticked.add(word)
            continue
        first, _, last = word.partition("-")
        places = list(numbers)
        if first not in numbers or (last or first) not in numbers or word.endswith("-"):
            raise UsageError(f"{word} is no number from 1 to {len(numbers)} and no declared name")
        for place in places[places.index(first) : places.index(last or first) + 1]:
            ticked.update(numbers[place])
    listed = [group[0] for group in numbers.values() if len(group) == 1]
    return [name for name in (*listed, *others) if name in ticked]
