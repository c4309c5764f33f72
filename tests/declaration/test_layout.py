"""Comments, headings and paragraphs."""

import pytest

from devkeys.declaration import Declaration
from devkeys.declaration.syntax import parse


def read(text: str) -> dict[str, Declaration]:
    """Parse *text*, by name."""
    return {d.name: d for d in parse(text.encode(), path="f").declarations}


def test_descriptions() -> None:
    """The comment lines above and the comment behind, without banners, decorators and values."""
    found = read(
        "####\n#  Mail #\n####\n\n# Where mail\n#   goes.\n# @type=url\nA=1 # really\n# B=2\nC=\n"
    )
    assert found["A"].description == "Where mail\ngoes.\nreally"
    assert found["C"].description == ""


def test_lines_that_begin_with_a_name_describe_that_variable() -> None:
    """Some templates describe a whole paragraph above it, line by line."""
    found = read(
        "# API_KEY - the key (Example: k)\n# API_BASE - where (optional)\nAPI_KEY=\nAPI_BASE=\n"
    )
    assert found["API_KEY"].description == "the key (Example: k)"
    assert not found["API_KEY"].optional
    assert found["API_BASE"].optional


@pytest.mark.parametrize(
    "heading",
    [
        "# ====\n# Mail\n# ====\n",
        "#======#\n#  Mail  #\n#======#\n\n",
        "# Mail\n# ----\n",
        "# --- Mail ---\n",
        "### Mail #########\n\n",
        "# \u2014\u2014\u2014 Mail \u2014\u2014\u2014\n",
        "# Mail\n\n",
        "#\n# Mail\n#\n# What it is for, at length,\n# over two lines.\n\n",
    ],
)
def test_headings(heading: str) -> None:
    """Banners, titled dividers and a comment that stands alone are headings."""
    found = read(f"X=1\n\n{heading}A=1\n\nB=2\n")
    assert [d.section for d in found.values()] == ["", "Mail", "Mail"]
    assert found["X"].block < found["A"].block < found["B"].block


def test_a_long_introduction_is_no_heading() -> None:
    """Several lines of prose before a blank line say nothing of what follows."""
    assert read("# Copy this file.\n# All of it is optional.\n\nA_KEY=\n")["A_KEY"].section == ""


@pytest.mark.parametrize(
    ("text", "optional"),
    [
        ("# API keys (Optional: overrides)\nX_KEY=\nA_KEY=\n", True),
        ("# Optional\n\nX_KEY=\n\nA_KEY=\n", True),
        ("# OPTIONAL\nX=b\nA_KEY=\n", True),
        ("# ----\n# Optional settings\n# ----\n\nA_KEY=\n", True),
        ("# Optional.\nX_KEY=\n# The key.\nA_KEY=\n", False),
        ("# Optional\n\nX_KEY=\n\n# Required\nA_KEY=\n", False),
        ("# Optional\n\nX_KEY=\n\n# Keys\n\nA_KEY=\n", False),
        ("A_KEY= # optional\n", True),
        ("# Leave A_KEY empty to switch it off\nA_KEY=\n", True),
        ("# With Azure, leave B_KEY empty\nA_KEY=\n", False),
        ("# Leave it blank\nA_KEY=\n", True),
        ("# can be left empty\nA_KEY=\n", True),
        ("# not required\nA_KEY=\n", True),
        ("# only required if B is set\nA_KEY=\n", True),
        ("# Required for everything\nA_KEY=\n", False),
        ("# not optional\nA_KEY=\n", False),
        ("# one of CERT_OPTIONAL, CERT_NONE\nA_KEY=\n", False),
        ("# see https://example.com/optional-features/\nA_KEY=\n", False),
        ("# \u53ef\u9009\nA_KEY=\n", True),
        ("# \uff08\u4efb\u610f\uff09\nA_KEY=\n", True),
        ("# \u4efb\u610f\u5b57\u7b26\u4e32\nA_KEY=\n", False),
        ("# optionnel\nA_KEY=\n", True),
        ("# laisser vide\nA_KEY=\n", True),
        ("# opcional\nA_KEY=\n", True),
        ("# deixe em branco\nA_KEY=\n", True),
        ("# facoltativo\nA_KEY=\n", True),
        ("# kann leer bleiben\nA_KEY=\n", True),
        ('# Redis password (Default: "")\nA_KEY=\n', True),
    ],
)
def test_what_comments_say_about_staying_empty(text: str, *, optional: bool) -> None:
    """The nearest comment decides, then the heading."""
    assert read(text)["A_KEY"].optional is optional


def test_of_duplicates_the_later_counts_and_loses_nothing() -> None:
    """What only the earlier one says is kept."""
    found = read("# The key.\n# @owner=a\nA_KEY=1\n\n# @kind=service\nA_KEY=2\n")["A_KEY"]
    assert (found.default, found.line, found.description) == ("2", 6, "The key.")
    assert found.decorators == (("owner", "a"), ("kind", "service"))
