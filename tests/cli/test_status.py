"""status: what run would do, without any value and with nothing unlocked."""

import calendar
import json
import os
import time
from typing import Any

import pytest
from desk import Desk, key
from locked_store import data_of, locked, need_kernel, record_of

from devkeys.store import envelope
from devkeys.store.record import CONFIRMED, PASSPHRASE, Holder, write_record

__all__ = ["locked"]

DECLARATION = """\
LLM_API_KEY=

BASE_URL=https://llm.example.com

# @generate=hex(32)
SESSION_SECRET=

TEAM_TOKEN=op://Team/chat/token

OTHER_TOKEN=

EMPTY=
"""


def _rows(desk: Desk, *words: str, **env: str) -> dict[str, dict[str, Any]]:
    found = json.loads(desk.devkeys("status", "--json", *words, env=env).out)
    return {row["name"]: row for row in found["variables"]}


def test_each_place_is_told(desk: Desk) -> None:
    """Environment, store, reference, generated, default and missing are told apart."""
    desk.declare(DECLARATION)
    desk.devkeys("set", "LLM_API_KEY", input=key().encode())
    rows = _rows(desk, OTHER_TOKEN="exported")
    assert {name: (row["place"], row["from"]) for name, row in rows.items()} == {
        "LLM_API_KEY": ("store", "chat"),
        "BASE_URL": ("default", None),
        "SESSION_SECRET": ("generated", None),
        "TEAM_TOKEN": ("reference", "op://Team/chat/token"),
        "OTHER_TOKEN": ("environment", None),
        "EMPTY": ("default", None),
    }
    assert _rows(desk)["OTHER_TOKEN"]["place"] == "missing"


def test_no_value_is_shown(desk: Desk) -> None:
    """Neither a stored nor an exported value is in the text or in the JSON."""
    stored, exported = key(), key()
    desk.declare(DECLARATION)
    desk.devkeys("set", "LLM_API_KEY", input=stored.encode())
    for words in ((), ("--json",)):
        done = desk.devkeys("status", *words, env={"OTHER_TOKEN": exported})
        assert stored not in done.text + done.err
        assert exported not in done.text + done.err


def test_an_exported_name_that_is_stored_too_is_shadowing(desk: Desk) -> None:
    """What the environment hides is told without unlocking the store."""
    desk.devkeys("set", "LLM_API_KEY", input=b"stored")
    row = _rows(desk, LLM_API_KEY="exported")["LLM_API_KEY"]
    assert (row["place"], row["shadows_store"]) == ("environment", True)
    text = desk.devkeys("status", env={"LLM_API_KEY": "exported"}).text
    assert "hides the stored value (--prefer-store)" in text


def test_a_missing_identity_does_not_matter(desk: Desk) -> None:
    """`status` and `list` work while nothing can be unlocked."""
    desk.devkeys("set", "LLM_API_KEY", input=b"stored")
    desk.devkeys("allow", "--yes")
    (desk.home / ".local/share/devkeys/identity").unlink()
    assert desk.devkeys("status").code == 0
    assert "LLM_API_KEY" in desk.devkeys("list").text


def test_the_exit_code_is_whether_run_would_work(desk: Desk) -> None:
    """3 before consent, 3 while something is missing, 0 then; `run` agrees each time."""
    run = ("run", "--", "true")
    assert (desk.devkeys("status").code, desk.devkeys(*run).code) == (3, 125)
    desk.devkeys("allow", "--yes")
    assert (desk.devkeys("status", "-q").code, desk.devkeys(*run).code) == (3, 125)
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    assert (desk.devkeys("status", "-q").code, desk.devkeys(*run).code) == (0, 0)


def test_in_ci_exported_names_need_no_consent(desk: Desk) -> None:
    """A CI job that exports everything works as it is."""
    env = {"CI": "true", "LLM_API_KEY": "x"}
    assert desk.devkeys("status", env=env).code == 0
    assert desk.devkeys("run", "--", "true", env=env).code == 0


@pytest.mark.parametrize(
    ("steps", "hint"),
    [
        ((), "devkeys allow shows what is asked for"),
        ((("allow", "--yes"),), "devkeys set LLM_API_KEY, or devkeys skip LLM_API_KEY"),
        ((("allow", "--yes"), ("skip", "LLM_API_KEY")), None),
    ],
)
def test_the_next_step_is_named(
    desk: Desk, steps: tuple[tuple[str, ...], ...], hint: str | None
) -> None:
    """The last line says what to do, until there is nothing to do."""
    for step in steps:
        assert desk.devkeys(*step).code == 0
    last = desk.devkeys("status").text.splitlines()[-1]
    assert last.startswith(f"next: {hint}" if hint else "store: ")


def test_what_is_asked_anew_is_named(desk: Desk) -> None:
    """A changed address and a new secret are marked, what was agreed is not."""
    desk.devkeys("allow", "--yes")
    desk.declare("LLM_API_KEY=\n\nBASE_URL=https://other.example.com\n\nNEW_TOKEN=\n")
    rows = _rows(desk)
    assert rows["LLM_API_KEY"]["asks"] == []
    assert rows["NEW_TOKEN"]["asks"] == ["secret"]
    assert rows["BASE_URL"]["asks"] == ["default https://other.example.com"]
    assert "changed since it was allowed: default https://other" in desk.devkeys("status").text


