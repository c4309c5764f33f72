"""Consent records: what was agreed to comes back, and nothing else does."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys import consent
from devkeys.consent import record as records
from devkeys.consent.record import Agreed, DamagedRecordError, Record
from devkeys.errors import DevkeysError

TEXT = st.text(st.characters(exclude_categories=[]), max_size=20)
FACTS = st.builds(Agreed, TEXT, TEXT, TEXT, st.lists(TEXT, max_size=3).map(tuple))


def record(identity: str = "/src/chat/.git", project: str = "chat") -> Record:
    """Return a record of which nothing was agreed."""
    return Record(identity, "/src/chat", None, project)


@given(facts=st.frozensets(FACTS, max_size=5), project=TEXT, remote=st.none() | TEXT)
def test_what_is_kept_is_read(
    facts: frozenset[Agreed],
    project: str,
    remote: str | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A record is read back as it was, whatever bytes paths, names and defaults hold."""
    data_dir = str(tmp_path_factory.mktemp("data"))
    given_record = Record("/id", "/path\udcff\n", remote, project, facts, {"a" * 32: "b" * 32})
    records.write(data_dir, given_record)

    assert records.read(data_dir, "/id") == given_record


def test_agreeing_adds(tmp_path: Path) -> None:
    """What was agreed to before stays agreed to."""
    first, second = Agreed("", "dev", "A", ("secret",)), Agreed("", "dev", "B", ("secret",))
    records.agree(str(tmp_path), record(), [first])

    assert records.agree(str(tmp_path), record(), [second]).agreed == {first, second}


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    """Of processes that agree at the same time, what each agreed to is there afterwards."""
    code = (
        "import sys; from devkeys.consent import record as r\n"
        "for n in range(20):\n"
        "    r.agree(sys.argv[1], r.Record('/id', '/p', None, 'chat'),"
        " [r.Agreed('', 'dev', sys.argv[2] + str(n), ())])"
    )
    processes = [
        subprocess.Popen([sys.executable, "-P", "-c", code, str(tmp_path), name])
        for name in ("A", "B", "C")
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]

    kept = records.read(str(tmp_path), "/id")
    assert kept is not None
    assert len(kept.agreed) == 60


def test_another_project_name_drops_the_plans(tmp_path: Path) -> None:
    """A repository that is bound to another name does not go on with the old one's plans."""
    records.agree(str(tmp_path), record(), [])
    records.remember_plan(str(tmp_path), record().identity, "a" * 32, "b" * 32)

    assert records.agree(str(tmp_path), record(project="chat-2"), []).plans == {}


def test_plan_digest_is_found_without_parsing(tmp_path: Path) -> None:
    """The way of `run` finds a plan's digest in the record's bytes."""
    records.agree(str(tmp_path), record(), [Agreed("", "dev", "A", ("\nplan x y",))])
    records.remember_plan(str(tmp_path), record().identity, "a" * 32, "b" * 32)
    data = Path(consent.path_of(str(tmp_path), record().identity)).read_bytes()

    assert consent.plan_digest(data, "a" * 32) == "b" * 32
    assert consent.plan_digest(data, "c" * 32) is None
    assert consent.plan_digest(data, "x") is None


def test_old_plans_fall_out(tmp_path: Path) -> None:
    """Of more plans than are kept the oldest is forgotten, and named for deletion."""
    records.agree(str(tmp_path), record(), [])
    dropped = []
    for number in range(records.PLANS_KEPT + 2):
        dropped += records.remember_plan(
            str(tmp_path), record().identity, f"{number:032x}", "b" * 32
        )

    assert dropped == [f"{0:032x}", f"{1:032x}"]


def test_withdrawing_keeps_the_name(tmp_path: Path) -> None:
    """After a withdrawal nothing is agreed to, no plan is left, and the name stays bound."""
    records.agree(str(tmp_path), record(), [Agreed("", "dev", "A", ())])
    records.remember_plan(str(tmp_path), record().identity, "a" * 32, "b" * 32)

    assert records.withdraw(str(tmp_path), record().identity, None) == ["a" * 32]

    kept = records.read(str(tmp_path), record().identity)
    assert kept is not None
    assert (kept.agreed, kept.plans, kept.project) == (frozenset(), {}, "chat")


