"""Secret, wanted, offered, and what the child gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.declaration.classify import Variable, classify, holds_password
from devkeys.declaration.syntax import parse
from devkeys.errors import DeclarationError


def read(text: str, overlay: str | None = None) -> dict[str, Variable]:
    """Classify *text*, changed by *overlay*."""
    second = parse(overlay.encode(), path="o") if overlay is not None else None
    return {v.name: v for v in classify(parse(text.encode(), path="f"), second)}


def one(text: str) -> Variable:
    """Classify the one variable of *text*."""
    (variable,) = read(text).values()
    return variable


@pytest.mark.parametrize(
    ("text", "secret", "wanted", "default"),
    [
        ("A_KEY=", True, True, ""),
        ("A_KEY=your-key", True, True, None),
        ("A_KEY=dev", True, False, "dev"),
        ("A_KEY=user_provided", True, False, "user_provided"),
        ("# A_KEY=", True, False, None),
        ("# A_KEY=dev", True, False, None),
        ("A=", False, False, ""),
        ("A=b", False, False, "b"),
        ("A=your-thing", False, True, None),
        ("A", False, False, None),
        ("# (optional)\nA_KEY=", True, False, ""),
        ("# Leave blank to disable.\nA_KEY=", True, False, ""),
        ("# (optional)\nA_KEY=your-key", True, True, None),
        ("A=postgres://u:p@h/db", True, False, "postgres://u:p@h/db"),
        ("A=postgres://u:changeme@h/db", True, True, None),
        ("A=https://u@h/", False, False, "https://u@h/"),
        ("DATABASE_URL=sqlite:///x", True, False, "sqlite:///x"),
        ("NEXT_PUBLIC_KEY=", False, False, ""),
        ("NEXT_PUBLIC_X=redis://:p@h", True, False, "redis://:p@h"),
        ("# @sensitive\nA=", True, True, ""),
        ("# @sensitive=false\nA_KEY=", False, False, ""),
        ("# @public\nA_KEY=b", False, False, "b"),
        ("# @required\nA=", False, True, ""),
        ("# @required=false\nA_KEY=", True, False, ""),
        ("# @optional\nA_KEY=your-key", True, False, None),
        ("# @required\n# A_KEY=", True, True, None),
        ("# @generate=hex(32)\nA=", True, True, None),
        ("# @generate=hex(32)\nA_SECRET=dev", True, False, "dev"),
        ("A='-----BEGIN PRIVATE KEY-----'", True, False, "-----BEGIN PRIVATE KEY-----"),
    ],
)
def test_one_variable(text: str, *, secret: bool, wanted: bool, default: str | None) -> None:
    """The two questions, and what the child gets when nobody answers."""
    variable = one(text)
    assert (variable.secret, variable.wanted, variable.default) == (secret, wanted, default)


def test_references() -> None:
    """A reference is a secret and says where it is; it is not asked for."""
    variable = one("A=op://Team/chat/key")
    assert variable.reference == "op://Team/chat/key"
    assert (variable.secret, variable.wanted, variable.default) == (True, True, None)
    assert not variable.asked
    assert one("# @sensitive=false\nA=op://Team/chat/id").secret is False
    assert one("# @optional\nA=op://Team/chat/key").wanted is False
    assert one("# A=op://Team/chat/key").reference is None
    assert one("A=op://<vault>/<item>").reference is None


def test_an_unknown_scheme_can_be_said_to_be_ordinary() -> None:
    """@type=url or @sensitive=false makes it a value; for our providers it stays a reference."""
    assert one("A=myapp://callback").reference == "myapp://callback"
    assert one("# @type=url\nA=myapp://callback").default == "myapp://callback"
    assert one("# @sensitive=false\nA=myapp://callback").reference is None


def test_a_reference_holds_no_template() -> None:
    """Where a value is read from cannot depend on another value."""
    with pytest.raises(DeclarationError, match=r"^f:1: "):
        one("A=op://${TEAM}/x")
    assert one("A='op://${TEAM}/x'").reference == "op://${TEAM}/x"


def test_what_is_generated_is_not_asked() -> None:
    """It is wanted, and devkeys makes it."""
    variable = one("# @generate=hex(32)\nA_SECRET=")
    assert variable.wanted
    assert not variable.asked
    assert one("A_SECRET=").asked


def test_examples_are_shown_at_the_prompt() -> None:
    """The placeholder, or what @example says."""
    assert one("A_KEY=sk-...").placeholder == "sk-..."
    assert one("# @example=sk-1\nA_KEY=").placeholder == "sk-1"
    assert one("A_KEY=").placeholder is None


def test_templates() -> None:
    """What a secret fills is a secret, over several steps and against its own decorator."""
    found = read(
        "HOST=h\nPW_SECRET=\nURL=x://${HOST}\n# @sensitive=false\nDSN2=${URL}/${PW_SECRET}\n"
        "LAST=${DSN2}\nLITERAL='${PW_SECRET}'\nESCAPE=${PW_SECRET:-x}"
    )
    assert {name for name, variable in found.items() if variable.secret} == {
        *("PW_SECRET", "DSN2", "LAST", "ESCAPE")
    }
    assert [v.name for v in found.values() if v.template] == ["URL", "DSN2", "LAST", "ESCAPE"]
    assert found["LITERAL"].default == "${PW_SECRET}"
    assert not found["DSN2"].wanted


def test_a_placeholder_beside_a_template_is_one() -> None:
    """`changeme` in a URL cannot be filled by its user's name."""
    assert read("U=x\nDATABASE_URL=postgres://${U}:changeme@h/db")["DATABASE_URL"].wanted


