"""Cleaning up: the steps and their order, each action, and what is said when one fails."""

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import environment
from desk import key

from devkeys.errors import UsageError
from devkeys.flows.doctor import fixing, remedies, scope
from devkeys.flows.doctor.fixing import Step
from devkeys.flows.doctor.scope import Scope
from devkeys.scan.finding import RISK, Finding, Kind, Place, Remedy
from devkeys.scan.search import Known, Search
from devkeys.secret import Secret
from devkeys.session import Session

KIND = Kind("test/kind", RISK, "A test", "It matters.", "Mend it.")


@pytest.fixture
def asked(tmp_path: Path) -> Scope:
    """Return a look in an empty directory, outside of any project."""
    session = Session(environment(tmp_path))
    return Scope(session, None, str(tmp_path), frozenset((scope.HISTORIES,)))


def finding(path: Path, action: str, detail: str = "", *secrets: str) -> Finding:
    """Return a finding that *action* on *path* can mend."""
    remedy = Remedy(action, str(path), detail)
    return Finding(KIND, Place(str(path)), f"{path.name} is odd", "mend it", secrets, "", remedy)


def mend(asked: Scope, *found: Finding, search: Search | None = None) -> list[str]:
    """Do all that can be done about *found*, and return what was said."""
    said = []
    for step in fixing.steps(asked, found, search or Search([]), yes=True):
        said += list(step.do())
    return said


def git(directory: Path, *words: str) -> bytes:
    """Return what git prints."""
    return subprocess.run(["git", *words], cwd=directory, check=True, capture_output=True).stdout


def test_nothing_is_taken_away_before_the_store_has_it(asked: Scope, tmp_path: Path) -> None:
    """Whatever order findings come in, git lets go first, then values move, histories last."""
    path = tmp_path / ".env"
    found = [finding(path, action) for action in ("scrub", "store", "untrack", "ignore")]
    asks = [step.question for step in fixing.steps(asked, found, Search([]), yes=True)]
    order = ["git is to ignore", "git's index", "into the store", "entries"]

    assert [word in question for word, question in zip(order, asks, strict=True)] == [True] * 4


def test_findings_of_one_file_are_one_step(asked: Scope, tmp_path: Path) -> None:
    """Two secrets in one history are taken out at once, and both are told."""
    path = tmp_path / ".bash_history"
    one, two = finding(path, "scrub", "bash", "A"), finding(path, "scrub", "bash", "B")
    steps = fixing.steps(asked, [one, two._replace(what="other")], Search([]), yes=True)

    assert [step.details for step in steps] == [(".bash_history is odd", "other")]


def test_a_finding_without_a_remedy_is_no_step(asked: Scope, tmp_path: Path) -> None:
    """What only its user can mend is not asked about."""
    one = finding(tmp_path, "mode")._replace(remedy=None)

    assert fixing.steps(asked, [one], Search([]), yes=True) == []


def test_a_step_names_the_file_that_a_link_leads_to(asked: Scope, tmp_path: Path) -> None:
    """That is the one that will be written to."""
    path = tmp_path / ".zsh_history"
    path.symlink_to("dotfiles")
    (step,) = fixing.steps(asked, [finding(path, "scrub")], Search([]), yes=True)

    assert ".zsh_history, a link to ~/dotfiles?" in step.question


def test_every_action_of_a_finding_is_known() -> None:
    """Each action that the sources name is one that can be done."""
    folder = Path(remedies.__file__).parent
    named = {
        part.partition('"')[0]
        for file in folder.rglob("*.py")
        for part in file.read_text().split('Remedy("')[1:]
    }

    assert named
    assert named <= set(remedies.REMEDIES)


def test_rights_of_others_are_taken_away(asked: Scope, tmp_path: Path) -> None:
    """The owner keeps what it has; nobody gets more than there was."""
    path = tmp_path / "history.txt"
    path.write_text("ls\n")
    path.chmod(0o644)
    mend(asked, finding(path, "mode", "600"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o444)
    mend(asked, finding(path, "mode", "600"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o400


def test_a_link_is_not_followed_to_change_rights(asked: Scope, tmp_path: Path) -> None:
    """A link that was put in the file's place leaves what it leads to as it is."""
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("x")
    target.chmod(0o644)
    link.symlink_to(target)
    step = fixing.steps(asked, [finding(link, "mode", "600")], Search([]), yes=True)[0]
    fixing.carry_out([step], yes=True)

    assert stat.S_IMODE(target.stat().st_mode) == 0o644


def test_lines_are_added_to_a_gitignore(asked: Scope, tmp_path: Path) -> None:
    """Each line once, behind what is there."""
    path = tmp_path / ".gitignore"
    path.write_text("*.log")
    mend(asked, finding(path, "ignore", ".env\n.env.*"), finding(path, "ignore", ".env\n.env.*"))

    assert path.read_text() == "*.log\n.env\n.env.*\n"


def test_a_file_is_taken_out_of_the_index(asked: Scope, tmp_path: Path) -> None:
    """Git forgets the file; the file itself stays."""
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".env")
    mend(asked, finding(path, "untrack"))

    assert path.exists()
    assert git(tmp_path, "ls-files") == b""


def test_only_what_was_found_there_is_scrubbed(asked: Scope, tmp_path: Path) -> None:
    """An entry with another known value, which was accepted there, stays."""
    one, other = key(), key()
    path = tmp_path / ".bash_history"
    path.write_text(f"a {one}\nb {other}\n")
    search = Search([Known("ONE", Secret(one.encode())), Known("OTHER", Secret(other.encode()))])
    said = mend(asked, finding(path, "scrub", "bash", "ONE"), search=search)

    assert path.read_text() == f"b {other}\n"
    assert said[0] == f"took 1 entry out of {path}"


def test_a_step_that_fails_is_said_and_the_rest_is_done(
    asked: Scope, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One error does not keep the others from being mended."""
    path = tmp_path / "open"
    path.write_text("x")
    path.chmod(0o644)
    todo = fixing.steps(
        asked,
        [finding(tmp_path / "gone", "mode", "600"), finding(path, "mode", "600")],
        Search([]),
        yes=True,
    )
    fixing.carry_out(todo, yes=True)

    assert "error: cannot open" in capsys.readouterr().err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nobody_to_ask_is_an_error() -> None:
    """Without a terminal and without --yes nothing is done."""
    done: list[str] = []

    def do() -> Iterator[str]:
        done.append("done")
        yield "done"

    with pytest.raises(UsageError, match="nobody to ask"):
        fixing.carry_out([Step("Do it?", (), do)], yes=False)

    assert done == []