def test_a_file_that_guards_the_store_is_called_what_it_is(desk: Desk) -> None:
    """Without a keychain, `status` says that the disk's thief can read the values."""
    assert "none yet" in desk.devkeys("status").text
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    text = desk.devkeys("status").text
    assert "its key is a file that only its mode protects" in text
    assert str(desk.home / ".local/share/devkeys/identity") in text


def test_a_lost_ledger_is_not_called_missing(desk: Desk) -> None:
    """Values whose notes are gone are unknown, not absent."""
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    (desk.home / ".local/share/devkeys/projects/chat/dev.json").unlink()
    assert _rows(desk)["LLM_API_KEY"]["place"] == "unknown"
    assert "its notes are gone" in desk.devkeys("list").text


def test_another_checkouts_name_gives_nothing(desk: Desk) -> None:
    """A second checkout with a taken name sees none of the first one's values."""
    desk.devkeys("set", "LLM_API_KEY", input=b"mine")
    other = desk.home / "elsewhere/chat"
    other.mkdir(parents=True)
    (other / ".env.example").write_text("LLM_API_KEY=\n")
    done = desk.devkeys("status", cwd=other)
    assert done.code == 3
    assert f"the name chat belongs to {desk.project}" in done.text
    assert "MISSING" in done.text
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal", cwd=other).code == 3


def test_notices_have_a_line(desk: Desk) -> None:
    """What is odd about the declaration file is told with its line."""
    desk.declare("LLM_API_KEY=\n\nMODEL=a\n\nMODEL=b\n")
    assert f"{desk.project}/.env.example:5: MODEL" in desk.devkeys("status").text


def test_a_default_cannot_draw_on_the_screen(desk: Desk) -> None:
    """Escape sequences in a repository's file are spelled out, not sent to the terminal."""
    desk.declare('BASE_URL="https://x.example\x1b[2K\x1b[1A"\n')
    for words in (("status",), ("allow", "--show"), ("run", "--", "true")):
        done = desk.devkeys(*words)
        assert "\x1b" not in done.text + done.err


def test_inside_run_the_injected_values_shadow_nothing(desk: Desk) -> None:
    """`status` in a child of `run` knows which values are `run`'s own."""
    import sys

    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    desk.devkeys("allow", "--yes")
    inner = [sys.executable, "-P", "-m", "devkeys", "status", "--json"]
    done = desk.devkeys("run", "--", *inner)
    row = json.loads(done.out)["variables"][0]
    assert not row["shadows_store"]


def test_without_a_recovery_key_it_says_what_that_means(desk: Desk) -> None:
    """Before the day on which it matters."""
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    assert "no recovery key: if that file is lost, so are the values" in desk.devkeys("status").text
    store = json.loads(desk.devkeys("status", "--json").out)["store"]
    assert store["recovery"] is False


def test_what_a_passphrase_opens_is_locked_or_until_when(locked: tuple[Desk, str, str]) -> None:
    """Nobody is asked; JSON has the time in UTC."""
    desk, _, _ = locked
    # Its file is not there: what the record says counts.
    holder = Holder(PASSPHRASE, "", envelope.recipient_of(envelope.new_identity()) or "")
    write_record(data_of(desk), record_of(desk).but(CONFIRMED, holder))
    store = json.loads(desk.devkeys("status", "--json").out)["store"]
    facts = (store["identity"], store["unlocked_until"], store["confirmed"])
    assert facts == ("passphrase", None, "passphrase")
    text = desk.devkeys("status").text
    assert "; locked (devkeys store unlock)" in text
    assert "confirmed profiles have a passphrase that each use asks for" in text
    assert "if the passphrase or the file that it opens is lost, so are the values" in text


def test_what_is_unlocked_says_until_when(locked: tuple[Desk, str, str]) -> None:
    """As the machine's clock shows it."""
    need_kernel()
    desk, passphrase, _ = locked
    place = desk.home / "pw"
    place.write_text(passphrase)
    assert desk.devkeys("store", "unlock", "--passphrase-file", str(place)).code == 0
    assert "; unlocked until " in desk.devkeys("status").text
    store = json.loads(desk.devkeys("status", "--json").out)["store"]
    then = calendar.timegm(time.strptime(store["unlocked_until"], "%Y-%m-%dT%H:%M:%SZ"))
    assert 0 <= then - time.time() <= 60


def test_a_key_that_is_gone_is_told(desk: Desk) -> None:
    """Nothing is unlocked for that, and nobody is told that the store is well."""
    desk.declare("LLM_API_KEY=\n")
    desk.devkeys("allow", "--yes")
    assert desk.devkeys("set", "LLM_API_KEY", input=key().encode()).code == 0
    assert not json.loads(desk.devkeys("status", "--json").out)["store"]["lost"]
    path = os.path.join(data_of(desk), "identity")
    os.unlink(path)
    done = desk.devkeys("status")
    assert f"store: its key is gone, {path}: devkeys store verify" in done.text
    assert json.loads(desk.devkeys("status", "--json").out)["store"]["lost"]
