"""`devkeys import` as a process: what reaches a command afterwards, what is said of each name."""

import codecs
from pathlib import Path

import pytest
from desk import Desk, key
from imported import fate, reaches, stored


def given(desk: Desk, text: str | bytes, *words: str, name: str = ".env") -> str:
    """Write *text* into the project's `.env`, import it, and return what was said."""
    data = text.encode() if isinstance(text, str) else text
    (desk.project / name).write_bytes(data)
    done = desk.devkeys("import", name, "--yes", *words)
    assert done.code == 0, done.err
    assert done.out == b""
    return done.err


def assert_nowhere(desk: Desk, *values: str) -> None:
    """Look for *values* in every file of HOME and the checkout."""
    for root in (desk.home, desk.project):
        for path in root.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                assert not any(value.encode() in data for value in values), path


def test_what_is_imported_reaches_a_command(desk: Desk) -> None:
    """A secret, and a setting that differs from its default; no value is shown."""
    value, password = key(), key()
    said = given(desk, f"LLM_API_KEY={value}\nDB_PASSWORD='{password}'\nPORT=4000\nTITLE=Chat\n")
    assert reaches(desk, "LLM_API_KEY", "DB_PASSWORD", "PORT", "TITLE") == {
        "LLM_API_KEY": value,
        "DB_PASSWORD": password,
        "PORT": "4000",
        "TITLE": "Chat",
    }
    assert stored(desk) == {"LLM_API_KEY", "DB_PASSWORD", "PORT"}
    assert value not in said
    assert password not in said
    assert fate(said, "TITLE") == "as .env.example has it, nothing to keep"


WRITTEN = {
    'A_KEY="a\'b"': "a'b",
    "B_KEY='a\"b #c'": 'a"b #c',
    'C_KEY="a\\nb"': "a\nb",
    "D_KEY='a\nb\n'": "a\nb\n",
    "E_KEY=pa$$w${HOME}d$HOME": "pa$$w${HOME}d$HOME",
    "export F_KEY = abc # why": "abc",
    "G_KEY=one\nG_KEY=two": "two",
    "H_KEY=a=b==": "a=b==",
    "I_KEY='  blanks  '": "  blanks  ",
    "J_KEY=\u017c\u00f3\u0142\u0107\U0001f511": "\u017c\u00f3\u0142\u0107\U0001f511",
}


@pytest.mark.parametrize("form", ["lf", "crlf", "bom"])
def test_every_way_of_writing_a_value(desk: Desk, form: str) -> None:
    """Quotes, `$`, several lines, `export`, a name twice, CR LF, a byte order mark."""
    names = [f"{letter}_KEY" for letter in "ABCDEFGHIJ"]
    desk.declare("".join(f"{name}=\n" for name in names))
    text = "\n".join(WRITTEN) + "\n"
    expected = dict(zip(names, WRITTEN.values(), strict=True))
    if form == "crlf":
        text = text.replace("\n", "\r\n")
        expected["D_KEY"] = expected["D_KEY"].replace("\n", "\r\n")
    given(desk, (codecs.BOM_UTF8 if form == "bom" else b"") + text.encode())
    assert reaches(desk, *names) == expected


def test_a_megabyte_is_imported(desk: Desk) -> None:
    """Nine long values and a comment of the rest, whole."""
    value = key() * 2000
    lines = [f"LLM_API_KEY={value}", "# " + "x" * 1_000_000]
    given(desk, "\n".join(lines))
    assert reaches(desk, "LLM_API_KEY") == {"LLM_API_KEY": value}


def test_what_is_no_value_is_not_imported(desk: Desk) -> None:
    """A placeholder, nothing, and a reference for another tool: each is said by name."""
    said = given(desk, "LLM_API_KEY=your-key-here\nDB_PASSWORD=\nMAIL_TOKEN=op://Team/mail/token\n")
    assert stored(desk) == set()
    assert fate(said, "LLM_API_KEY") == "still placeholders"
    assert fate(said, "DB_PASSWORD") == "empty"
    assert fate(said, "MAIL_TOKEN") == "references, not values"


def test_a_default_that_was_emptied_stays_empty(desk: Desk) -> None:
    """What `.env` cleared on purpose does not come back by the default."""
    given(desk, "TITLE=\n")
    assert reaches(desk, "TITLE") == {"TITLE": ""}


