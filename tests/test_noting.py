"""What commands note for the shells."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import checkout
import pytest
from desk import Desk, key, make_desk
from real import need

from devkeys import index, noting, skips
from devkeys.consent import record as records
from devkeys.flows.here import Here
from devkeys.flows.status import survey
from devkeys.index import Index, Lack
from devkeys.plan import SECRET, WANTED
from devkeys.project.find import checkout_of
from devkeys.whereabouts import MISSING


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give this test a project with two wanted secrets, one of which does not look so."""
    return make_desk(tmp_path, "LLM_API_KEY=\n\n# @sensitive\nLICENSE_CODE=\n\nMODEL=small\n")


def noted(desk: Desk) -> Index:
    """Return the index of *desk*'s user."""
    return index.read(str(desk.home / ".local/state/devkeys"))


def said(desk: Desk) -> str:
    """Return what the shells said, or count as having said."""
    path = Path(index.said_path(str(desk.home / ".local/state/devkeys")))
    return path.read_text() if path.exists() else ""


def test_each_command_that_changes_something_notes_it(desk: Desk) -> None:
    """allow, set, unset, skip, add and import, one after the other."""
    row = str(desk.project)

    def after(*words: str, given: bytes = b"") -> Lack | None:
        done = desk.devkeys(*words, input=given)
        assert done.code == 0, done.err
        return noted(desk).lacks.get(row)

    assert after("set", "LLM_API_KEY", given=key().encode()) is None  # nothing is agreed to yet
    assert after("allow", "--yes") == Lack(1, 2)
    assert noted(desk).names == {"LICENSE_CODE"}
    assert after("unset", "LLM_API_KEY") == Lack(2, 2)
    assert after("set", "LICENSE_CODE", given=key().encode()) == Lack(1, 2)
    assert after("skip", "LLM_API_KEY") == Lack(0, 1)
    assert after("skip", "--undo", "LLM_API_KEY") == Lack(1, 2)
    assert after("add", "OTHER_TOKEN", "--no-value") == Lack(2, 3)
    dotenv = desk.project / "values"
    dotenv.write_text(f"LLM_API_KEY={key()}\nOTHER_TOKEN={key()}\n")
    assert after("import", "values") == Lack(0, 3)


def test_init_notes_what_it_did(desk: Desk) -> None:
    """Also where it ends with something missing."""
    done = desk.devkeys("init", "--yes", "--from", "-", input=f"LLM_API_KEY={key()}\n".encode())
    assert done.code == 3
    assert noted(desk).lacks == {str(desk.project): Lack(1, 2)}


def test_a_denied_checkout_is_not_spoken_about(desk: Desk) -> None:
    """Its names and its row go, and no shell says that it asks for secrets."""
    desk.devkeys("allow", "--yes")
    assert desk.devkeys("deny").code == 0
    assert noted(desk) == Index()
    assert said(desk) == f"? ? {desk.project}\n"
    desk.devkeys("allow", "--yes")
    assert noted(desk).lacks == {str(desk.project): Lack(2, 2)}
    assert said(desk) == ""


@pytest.mark.parametrize("words", [(), ("--all",)])
def test_what_was_forgotten_is_not_known(desk: Desk, words: tuple[str, ...]) -> None:
    """Neither its row nor its names are left."""
    desk.devkeys("allow", "--yes")
    assert desk.devkeys("forget", "--yes", *words).code == 0
    assert noted(desk) == Index()
    assert said(desk) == ""


def test_a_projects_forgotten_values_are_missing(desk: Desk) -> None:
    """`forget --project` from elsewhere counts the checkout anew."""
    desk.devkeys("allow", "--yes")
    desk.devkeys("set", "LLM_API_KEY", input=key().encode())
    assert noted(desk).lacks == {str(desk.project): Lack(1, 2)}
    assert desk.devkeys("forget", "--project", "chat", "--yes", cwd=desk.home).code == 0
    assert noted(desk).lacks == {str(desk.project): Lack(2, 2)}


def test_a_run_that_takes_the_slow_way_notes_what_changed(desk: Desk) -> None:
    """A declaration that git brought is counted at the next run; the fast way writes nothing."""
    desk.devkeys("allow", "--yes")
    desk.declare("LLM_API_KEY=\n\nMODEL=small\n")
    desk.devkeys("run", "--", "true")
    assert noted(desk).lacks == {str(desk.project): Lack(1, 1)}
    desk.devkeys("set", "LLM_API_KEY", input=key().encode())
    assert desk.devkeys("run", "--", "true").code == 0
    path = Path(index.path_of(str(desk.home / ".local/state/devkeys")))
    path.unlink()
    assert desk.devkeys("run", "--", "true").code == 0
    assert not path.exists()


def test_what_this_shell_exports_does_not_count(desk: Desk) -> None:
    """Another terminal does not have it."""
    desk.devkeys("allow", "--yes", env={"LLM_API_KEY": key()})
    assert noted(desk).lacks == {str(desk.project): Lack(2, 2)}


def test_another_profile_does_not_count(desk: Desk) -> None:
    """The row is about dev."""
    desk.devkeys("allow", "--yes")
    desk.devkeys("set", "-p", "staging", "LLM_API_KEY", input=key().encode())
    assert noted(desk).lacks == {str(desk.project): Lack(2, 2)}


def test_a_checkout_that_is_gone_is_dropped(desk: Desk) -> None:
    """Once something is written."""
    other = desk.project.parent / "other"
    other.mkdir()
    (other / ".env.example").write_text("OTHER_TOKEN=\n")
    desk.devkeys("allow", "--yes", cwd=other)
    shutil.rmtree(other)
    desk.devkeys("allow", "--yes")
    assert noted(desk).lacks == {str(desk.project): Lack(2, 2)}


