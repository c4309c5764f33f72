"""Doctor's report for a person."""

import re

import pytest
from doctor_report import (
    CLEAN,
    COMMIT,
    COMMITTED_KEY,
    DUMPS,
    EVERYTHING,
    HOME,
    KEY,
    MARKS,
    NOW,
    READABLE,
    ROOT,
    report,
    typed,
)
from hypothesis import given
from hypothesis import strategies as st

from devkeys.cli import doctor_text
from devkeys.cli.doctor_words import location, moment
from devkeys.cli.paint import columns, lay_out
from devkeys.flows.doctor.report import Coverage, Report
from devkeys.scan.finding import Finding, Place, Unseen


def shown(found: Report, width: int | None = None) -> str:
    """Return *found* as it is shown."""
    return lay_out(doctor_text.lines(found, MARKS, now=NOW), width)


def heads(found: Report) -> list[str]:
    """Return the groups of *found*, in order."""
    return re.findall(r"^(\S.*): (?:leaked|at risk|advice),", shown(found), re.MULTILINE)


@pytest.mark.parametrize("width", [80, 120, None])
def test_a_clean_machine_is_told_in_a_few_lines(width: int | None) -> None:
    """Nothing to do is said in four to six lines, with what was not looked at."""
    text = shown(CLEAN, width)

    assert 4 <= len(text.splitlines()) <= 6
    assert text.startswith("Nothing leaked and nothing is at risk, where doctor looked.")
    assert "git history    not looked at" in text
    assert "~/.cache (3 of them): left out by rule" in text
    assert "2,013 files and 6 histories (24 MB), for 12 secrets" in text


def test_the_verdict_comes_first() -> None:
    """The first line says what leaked, and the lines below it what else there is."""
    lines = shown(report(*EVERYTHING)).splitlines()

    assert lines[0] == "1 secret leaked, in 15 places."
    assert lines[1] == "1 place could not be looked at."
    assert f"{KEY}: 15 places" in lines[2]
    assert "DATABASE_URL (chat, dev): 1 place" in lines[3]
    assert "the configuration: 1 place" in lines[4]
    assert "git history    looked at" in lines[6]


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            Report((READABLE,), covered=Coverage(secrets=1)),
            "Nothing leaked where doctor looked, but 1 thing is at risk.",
        ),
        (
            Report(accepted=(typed(1),), covered=Coverage(secrets=1)),
            "Nothing else leaked and nothing else is at risk, where doctor looked.",
        ),
        (Report((READABLE,)), "1 thing is at risk; no value is known that could be searched for."),
        (
            Report(unseen=(Unseen("/srv", "denied", 2, failed=True),)),
            "Nothing was found, but 2 places could not be looked at.",
        ),
        (Report(), "Nothing is at risk; no value is known that could be searched for."),
        (Report((COMMITTED_KEY._replace(secrets=()),)), "Secrets leaked, in 1 place."),
    ],
)
def test_other_verdicts(found: Report, sentence: str) -> None:
    """What is said first never says more than is known."""
    assert shown(found).splitlines()[0] == sentence


def test_a_look_that_was_cut_short_says_so_at_the_top() -> None:
    """Beside what was found the second line says that there may be more."""
    locked = Unseen("the values of the store", "it is locked", failed=True)
    found = Report((READABLE,), unseen=(locked,), covered=Coverage(secrets=1))

    assert shown(found).splitlines()[1] == "1 place could not be looked at."


def test_the_worst_is_first_and_configuration_last() -> None:
    """Secrets that leaked come before those at risk; what is about no secret is at the end."""
    other = typed(3)._replace(secrets=("OTHER (chat, dev)",))
    no_secret = READABLE._replace(secrets=())

    assert heads(Report((DUMPS, no_secret, READABLE, other, *EVERYTHING[:2]))) == [
        KEY,
        "OTHER (chat, dev)",
        "DATABASE_URL (chat, dev)",
        "Configuration",
    ]