def test_a_name_that_only_repeats_itself_is_wanted() -> None:
    """`API_KEY=${API_KEY}` means that the environment has it."""
    variable = one("API_KEY=${API_KEY}")
    assert (variable.wanted, variable.default, variable.template) == (True, None, False)


def test_circles_are_refused() -> None:
    """Templates that need each other cannot be filled."""
    with pytest.raises(DeclarationError, match=r"^f:1: A, B need"):
        read("A=${B}\nB=${A}")


def test_root_decorators() -> None:
    """The header turns the tables off or over; a public secret shows it among its decorators."""
    header = "# @defaultSensitive=false @defaultRequired=false\n\n"
    found = read(f"{header}A_KEY=\nB=your-thing\n# @required @sensitive\nC=\nD=redis://:p@h\n")
    assert {name for name, v in found.items() if v.secret} == {"C", "D"}
    assert {name for name, v in found.items() if v.wanted} == {"C"}
    assert found["A_KEY"].decorators == {"sensitive": "false"}
    assert found["B"].default is None
    found = read("# @defaultSensitive @defaultRequired\n\nA=\nB=c\nVITE_X=\n")
    assert {name for name, v in found.items() if v.secret} == {"A", "B"}
    assert {name for name, v in found.items() if v.wanted} == {"A", "VITE_X"}


def test_an_overlay_replaces_and_adds() -> None:
    """A profile's own file changes single variables; what it comments out changes nothing."""
    found = read("A=1\nB=2\n", "B=3\nC=4\n# A=5\n# D_KEY=\n")
    assert {name: v.default for name, v in found.items()} == {
        "A": "1",
        "B": "3",
        "C": "4",
        "D_KEY": None,
    }


def test_families() -> None:
    """The first word, past a public prefix; two words where all names share the first."""
    found = read("DB_HOST=\nNEXT_PUBLIC_DB_X=\n_APP_X=\nHOST=\n")
    assert [v.family for v in found.values()] == ["DB", "DB", "APP", "HOST"]
    many = read("".join(f"APP_{'AB'[i % 2]}_{i}=\n" for i in range(12)))
    assert {v.family for v in many.values()} == {"APP_A", "APP_B"}


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("DB_HOST=\nDB_PASSWORD=\nX=\n", {"DB_HOST", "X"}),
        ("DB_HOST=h\nDB_PASSWORD=\n", set()),
        ("DB_HOST=\nDB_PASSWORD=dev\n", set()),
        ("# @optional\nDB_HOST=\n\nDB_PASSWORD=\n", set()),
        ("# optional\nDB_HOST=\n\n# needed\nDB_PASSWORD=\n", set()),
        ("X=\n\nA=\nB_KEY=\n", {"A"}),
        ("".join(f"X{i}=\n" for i in range(30)) + "\nA_X=\nA_KEY=\n", {"A_X"}),
    ],
)
def test_offered(text: str, offered: set[str]) -> None:
    """Empty ordinary variables beside a wanted secret, by family or by paragraph."""
    assert {name for name, v in read(text).items() if v.offered} == offered


@pytest.mark.parametrize(
    "value",
    [
        *("postgres://u:p@h", "redis://:p@h:1/0", "a=mysql://u:p@h", "Server=h;Password=p;"),
        *("x://u:${P}@h", "https://h/?a=1&api_key=p", "AccountName=a;AccountKey=k"),
    ],
)
def test_values_with_passwords(value: str) -> None:
    """URLs and connection strings give themselves away."""
    assert holds_password(value)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_files_are_classified(first: str, second: str) -> None:
    """Classifying raises nothing but DeclarationError, and keeps each name once."""
    try:
        found = classify(
            parse(first.encode(errors="replace"), path="f"),
            parse(second.encode(errors="replace"), path="o"),
        )
    except DeclarationError:
        return
    assert len({v.name for v in found}) == len(found)
    assert not any(v.offered and (v.wanted or v.secret) for v in found)
    assert not any(v.default is not None and v.reference is not None for v in found)
