"""The way to a directory of ours: nobody else can put another one in its place."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from desk import Desk, key, make_desk

from devkeys import atomic, files
from devkeys.errors import DevkeysError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes of POSIX")

SOMEBODY = 12345


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Make `home/.local/share/devkeys`; return it."""
    place = tmp_path / "home" / ".local" / "share" / "devkeys"
    place.mkdir(mode=0o700, parents=True)
    return place


def home_of(place: Path) -> Path:
    """Return the HOME that *place* is below."""
    return place.parents[2]


def check(place: Path) -> None:
    """Look at the way to *place*."""
    files.check_way(str(place), os.path.realpath(home_of(place)))


def test_the_usual_way_is_right(place: Path) -> None:
    """Directories of the user's, as most systems make them, and those of user private groups."""
    for mode in (0o700, 0o755, 0o775):
        for directory in (place.parent, home_of(place)):
            directory.chmod(mode)
        check(place)


def test_what_is_not_there_yet_is_passed_over(place: Path) -> None:
    """At the first use there is only HOME."""
    check(place / "projects" / "chat")
    place.rmdir()
    check(place)


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_no_directory_is_everybodys(place: Path, depth: int) -> None:
    """One that every user can write to is an error, which says what mends it."""
    bad = [place, *place.parents][depth]
    bad.chmod(0o777)
    with pytest.raises(DevkeysError, match="every user can write to") as caught:
        check(place)
    assert caught.value.hint == f"chmod o-w {bad}"
    assert str(bad) in str(caught.value)


def test_a_sticky_directory_is_like_tmp(place: Path) -> None:
    """There nobody moves what is another's."""
    place.parent.chmod(0o1777)
    check(place)


def test_above_home_nothing_is_looked_at(place: Path) -> None:
    """Who may write there could replace HOME itself: the system's affair, not ours."""
    home_of(place).parent.chmod(0o777)
    try:
        check(place)
    finally:
        home_of(place).parent.chmod(0o700)


def test_outside_of_home_all_counts(tmp_path: Path, place: Path) -> None:
    """With XDG_DATA_HOME elsewhere everything up to the root is looked at."""
    elsewhere = tmp_path / "volume" / "data" / "devkeys"
    elsewhere.mkdir(parents=True)
    files.check_way(str(elsewhere), str(home_of(place)))
    elsewhere.parents[1].chmod(0o777)
    with pytest.raises(DevkeysError, match="every user can write to"):
        files.check_way(str(elsewhere), str(home_of(place)))


@pytest.mark.parametrize("relative", [True, False])
def test_a_link_is_followed(tmp_path: Path, place: Path, relative: bool) -> None:
    """Where a link leads counts as much as where it is."""
    target = tmp_path / "disk" / "share"
    target.mkdir(parents=True)
    place.rmdir()
    place.parent.rmdir()
    place.parent.symlink_to(
        os.path.relpath(target, place.parents[1]) if relative else target, target_is_directory=True
    )
    (target / "devkeys").mkdir()
    check(place)
    target.parent.chmod(0o777)
    with pytest.raises(DevkeysError, match="every user can write to") as caught:
        check(place)
    assert str(target.parent) in str(caught.value)


def test_a_link_in_between_counts_too(tmp_path: Path, place: Path) -> None:
    """A link to a link: the directory that holds the second one."""
    middle, target = tmp_path / "middle", tmp_path / "target"
    middle.mkdir()
    (target / "devkeys").mkdir(parents=True)
    (middle / "link").symlink_to(target)
    place.rmdir()
    place.parent.rmdir()
    place.parent.symlink_to(middle / "link")
    check(place)
    middle.chmod(0o777)
    with pytest.raises(DevkeysError, match="every user can write to") as caught:
        check(place)
    assert str(middle) in str(caught.value)