def test_a_finding_has_all_that_is_known() -> None:
    """Place, commit, form, number, day and next step stand with the id."""
    text = shown(Report((COMMITTED_KEY,)))

    assert MARKS.id(COMMITTED_KEY) in text
    assert f"src/settings.py in commit {COMMIT[:10]}, line 12" in text
    assert "in the form base64, wrapped; 3 times; " in text
    assert "90 days ago" in text
    assert f"next: {COMMITTED_KEY.step}" in text


def test_why_is_said_once_per_kind() -> None:
    """Two secrets with the same kind of finding are told once why it matters."""
    other = typed(3)._replace(secrets=("OTHER",))

    assert shown(Report((typed(1), typed(2), other))).count(typed(1).kind.why) == 1


def test_one_step_for_many_places_is_said_once() -> None:
    """The same next step is not repeated; different ones stand with their places."""
    assert shown(Report((typed(1), typed(2)))).count("next: ") == 1
    assert shown(Report((typed(1), typed(2)._replace(step="another")))).count("next: ") == 2


def test_many_places_are_folded() -> None:
    """After ten places of a kind comes how many more there are, and how to see them."""
    text = shown(Report(tuple(typed(entry) for entry in range(1, 31))))

    assert text.count(".zsh_history, entry") == 10
    assert "and 20 more: devkeys doctor --json lists every one" in text


def test_the_last_line_says_to_replace_the_value() -> None:
    """Where something leaked the report ends with what cleaning cannot do."""
    text = shown(report(*EVERYTHING))

    assert "Cleaning up is not rotation" in text
    assert text.splitlines()[-1] == "  in chat:  devkeys set LLM_API_KEY"
    assert "Cleaning up" not in shown(Report((READABLE,)))


@pytest.mark.parametrize(
    ("labels", "last"),
    [
        (("B", "A = B"), ["  devkeys set A", "  devkeys set B"]),
        (("A (.env)",), ["  devkeys set A"]),
        (("A (chat, prod)",), ["  in chat:  devkeys set A -p prod"]),
        (("the value given",), [f"{doctor_text.ROTATE}{doctor_text.REVOKE}"]),
        (("op://Engineering/chat/key",), [f"{doctor_text.ROTATE}{doctor_text.REVOKE}"]),
        (("A (an earlier value)",), [f"{doctor_text.ROTATE}{doctor_text.REVOKED}"]),
        (("A (chat, dev, an earlier value)",), [f"{doctor_text.ROTATE}{doctor_text.REVOKED}"]),
    ],
)
def test_the_last_lines_are_the_commands_for_what_leaked(
    labels: tuple[str, ...], last: list[str]
) -> None:
    """There is one for each variable, for its profile; none for what is no variable."""
    leaked = tuple(typed(3)._replace(secrets=(label,)) for label in labels)

    assert shown(Report(leaked)).splitlines()[-len(last) :] == last


def test_a_path_is_not_said_twice() -> None:
    """What begins with the path stands for it; the rest of the place follows."""
    place = Place(ROOT + "/.env", line=3, times=2)
    plain = READABLE._replace(place=place, what=".env holds it")
    text = shown(Report((plain,)))
    assert f"    {MARKS.id(plain)}  .env holds it; line 3; 2 times\n    next: " in text

    text = shown(Report((plain._replace(what=".env:3 holds it"),)))
    assert ".env:3 holds it; 2 times\n    next: " in text


def test_a_group_counts_its_grades() -> None:
    """Beside what leaked stands how much of the same secret is only at risk."""
    risk = READABLE._replace(secrets=(KEY,))

    assert f"{KEY}: leaked, 1 place; at risk, 2 places\n" in shown(
        Report((typed(1), risk, risk._replace(place=Place("/x"))))
    )


