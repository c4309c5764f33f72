"""What `[doctor] allow` leaves out."""

import os
from pathlib import Path

import pytest
from doctor_report import COMMITTED_KEY, DUMPS, READABLE, typed
from hypothesis import given
from hypothesis import strategies as st

from devkeys.errors import DeclarationError
from devkeys.flows.doctor import allowing, baseline
from devkeys.flows.doctor.allowing import Allowing, matches
from devkeys.flows.doctor.marks import Marks, marks
from devkeys.flows.doctor.report import Frame
from devkeys.flows.here import Here
from devkeys.project import config, user
from devkeys.project.allowed import Allowed
from devkeys.project.find import Checkout
from devkeys.scan.finding import Finding, Place
from devkeys.session import Session

TESTS = '[doctor]\nallow = [{ path = "tests/**", reason = "made up" }]\n'
ENTRY = Allowed("tests/**", reason="made up")


@pytest.fixture
def project(home: Path) -> Here:
    """Make a repository in HOME, with a session of its user."""
    root = home / "src" / "chat"
    (root / ".git").mkdir(parents=True)
    (root / ".env.example").write_text("LLM_API_KEY=\n")
    return Here(Session(dict(os.environ)), Checkout(str(root), str(root)), "dev", None)


def frame_of(project: Here) -> Frame:
    """Return what the places of *project* are relative to."""
    checkout = project.checkout
    return Frame(project.session.home, checkout.root, checkout.identity)


def own_marks(project: Here) -> Marks:
    """Return how the user of *project* knows findings again."""
    return marks(project.session.state_dir, frame_of(project))


def in_file(project: Here, name: str) -> Finding:
    """Return a finding in the file *name* of *project*."""
    return READABLE._replace(place=Place(os.path.join(project.checkout.root, name)))


def gathered(project: Here) -> Allowing:
    """Return what counts for *project*."""
    accepted = baseline.read(project.session.state_dir)
    return allowing.gather(project.session, project, accepted, own_marks(project))


def left_out(project: Here, finding: Finding) -> bool:
    """Tell whether *finding* is left out of the report."""
    shown, out = allowing.apart([finding], gathered(project), frame_of(project))
    assert len(shown) + len(out) == 1
    return bool(out)


def write_own(project: Here, text: str) -> None:
    """Make the user's own config.toml."""
    os.makedirs(project.session.config_dir)
    Path(user.path_of(project.session.config_dir)).write_text(text)


def write_repository(project: Here, text: str) -> None:
    """Make the repository's devkeys.toml."""
    Path(project.checkout.root, "devkeys.toml").write_text(text)


def test_nothing_is_allowed_without_a_file(project: Here) -> None:
    """Without any configuration nothing is left out."""
    assert gathered(project) == Allowing()
    assert not left_out(project, READABLE)


def test_the_users_own_entries_count_at_once(project: Here) -> None:
    """What the user's own file allows is left out, and nothing else is."""
    write_own(project, TESTS)

    assert left_out(project, in_file(project, "tests/a/.env"))
    assert not left_out(project, in_file(project, ".env"))


def test_a_repositorys_entries_wait_for_consent(project: Here) -> None:
    """What a repository asks to leave out is shown until the user agreed to it."""
    write_repository(project, TESTS)
    assert gathered(project).asked == (ENTRY,)
    assert not left_out(project, in_file(project, "tests/.env"))

    baseline.accept_list(project.session.state_dir, (ENTRY,), own_marks(project))

    assert gathered(project).asked == ()
    assert left_out(project, in_file(project, "tests/.env"))


def test_a_changed_list_waits_again(project: Here) -> None:
    """Consent is to the list as it stood."""
    baseline.accept_list(project.session.state_dir, (ENTRY,), own_marks(project))
    write_repository(project, TESTS.replace("tests/**", "**"))

    assert gathered(project).asked
    assert not left_out(project, in_file(project, "tests/.env"))


def test_a_repository_says_nothing_of_what_is_outside(project: Here) -> None:
    """A list that was agreed to leaves nothing out of the user's histories, whatever it says."""
    everything = Allowed(rule="*", reason="trust me")
    write_repository(project, '[doctor]\nallow = [{ rule = "*", reason = "trust me" }]\n')
    baseline.accept_list(project.session.state_dir, (everything,), own_marks(project))
    history = os.path.join(project.session.home, ".zsh_history")

    assert left_out(project, in_file(project, ".env"))
    assert not left_out(project, typed(1, path=history))
    assert not left_out(project, DUMPS)


@pytest.mark.parametrize("pattern", ["~/.zsh_history", "{home}/.zsh_history", "**/.zsh_history"])
def test_the_users_own_paths_reach_everywhere(project: Here, pattern: str) -> None:
    """The user's own entries may name what is outside of the checkout."""
    home = project.session.home
    pattern = pattern.format(home=home)
    write_own(project, f'[doctor]\nallow = [{{ path = "{pattern}", reason = "old" }}]\n')

    assert left_out(project, typed(1, path=os.path.join(home, ".zsh_history")))
    assert not left_out(project, typed(1, path=os.path.join(home, ".bash_history")))