def test_withdrawing_one_package(tmp_path: Path) -> None:
    """Withdrawing for one package of a repository leaves the others' consent."""
    inner, outer = Agreed("api", "dev", "A", ()), Agreed("", "dev", "A", ())
    records.agree(str(tmp_path), record(), [inner, outer])

    records.withdraw(str(tmp_path), record().identity, "api")

    kept = records.read(str(tmp_path), record().identity)
    assert kept is not None
    assert kept.agreed == {outer}


@pytest.mark.parametrize(
    "data", [b"", b"garbage", b"devkeys-consent 1\nagreed [1]\n", b"devkeys-consent 1\n\xff\n"]
)
def test_damaged_record(tmp_path: Path, data: bytes) -> None:
    """A damaged record is an error with what to do, and counts as no consent."""
    records.agree(str(tmp_path), record(), [])
    path = Path(consent.path_of(str(tmp_path), record().identity))
    path.write_bytes(data)

    with pytest.raises(DamagedRecordError, match="damaged") as caught:
        records.read(str(tmp_path), record().identity)

    assert "no value is lost" in (caught.value.hint or "")
    assert records.everything(str(tmp_path)) == []


def test_newer_record_is_left_as_it_is(tmp_path: Path) -> None:
    """A record of a newer devkeys is refused, also by what would write to it."""
    records.agree(str(tmp_path), record(), [])
    path = Path(consent.path_of(str(tmp_path), record().identity))
    path.write_bytes(b"devkeys-consent 2\nnew\n")

    for change in (
        lambda: records.read(str(tmp_path), record().identity),
        lambda: records.agree(str(tmp_path), record(), []),
        lambda: records.withdraw(str(tmp_path), record().identity, None),
    ):
        with pytest.raises(DevkeysError, match="newer devkeys"):
            change()

    assert path.read_bytes() == b"devkeys-consent 2\nnew\n"


def test_everything_lists_each_repository(tmp_path: Path) -> None:
    """All records are found, each once; locks and leftovers are none."""
    for identity in ("/a", "/b"):
        records.agree(str(tmp_path), record(identity), [])
    (tmp_path / "consent" / ".x.0123456789ab.tmp").write_bytes(b"")

    assert sorted(r.identity for r in records.everything(str(tmp_path))) == ["/a", "/b"]


def test_a_folder_that_cannot_be_read_is_not_empty(tmp_path: Path) -> None:
    """Otherwise every name would seem free, and another's values within reach."""
    (tmp_path / "consent").write_text("")
    with pytest.raises(DevkeysError, match=r"cannot read .*consent: not a directory"):
        records.everything(str(tmp_path))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data + b"agreed " + b"[" * 50_000 + b"\n", id="many brackets"),
        pytest.param(lambda data: data + b'agreed [1, "dev", "A", []]\n', id="a number"),
        pytest.param(lambda data: data + b'agreed ["", "dev", "A", "xyz"]\n', id="a text"),
        pytest.param(lambda data: data + b'project "other"\n', id="a line twice"),
        pytest.param(lambda data: data.replace(b"remote null\n", b""), id="a line less"),
        pytest.param(lambda data: data[:-1], id="cut short"),
        pytest.param(lambda data: data.replace(b"\n", b"\r\n")[1:], id="line ends"),
    ],
)
def test_what_devkeys_does_not_write_is_damaged(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    """A record counts only as it was written, and whatever stands there is one clear error."""
    records.agree(str(tmp_path), record(), [Agreed("", "dev", "A", ("secret",))])
    path = Path(consent.path_of(str(tmp_path), record().identity))
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(DamagedRecordError) as caught:
        records.read(str(tmp_path), record().identity)

    assert caught.value.hint


def test_another_repositorys_record_is_none(tmp_path: Path) -> None:
    """A record that was copied from another repository gives nobody its values."""
    records.agree(str(tmp_path), record("/other/.git", "other"), [Agreed("", "dev", "A", ())])
    copied = Path(consent.path_of(str(tmp_path), "/other/.git")).read_bytes()
    path = Path(consent.path_of(str(tmp_path), record().identity))
    path.write_bytes(copied)
    path.chmod(0o600)

    with pytest.raises(DamagedRecordError):
        records.read(str(tmp_path), record().identity)
    assert [one.identity for one in records.everything(str(tmp_path))] == ["/other/.git"]
