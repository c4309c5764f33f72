"""Findings that were accepted, and are known again."""

import os
import secrets
from pathlib import Path

import pytest
from doctor_report import COMMITTED_KEY, DUMPS, FRAME, HOME, READABLE, ROOT, URL, typed
from hypothesis import given
from hypothesis import strategies as st

from devkeys.errors import DevkeysError, UsageError
from devkeys.flows.doctor import baseline
from devkeys.flows.doctor.marks import Marks, marks, portable, tags
from devkeys.flows.doctor.report import Frame
from devkeys.project.allowed import Allowed
from devkeys.scan.finding import Finding, Place
from devkeys.scan.search import Known
from devkeys.secret import Secret

ASKED = (Allowed("tests/**", reason="made up"),)


@pytest.fixture
def state(tmp_path: Path) -> str:
    """Return this test's own STATE."""
    return str(tmp_path / "state")


def accepted(state: str, finding: Finding, mine: Marks) -> bool:
    """Tell whether *finding* is left out."""
    shown, out = baseline.apart([finding], baseline.read(state), mine)
    assert shown + out == (finding,)
    assert baseline.is_accepted(finding, baseline.read(state), mine) == bool(out)
    return bool(out)


def test_an_accepted_finding_is_left_out(state: str) -> None:
    """What was accepted by its id is left out, and nothing else is."""
    mine = marks(state, FRAME)

    assert baseline.accept(state, [READABLE, DUMPS], [mine.id(READABLE)], mine) == 1

    assert accepted(state, READABLE, mine)
    assert not accepted(state, DUMPS, mine)


def test_all(state: str) -> None:
    """`all` accepts every finding, and later findings stay findings."""
    mine = marks(state, FRAME)

    assert baseline.accept(state, [READABLE, DUMPS], ["all"], mine) == 2

    assert accepted(state, DUMPS, mine)
    assert not accepted(state, COMMITTED_KEY, mine)


@pytest.mark.parametrize(
    "moved",
    [
        READABLE._replace(place=Place(ROOT + "/.env", line=9)),
        READABLE._replace(what="in other words", step="another step"),
        READABLE._replace(place=READABLE.place._replace(when=5.0)),
    ],
)
def test_a_finding_that_moved_is_the_same(state: str, moved: Finding) -> None:
    """Other lines, another date of the file, another wording: it is still the accepted one."""
    mine = marks(state, FRAME)
    baseline.accept(state, [READABLE], ["all"], mine)

    assert accepted(state, moved, mine)


@pytest.mark.parametrize(
    "other",
    [
        READABLE._replace(secrets=("OTHER_KEY (chat, dev)",)),
        READABLE._replace(secrets=(URL, "OTHER_KEY (chat, dev)")),
        READABLE._replace(place=Place(ROOT + "/.env.local")),
        READABLE._replace(place=Place(ROOT + "/.env", times=2)),
        READABLE._replace(place=Place(ROOT + "/.env", member="x")),
        READABLE._replace(place=Place(ROOT + "/.env", commit="3f2a9c0d1e")),
        READABLE._replace(kind=DUMPS.kind),
    ],
)
def test_another_finding_is_not_covered(state: str, other: Finding) -> None:
    """Another secret, place, commit or kind, and the same one more often, is shown."""
    mine = marks(state, FRAME)
    baseline.accept(state, [READABLE], ["all"], mine)

    assert not accepted(state, other, mine)


def test_another_value_is_not_covered(state: str) -> None:
    """A secret that leaks again after it was replaced is another finding."""
    mine = marks(state, FRAME, {URL: "a1"})
    baseline.accept(state, [READABLE], ["all"], mine)

    assert not accepted(state, READABLE, marks(state, FRAME, {URL: "b2"}))


def test_tags_are_of_all_values() -> None:
    """A label's tag changes with any of its values, whatever their order, and shows none."""
    old, new = (Known(URL, Secret(secrets.token_bytes(16))) for _ in range(2))
    other = Known("OTHER", old.value)

    assert tags(b"k", [old, new, other]) == tags(b"k", [new, other, old])
    assert tags(b"k", [old])[URL] != tags(b"k", [old, new])[URL] != tags(b"k", [new])[URL]


def test_a_command_typed_again_is_not_covered(state: str) -> None:
    """In a history with time stamps each command is accepted for itself."""
    mine = marks(state, FRAME)
    baseline.accept(state, [typed(1)], ["all"], mine)

    assert accepted(state, typed(1)._replace(place=typed(1).place._replace(entry=7)), mine)
    assert not accepted(state, typed(2), mine)


def test_one_more_in_a_history_without_time_stamps(state: str) -> None:
    """Where nothing tells commands apart, one more than was accepted shows all of them."""
    mine = marks(state, FRAME)
    old = [READABLE._replace(place=Place(HOME + "/.bash_history", entry=n)) for n in (3, 5)]
    baseline.accept(state, old, ["all"], mine)
    new = READABLE._replace(place=Place(HOME + "/.bash_history", entry=9))

    assert baseline.apart(old, baseline.read(state), mine) == ((), tuple(old))
    assert baseline.apart([*old, new], baseline.read(state), mine)[0] == (*old, new)