def test_a_reference_is_not_copied_over_unless_asked(desk: Desk) -> None:
    """The team's place stays the place, or --with-references makes a personal copy."""
    desk.declare("LLM_API_KEY=op://Team/chat/key\n")
    value = key()
    assert "reference" in fate(given(desk, f"LLM_API_KEY={value}\n"), "LLM_API_KEY")
    assert stored(desk) == set()
    given(desk, f"LLM_API_KEY={value}\n", "--with-references")
    assert reaches(desk, "LLM_API_KEY") == {"LLM_API_KEY": value}


def test_another_stored_value_stays_unless_overwritten(desk: Desk) -> None:
    """Without a terminal the stored one stays, which is said with the way to change it."""
    first, second = key(), key()
    given(desk, f"LLM_API_KEY={first}\n")
    said = given(desk, f"LLM_API_KEY={second}\n")
    assert fate(said, "LLM_API_KEY") == "another value is stored already, and stays"
    assert "--overwrite" in said
    assert reaches(desk, "LLM_API_KEY") == {"LLM_API_KEY": first}
    assert fate(given(desk, f"LLM_API_KEY={second}\n", "--overwrite"), "LLM_API_KEY") == "stored"
    assert reaches(desk, "LLM_API_KEY") == {"LLM_API_KEY": second}


def test_a_second_import_stores_nothing_anew(desk: Desk) -> None:
    """The same values are said to be stored already."""
    text = f"LLM_API_KEY={key()}\n"
    given(desk, text)
    assert fate(given(desk, text), "LLM_API_KEY") == "stored already"


def test_undeclared_names_are_kept_for_later(desk: Desk) -> None:
    """Nothing is lost: once declared, the name has the value."""
    value = key()
    said = given(desk, f"OTHER={value}\n")
    assert "no command gets them" in fate(said, "OTHER")
    assert stored(desk) == {"OTHER"}
    desk.declare("OTHER=\n")
    assert reaches(desk, "OTHER") == {"OTHER": value}


def test_undeclared_names_can_be_declared(desk: Desk) -> None:
    """The name goes into `.env.example`, the value does not, and a command gets it at once."""
    value = key()
    given(desk, f"OTHER=1\nNEW_TOKEN={value}\n", "--undeclared", "declare")
    template = (desk.project / ".env.example").read_text()
    assert template.endswith("TITLE=Chat\n\nOTHER=\n\nNEW_TOKEN=\n")
    assert reaches(desk, "OTHER", "NEW_TOKEN") == {"OTHER": "1", "NEW_TOKEN": value}


def test_an_undeclared_secret_with_an_ordinary_name_is_declared_as_one(desk: Desk) -> None:
    """A password in a URL makes a secret of a name that does not tell."""
    value = f"https://user:{key()}@example.com"
    given(desk, f"OTHER={value}\n", "--undeclared", "declare")
    assert "# @sensitive\nOTHER=\n" in (desk.project / ".env.example").read_text()
    assert reaches(desk, "OTHER") == {"OTHER": value}


def test_undeclared_names_can_be_left(desk: Desk) -> None:
    """They stay in the file, and only there."""
    said = given(desk, "OTHER=1\n", "--undeclared", "drop", "--remove")
    assert fate(said, "OTHER") == "undeclared, left where they are"
    assert stored(desk) == set()
    assert (desk.project / ".env").read_text() == "OTHER=1\n"


def test_names_that_steer_programs_are_left(desk: Desk) -> None:
    """PATH in a `.env` is neither kept nor declared."""
    said = given(desk, "PATH=/evil\n", "--undeclared", "declare")
    assert fate(said, "PATH").startswith("steer")
    assert "PATH" not in (desk.project / ".env.example").read_text()


def test_values_come_from_stdin(desk: Desk) -> None:
    """`-` is a pipe, from which nothing can be removed."""
    value = key()
    done = desk.devkeys("import", "-", "--yes", "--remove", input=f"LLM_API_KEY={value}\n".encode())
    assert done.code == 0, done.err
    assert reaches(desk, "LLM_API_KEY") == {"LLM_API_KEY": value}


def test_each_profile_has_its_own_values(desk: Desk) -> None:
    """What is imported for staging is not there for dev."""
    value = key()
    given(desk, f"LLM_API_KEY={value}\n", "-p", "staging")
    words = ("run", "-p", "staging", "--only", "LLM_API_KEY", "--", "printenv", "LLM_API_KEY")
    assert desk.devkeys(*words).text == value + "\n"
    assert desk.devkeys("run", "--only", "LLM_API_KEY", "--", "true").code != 0


