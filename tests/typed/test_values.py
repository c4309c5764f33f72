"""Words as they are typed, and whether they are values."""

import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.typed import naming, values, wording
from devkeys.typed.literal import is_literal, is_path
from devkeys.typed.values import Value


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("abc", "abc"), ("abc def", "abc"), ("abc;def", "abc"), ("'a b' c", "a b"),
        ('"a b" c', "a b"),
        ('"a\\"b" c', 'a\\"b'), ('\\"a b\\" c', "a b"), ("$'a b'", "a b"), ("''abc", "abc"),
        ('""abc', "abc"), ("r'a b'", "a b"), ("@'\nab\n'@", "\nab\n"), ("\\\nabc", "abc"),
        ("a\\ b c", "a\\ b"), ("$(x y)", "$("), ("`x`", "`x"), ("'abc", "abc"),
        ("getpass()", "getpass("), ("", ""), ("''", ""), ('"" x', ""),
    ],
)  # fmt: skip
def test_a_word_is_read_without_its_quotes(text: str, read: str) -> None:
    """Quotes of any shell go, also where they are not closed."""
    assert values.read(text, 0).text == read


def test_a_quote_that_closes_begins_nothing() -> None:
    """In `'Bearer '$TOKEN` the value is the variable."""
    text = "-H 'Bearer '$TOKEN x"
    assert values.read(text, text.index("'$")).text == "$TOKEN"
    text = "grep 'API_KEY=' src"
    assert values.read(text, text.index("' ")).text == ""


@given(st.text(max_size=200), st.integers(0, 200))
def test_any_word_can_be_read(text: str, start: int) -> None:
    """What is read is a part of the text."""
    assert values.read(text, min(start, len(text))).text in text


@pytest.mark.parametrize(
    "text",
    ["", "true", "off", "$X", "${X}", "$X/y", "$(a b)", "`a`", "{{ x }}", "$env:X", "$E:X", "%X%",
     "changeme", "your-key-here", "<token>", "op://a/b/c", "~/.ssh/id", "./key", "/etc/ssl/a.pem",
     "C:\\keys\\a", "key.pem", "@pw.txt", "...", "xxxx", "***", "[^", ".*", "\\S+", "os.environ[",
     "(get x)", "$null", "Bearer $TOKEN", "postgres://u:$PW@h/db"],
)  # fmt: skip
def test_what_says_where_a_value_is_is_none(text: str) -> None:
    """Expansions, references, paths, placeholders and patterns hold no secret."""
    assert not is_literal("API_KEY", Value(text))


@pytest.mark.parametrize(
    "text",
    ["hunter2", "postgres", "secret", "12345", "a$b9c", "Pa$$word", "${X}ab12cd34", "x9;y",
     "^ab9cd", "a.*b9Kx2p", "/slash/AbCd99xyz+/Q==", "postgres://u:pw9@h/db", "https://hooks.example/x9"],
)  # fmt: skip
def test_what_is_a_value_is_one(text: str) -> None:
    """Weak passwords, odd ones, and those beside a variable are values."""
    assert is_literal("DB_PASSWORD", Value(text, '"'))


def test_single_quotes_keep_a_dollar() -> None:
    """`'$ecret'` is a password; `'$SECRET'` is there to be expanded later."""
    assert is_literal("DB_PASSWORD", Value("$ecret99", "'"))
    assert not is_literal("DB_PASSWORD", Value("$SECRET", "'"))


def test_a_passphrase_is_no_placeholder() -> None:
    """Words count as a value unless they ask for one."""
    assert is_literal("VAULT_PASSWORD", Value("my dog has fleas", "'"))
    assert not is_literal("VAULT_PASSWORD", Value("your password here", "'"))


def test_a_file_that_exists_is_a_path(tmp_path: Path) -> None:
    """Only what looks like a path is asked for: a password may be some file's name."""
    (tmp_path / "my.secret").touch()
    assert is_path(str(tmp_path / "my.secret"))
    assert not is_path("tests")
    assert not is_path("a\0.b")
    assert not is_path("x/" * 5000)


@pytest.mark.parametrize(
    "name", ["apiKey", "api-key", "API_KEY", "x_token", "dbPassword", "DATABASE_URL"]
)
def test_names_are_secret_however_they_are_written(name: str) -> None:
    """Case and joints do not matter."""
    assert naming.is_secret(name)


@pytest.mark.parametrize(
    "name", ["monkey", "PATH", "max_tokens", "initialIv", "myPat", "keyboard", "path"]
)
def test_other_names_are_not(name: str) -> None:
    """What no shell would see in a name is not seen in it here."""
    assert not naming.is_secret(name)


def test_only_plain_names_are_said() -> None:
    """A name that may be a key itself is not shown, nor an option of unknown words."""
    assert wording.shown_name("LLM_API_KEY_2") == "LLM_API_KEY_2"
    assert wording.shown_name("x" + secrets.token_hex(9) + "_KEY") is None
    assert wording.shown_name("A" * 61) is None
    assert wording.shown_name("schlüssel") is None
    assert wording.shown_option("--", "client-secret") == "what follows --client-secret"
    assert wording.shown_option("--", "hunter2secret") == "what follows an option"


@pytest.mark.parametrize(
    "text", ["version-2", "web01", "2024-05-01T10:00", "3000ms", "session", "a b 1c"]
)
def test_words_do_not_look_random(text: str) -> None:
    """Numbered words, times and sizes are what people write."""
    assert not values.looks_random(text)