def test_less_than_before_takes_nothing_back(state: str) -> None:
    """To accept again, with less in view, leaves what was accepted before."""
    mine = marks(state, FRAME)
    twice = READABLE._replace(place=Place(ROOT + "/.env", times=2))
    baseline.accept(state, [twice], ["all"], mine)
    baseline.accept(state, [READABLE], ["all"], mine)

    assert accepted(state, twice, mine)


def test_worktrees_share_what_was_accepted(state: str) -> None:
    """The same file of the same repository is the same, wherever a worktree lies."""
    baseline.accept(state, [READABLE], ["all"], marks(state, FRAME))
    elsewhere = Frame(HOME, "/srv/tree", FRAME.identity)
    moved = READABLE._replace(place=Place("/srv/tree/.env"))

    assert accepted(state, moved, marks(state, elsewhere))
    assert not accepted(state, moved, marks(state, Frame(HOME, "/srv/tree", "/other")))


def test_unaccept(state: str) -> None:
    """What is accepted no longer is shown again."""
    mine = marks(state, FRAME)
    baseline.accept(state, [READABLE, DUMPS], ["all"], mine)

    assert baseline.unaccept(state, [mine.id(DUMPS)]) == 1

    assert not accepted(state, DUMPS, mine)
    assert accepted(state, READABLE, mine)


def test_unaccept_all_takes_lists_too(state: str) -> None:
    """`all` forgets findings and the lists of repositories."""
    mine = marks(state, FRAME)
    baseline.accept(state, [READABLE], ["all"], mine)
    baseline.accept_list(state, ASKED, mine)

    assert baseline.unaccept(state, ["all"]) == 2
    assert baseline.read(state) == baseline.Accepted()


def test_an_unknown_id_changes_nothing(state: str) -> None:
    """A slip of the pen is an error, and nothing is remembered or forgotten."""
    mine = marks(state, FRAME)

    with pytest.raises(UsageError, match="no finding 00000000"):
        baseline.accept(state, [READABLE], [mine.id(READABLE), "00000000"], mine)
    with pytest.raises(UsageError, match="no finding 00000000"):
        baseline.unaccept(state, ["00000000"])

    assert baseline.read(state) == baseline.Accepted()


def test_a_list_counts_as_it_was_accepted(state: str) -> None:
    """A repository's list that was changed, and that of another repository, does not count."""
    mine = marks(state, FRAME)
    baseline.accept_list(state, ASKED, mine)
    known = baseline.read(state)

    assert known.has_list(mine, ASKED)
    assert not known.has_list(mine, (*ASKED, Allowed(name="*", reason="more")))
    assert not known.has_list(marks(state, Frame(HOME, ROOT, "/other")), ASKED)


def test_the_file_tells_nothing(state: str) -> None:
    """It holds hashes, counts and days, for its owner only."""
    mine = marks(state, FRAME)
    baseline.accept(state, [READABLE, typed(1)], ["all"], mine)
    path = os.path.join(state, baseline.FILE)
    text = Path(path).read_text()

    for word in ("LLM", "DATABASE", "chat", "history", "env", HOME):
        assert word not in text
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_another_machine_makes_other_marks(tmp_path: Path) -> None:
    """Without the machine's key nobody can tell what was accepted by trying names."""
    one, other = marks(str(tmp_path / "a"), FRAME), marks(str(tmp_path / "b"), FRAME)

    assert one.of(READABLE) != other.of(READABLE)


def test_a_newer_file_is_refused_and_stays(state: str) -> None:
    """What a newer devkeys wrote is neither read nor written."""
    mine = marks(state, FRAME)
    path = Path(state, baseline.FILE)
    path.touch(0o600)
    path.write_text("devkeys-accepted 2\nsomething\n")

    with pytest.raises(DevkeysError, match="newer devkeys"):
        baseline.read(state)
    with pytest.raises(DevkeysError, match="newer devkeys"):
        baseline.accept(state, [READABLE], ["all"], mine)
    assert path.read_text() == "devkeys-accepted 2\nsomething\n"


@given(st.data())
def test_a_damaged_file_is_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A file that was cut short or overwritten is never taken for one that accepts more."""
    state = str(tmp_path_factory.mktemp("state"))
    os.chmod(state, 0o700)
    mine = Marks(b"k" * 32, FRAME)
    baseline.accept(state, [READABLE, DUMPS], ["all"], mine)
    path = Path(state, baseline.FILE)
    whole = path.read_bytes()
    entries = set(baseline.read(state).findings)
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])

    try:
        left = set(baseline.read(state).findings)
    except DevkeysError:
        return
    assert left <= entries


def test_portable_marks_need_no_key() -> None:
    """A fingerprint for a service is the same on each machine, and for a moved line."""
    other = Frame("/home/ci", "/builds/chat", "/builds/chat/.git")
    there = READABLE._replace(place=Place("/builds/chat/.env", line=3))

    assert portable(READABLE, FRAME) == portable(there, other)
    assert portable(READABLE, FRAME) != portable(there._replace(secrets=("X",)), other)


def test_any_name_has_a_mark() -> None:
    """A path that is no text, and one with line ends, has its own mark."""
    names = [b"\xff", b"\xfe", b"a\nb", b"a"]
    paths = [f"/srv/{name.decode('utf-8', 'surrogateescape')}" for name in names]
    mine = Marks(secrets.token_bytes(32), FRAME)

    assert len({mine.of(READABLE._replace(place=Place(path))) for path in paths}) == len(paths)