def test_links_in_a_circle_end(place: Path) -> None:
    """They lead nowhere, so nothing is read there."""
    place.rmdir()
    place.symlink_to(place.parent / "other")
    (place.parent / "other").symlink_to(place)
    check(place)


def test_home_may_be_a_link(tmp_path: Path, place: Path) -> None:
    """HOME as the system writes it, and as it really is."""
    linked = tmp_path / "linked"
    linked.symlink_to(home_of(place))
    files.check_way(str(linked / ".local" / "share" / "devkeys"), os.path.realpath(home_of(place)))


@pytest.mark.parametrize("home", ["/", "/nowhere", ""])
def test_odd_homes(place: Path, home: str) -> None:
    """As containers have them: the root, one that is not there, none."""
    files.check_way(str(place), home)
    files.check_way("/.local/share/devkeys", home)


@pytest.mark.needs_root
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_no_directory_is_somebody_elses(place: Path, depth: int) -> None:
    """One that belongs to another user is an error, whatever its mode."""
    bad = [place, *place.parents][depth]
    os.chown(bad, SOMEBODY, -1)
    with pytest.raises(DevkeysError, match=rf"another user \(uid {SOMEBODY}\)") as caught:
        check(place)
    assert caught.value.hint == f"if it is to be yours, chown 0 {bad}"


@pytest.mark.needs_root
def test_a_link_is_somebody_elses(tmp_path: Path, place: Path) -> None:
    """In a directory like /tmp another user can leave a link where a directory was."""
    temporary, target = tmp_path / "temporary", tmp_path / "target"
    temporary.mkdir()
    temporary.chmod(0o1777)
    (target / "devkeys").mkdir(parents=True)
    (temporary / "share").symlink_to(target)
    os.chown(temporary / "share", SOMEBODY, -1, follow_symlinks=False)
    with pytest.raises(DevkeysError, match="another user"):
        files.check_way(str(temporary / "share" / "devkeys"), str(home_of(place)))


@pytest.mark.needs_root
def test_root_may_own_what_is_the_users_way(place: Path) -> None:
    """A HOME that belongs to root, as some containers have it, is right for another user."""
    os.chown(place, SOMEBODY, -1)
    for directory in (*place.parents[1:3], home_of(place).parent, home_of(place).parents[1]):
        directory.chmod(0o755)
    code = (
        "import os, sys; sys.path[:0] = sys.argv[3:]; from devkeys import files; "
        f"os.setuid({SOMEBODY}); files.check_way(*sys.argv[1:3]); print('right')"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(place), str(home_of(place)), *sys.path],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "right\n"


def test_nothing_is_made_below_what_is_everybodys(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory of ours is not even begun there."""
    monkeypatch.setenv("HOME", str(home))
    (home / ".local").mkdir()
    (home / ".local").chmod(0o777)
    with pytest.raises(DevkeysError, match="every user can write to"):
        atomic.make_private_dir(str(home / ".local" / "share" / "devkeys"))
    assert not (home / ".local" / "share").exists()


@pytest.mark.parametrize("kind", ["share", "state"])
def test_commands_say_so_once(tmp_path: Path, kind: str) -> None:
    """Storing, and running what is stored, end in one clear error; mended, all is as before."""
    desk: Desk = make_desk(tmp_path, "LLM_API_KEY=\n")
    desk.devkeys("allow", "--yes")
    value = key()
    assert desk.devkeys("set", "LLM_API_KEY", input=value.encode()).code == 0
    bad = desk.home / ".local" / kind
    before = bad.stat().st_mode
    bad.chmod(0o777)
    for words in (("set", "LLM_API_KEY"), ("run", "--", "true")):
        done = desk.devkeys(*words, input=key().encode())
        assert done.code in (3, 125)
        assert done.err.count("every user can write to") == 1
        assert f"hint: chmod o-w {bad}" in done.err
    bad.chmod(before)
    assert desk.devkeys("run", "--", "sh", "-c", 'printf %s "$LLM_API_KEY"').text == value
