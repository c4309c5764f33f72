"""What needs consent, and that every change of it that matters is a new thing to agree to."""

from pathlib import Path

import checkout
import pytest
from desk import key

from devkeys.consent import record as records


def asked(folder: Path, home: Path, declaration: str) -> dict[str, str]:
    """Return what the declaration asks for, each name with its details in words."""
    chat = checkout.make(folder / "chat", declaration)
    return {fact.name: ", ".join(fact.details) for fact in checkout.project(chat, home).asked}


def asks_again(folder: Path, home: Path, before: str, after: str) -> bool:
    """Tell whether *after* needs a new consent where *before* was agreed to."""
    chat = checkout.make(folder / "chat", before)
    checkout.allowed(chat, home)
    (chat / ".env.example").write_text(after)
    project = checkout.project(chat, home)
    record = records.read(checkout.session(home).data_dir, project.checkout.identity)
    return bool(project.changes(record))


def test_a_template_names_the_secrets_it_copies(tmp_path: Path, home: Path) -> None:
    """A secret that fills another name's default, or a URL, is shown beside that name."""
    found = asked(
        tmp_path, home, "API_KEY=\nNAME=${API_KEY}\nSITE=https://${API_KEY}.example.com\n"
    )
    assert "filled with API_KEY" in found["NAME"]
    assert "filled with API_KEY" in found["SITE"]
    assert "example.com" in found["SITE"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "DB_DSN='host=good password=${DB_PASSWORD}'",
            "DB_DSN='host=evil password=${DB_PASSWORD}'",
        ),
        ("OTHER_KEY=${FIRST_KEY}", "OTHER_KEY=${SECOND_KEY}"),
        ("OTHER_KEY=", "OTHER_KEY=${FIRST_KEY}"),
        ("DB_URL=http://a:${PW}@good.example", "DB_URL=http://a:${PW}@evil.example"),
        ("DB_URL=http://${PW}@good.example", "DB_URL=http://evil.example\\\\@good.example/${PW}"),
        ("DB_URL=http://${PW}@good.example", "DB_URL=http://evil.example@${PW}@good.example"),
    ],
)
def test_where_a_secret_goes_cannot_change_unseen(
    tmp_path: Path, home: Path, before: str, after: str
) -> None:
    """Another server, or another secret in the same place, asks again, in whatever syntax."""
    rest = "\nDB_PASSWORD=\nFIRST_KEY=\nSECOND_KEY=\nPW=\n"
    before, after = before.replace("'", '"'), after.replace("'", '"')
    assert asks_again(tmp_path, home, before + rest, after + rest)


def test_a_password_in_a_default_is_not_shown(tmp_path: Path, home: Path) -> None:
    """What may be a live password stands neither in the question nor in the record."""
    value = key()
    found = asked(tmp_path, home, f'DB_DSN="host=db.example password={value}"\n')
    assert "secret" in found["DB_DSN"]
    assert value not in found["DB_DSN"]
