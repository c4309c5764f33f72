"""The source `histories`: which command holds what, when it was typed, and what stands besides."""

import os
import sqlite3
from pathlib import Path

import pytest
from command import environment
from desk import key

from devkeys.flows.doctor import histories, scope
from devkeys.flows.doctor.scope import Nobody, Scope
from devkeys.history import Entry
from devkeys.scan.finding import Finding, Fine, Unseen
from devkeys.scan.search import Known, Search
from devkeys.secret import Secret
from devkeys.session import Session


def search(*values: str) -> Search:
    """Return a search for *values*, labelled K0, K1, ..."""
    return Search([Known(f"K{at}", Secret(value.encode())) for at, value in enumerate(values)])


def asked(home: Path, since: float | None = None, **environ: str) -> Scope:
    """Return a look at the histories of the user whose HOME is *home*."""
    session = Session({**environment(home), **environ})
    return Scope(session, None, str(home), frozenset((scope.HISTORIES,)), (), since)


def look(home: Path, value: str, since: float | None = None) -> list[Finding | Unseen | Fine]:
    """Look for *value* in the histories below *home*, but for the shells that are open."""
    found = histories.look(asked(home, since), search(value), Nobody())
    return [one for one in found if not (isinstance(one, Unseen) and "(pid " in one.place)]


def findings(home: Path, value: str, since: float | None = None) -> list[Finding]:
    """Return only what was found."""
    return [one for one in look(home, value, since) if isinstance(one, Finding)]


@pytest.fixture
def desk_home(tmp_path: Path) -> Path:
    """Return an empty HOME."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return home


def test_the_entry_and_its_time_are_told(desk_home: Path) -> None:
    """The place is the number of the first command, its time, and how many there are."""
    value = key()
    text = f"#1700000000\nls\n#1700000060\nexport A={value}\n#1700000120\necho {value}\n"
    (desk_home / ".bash_history").write_text(text)
    (one,) = findings(desk_home, value)

    assert (one.kind.id, one.secrets) == ("history/known-value", ("K0",))
    assert (one.place.entry, one.place.times, one.place.when) == (2, 2, 1700000060)


def test_a_value_in_another_form_tells_it(desk_home: Path) -> None:
    """What was typed in base64 is found, and called so."""
    value = key()
    encoded = Secret(value.encode()).reveal().hex()
    (desk_home / ".bash_history").write_text(f"echo {encoded} | xxd -r -p\n")
    (one,) = findings(desk_home, value)

    assert one.form == "hex"


def test_a_value_over_two_commands_is_no_command(desk_home: Path) -> None:
    """Two commands whose ends make up a value are not taken for one that holds it."""
    value = key()
    (desk_home / ".bash_history").write_text(f"echo {value[:20]}\n{value[20:]} x\n")

    assert [one.kind.id for one in findings(desk_home, value)] == ["history/remains"]


def test_what_stands_outside_of_commands_is_found(desk_home: Path) -> None:
    """A deleted row whose bytes are still in the database is found."""
    value = key()
    folder = desk_home / ".config" / "nushell"
    folder.mkdir(parents=True)
    path = folder / "history.sqlite3"
    database = sqlite3.connect(path)
    database.execute("PRAGMA secure_delete = OFF")
    database.execute("create table history (id integer primary key, command_line text not null)")
    database.execute("insert into history (command_line) values (?)", (f"export A={value}",))
    database.commit()
    database.execute("delete from history")
    database.commit()
    database.close()
    assert value.encode() in path.read_bytes()

    assert [one.kind.id for one in findings(desk_home, value)] == ["history/remains"]


def test_since_leaves_older_commands_out(desk_home: Path) -> None:
    """What was typed before is left out; a command without a time may be new, and stays."""
    value = key()
    (desk_home / ".bash_history").write_text(f"#1700000000\nexport A={value}\n")

    assert not findings(desk_home, value, since=1700000001)
    assert findings(desk_home, value, since=1699999999)


def test_clean_histories_are_counted(desk_home: Path) -> None:
    """What holds nothing is fine, and said in one line."""
    (desk_home / ".bash_history").write_text("ls\n")
    (desk_home / ".python_history").write_text("1 + 1\n")

    assert look(desk_home, key()) == [Fine("2 histories hold no known value")]


def test_a_history_that_cannot_be_read_is_said(desk_home: Path) -> None:
    """A damaged database makes the run a failed one, and the others are looked at all the same."""
    value = key()
    folder = desk_home / ".config" / "nushell"
    folder.mkdir(parents=True)
    (folder / "history.sqlite3").write_bytes(b"SQLite format 3\0" + os.urandom(5000))
    (desk_home / ".bash_history").write_text(f"x {value}\n")
    found = look(desk_home, value)

    assert [
        (os.path.basename(one.place), one.failed) for one in found if isinstance(one, Unseen)
    ] == [("history.sqlite3", True)]
    assert len([one for one in found if isinstance(one, Finding)]) == 1


def test_the_bytes_of_a_damaged_history_are_searched(desk_home: Path) -> None:
    """What no row shows stands in the file, and is found there."""
    value = key()
    folder = desk_home / ".config" / "nushell"
    folder.mkdir(parents=True)
    damaged = b"SQLite format 3\0" + os.urandom(5000) + value.encode()
    (folder / "history.sqlite3").write_bytes(damaged)
    found = look(desk_home, value)

    assert [one.kind.id for one in found if isinstance(one, Finding)] == ["history/remains"]


def test_a_history_that_is_too_large_is_no_clean_one(
    desk_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named as one that could not be looked at."""
    monkeypatch.setattr(histories, "LIMIT", 100)
    (desk_home / ".bash_history").write_text("ls\n" * 100)
    found = look(desk_home, key())

    assert [one.failed for one in found if isinstance(one, Unseen)] == [True]


def test_commands_are_searched_one_by_one() -> None:
    """Each command that holds a value counts once, however often it stands in it."""
    value = key()
    texts = ["ls", f"{value} {value}", "", f"a {value}"]
    found = histories.find([Entry(b"", text.encode()) for text in texts], search(value))

    assert (found[0].number, found[0].times) == (2, 2)
