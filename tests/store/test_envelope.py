"""Age files, with pyrage and with the age program."""

import re
import subprocess
from pathlib import Path

import pytest
import quick_scrypt
from hypothesis import given, settings
from hypothesis import strategies as st
from new_store import NewStore, key
from real import need

from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import envelope, layout

IDENTITY = envelope.new_identity()
RECIPIENT = envelope.recipient_of(IDENTITY) or ""


@given(st.binary(max_size=300))
def test_what_was_sealed_is_unsealed(plain: bytes) -> None:
    """Any bytes come back."""
    assert envelope.unseal(envelope.seal(plain, (RECIPIENT,)), IDENTITY, path="x") == plain


def test_several_recipients_can_each_unseal() -> None:
    """A second recipient, for recovery, reads the same file."""
    second = envelope.new_identity()
    sealed = envelope.seal(b"plain", (RECIPIENT, envelope.recipient_of(second) or ""))
    for identity in (IDENTITY, second):
        assert envelope.unseal(sealed, identity, path="x") == b"plain"


def test_another_identity_cannot_unseal() -> None:
    """The error names the file and keeps both identities to itself."""
    sealed = envelope.seal(b"plain", (RECIPIENT,))
    other = envelope.new_identity()
    with pytest.raises(StoreError, match="/the/file cannot be decrypted") as caught:
        envelope.unseal(sealed, other, path="/the/file")
    assert "AGE-SECRET" not in f"{caught.value}{caught.value.hint}"


@settings(max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_is_noticed(place: float, bit: int) -> None:
    """Wherever it is: in the header, in its authentication, in the values."""
    sealed = bytearray(envelope.seal(b"plain text", (RECIPIENT,)))
    sealed[int(place * len(sealed))] ^= 1 << bit
    with pytest.raises(StoreError, match="cannot be decrypted"):
        envelope.unseal(bytes(sealed), IDENTITY, path="x")


@given(st.floats(0, 1, exclude_max=True))
def test_a_file_that_was_cut_short_is_noticed(place: float) -> None:
    """Also when nothing is left."""
    sealed = envelope.seal(b"plain text", (RECIPIENT,))
    with pytest.raises(StoreError):
        envelope.unseal(sealed[: int(place * len(sealed))], IDENTITY, path="x")


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail_otherwise(data: bytes) -> None:
    """Whatever lies in the file, the answer is a StoreError."""
    for start in (b"", b"age-encryption.org/v1\n", b"age-encryption.org/v1\n-> X25519 "):
        with pytest.raises(StoreError):
            envelope.unseal(start + data, IDENTITY, path="x")


@pytest.mark.parametrize("text", [b"", b"AGE-SECRET-KEY-1", b"\xff\xfe", b"age1xyz"])
def test_what_is_no_identity_has_no_recipient(text: bytes) -> None:
    """None, and no exception that would show it."""
    assert envelope.recipient_of(Secret(text)) is None
    with pytest.raises(StoreError):
        envelope.unseal(envelope.seal(b"", (RECIPIENT,)), Secret(text), path="x")


@pytest.mark.parametrize(
    "text",
    ["", "age1", "ssh-ed25519 AAAA", RECIPIENT.upper(), RECIPIENT[:-1]],
    ids=["empty", "prefix", "ssh", "upper case", "cut short"],
)
def test_what_is_no_recipient_is_told(text: str) -> None:
    """Only the exact form that devkeys writes counts."""
    assert not envelope.is_recipient(text)
    assert envelope.is_recipient(RECIPIENT)


def _age(*arguments: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(["age", *arguments], input=stdin, check=True, capture_output=True).stdout


def test_age_alone_can_recover_what_is_stored(store: NewStore) -> None:
    """With the identity file and the age program, header and values can be read."""
    need("age")
    token, text = key(), 'zażółć\n two lines, "quoted" $HOME \\ \' '.encode()
    store.set("org/chat", "dev", TOKEN=token, TEXT=text)
    path = layout.values_path(store.data_dir, "org/chat", "dev")
    plain = _age("-d", "-i", layout.identity_path(store.data_dir), path)
    expected = (
        b"devkeys-values 1\nproject org/chat\nprofile dev\ncounter 1\n"
        b"name TEXT secret 1\nname TOKEN secret 1\n\n"
    )
    assert plain == expected + b"TEXT\0" + text + b"\0TOKEN\0" + token + b"\0"


def test_what_age_wrote_is_unsealed(store: NewStore) -> None:
    """A file repaired by hand with the age program is as good as ours."""
    need("age")
    plain = b"devkeys-values 1\nproject chat\nprofile dev\ncounter 1\nname A secret 1\n\nA\0b c\0"
    path = Path(layout.values_path(store.data_dir, "chat", "dev"))
    path.parent.mkdir(parents=True, mode=0o700)
    path.write_bytes(_age("-r", store.identity.recipients[0], stdin=plain))
    path.chmod(0o600)
    assert store.get("chat", "dev") == {"A": b"b c"}


def test_a_passphrase_that_would_take_minutes_is_no_damage() -> None:
    """The file is whole: it was made on a much faster machine, or to keep us busy."""
    sealed = re.sub(rb"(-> scrypt \S+) \d+", rb"\1 30", quick_scrypt.seal(b"plain", "word"))
    with pytest.raises(StoreError, match="much faster machine") as caught:
        envelope.unseal_with(sealed, Secret(b"word"))
    assert not isinstance(caught.value, envelope.DamagedError)
