"""`devkeys init`: a fresh clone becomes a project whose commands run."""

import os
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest
import real
from command import DEVKEYS
from desk import RECOVERY, Desk, key, make_desk, to_the_end
from gnome_keyring import gnome_keyring

DECLARATION = """\
# The key of the chat model.
# @docsUrl=https://llm.example.com/keys @example=sk-...
LLM_API_KEY=
LLM_ORGANISATION=

DB_PASSWORD=your-password-here

# @generate=hex(32)
SESSION_SECRET=

MAIL_HOST=your-host-here

PORT=3000
"""
MANY = "".join(f"SERVICE{number}_API_KEY=\n\n" for number in range(9)) + (
    "AWS_ACCESS_KEY_ID=\nAWS_SECRET_ACCESS_KEY=\nAWS_REGION=\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give this test a user who has nothing stored, and a fresh checkout."""
    real.need("git")
    desk = make_desk(tmp_path, DECLARATION)
    subprocess.run(["git", "init", "-q"], cwd=desk.project, check=True, env=desk.environ)
    return desk


def answer(child: "pexpect.spawn[str]", *pairs: tuple[str, str]) -> str:
    """Give each answer once its question was asked; return all that was shown to the end."""
    shown = ""
    for question, text in pairs:
        child.expect_exact(question)
        shown += f"{child.before}{child.after}"
        hidden = question.endswith(":") and child.expect([r"\?2004h", r" "]) == 0
        if hidden:
            child.waitnoecho(10)
        child.send(text + "\r")
    shown += to_the_end(child)
    child.wait()
    return shown


def reaches(desk: Desk, *names: str) -> dict[str, str]:
    """Return what a command gets for *names*."""
    done = desk.devkeys("run", "--only", ",".join(names), "--", "env", "-0")
    assert done.code == 0, done.err
    pairs = (line.partition("=") for line in done.text.split("\0"))
    return {name: value for name, _, value in pairs if name in names}


def test_without_a_project_it_is_the_error_of_run(desk: Desk) -> None:
    """The message says where nothing was found, and what to write."""
    (desk.project / ".env.example").unlink()
    done = desk.devkeys("init", "--yes")
    assert done.code == 2
    assert "no .env.example in" in done.err


def test_without_a_terminal_it_needs_a_word(desk: Desk) -> None:
    """Nobody is asked, nothing is agreed to, and the hint says how."""
    done = desk.devkeys("init")
    assert done.code == 2
    assert "--yes" in done.err
    assert list(desk.home.iterdir()) == []


def test_a_script_gives_everything(desk: Desk) -> None:
    """--yes and --from ask nothing, and a command runs afterwards."""
    value, password = key(), key()
    text = f"LLM_API_KEY={value}\nDB_PASSWORD={password}\nMAIL_HOST=mail.example.com\n"
    done = desk.devkeys("init", "--yes", "--from", "-", input=text.encode())
    assert done.code == 0, done.err
    assert done.out == b""
    assert value not in done.err
    assert "devkeys run -- COMMAND" in done.err
    got = reaches(desk, "LLM_API_KEY", "DB_PASSWORD", "MAIL_HOST", "SESSION_SECRET", "PORT")
    generated = got.pop("SESSION_SECRET")
    assert len(bytes.fromhex(generated)) == 32
    assert got == {
        "LLM_API_KEY": value,
        "DB_PASSWORD": password,
        "MAIL_HOST": "mail.example.com",
        "PORT": "3000",
    }
    assert (desk.project / ".gitignore").read_text() == ".env\n"


def test_what_a_script_left_out_is_the_exit_code(desk: Desk) -> None:
    """3, with the names; what was given is kept."""
    done = desk.devkeys("init", "--yes", "--from", "-", input=f"LLM_API_KEY={key()}\n".encode())
    assert done.code == 3
    assert "still missing: DB_PASSWORD, MAIL_HOST" in done.err
    assert list(reaches(desk, "LLM_API_KEY")) == ["LLM_API_KEY"]


def test_an_exported_name_is_not_missing_and_not_stored(desk: Desk) -> None:
    """A job that has its names from the environment is complete."""
    env = {"LLM_API_KEY": key(), "DB_PASSWORD": key(), "MAIL_HOST": "h"}
    done = desk.devkeys("init", "--yes", env=env)
    assert done.code == 0
    assert "exported in this shell only, not stored: LLM_API_KEY, DB_PASSWORD" in done.err
    assert desk.devkeys("run", "--only", "LLM_API_KEY", "--", "true").code != 0


def test_a_person_is_asked_for_what_is_wanted(desk: Desk) -> None:
    """Consent, secrets hidden with their hints, the offered one, the setting in sight."""
    value, password = key(), key()
    shown = answer(
        desk.at_terminal("init"),
        ("Allow it? [y/N]", "y"),
        ("LLM_API_KEY:", value),
        ("LLM_ORGANISATION:", ""),
        ("DB_PASSWORD:", password),
        ("MAIL_HOST:", "mail.example.com"),
    )
    assert "The key of the chat model." in shown
    assert "https://llm.example.com/keys" in shown
    assert "such as sk-..." in shown
    assert value not in shown
    assert password not in shown
    assert "generated SESSION_SECRET" in shown
    assert "devkeys run -- COMMAND" in shown
    assert reaches(desk, "LLM_API_KEY", "DB_PASSWORD", "MAIL_HOST") == {
        "LLM_API_KEY": value,
        "DB_PASSWORD": password,
        "MAIL_HOST": "mail.example.com",
    }


def test_a_placeholder_is_not_shown_as_an_example(desk: Desk) -> None:
    """Who reads "such as changethis" may well type that."""
    desk.declare("LLM_API_KEY=changethis\n")
    shown = answer(desk.at_terminal("init"), ("Allow it? [y/N]", "y"), ("LLM_API_KEY:", key()))
    assert "in place of changethis" in shown


def test_a_second_time_asks_only_for_the_rest(desk: Desk) -> None:
    """What was passed is asked again, what was given is not, nor is the consent."""
    first = answer(
        desk.at_terminal("init"),
        ("Allow it? [y/N]", "y"),
        ("LLM_API_KEY:", key()),
        ("LLM_ORGANISATION:", ""),
        ("DB_PASSWORD:", ""),
        ("MAIL_HOST:", "h"),
        ("not ask again? [y/N]", "n"),
    )
    assert "still missing: DB_PASSWORD" in first
    second = answer(desk.at_terminal("init"), ("DB_PASSWORD:", key()))
    assert "Allow it" not in second
    assert "(1 of 1)" in second
    assert "LLM_API_KEY" not in second
    third = answer(desk.at_terminal("init"))
    assert "ready" in third
    assert "(1 of" not in third


def test_ctrl_c_keeps_what_was_answered(desk: Desk) -> None:
    """The first value is stored before the second is asked for."""
    value = key()
    child = desk.at_terminal("init")
    child.expect_exact("Allow it? [y/N]")
    child.send("y\r")
    child.expect_exact("LLM_API_KEY:")
    child.waitnoecho(10)
    child.send(value + "\r")
    child.expect_exact("LLM_ORGANISATION:")
    child.sendintr()
    to_the_end(child)
    child.wait()
    assert child.exitstatus == 130
    assert reaches(desk, "LLM_API_KEY") == {"LLM_API_KEY": value}


def test_a_keychain_that_is_locked_meanwhile_keeps_what_was_answered(desk: Desk) -> None:
    """The second answer cannot be stored, which is said; the first one is there."""
    value = key()
    with gnome_keyring() as keyring:
        bus = {name: text for name, text in keyring.env.items() if name not in ("HOME", "PATH")}
        child = desk.at_terminal("init", env=bus)
        child.expect_exact("Allow it? [y/N]")
        child.send("y\r")
        child.expect_exact("LLM_API_KEY:")
        child.waitnoecho(10)
        child.send(value + "\r")
        child.expect_exact("LLM_ORGANISATION:")
        keyring.lock()
        child.send("an organisation\r")
        shown = to_the_end(child)
        child.wait()
        keyring.unlock()
        words = ("run", "--only", "LLM_API_KEY", "--", "printenv", "LLM_API_KEY")
        kept = desk.devkeys(*words, env=bus).text.strip()
    assert "the keychain is locked" in shown
    assert (child.exitstatus, kept) == (3, value)


def test_who_says_no_finds_everything_as_it_was(desk: Desk) -> None:
    """No consent, no store, no `.gitignore`."""
    child = desk.at_terminal("init")
    answer(child, ("Allow it? [y/N]", ""))
    assert child.exitstatus == 3
    assert list(desk.home.rglob("*.age")) == []
    assert not (desk.project / ".gitignore").exists()


def test_a_passed_name_is_skipped_only_if_the_user_says_so(desk: Desk) -> None:
    """Then commands run without it, and it is not asked for again."""
    answer(
        desk.at_terminal("init"),
        ("Allow it? [y/N]", "y"),
        ("LLM_API_KEY:", key()),
        ("LLM_ORGANISATION:", ""),
        ("DB_PASSWORD:", ""),
        ("MAIL_HOST:", "h"),
        ("not ask again? [y/N]", "y"),
    )
    assert desk.devkeys("run", "--", "sh", "-c", 'test -z "${DB_PASSWORD+x}"').code == 0
    assert "DB_PASSWORD" not in answer(desk.at_terminal("init"))


def test_an_exported_value_is_offered(desk: Desk) -> None:
    """It can be taken over, and else the name is asked for."""
    value = key()
    child = pexpect.spawn(
        DEVKEYS[0],
        [*DEVKEYS[1:], "init"],
        cwd=str(desk.project),
        env={**desk.environ, "LLM_API_KEY": value},
        encoding="utf-8",
        timeout=30,
    )
    shown = answer(
        child,
        ("Allow it? [y/N]", "y"),
        ("Store that value? [Y/n]", ""),
        ("LLM_ORGANISATION:", ""),
        ("DB_PASSWORD:", key()),
        ("MAIL_HOST:", "h"),
    )
    assert value not in shown
    assert reaches(desk, "LLM_API_KEY") == {"LLM_API_KEY": value}


def test_a_dotenv_file_is_imported(desk: Desk) -> None:
    """The values of a `.env` that is there already are offered first."""
    values = [key() for _ in range(2)]
    (desk.project / ".env").write_text(
        f"LLM_API_KEY={values[0]}\nDB_PASSWORD={values[1]}\nMAIL_HOST=h\n"
    )
    shown = answer(
        desk.at_terminal("init"),
        ("Allow it? [y/N]", "y"),
        ("Import the values of", ""),
        ("Take what is stored now out of", "y"),
    )
    assert "ready" in shown
    assert not (desk.project / ".env").exists()
    for path in (*desk.home.rglob("*"), *desk.project.rglob("*")):
        if path.is_file():
            assert not any(value.encode() in path.read_bytes() for value in values), path


def test_a_fifo_is_left_to_whom_it_belongs(desk: Desk) -> None:
    """A password manager's file is not opened unasked, and nothing hangs."""
    os.mkfifo(desk.project / ".env")
    done = desk.devkeys("init", "--yes")
    assert done.code == 3
    assert "no regular file" in done.err


def test_a_tracked_file_is_mentioned(desk: Desk) -> None:
    """How to take it out of git is said; nothing is done."""
    (desk.project / ".env").write_text("PORT=1\n")
    subprocess.run(["git", "add", ".env"], cwd=desk.project, check=True, env=desk.environ)
    done = desk.devkeys("init", "--yes")
    assert "git rm --cached .env" in done.err
    listed = subprocess.run(
        ["git", "ls-files"], cwd=desk.project, check=True, capture_output=True, env=desk.environ
    )
    assert listed.stdout == b".env\n"


def test_of_many_the_person_ticks_a_few(desk: Desk) -> None:
    """One list, nothing ticked; what was not is skipped after a yes, and commands run."""
    desk.declare(MANY + "GROQ_KEY= # optional\nMISTRAL_KEY= # optional\n")
    value, access, secret, typed = key(), key(), key(), key()
    shown = answer(
        desk.at_terminal("init"),
        ("Allow it? [y/N]", "y"),
        ("Enter for none)", "2 10 GROQ_KEY"),
        ("SERVICE1_API_KEY:", value),
        ("AWS_ACCESS_KEY_ID:", access),
        ("AWS_SECRET_ACCESS_KEY:", secret),
        ("AWS_REGION:", ""),
        ("GROQ_KEY:", typed),
        ("not ask again? [Y/n]", ""),
    )
    assert "10 all of AWS:" in shown
    assert "1 optional secret without a value: devkeys set NAME gives one" in shown
    assert "ready" in shown
    assert desk.devkeys("run", "--", "true").code == 0
    assert reaches(desk, "SERVICE1_API_KEY", "AWS_SECRET_ACCESS_KEY", "GROQ_KEY") == {
        "SERVICE1_API_KEY": value,
        "AWS_SECRET_ACCESS_KEY": secret,
        "GROQ_KEY": typed,
    }


def test_all_asks_for_optional_names_too(desk: Desk) -> None:
    """Settings show their default, which Enter keeps; only wanted names can be skipped."""
    shown = answer(
        desk.at_terminal("init", "--optional"),
        ("Allow it? [y/N]", "y"),
        ("LLM_API_KEY:", key()),
        ("LLM_ORGANISATION:", "org"),
        ("DB_PASSWORD:", key()),
        ("MAIL_HOST:", "h"),
        ("PORT: [3000]", ""),
    )
    assert "ready" in shown
    assert reaches(desk, "LLM_ORGANISATION", "PORT") == {"LLM_ORGANISATION": "org", "PORT": "3000"}


def test_escape_sequences_of_a_repository_do_not_reach_the_terminal(desk: Desk) -> None:
    """A description that would wipe the line above it is shown as what it is."""
    desk.declare("# harmless\x1b[2K\x1b[1A\nLLM_API_KEY=\n")
    shown = answer(desk.at_terminal("init"), ("Allow it? [y/N]", "y"), ("LLM_API_KEY:", key()))
    assert "harmless\\x1b[2K" in shown
    assert "\x1b[2K" not in shown


def test_two_at_once_do_not_hurt_each_other(desk: Desk) -> None:
    """Both end well, one identity opens the store, one generated value stays."""
    texts = [f"LLM_API_KEY={key()}\n", f"DB_PASSWORD={key()}\nMAIL_HOST=h\n"]
    command = [*DEVKEYS, "init", "--yes", "--from"]
    running = []
    for number, text in enumerate(texts):
        path = desk.project.parent / f"values{number}"
        path.write_text(text)
        running.append(
            subprocess.Popen(
                [*command, str(path)],
                cwd=desk.project,
                env=desk.environ,
                stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        )
    for process in running:
        _, said = process.communicate(timeout=60)
        assert process.returncode in (0, 3), said
    got = reaches(desk, "LLM_API_KEY", "DB_PASSWORD", "SESSION_SECRET")
    assert f"LLM_API_KEY={got['LLM_API_KEY']}\n" == texts[0]
    assert texts[1].startswith(f"DB_PASSWORD={got['DB_PASSWORD']}\n")


def test_a_real_template(desk: Desk, shared: Path) -> None:
    """LibreChat's: 155 variables, a checklist of those that are wanted, and a command runs."""
    template = shared / "env-examples" / "danny-avila__LibreChat.env.example"
    shutil.copyfile(template, desk.project / ".env.example")
    value = key()
    shown = answer(
        desk.at_terminal("init"),
        ("Allow it? [y/N]", "y"),
        ("Enter for none)", "CHATGPT_TOKEN"),
        ("CHATGPT_TOKEN:", value),
        ("not ask again? [Y/n]", ""),
    )
    assert "all of GOOGLE" in shown
    assert "ready" in shown
    assert reaches(desk, "CHATGPT_TOKEN", "PORT") == {"CHATGPT_TOKEN": value, "PORT": "3080"}


def test_a_new_store_is_offered_a_recovery_key(desk: Desk) -> None:
    """Once, before it is too late, and without one by default; the next init does not ask."""
    desk.declare("LLM_API_KEY=\n")
    shown = answer(desk.at_terminal("init"), ("Allow it? [y/N]", "y"), ("LLM_API_KEY:", key()))
    assert "a deleted keychain item or a lost file, is final" in " ".join(shown.split())
    assert RECOVERY in shown
    assert "devkeys store recovery-key makes one later" in shown
    assert "BEGIN AGE" not in shown
    assert RECOVERY not in answer(desk.at_terminal("init"))


def test_a_recovery_key_that_is_not_made_does_not_stop_init(desk: Desk) -> None:
    """The rest is still done: git ignores .env, and the command to go on with is shown."""
    desk.declare("LLM_API_KEY=\n")
    shown = answer(
        desk.at_terminal("init"),
        ("Allow it? [y/N]", "y"),
        ("LLM_API_KEY:", key()),
        (RECOVERY, "y"),
        ("new passphrase of the recovery key:", ""),
    )
    assert "no passphrase; nothing was changed" in shown
    assert "ready. Start a command with" in " ".join(shown.split())
    assert (desk.project / ".gitignore").read_text() == ".env\n"
