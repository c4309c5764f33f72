"""What doctor found, put together, and how places are named."""

import secrets
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from doctor_report import COMMITTED_KEY, DUMPS, FRAME, HOME, READABLE, ROOT, report, typed
from hypothesis import given
from hypothesis import strategies as st

from devkeys.flows.doctor.report import HIDDEN, RENAME, Frame, Hits, Report, hidden, hide, short
from devkeys.scan.finding import Place, Remedy, Unseen

SKIPPED = Unseen("/srv", "left out by rule")
FAILED = Unseen("/srv", "permission denied", failed=True)


class Span(NamedTuple):
    """A part of a text."""

    start: int
    end: int


def finder(*values: bytes) -> Hits:
    """Return what finds *values* as they are."""

    def hits(data: bytes) -> Sequence[Span]:
        starts = [(data.find(value), value) for value in values]
        return [Span(start, start + len(value)) for start, value in starts if start >= 0]

    return hits


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (Report(), 0),
        (Report((DUMPS,)), 0),
        (Report(unseen=(SKIPPED,)), 0),
        (Report((DUMPS,), unseen=(FAILED,)), 3),
        (Report((READABLE,), unseen=(FAILED,)), 1),
        (Report((COMMITTED_KEY,)), 1),
        (Report(accepted=(COMMITTED_KEY,)), 0),
    ],
)
def test_exit_code(found: Report, code: int) -> None:
    """A leak or a risk is 1, what could not be looked at is 3, and advice is nothing."""
    assert found.exit_code == code


def test_grades() -> None:
    """A report tells leaks, risks and advice apart."""
    found = report(DUMPS, READABLE, COMMITTED_KEY)

    assert (found.leaked, found.risks, found.advice) == ((COMMITTED_KEY,), (READABLE,), (DUMPS,))


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (ROOT + "/src/a.py", "src/a.py"),
        (ROOT, "."),
        (ROOT + "-other/a", "~/src/chat-other/a"),
        (HOME + "/.zsh_history", "~/.zsh_history"),
        (HOME, "~"),
        ("/etc/passwd", "/etc/passwd"),
        ("", ""),
    ],
)
def test_places_are_named_shortly(path: str, named: str) -> None:
    """A path is relative in the checkout, begins with ~ in HOME, and is whole elsewhere."""
    assert short(path, FRAME) == named


def test_home_as_the_root_is_home() -> None:
    """Where doctor is called in HOME itself, its files are still named as HOME's."""
    assert short("/root/.bash_history", Frame("/root", "/root", "/root")) == "~/.bash_history"
    assert short("/etc/hosts", Frame("/", "/", "/")) == "/etc/hosts"


def test_a_part_of_a_path_that_holds_a_value_is_hidden() -> None:
    """Only that part of the path is hidden, but all of it: its rest would tell where to look."""
    value = secrets.token_hex(12)

    assert hide(f"/srv/key-{value}.txt/x", finder(value.encode())) == f"/srv/{HIDDEN}/x"


def test_a_value_with_slashes_is_hidden_in_a_path() -> None:
    """A value that makes several parts of a path hides each of them."""
    value = f"{secrets.token_hex(5)}/{secrets.token_hex(5)}"

    assert hide(f"/srv/a{value}z/x", finder(value.encode())) == f"/srv/{HIDDEN}/x"


def test_bytes_that_are_no_text_stay() -> None:
    """A name in another encoding stays as it is beside what is hidden."""
    name = b"/srv/\xff/".decode("utf-8", "surrogateescape")
    value = secrets.token_hex(8)

    assert hide(name + value, finder(value.encode())) == name + HIDDEN
    assert hide("\ud800 " + value, finder(value.encode())) == "\ud800 " + HIDDEN


def test_a_finding_is_hidden_in_all_that_is_shown() -> None:
    """Place, texts and names are covered; the remedy, which is not shown, names the real file.

    A command with a pattern in its place might be run on other files.
    """
    value = secrets.token_hex(8)
    path = f"{ROOT}/{value}/.env"
    finding = READABLE._replace(
        place=Place(path, member=value),
        what=f"mode of {path}",
        step=f"chmod 600 '{path}'",
        secrets=(value,),
        remedy=Remedy("mode", path),
    )

    (covered,) = hidden([finding], finder(value.encode()))

    assert value not in str(covered._replace(remedy=None))
    assert covered.step == RENAME
    assert covered.remedy == finding.remedy


@given(st.text(max_size=40), st.text(max_size=40), st.binary(min_size=8, max_size=40))
def test_nothing_of_a_value_is_left(before: str, after: str, value: bytes) -> None:
    """Whatever stands around it, and whatever bytes it has, a value is gone afterwards."""
    text = before + value.decode("utf-8", "surrogateescape") + after
    data = text.encode("utf-8", "surrogatepass" if "\ud800" in text else "surrogateescape")
    if value in HIDDEN.encode() or data.count(value) != 1:
        return

    assert value not in hide(text, finder(value)).encode("utf-8", "surrogateescape")


def test_what_is_not_held_is_not_changed() -> None:
    """A finding without a value in it is the same one afterwards."""
    assert hidden([typed(1)], finder(b"no such value")) == (typed(1),)
