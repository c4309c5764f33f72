"""`devkeys doctor` as its user meets it: a real HOME, a real repository, the real command."""

import json
import os
import subprocess
from pathlib import Path

import pexpect
import pytest
from desk import Desk, key, make_desk

DECLARATION = "LLM_API_KEY=\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a repository that declares one secret and ignores its `.env`."""
    desk = make_desk(tmp_path, DECLARATION)
    git(desk, "init", "--quiet")
    (desk.project / ".gitignore").write_text(".env\n.env.*\n!.env.example\n")
    return desk


def git(desk: Desk, *words: str) -> None:
    """Run git in the project."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    subprocess.run(
        ["git", *who, *words], cwd=desk.project, env=desk.environ, check=True, capture_output=True
    )


@pytest.fixture
def value(desk: Desk) -> str:
    """Store a value for the secret, and return it."""
    made = key()
    assert desk.devkeys("allow", "--yes").code == 0
    assert desk.devkeys("set", "LLM_API_KEY", input=made.encode()).code == 0
    return made


def write_history(desk: Desk, *lines: str) -> Path:
    """Write a bash history."""
    path = desk.home / ".bash_history"
    path.write_text("".join(line + "\n" for line in lines))
    path.chmod(0o600)
    return path


def found(desk: Desk, *words: str) -> list[tuple[str, str]]:
    """Return the rule and the path of what doctor finds about secrets."""
    report = json.loads(desk.devkeys("doctor", "--json", *words).out)
    return [
        (one["rule"], os.path.basename(one["place"]["path"]))
        for one in report["findings"]
        if one["secrets"]
    ]


def test_a_value_in_a_history_is_found(desk: Desk, value: str) -> None:
    """A stored value that was once typed is found, by name and place, and the exit code says so."""
    write_history(desk, "ls", f"export LLM_API_KEY={value}", "make")
    done = desk.devkeys("doctor")

    assert done.code == 1
    assert "LLM_API_KEY" in done.text
    assert "~/.bash_history" in done.text


def test_no_report_holds_the_value(desk: Desk, value: str) -> None:
    """Neither text nor JSON nor SARIF nor stderr shows the value or the end of it."""
    write_history(desk, f"curl -H 'Authorization: Bearer {value}'")
    (desk.project / f"{value}.txt").write_text(value)
    for words in ([], ["--json"], ["--sarif"]):
        done = desk.devkeys("doctor", *words)

        assert done.code == 1
        assert value[-8:] not in done.text + done.err


def test_fix_takes_the_entry_out(desk: Desk, value: str) -> None:
    """The entry goes, the others stay byte for byte, and the second look finds none."""
    path = write_history(desk, "ls", f"export LLM_API_KEY={value}", "make")
    done = desk.devkeys("doctor", "--fix", "--yes", "--source", "histories")

    assert path.read_text() == "ls\nmake\n"
    assert done.code == 0
    assert "1 entry" in done.err


def test_fix_asks_at_a_terminal(desk: Desk, value: str) -> None:
    """A step that is refused is not done."""
    path = write_history(desk, f"export LLM_API_KEY={value}")
    terminal = desk.at_terminal("doctor", "--fix", "--source", "histories")
    terminal.expect_exact("Take these entries out of ~/.bash_history?")
    terminal.sendline("n")
    terminal.expect("this is left")
    terminal.expect(pexpect.EOF)

    assert value in path.read_text()


def test_fix_without_a_terminal_does_nothing(desk: Desk, value: str) -> None:
    """Where nobody can be asked nothing is changed, and the way is named."""
    path = write_history(desk, f"export LLM_API_KEY={value}")
    done = desk.devkeys("doctor", "--fix", "--source", "histories")

    assert done.code == 2
    assert "--yes" in done.err
    assert value in path.read_text()


def test_a_replaced_value_is_searched_for(desk: Desk, value: str) -> None:
    """What a name held before is still known."""
    write_history(desk, f"export LLM_API_KEY={value}")
    assert desk.devkeys("set", "LLM_API_KEY", input=key().encode()).code == 0

    assert found(desk, "--source", "histories") == [("history/known-value", ".bash_history")]


def test_a_given_value_is_searched_for(desk: Desk) -> None:
    """A value that no store holds can be looked for, by stdin."""
    typed = key()
    write_history(desk, f"x {typed}")
    report = desk.devkeys(
        "doctor", "--json", "--value-from-stdin", "--source", "histories", input=typed.encode()
    )

    assert report.code == 1
    assert [one["secrets"] for one in json.loads(report.out)["findings"]] == [["the value given"]]


def test_the_values_of_a_dotenv_move_into_the_store(desk: Desk) -> None:
    """`--fix` brings what stands in `.env` into the store before it takes it out."""
    held = key()
    (desk.project / ".env").write_text(f"LLM_API_KEY={held}\n")
    (desk.project / ".env").chmod(0o600)
    assert desk.devkeys("allow", "--yes").code == 0
    desk.devkeys("doctor", "--fix", "--yes")

    assert not (desk.project / ".env").exists()
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").out.strip().decode() == held


def test_production_values_stay_production_values(desk: Desk) -> None:
    """What stands in `.env.production` becomes a value of that profile, and none of `dev`."""
    held = key()
    (desk.project / ".env.production").write_text(f"LLM_API_KEY={held}\n")
    desk.devkeys("doctor", "--fix", "--yes")
    get = ("get", "LLM_API_KEY", "--reveal")

    assert desk.devkeys(*get, "-p", "production").out.strip().decode() == held
    assert desk.devkeys(*get).code == 3


def test_undeclared_names_stay_where_they_are(desk: Desk) -> None:
    """A program may be reading a name that nothing declares: it is not taken from it."""
    held, other = key(), key()
    path = desk.project / ".env"
    path.write_text(f"LLM_API_KEY={held}\nOTHER_TOKEN={other}\n")
    desk.devkeys("doctor", "--fix", "--yes")

    assert path.read_text() == f"OTHER_TOKEN={other}\n"


def test_values_below_are_searched_for(desk: Desk, value: str) -> None:  # noqa: ARG001  # stored
    """In a monorepo the `.env` of each package holds values that may have been typed."""
    held = key()
    (desk.project / "packages" / "api").mkdir(parents=True)
    (desk.project / "packages" / "api" / ".env").write_text(f"API_TOKEN={held}\n")
    write_history(desk, f"export API_TOKEN={held}")

    assert found(desk, "--source", "histories") == [("history/known-value", ".bash_history")]


def test_a_short_value_that_was_asked_for_is_said(desk: Desk) -> None:
    """Whoever asks for a secret that is too short to be searched for is told, with exit code 3."""
    assert desk.devkeys("allow", "--yes").code == 0
    assert desk.devkeys("set", "LLM_API_KEY", input=b"k3y-7").code == 0
    done = desk.devkeys("doctor", "--name", "LLM_API_KEY")

    assert done.code == 3
    assert "too short" in done.text


def test_a_clean_machine_is_fine(desk: Desk, value: str) -> None:  # noqa: ARG001  # stored
    """Where nothing leaked the exit code is 0."""
    write_history(desk, "ls", "make")
    done = desk.devkeys("doctor", "--source", "histories", "--source", "checkout")

    assert (done.code, done.err) == (0, "")


def test_a_damaged_store_is_said(desk: Desk, value: str) -> None:  # noqa: ARG001  # stored
    """What could not be looked for is named, and the exit code is 3."""
    sealed = next((desk.home / ".local/share/devkeys/projects").rglob("*.age"))
    sealed.write_bytes(sealed.read_bytes()[:-3])
    done = desk.devkeys("doctor", "--source", "histories")

    assert done.code == 3
    assert "cannot be decrypted" in done.text


def test_outside_of_any_project(desk: Desk, value: str, tmp_path: Path) -> None:
    """Histories are looked through wherever doctor is called."""
    write_history(desk, f"export LLM_API_KEY={value}")
    (tmp_path / "elsewhere").mkdir()
    done = desk.devkeys("doctor", "--source", "histories", cwd=tmp_path / "elsewhere")

    assert done.code == 1
    assert "LLM_API_KEY (chat, dev)" in done.text


def test_a_home_is_no_checkout(desk: Desk, value: str) -> None:
    """Outside of any project and repository the directory is not searched, and that is said."""
    (desk.home / "notes.txt").write_text(value)
    done = desk.devkeys("doctor", cwd=desk.home)

    assert "notes.txt" not in done.text
    assert "no project and no repository" in done.text
    assert desk.devkeys("doctor", "--path", ".", cwd=desk.home).code == 1


def test_a_repository_without_a_declaration_is_searched(desk: Desk, value: str) -> None:
    """A checkout that declares nothing is one all the same, from wherever in it."""
    other = desk.home / "other"
    (other / "src").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(other)], env=desk.environ, check=True)
    (other / "notes.txt").write_text(value)
    done = desk.devkeys("doctor", "--source", "checkout", cwd=other / "src")

    assert done.code == 1
    assert "notes.txt" in done.text


def test_an_accepted_finding_is_left_out(desk: Desk, value: str) -> None:
    """What was accepted is counted, and no reason for exit code 1."""
    write_history(desk, f"export LLM_API_KEY={value}")
    words = ("doctor", "--source", "histories")
    identifier = json.loads(desk.devkeys(*words, "--json").out)["findings"][0]["id"]

    assert desk.devkeys(*words, "--accept", identifier).code == 0
    assert desk.devkeys(*words).code == 0
    assert desk.devkeys("doctor", "--unaccept", identifier).code == 0
    assert desk.devkeys(*words).code == 1


def test_an_unknown_source_is_an_error(desk: Desk) -> None:
    """A wrong word is one error that names the right ones."""
    done = desk.devkeys("doctor", "--source", "clouds")

    assert done.code == 2
    assert "histories" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("--json", "--sarif"),
        ("--accept", "all", "--fix", "--yes"),
        ("--unaccept", "all", "--accept", "all"),
        ("--value-from-stdin",),
    ],
)
def test_options_that_do_not_go_together(desk: Desk, words: tuple[str, ...]) -> None:
    """Of two things to do none is left out silently, and a value of 7 bytes is not searched for."""
    done = desk.devkeys("doctor", *words, input=b"hunter2\n")

    assert (done.code, done.out) == (2, b"")


def test_a_rule_is_explained(desk: Desk) -> None:
    """Each rule says what it means."""
    done = desk.devkeys("doctor", "--explain", "history/known-value")

    assert done.code == 0
    assert "history" in done.text
