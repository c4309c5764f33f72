"""add: a declaration more, its value stored, that one name allowed."""

import secrets
import stat

import pytest
from desk import Desk, key

RUN = ("run", "--", "sh", "-c", 'printf %s "$NEW_TOKEN"')


def test_add_declares_stores_and_allows(desk: Desk) -> None:
    """After one `add` a command gets the value, and the file says what it is."""
    value = key()
    desk.declare("MODEL=small\n")
    done = desk.devkeys("add", "NEW_TOKEN", "--describe", "Of the shop", input=value.encode())
    assert (done.code, done.out) == (0, b"")
    assert value not in done.err
    declaration = (desk.project / ".env.example").read_text()
    assert declaration == "MODEL=small\n\n# Of the shop\nNEW_TOKEN=\n"
    assert desk.devkeys(*RUN).text == value


def test_add_allows_nothing_else(desk: Desk) -> None:
    """What others wrote into the file still needs consent."""
    assert desk.devkeys("add", "NEW_TOKEN", input=b"x").code == 0
    shown = desk.devkeys("allow", "--show")
    assert shown.code == 3
    assert "LLM_API_KEY" in shown.text
    assert "NEW_TOKEN" not in shown.text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env.dev.example", "NEW_TOKEN=op://Private/bank/password\n"),
        (".env.dev.example", "# @verify=evil\nNEW_TOKEN=\n"),
        ("devkeys.toml", '[profiles.dev]\nsource = "op://Private/bank"\n'),
    ],
)
def test_add_allows_what_was_typed_and_no_more(desk: Desk, name: str, text: str) -> None:
    """A reference or a decorator that another file gives to the new name is for `allow`."""
    (desk.project / name).write_text(text)
    done = desk.devkeys("add", "NEW_TOKEN", input=b"x")
    assert done.code == 0
    assert "devkeys: hint: more is asked for NEW_TOKEN than was typed" in done.err
    assert desk.devkeys("allow", "--show").code == 3
    assert desk.devkeys(*RUN).code == 125


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("NEW_TOKEN", "--optional"), "# @optional\nNEW_TOKEN="),
        (("PLAIN", "--secret"), "# @sensitive\nPLAIN="),
        (("NEW_TOKEN", "--setting"), "# @sensitive=false\nNEW_TOKEN="),
        (("MODE", "--default", "a b"), "MODE='a b'"),
        (("NEW_TOKEN", "--default", "op://Team/shop/token"), "NEW_TOKEN=op://Team/shop/token"),
    ],
)
def test_what_is_meant_is_written(desk: Desk, words: tuple[str, ...], expected: str) -> None:
    """Options become the decorators that the meaning needs, and no other."""
    assert desk.devkeys("add", *words, "--no-value").code == 0
    text = (desk.project / ".env.example").read_text()
    assert text.rpartition("\n\n")[2] == f"{expected}\n"


def test_under_a_heading_that_says_optional_a_wanted_secret_stays_wanted(desk: Desk) -> None:
    """Where the file's end makes everything optional, `@required` is written."""
    desk.declare("# --- Optional ---\n\nSENTRY_DSN=\n")
    desk.devkeys("add", "NEW_TOKEN", "--no-value")
    assert "NEW_TOKEN" in desk.devkeys("status").text
    assert desk.devkeys("get", "NEW_TOKEN").code == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("LLM_API_KEY",), "is declared already"),
        (("not-a-name",), "no variable's name"),
        ((f"sk_live_{secrets.token_hex(16)}",), "no variable's name"),
        (("LD_PRELOAD",), "steers which programs or code run"),
        (("PYTHONPATH",), "steers"),
        (("NEW_TOKEN", "--default", "live"), "a default would be in the repository"),
        (("NEW_TOKEN", "--default", "a\udcff"), "the default is not UTF-8"),
        (("NEW_TOKEN", "--describe", "a\x1b[2Kb"), "control characters"),
        (("NEW_TOKEN", "--describe", "@sensitive=false"), "would say something else"),
        (("NEW_TOKEN",), "no value for NEW_TOKEN"),
    ],
)
def test_what_cannot_be_added_changes_nothing(
    desk: Desk, words: tuple[str, ...], message: str
) -> None:
    """A refusal leaves file, consent and store as they were."""
    before = (desk.project / ".env.example").read_bytes()
    done = desk.devkeys("add", *words)
    assert done.code == 2
    assert message in done.err
    assert (desk.project / ".env.example").read_bytes() == before
    assert desk.devkeys("list", "--all").out == b""


@pytest.mark.parametrize("before", [b"\xef\xbb\xbfMODEL=a\r\n", b"MODEL=a"])
def test_the_files_ways_are_kept(desk: Desk, before: bytes) -> None:
    """Byte order mark, line ends, a missing final one and the mode stay."""
    path = desk.project / ".env.example"
    path.write_bytes(before)
    path.chmod(0o640)
    desk.devkeys("add", "NEW_TOKEN", "--no-value")
    after = path.read_bytes()
    assert after.startswith(before)
    assert after.endswith(b"\n") == before.endswith(b"\n")
    assert after.count(b"\r\n") == (3 if b"\r" in before else 0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_linked_file_stays_a_link(desk: Desk) -> None:
    """A symbolic link inside the checkout is followed, not replaced."""
    path = desk.project / ".env.example"
    path.rename(desk.project / "shared.env")
    path.symlink_to("shared.env")
    desk.devkeys("add", "NEW_TOKEN", "--no-value")
    assert path.is_symlink()
    assert "NEW_TOKEN=" in (desk.project / "shared.env").read_text()


def test_the_first_name_makes_the_file(desk: Desk) -> None:
    """In a directory without a declaration file, `add` begins one; not in HOME."""
    (desk.project / ".env.example").unlink()
    done = desk.devkeys("add", "NEW_TOKEN", input=b"x")
    assert done.code == 0
    assert f"made {desk.project}/.env.example" in done.err
    assert desk.devkeys(*RUN).text == "x"
    assert desk.devkeys("add", "NEW_TOKEN", input=b"x", cwd=desk.home).code == 2


def test_ctrl_c_at_the_value_leaves_the_file_alone(desk: Desk) -> None:
    """Who changes their mind at the prompt finds the declaration file unchanged."""
    before = (desk.project / ".env.example").read_bytes()
    child = desk.at_terminal("add", "NEW_TOKEN")
    child.expect("NEW_TOKEN:")
    child.waitnoecho(10)
    child.sendintr()
    child.read()
    child.wait()
    assert child.exitstatus == 130
    assert (desk.project / ".env.example").read_bytes() == before
