"""No message repeats what may be a secret; names, options and paths are told as they are."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.typed.repeating import HIDDEN, UNFIT, may_be_repeated, without_secrets

KEY = "sk-" + secrets.token_hex(20)


@pytest.mark.parametrize(
    "word",
    [
        "LLM_API_KEY",
        "PG16_URL",
        "--prefer-store",
        "staging-eu-2",
        "op://Team/chat/key",
        "hex(32)",
        "./build/values.env",
        "/srv/tmp1a2b3c4d5e6f7/values.env",
        "devkeys-provider-nobody",
    ],
)
def test_what_people_write_is_repeated(word: str) -> None:
    """Or no message could say which word was wrong."""
    assert may_be_repeated(word)
    assert without_secrets(f"there is no {word}", [word]) == f"there is no {word}"


SECRET = {
    "a key": KEY,
    "an assignment": f"LLM_API_KEY={KEY}",
    "an option": f"--{KEY}",
    "an option's value": f"--generate={KEY}",
    "words": "two words of a passphrase",
    "lines": f"-----BEGIN KEY-----\n{KEY}\n-----END KEY-----",
    "other alphabets": f"pä%{KEY}漢字",
    "no UTF-8": f"\udcff{KEY}",
}


@pytest.mark.parametrize("word", SECRET.values(), ids=SECRET.keys())
def test_what_may_be_a_secret_is_not(word: str) -> None:
    """As it is, nor as an error shows what a terminal cannot."""
    for shown in (word, ascii(word), word.lstrip("-")):
        assert HIDDEN in without_secrets(f"there is no {shown}", [word])
        assert KEY not in without_secrets(f"there is no {shown}", [word])


def test_a_piece_of_it_takes_the_whole_message_away() -> None:
    """A message that cut it, or spelled it in another way, is none that could be mended."""
    assert without_secrets(f"{KEY[:20]}... is no profile", [KEY]) == UNFIT


@given(st.text(), st.lists(st.text(max_size=11)))
def test_a_message_without_such_words_stays(text: str, words: list[str]) -> None:
    """Whatever else was typed."""
    if all(map(may_be_repeated, words)):
        assert without_secrets(text, words) == text
