"""The formats of providers' keys."""

import base64
import hashlib
import secrets
import time
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from key_shapes import SHAPES, make

from devkeys.scan import rules
from devkeys.typed.suspicion import FORMAT

KEYS = [(rule, shape) for rule in rules.RULES for shape in SHAPES[rule.id]]
IDS = [f"{rule.id}-{place}" for place, (rule, _) in enumerate(KEYS)]
# What a key stands between in the files and commands of others; @ is the key.
CONTEXTS = (
    "@", " @ ", "'@'", '"@"', "`@`", "KEY=@", "KEY=@;x", "Bearer @", "key: @\n", "(@)", "[@]",
    "\\n@", "\\t@", "\\\\n@", "\n@\n", "\\u001b[32m@\\u001b[0m", "\x1b[32m@\x1b[0m", "\x1b[1;31m@",
    "%3D@", "%3d@&x", "\\u0026@", "\\x1b@", "user:@@host", "a=1&b=@&c", "@,", "@.", "@:", "@\\",
    "<@>", "@\\n", '{\\"k\\":\\"@\\"}', "https://@@host/", "-p @", "$@", "#@", "/@", "_@", "-@",
)  # fmt: skip


def _names(text: str) -> set[str]:
    return {rule.id for rule, _ in rules.tokens(text)}


@pytest.mark.parametrize(("rule", "shape"), KEYS, ids=IDS)
def test_a_key_is_found_wherever_it_stands(rule: rules.Rule, shape: str) -> None:
    """A key of the provider's format is found in every surrounding, and the hooks suspect it."""
    for context in CONTEXTS:
        for _ in range(3):
            text = context.replace("@", make(shape), 1)
            assert rule.id in _names(text), text
            seen = FORMAT.search(text) or any(part in text for part in rules.INFIXES)
            assert seen, text


@pytest.mark.parametrize(("rule", "shape"), KEYS, ids=IDS)
def test_the_whole_key_is_found(rule: rules.Rule, shape: str) -> None:
    """What is found is the key to its last character: what is hidden of it leaves nothing."""
    key = make(shape)
    found = [match[0] for found, match in rules.tokens(f"x {key} y") if found is rule]
    if rule.id not in ("azure-storage", "bitbucket"):  # their padding tells nothing
        assert found == [key]
    assert found[0].rstrip("=") in key


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.id)
def test_every_match_holds_a_keyword(rule: rules.Rule) -> None:
    """Each shape holds one of the keywords, at its beginning unless the rule says inside."""
    for shape in SHAPES[rule.id]:
        key = make(shape)
        if rule.inside:
            assert any(keyword in key for keyword in rule.keywords)
        else:
            assert key.startswith(rule.keywords)
    used = [word for word in rule.keywords if any(word in make(s) for s in SHAPES[rule.id])]
    assert used


def test_ids_and_titles_are_plain() -> None:
    """Ids are unique, titles are what a person says."""
    ids = [rule.id for rule in rules.RULES]
    assert len(set(ids)) == len(ids)
    assert set(SHAPES) == set(ids)
    assert all(rule.title.startswith(("a ", "an ")) for rule in rules.RULES)


def _ordinary() -> list[str]:
    data = secrets.token_bytes(48)
    return [
        secrets.token_hex(20),
        secrets.token_hex(32),
        str(uuid.uuid4()),
        f"sha256:{secrets.token_hex(32)}",
        "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode(),
        "data:image/png;base64,iVBORw0KGgo" + base64.b64encode(data * 9).decode(),
        f"/nix/store/{base64.b32encode(data[:20]).decode().lower()}-hello",
        secrets.token_urlsafe(60).replace("-", "a").replace("_", "b"),
    ]


def test_ordinary_long_texts_are_no_keys() -> None:
    """Hashes, digests, ids and pictures are not taken for keys."""
    for _ in range(200):
        for text in _ordinary():
            assert rules.first(text) is None, text


@pytest.mark.parametrize(
    "text",
    [
        "sk-your-openai-api-key-goes-here",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-proj-YOUR_OPENAI_API_KEY_GOES_HERE",
        "git checkout sk-1234-fix-the-login-button-again",
        "css .sk-fading-circle-of-the-page .sk-circle12",
        "AKIAIOSFODNN7" + "EXAMPLE",
        "ghp_" + "x" * 36,
        "123456789:AA" + "A" * 33,
        "key-value-store-with-a-long-name",
        "re_compile_every_pattern_again",
        "task-force-and-risk-assessment-of-2024",
        "hf_hub_download_everything_into_place",
        "secret_manager_client_for_python",
        "eyJhbGciOiJIUzI1NiJ9",
        "pk_live_" + "a1b2c3d4" * 4,
    ],
)
def test_words_are_no_keys(text: str) -> None:
    """Placeholders, branches, classes and functions that begin as keys do are none."""
    assert rules.first(text) is None


def test_templates_hold_no_keys(shared: Path) -> None:
    """Of the lines of real templates next to none are taken for keys."""
    lines = [
        line
        for path in (shared / "env-examples").rglob("*")
        if path.is_file()
        for line in path.read_text("utf-8", "replace").splitlines()
    ]
    found = [line for line in lines if rules.first(line)]
    assert len(lines) > 1000
    assert len(found) <= 5  # keys of examples, and the heads of private ones


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    """No text is too odd, and what is found is part of it."""
    for _, match in rules.tokens(text):
        assert match[0] in text


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.id)
def test_no_text_takes_long(rule: rules.Rule) -> None:
    """What nearly is a key, a hundred thousand times over, is searched in a moment."""
    started = time.process_time()
    for shape in SHAPES[rule.id]:
        key = make(shape)
        for part in (*rule.keywords, key[:-6], key[: len(key) // 2], key[:9] + "-", "-" + key[:6]):
            rules.first(part * (100_000 // len(part)))
    assert time.process_time() - started < 10
