"""References and ordinary addresses."""

import pytest

from devkeys.declaration.references import find_reference, is_ours


@pytest.mark.parametrize(
    "value",
    [
        *("op://Team Vault/chat/api key", "bw://item/field", "keychain://service/account"),
        *("pass://team/chat", "keepassxc://group/entry", "vault://secret/data/chat#key"),
        *("aws-sm://prod/db#password", "aws-ssm:///prod/db", "sops://secrets.yaml#a.b"),
        *("age://secrets.age", "env://OTHER_NAME", "file:///run/secrets/db", "file://./key.pem"),
    ],
)
def test_references_into_our_providers(value: str) -> None:
    """The whole value is a reference, blanks in its path allowed."""
    assert find_reference(value) == value
    assert is_ours(value)


@pytest.mark.parametrize(
    "value", ["doppler://chat/dev/KEY", "my-vault://team/key", "infisical://x"]
)
def test_a_third_partys_references(value: str) -> None:
    """A scheme that nobody connects to is a provider's."""
    assert find_reference(value) == value
    assert not is_ours(value)


@pytest.mark.parametrize(
    "value",
    [
        *("", "plain", "https://example.com", "http://localhost:3000", "wss://x/y", "ftp://x"),
        *("postgres://u:p@h/db", "postgresql+psycopg://h/db", "mongodb+srv://h/db", "s3://bucket"),
        *("redis://redis:6379/0", "rediss://h", "amqps://h", "sqlite:///db.sqlite3", "smtp://h"),
        *("jdbc:postgresql://h/db", "local://localhost", "sms://username:password@mock"),
        *(
            "app://hoppscotch",
            "unknown://user@host",
            "unknown://host:8080/x",
            "unknown://a.example",
        ),
        *("http://a,op://b", "myapp://", "see op://a/b", "unknown://a b", "OP://a/b"),
        "http://localhost:3170,app://localhost_3200",
    ],
)
def test_ordinary_addresses(value: str) -> None:
    """URLs, DSNs and lists of them are values."""
    assert find_reference(value) is None
