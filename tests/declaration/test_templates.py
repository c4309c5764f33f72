"""`${NAME}` in a default."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.declaration.templates import Part, in_order, literal, names_in, split

TEXT = st.lists(st.sampled_from([*"ab$ {}-:", "${A}", "${B_1:-x}", "${"])).map("".join)


@pytest.mark.parametrize(
    ("default", "parts"),
    [
        ("", ()),
        ("a", (Part("a"),)),
        ("${A}", (Part("", "A"),)),
        ("x${A}y${B:-z}", (Part("x"), Part("", "A"), Part("y"), Part("z", "B"))),
        ("$A ${} ${1} ${A", (Part("$A ${} ${1} ${A"),)),
        ("${A:-}", (Part("", "A"),)),
    ],
)
def test_split(default: str, parts: tuple[Part, ...]) -> None:
    """References are taken out, everything else stays as it is."""
    assert split(default) == parts


@given(TEXT)
def test_nothing_is_lost(default: str) -> None:
    """What is no reference is in the literal parts, in order."""
    parts = split(default)
    assert "".join(part.text for part in parts if not part.name) == literal(default)
    assert set(names_in(default)) == {part.name for part in parts if part.name}
    assert all(part.text or part.name for part in parts)


def test_order_and_circles() -> None:
    """Each template comes after those it needs; what goes in a circle is named."""
    needs = {"A": ("B", "X"), "B": ("C",), "C": (), "D": ("E",), "E": ("D",), "F": ("F",)}
    ordered, circle = in_order(needs)
    assert ordered.index("C") < ordered.index("B") < ordered.index("A")
    assert "F" in ordered
    assert circle == ("D", "E")


@given(st.dictionaries(st.sampled_from("ABCDE"), st.lists(st.sampled_from("ABCDE")).map(tuple)))
def test_every_template_is_in_the_order_or_held_up_by_a_circle(
    needs: dict[str, tuple[str, ...]],
) -> None:
    """Nothing is lost, and what is in order has what it needs before it."""
    ordered, circle = in_order(needs)
    assert sorted([*ordered, *circle]) == sorted(needs)
    for place, name in enumerate(ordered):
        assert all(n in ordered[:place] for n in needs[name] if n in needs and n != name)