def test_what_a_repository_asks_is_shown() -> None:
    """What a repository asks to leave out stands there with its reason and the way to agree."""
    text = shown(report())

    assert "path tests/fixtures/**, rule history/*, name TEST_*: made up for the tests" in text
    assert "devkeys doctor --accept repository" in text


def test_what_was_left_out_is_counted() -> None:
    """A report says how much of it is left out, and why."""
    assert "1 finding accepted before, 1 finding by [doctor] allow" in shown(report())


def test_many_unseen_places_are_listed_at_the_end() -> None:
    """Places that were not looked at are listed, those that failed first, and folded."""
    unseen = [Unseen(f"/srv/{n}", "left out by rule") for n in range(11)]
    text = shown(Report(unseen=(*unseen, Unseen("/srv/x", "denied", failed=True))))

    assert "not looked at  12 places, see the end" in text
    assert text.index("/srv/x: denied") < text.index("/srv/0: ")
    assert "and 2 more: devkeys doctor --json lists every one" in text


def test_what_was_not_searched_for_is_named() -> None:
    """Names whose values are too short or too common are told."""
    covered = Coverage(secrets=1, too_short=("PIN",), too_common=tuple("ABCDEFGH"))

    assert "PIN (shorter than 8 bytes), A, B, C, D, E, F and 2 more (too common)" in shown(
        Report(covered=covered)
    )


NASTY = st.text(st.characters(codec=None), max_size=30)


@given(NASTY, NASTY, NASTY)
def test_nothing_steers_the_terminal(path: str, what: str, name: str) -> None:
    """Names and texts that hold escapes or line ends are spelled out."""
    finding = Finding(
        READABLE.kind, Place("/" + path, member=what, commit=name), what, path, (name,), form=what
    )
    unseen = tuple(Unseen("/" + path, what) for _ in range(3))
    text = shown(Report((finding,), (what,), unseen, covered=Coverage(too_short=(name,))))

    assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_lines_fit(width: int) -> None:
    """No line is wider than the terminal, but for one word and for commands."""
    for line in shown(report(*EVERYTHING), width).splitlines():
        assert columns(line) <= width or line.lstrip().startswith("next: ")


def test_commands_are_never_broken() -> None:
    """A command can be copied from a narrow terminal as one line."""
    assert f"next: {COMMITTED_KEY.step}\n" in shown(report(COMMITTED_KEY), 40)


def test_wide_characters_count_twice() -> None:
    """A text that takes two columns per character is wrapped for it."""
    assert columns("鍵e\u0301") == 3
    finding = DUMPS._replace(what=" ".join(["鍵鍵鍵鍵"] * 20))
    assert all(columns(line) <= 60 for line in shown(Report((finding,)), 60).splitlines())


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place(HOME + "/h.db", member="table history", entry=3), "~/h.db, table history, entry 3"),
        (Place(HOME + "/dotfiles", commit="a" * 40), "commit aaaaaaaaaa, ~/dotfiles"),
        (Place(ROOT, commit="a" * 40, member="x"), "x in commit aaaaaaaaaa"),
        (Place("", member="PATH"), "PATH"),
        (Place(ROOT, member="tag v1"), "tag v1"),
        (Place(ROOT), "."),
        (Place(ROOT + "/a\nb", line=2), "a\\nb, line 2"),
    ],
)
def test_locations(place: Place, text: str) -> None:
    """A place is told by what there is of it."""
    assert location(place, MARKS.frame) == text


@pytest.mark.parametrize("when", [1e300, -1e300, float("nan"), float("inf")])
def test_a_time_that_no_calendar_has(when: float) -> None:
    """A history may claim any time; it is then not told."""
    assert moment(when, NOW) == ""


def test_times() -> None:
    """A day is told with how long ago it is; one that is to come without."""
    assert moment(NOW, NOW).endswith(", today")
    assert moment(NOW - 86400, NOW).endswith(", 1 day ago")
    assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", moment(NOW + 9 * 86400, NOW))