def test_a_line_that_means_nothing_is_mentioned_without_its_text(desk: Desk) -> None:
    """What python-dotenv drops is said by its line."""
    value = key()
    said = given(desk, f"LLM_API_KEY=abc\n{value} {value}\n")
    assert ".env:2:" in said
    assert value not in said


def test_a_piece_of_a_wrapped_value_is_not_shown_as_a_name(desk: Desk) -> None:
    """Base64 and hex without quotes look like names, with a `=` or without."""
    pieces = [key().removeprefix("sk-") for _ in range(3)]
    text = f"LLM_API_KEY=abc\nx{pieces[0]}\nx{pieces[1]}=\nx{pieces[2]}==\n"
    said = given(desk, text, "--remove")
    assert not any(piece in said for piece in pieces)
    assert "look like pieces of a longer value" in said
    assert (desk.project / ".env").read_text() == text


def test_a_value_that_would_have_been_filled_is_mentioned(desk: Desk) -> None:
    """`${...}` is stored as it stands, which another reader would not have given."""
    assert "LLM_API_KEY holds ${...}" in given(desk, "LLM_API_KEY=${HOME}x\n")


@pytest.mark.parametrize(
    ("text", "code"), [(None, 2), (b"LLM_API_KEY='abc\n", 2), (b"\xff=1\n", 2)]
)
def test_what_cannot_be_read_changes_nothing(desk: Desk, text: bytes | None, code: int) -> None:
    """A missing file, an open quotation mark, another encoding."""
    if text is not None:
        (desk.project / ".env").write_bytes(text)
    done = desk.devkeys("import", ".env", "--yes")
    assert done.code == code
    assert "Traceback" not in done.err
    assert "abc" not in done.err
    assert list(desk.home.rglob("*.age")) == []


def test_without_consent_and_a_terminal_nothing_happens(desk: Desk) -> None:
    """The checkout was never allowed, and nobody can be asked."""
    (desk.project / ".env").write_text(f"LLM_API_KEY={key()}\n")
    done = desk.devkeys("import", ".env")
    assert done.code == 3
    assert "devkeys: hint:" in done.err
    assert list(desk.home.rglob("*.age")) == []


def test_another_checkout_of_that_name_does_not_get_into_the_first_one(desk: Desk) -> None:
    """Its values go to a project of its own."""
    first, second = key(), key()
    given(desk, f"LLM_API_KEY={first}\n")
    other = desk.project.parent / "elsewhere" / desk.project.name
    other.mkdir(parents=True)
    (other / ".env.example").write_text("LLM_API_KEY=\n")
    (other / ".env").write_text(f"LLM_API_KEY={second}\n")
    assert desk.devkeys("import", ".env", "--yes", cwd=other).code == 0
    assert reaches(desk, "LLM_API_KEY") == {"LLM_API_KEY": first}


def test_at_a_terminal_stdin_is_refused(desk: Desk) -> None:
    """Values typed there would be shown."""
    child = desk.at_terminal("import", "-", "--yes")
    child.expect("stdin is a terminal")
    child.read()
    child.wait()
    assert child.exitstatus == 2


def test_at_a_terminal_all_is_asked(desk: Desk) -> None:
    """Consent, a value that differs, undeclared names, the removal."""
    first, second = key(), key()
    given(desk, f"LLM_API_KEY={first}\n")
    (desk.project / ".env").write_text(f"LLM_API_KEY={second}\nOTHER=1\n")
    child = desk.at_terminal("import", ".env")
    for question, answer in (
        ("LLM_API_KEY has another value", "n"),
        (r"\[d\]eclare", "d"),
        ("Take what is stored now out of", "y"),
    ):
        child.expect(question)
        child.expect(r"[?\]] ")
        child.sendline(answer)
    child.read()
    child.wait()
    assert child.exitstatus == 0
    assert reaches(desk, "LLM_API_KEY", "OTHER") == {"LLM_API_KEY": second, "OTHER": "1"}
    assert not (desk.project / ".env").exists()


def test_no_value_is_in_plain_text_anywhere_afterwards(desk: Desk) -> None:
    """Neither HOME nor the checkout holds an imported value."""
    values = [key() for _ in range(3)]
    text = f"LLM_API_KEY={values[0]}\nDB_PASSWORD={values[1]}\nOTHER={values[2]}\n"
    given(desk, text, "--remove")
    reaches(desk, "LLM_API_KEY")
    assert_nowhere(desk, *values)
    assert not Path(desk.project / ".env").exists()
