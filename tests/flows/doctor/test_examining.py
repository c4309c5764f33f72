"""The flow: every source in its turn, whatever happens to one of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import environment
from desk import key

from devkeys.errors import DevkeysError
from devkeys.flows.doctor import examining, scope
from devkeys.flows.doctor.checks import envfiles
from devkeys.flows.doctor.examining import Counting, Item
from devkeys.flows.doctor.files import IN_ENV, KNOWN, TRACKED
from devkeys.flows.doctor.histories import TYPED
from devkeys.flows.doctor.knowing import Knowledge
from devkeys.flows.doctor.scope import Nobody, Scope, Watch
from devkeys.scan.finding import Finding, Place, Unseen
from devkeys.scan.search import Known, Search
from devkeys.secret import Secret
from devkeys.session import Session


def asked(home: Path, *sources: str) -> Scope:
    """Return a look at *sources* in an empty HOME."""
    return Scope(Session(environment(home)), None, str(home), frozenset(sources))


@pytest.mark.parametrize("error", [DevkeysError("it is locked"), ValueError("sk-live")])
def test_a_source_that_fails_hides_no_other(tmp_path: Path, error: Exception) -> None:
    """What it found before is kept, and that it failed is said, without a fault's own words."""

    def look(_asked: Scope, _search: Search, _watch: Watch) -> Iterator[Item]:
        yield Unseen("first", "it is")
        raise error

    nobody = Counting(Nobody())
    first, failed = examining._safely("it", look, asked(tmp_path), Search([]), nobody)

    assert isinstance(first, Unseen)
    assert isinstance(failed, Unseen)
    assert failed.failed
    assert "sk-live" not in failed.why


def test_a_dotenv_is_told_once() -> None:
    """A value in a `.env` of which its check tells is no second finding."""
    plain = Finding(envfiles.PLAIN, Place("/x/.env"), "w", "s", ("A", "B"))
    same = Finding(KNOWN, Place("/x/.env"), "w", "s", ("A",))
    other = Finding(KNOWN, Place("/x/.env"), "w", "s", ("C (chat, prod)",))
    elsewhere = Finding(KNOWN, Place("/x/notes"), "w", "s", ("A",))
    both = Finding(IN_ENV, Place("/x/.env"), "w", "s", ("A = B (chat, prod)",))

    assert examining._once([plain, same, other, elsewhere, both]) == [plain, other, elsewhere]


def test_a_part_is_told_where_it_stands_without_the_whole() -> None:
    """The password of an address is no second leak where the address stands."""
    place = Place("/x/notes", line=3)
    whole = Finding(KNOWN, place, "w", "s", ("A",), "as it is")
    part = whole._replace(form="the password in it, as it is")
    line = part._replace(place=place._replace(line=5))
    twice = part._replace(place=place._replace(times=2))

    assert examining._once([whole, part]) == [whole]
    assert examining._once([whole, line]) == [whole]
    assert examining._once([whole, twice]) == [whole, twice]
    assert examining._once([part]) == [part]


def test_a_history_is_told_once() -> None:
    """A history is a file, too: as such it is told only if git tracks it."""
    typed = Finding(TYPED, Place("/x/.zsh_history", entry=1), "w", "s", ("A",))
    same = Finding(KNOWN, Place("/x/.zsh_history"), "w", "s", ("A",))
    other = Finding(KNOWN, Place("/x/.zsh_history"), "w", "s", ("B",))
    tracked = Finding(TRACKED, Place("/x/.zsh_history"), "w", "s", ("A",))

    assert examining._once([same, typed, other, tracked]) == [typed, other, tracked]


def test_what_the_verdict_says_of_git_is_not_said_twice(tmp_path: Path) -> None:
    """The objects of the checkout's own git are told as covered or not; those of others by name."""
    for name in ("objects", "refs", "HEAD"):
        for directory in (".git", "other/.git"):
            (tmp_path / directory / name).mkdir(parents=True)
    look = asked(tmp_path, scope.CHECKOUT)
    report = examining.examine(look, Knowledge(), Nobody()).report
    assert [one.number for one in report.unseen] == [2]
    assert report.covered.git_history is False

    shutil.rmtree(tmp_path / "other")
    assert examining.examine(look, Knowledge(), Nobody()).report.unseen == ()


def test_files_bytes_and_secrets_are_counted(tmp_path: Path) -> None:
    """The report says how much was looked at."""
    home, project = tmp_path / "home", tmp_path / "chat"
    home.mkdir()
    project.mkdir()
    (project / ".git").mkdir()
    for number in range(3):
        (project / f"f{number}").write_text("x" * 100)
    look = Scope(Session(environment(home)), None, str(project), frozenset((scope.CHECKOUT,)), ())
    known = (Known("A", Secret(key().encode())), Known("A", Secret(key().encode()), "a part"))
    covered = examining.examine(look, Knowledge(known, ("B",), ("C",)), Nobody()).report.covered

    assert (covered.files, covered.bytes, covered.secrets) == (3, 300, 1)
    assert (covered.too_short, covered.too_common) == (("B",), ("C",))
    assert covered.git_history is False


def test_a_history_in_home_is_told_once(tmp_path: Path) -> None:
    """With `--home` a history is not found as a file, too."""
    value = key()
    (tmp_path / ".bash_history").write_text(f"x {value}\n")
    (tmp_path / "notes").write_text(value)
    known = Knowledge((Known("A", Secret(value.encode())),))
    look = asked(tmp_path, scope.HOME, scope.HISTORIES)
    report = examining.examine(look, known, Nobody()).report

    assert sorted(one.kind.id for one in report.findings) == [
        "files/known-value",
        "history/known-value",
    ]


def test_a_value_in_a_path_is_hidden(tmp_path: Path) -> None:
    """A file that is called after a value is told without it, and its remedy can still find it."""
    value = key()
    (tmp_path / ".git").mkdir()
    (tmp_path / f"{value}.txt").write_text(value)
    known = Knowledge((Known("A", Secret(value.encode())),))
    report = examining.examine(asked(tmp_path, scope.CHECKOUT), known, Nobody()).report

    assert len(report.findings) == 1
    assert value not in str(report)


def test_what_several_sources_could_not_look_at_is_told_once(tmp_path: Path) -> None:
    """As failed, if one of them was asked for it."""
    once, failed = Unseen("/x", "is a FIFO"), Unseen("/x", "is a FIFO", failed=True)
    other = Unseen("/x", "is a FIFO", 2)
    for found in ([once, failed, other, once], [failed, once, other, failed]):
        assert examining._unseen(found, asked(tmp_path)) == [failed, other]
    assert examining._unseen([once, once], asked(tmp_path)) == [once]