def test_who_shares_the_values_is_counted_too(desk: Desk) -> None:
    """A value that is set in one worktree is there in the other, and in the projects inside."""
    need("git")
    inner = desk.project / "web"
    inner.mkdir()
    (inner / ".env.example").write_text("LLM_API_KEY=\n")
    tree = desk.project.parent / "tree"
    name = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com")
    for words in (
        ("init", "-q"),
        ("add", "."),
        (*name, "commit", "-qm", "Add it"),
        ("worktree", "add", "-q", str(tree)),
    ):
        subprocess.run(["git", *words], cwd=desk.project, check=True, env=desk.environ)
    places = (desk.project, inner, tree)
    for place in places:
        desk.devkeys("allow", "--yes", cwd=place)
    assert [noted(desk).lacks[str(p)] for p in places] == [Lack(2, 2), Lack(1, 1), Lack(2, 2)]
    desk.devkeys("set", "LLM_API_KEY", input=key().encode())
    assert [noted(desk).lacks[str(p)] for p in places] == [Lack(1, 2), Lack(0, 1), Lack(1, 2)]


def test_a_declaration_that_cannot_be_read_keeps_its_row(desk: Desk) -> None:
    """In the middle of a merge the last numbers are the best there are."""
    desk.devkeys("allow", "--yes")
    desk.declare("<<<<<<< HEAD\nLLM_API_KEY='\n")
    other = desk.project.parent / "other"
    other.mkdir()
    (other / ".env.example").write_text("OTHER_TOKEN=\n")
    assert desk.devkeys("allow", "--yes", "--project", "chat", cwd=other).code == 0
    assert noted(desk).lacks == {str(desk.project): Lack(2, 2), str(other): Lack(1, 1)}


@pytest.mark.parametrize("break_it", [Path.mkdir, lambda path: path.symlink_to("/dev/null")])
def test_an_index_that_cannot_be_written_fails_no_command(
    desk: Desk, break_it: Callable[[Path], None]
) -> None:
    """One line says so; the value is stored."""
    path = Path(index.path_of(str(desk.home / ".local/state/devkeys")))
    path.parent.mkdir(parents=True, mode=0o700)
    (desk.home / ".local").chmod(0o700)
    break_it(path)
    done = desk.devkeys("set", "LLM_API_KEY", input=key().encode())
    assert done.code == 0
    assert done.err.count("what the shells' hooks know was not brought up to date") == 1
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").code == 0


def test_copies_of_another_version_are_renewed(desk: Desk) -> None:
    """An upgrade reaches installed hooks with the first command that changes anything."""
    copy = desk.home / ".local/share/devkeys/hook/devkeys.zsh"
    assert desk.devkeys("hook", "install", "zsh", "--yes").code == 0
    current = copy.read_bytes()
    copy.write_bytes(b"_devkeys_version=0.0.1\n")
    desk.devkeys("allow", "--yes")
    assert copy.read_bytes() == current


@pytest.mark.parametrize(
    "declaration",
    [
        "LLM_API_KEY=\n\nDB_PASSWORD=your-password-here\n\nMODEL=x\n",
        "LLM_API_KEY=op://Team/chat/key\n\nOTHER_TOKEN=\n",
        "# @generate=hex(32)\nSESSION_SECRET=\n\nOTHER_TOKEN=\n",
        "# @optional\nLLM_API_KEY=\n\n# @sensitive=false\nPUBLIC_TOKEN=\n\nOTHER_TOKEN=\n",
        "# @sensitive\nLICENSE=abc\n\n# @required\nOTHER_TOKEN=\n\nHOST=your-host\n",
        "DATABASE_URL=postgres://user:password@localhost/db\n\nSKIPPED_TOKEN=\n",
        "",
    ],
)
def test_the_row_counts_as_status_does(tmp_path: Path, home: Path, declaration: str) -> None:
    """Of whatever is declared, stored and skipped, with nothing exported."""
    chat = checkout.make(tmp_path / "chat", declaration)
    session = checkout.session(home)
    place = checkout_of(str(chat), session.home)
    checkout.allowed(chat, home)
    skipped = skips.path_of(session.state_dir, place.identity, "", "dev")
    skips.write(skipped, {"SKIPPED_TOKEN"})
    if "DB_PASSWORD" in declaration:
        checkout.store(chat, home, DB_PASSWORD=key())
    noting.note(session, place)
    found = survey(Here(session, place, "dev", None))
    wanted = [
        row
        for row, variable in zip(found.rows, found.plan.variables, strict=True)
        if variable.flags & SECRET and variable.flags & WANTED
    ]
    missing = sum(row.place == MISSING for row in wanted)
    assert index.read(session.state_dir).lacks == {str(chat): Lack(missing, len(wanted))}


def test_names_that_look_secret_are_left_out(tmp_path: Path, home: Path) -> None:
    """Hooks know those by themselves; of the others every agreed one is there, of any profile."""
    chat = checkout.make(
        tmp_path / "chat", "LLM_API_KEY=\n\n# @sensitive\nLICENSE=\n\n# @sensitive\nSEAT=\n\nA=b\n"
    )
    session = checkout.session(home)
    checkout.allowed(chat, home, "staging")
    noting.note(session)
    assert index.read(session.state_dir).names == {"LICENSE", "SEAT"}
    place = checkout_of(str(chat), session.home)
    records.withdraw(session.data_dir, place.identity, None)
    noting.note(session)
    assert index.read(session.state_dir).names == frozenset()