def test_a_path_in_a_commit(project: Here) -> None:
    """What stands in the git history is allowed by the path in its commit."""
    write_own(project, TESTS)
    place = Place(project.checkout.root, commit="3f2a9c", member="tests/data/key")

    assert left_out(project, COMMITTED_KEY._replace(place=place))
    assert not left_out(project, COMMITTED_KEY._replace(place=place._replace(member="src/key")))


@pytest.mark.parametrize(
    ("entry", "fits"),
    [
        ('rule = "env/mode"', True),
        ('rule = "env/*"', True),
        ('rule = "history/*"', False),
        ('name = "DATABASE_URL"', True),
        ('name = "TEST_*"', False),
        ('name = "DATABASE_*", rule = "history/*"', False),
        ('name = "DATABASE_*", rule = "env/*", path = "*.toml"', False),
    ],
)
def test_all_patterns_have_to_fit(project: Here, entry: str, fits: bool) -> None:
    """An entry is as narrow as all of its patterns together."""
    write_own(project, f'[doctor]\nallow = [{{ {entry}, reason = "because" }}]\n')

    assert left_out(project, in_file(project, ".env")) is fits


def test_every_secret_has_to_fit(project: Here) -> None:
    """A finding about two secrets is not left out for the sake of one of them."""
    write_own(project, '[doctor]\nallow = [{ name = "TEST_*", reason = "made up" }]\n')
    finding = in_file(project, ".env")

    assert left_out(project, finding._replace(secrets=("TEST_A (chat, dev)", "TEST_B")))
    assert not left_out(project, finding._replace(secrets=("TEST_A", "REAL_KEY")))
    assert not left_out(project, finding._replace(secrets=()))


@pytest.mark.parametrize(
    ("path", "pattern", "fits"),
    [
        ("a/b/c", "a/**", True),
        ("a", "a/**", True),
        ("ab/c", "a/**", False),
        ("a/b/c", "**/c", True),
        ("c", "**/c", True),
        ("a/b/c", "a/*", False),
        ("a/b/c", "a/*/c", True),
        ("a/b/c", "a/**/c", True),
        ("a/c", "a/**/c", True),
        ("a/b/c", "*", False),
        ("a/b/c", "**", True),
        ("a/.env", "a/.*", True),
        ("a/B", "a/b", False),
        ("a/b1", "a/b[0-9]", True),
        ("a\nb", "a?b", True),
    ],
)
def test_patterns(path: str, pattern: str, fits: bool) -> None:
    """A `*` stays within a name, `**` stands for any directories, and case counts."""
    assert matches(path, pattern) is fits


@given(st.lists(st.text("ab", min_size=1, max_size=2), min_size=1, max_size=6), st.data())
def test_a_pattern_made_of_the_path_fits_it(parts: list[str], data: st.DataObject) -> None:
    """Directories of a path may be replaced by `**`, and any name by `*`."""
    start = data.draw(st.integers(0, len(parts)))
    end = data.draw(st.integers(start, len(parts)))
    pattern = ["*" if data.draw(st.booleans()) else part for part in parts]

    assert matches("/".join(parts), "/".join([*pattern[:start], "**", *pattern[end:]]))


def test_no_pattern_takes_long() -> None:
    """A pattern that was made to be slow against a path that was made for it is not."""
    assert not matches("/".join("a" * 2000), "/".join(["**"] * 60 + ["b"]))
    assert not matches("a" * 4000, "*a" * 60 + "b")


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ('path = "a"', "gives no reason"),
        ('reason = "r"', "neither path nor rule nor name"),
        ('pth = "a", reason = "r"', r"unknown key doctor.allow\[0\].pth"),
        ('path = "", reason = "r"', "path must be a text"),
        ('path = 3, reason = "r"', "path must be a text"),
        (f'path = "{"a" * 300}", reason = "r"', "path must be a text"),
    ],
)
def test_mistakes_are_named(project: Here, entry: str, complaint: str) -> None:
    """A mistake in either file is one clear error."""
    text = f"[doctor]\nallow = [{{ {entry} }}]\n"
    write_own(project, text)
    write_repository(project, text)

    with pytest.raises(DeclarationError, match=complaint):
        user.read(project.session.config_dir)
    with pytest.raises(DeclarationError, match=complaint):
        config.read(project.checkout)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("doctor = 3\n", "doctor must be a table"),
        ("[doctor]\nallow = 'a'\n", "allow must be a list of tables"),
        ("[doctor]\nallow = ['a']\n", "allow must be a list of tables"),
        ("[doctor]\nignore = []\n", "unknown key doctor.ignore"),
    ],
)
def test_another_shape_is_named(project: Here, text: str, complaint: str) -> None:
    """What is no list of tables is said to be none."""
    write_repository(project, text)

    with pytest.raises(DeclarationError, match=complaint):
        config.read(project.checkout)


@pytest.mark.parametrize("path", ["/etc/**", "~/.zsh_history", "../other/**", "a/../../b"])
def test_a_repositorys_path_stays_inside(project: Here, path: str) -> None:
    """A repository's file cannot even name what is outside of it; the user's own may."""
    text = f'[doctor]\nallow = [{{ path = "{path}", reason = "r" }}]\n'
    write_repository(project, text)
    write_own(project, text)

    with pytest.raises(DeclarationError, match="leads out of the repository"):
        config.read(project.checkout)
    assert user.read(project.session.config_dir).allowed[0].path == path
