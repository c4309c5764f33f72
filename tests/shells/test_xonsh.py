"""xonsh: what is kept out of the histories that xonsh itself writes, and what is in them."""

import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typed_commands import kept_out, recorded
from xonsh_session import LOAD, Room, a_token

from devkeys import index
from devkeys.typed import judge

NOT_ASKED = "it may hold a secret (devkeys could not be asked)"


@pytest.fixture
def room(tmp_path: Path, script: Path) -> Iterator[Room]:
    """Make a room of xonsh's own."""
    room = Room(tmp_path, script)
    yield room
    assert room.holders("Traceback") == []


# --- what is kept out, and what is recorded -------------------------------------------------------


@pytest.mark.parametrize("backend", ["json", "sqlite"])
def test_secrets_stay_out_and_all_else_is_recorded(room: Room, backend: str) -> None:
    """Of a long session the history that xonsh wrote has each ordinary command and no secret."""
    step = 1 if backend == "json" else 6
    bad = [c for c in kept_out("xonsh") if judge(c, "xonsh", ())][::step]
    good = [c for c in recorded("xonsh") if not judge(c, "xonsh", ())][:: 2 * step]
    assert (len(bad), len(good)) >= (60 // step, 120 // step)
    with room.start(XONSH_HISTORY_BACKEND=backend) as shell:
        for command in bad:
            seen = shell.type(command)
            assert seen.count("devkeys: kept out of history") == 1, seen
        for command in good:
            assert "devkeys: kept out" not in shell.type(command)
        shell.exit()
    history = room.histories()
    assert [c for c in bad if room.holders(c.value)] == []
    assert [c for c in good if c.rstrip() not in history] == []
    assert len(history) == len(good) + 1


@pytest.mark.parametrize("kind", ["exit", "hang_up", "kill", "exec", "exit with the secret"])
@pytest.mark.parametrize("backend", ["json", "sqlite"])
def test_however_the_session_ends(room: Room, backend: str, kind: str) -> None:
    """Neither a signal nor `exec` brings a secret into the history."""
    token = a_token()
    (room.bin / "other").symlink_to("/bin/true")
    with room.start(XONSH_HISTORY_BACKEND=backend) as shell:
        shell.type("1 + 1")
        shell.type(f"$LLM_API_KEY = '{token}'")
        if kind == "exec":
            shell.paste(f"exec other --token {token}")
            shell.send("\x1b\n")
            shell.ended()
        elif kind == "exit with the secret":
            shell.paste(f"exit # --token {token}")
            shell.send("\x1b\n")
            shell.ended()
        else:
            {"exit": shell.exit, "hang_up": shell.hang_up, "kill": shell.kill}[kind]()
    assert room.holders(token) == []
    if kind != "kill" or backend == "sqlite":
        assert "1 + 1" in room.histories() or kind == "exec"


def test_readline(room: Room) -> None:
    """The same where xonsh uses readline: in no file, nor in readline's list."""
    bad = [c for c in kept_out("xonsh")[::9] if "\n" not in c]
    good = [c for c in recorded("xonsh")[::15] if "\n" not in c]
    with room.start(SHELL_TYPE="readline") as shell:
        for command in [*bad, *good]:
            shell.type(command)
        token = a_token()
        shell.type(f"text = '{token}'")
        inside = shell.type(
            "import readline as r; "
            "[r.get_history_item(i) for i in range(1, r.get_current_history_length())]"
        )
        shell.exit()
    assert room.holders(token) == []
    assert token not in inside
    assert [c for c in bad if room.holders(c.value) or c.value in inside] == []
    assert [c for c in good if c.rstrip() not in room.histories()] == []


def test_the_up_arrow_does_not_bring_it_back(room: Room) -> None:
    """The list behind the up arrow has what was judged clean, in order, and no secret."""
    token = a_token()
    with room.start() as shell:
        shell.type("'first'")
        shell.type(f"app --token {token}")
        shell.type("app --token $TOKEN")
        shell.type(f"app 'unbalanced --token {token}")
        seen = shell.type("[t for t in __xonsh__.shell.shell.prompter.history.get_strings()][-4:]")
        shell.exit()
    assert token not in seen
    assert seen.index("'first'") < seen.index("app --token $TOKEN")


def test_a_history_of_another_make(room: Room) -> None:
    """A history that takes the place of xonsh's own in mid-session is guarded too."""
    room.write_rc(
        LOAD + "from xonsh.history.base import History\n"
        "class Own(History):\n"
        "    def append(self, cmd):\n"
        "        with open('own.txt', 'a') as file: file.write(cmd['inp'])\n"
    )
    token = a_token()
    with room.start() as shell:
        shell.type("__xonsh__.history = Own()")
        shell.type("2 + 2")
        shell.type(f"app --token {token}")
        shell.exit()
    assert "2 + 2\n" in (room.home / "own.txt").read_text()
    assert room.holders(token) == []


def test_the_environment_of_the_session(room: Room) -> None:
    """The head of a history file has xonsh's environment, but no secret of it."""
    tokens = [a_token(), secrets.token_hex(8), secrets.token_hex(8)]
    index.update(str(room.state), lambda _: index.Index(frozenset(["LICENSE_CODE"])))
    given = {
        "LLM_API_KEY": tokens[1],
        "LICENSE_CODE": tokens[2],
        "HARMLESS": tokens[0],
        "COLOUR": "a-dull-one",
    }
    with room.start(**given) as shell:
        assert f"have {tokens[1]}" in shell.type("print('have', $LLM_API_KEY)")
        shell.exit()
    assert [token for token in tokens if room.holders(token)] == []
    assert len(room.holders("a-dull-one")) == 1


def test_declared_names(room: Room) -> None:
    """A name that an allowed project declares is asked about, from the moment it is."""
    one, two = secrets.token_hex(8), secrets.token_hex(8)
    with room.start() as shell:
        shell.type(f"$LICENSE_CODE = '{one}'")
        names = frozenset([*(f"FILLER_{i}" for i in range(499)), "LICENSE_CODE"])
        index.update(str(room.state), lambda _: index.Index(names))
        assert "the value of LICENSE_CODE" in shell.type(f"$LICENSE_CODE = '{two}'")
        assert "devkeys:" not in shell.type("echo $LICENSE_CODE")
        (room.state / "shell-index").unlink()
        os.mkfifo(room.state / "shell-index")
        assert "devkeys:" not in shell.type("$LICENSE_CODE = 'other'")
        shell.exit()
    assert one in "".join(room.histories())
    assert two not in "".join(room.histories())


# --- the command itself ---------------------------------------------------------------------------


def test_the_command_runs_once_and_unchanged(room: Room) -> None:
    """A kept command has its effect, once, and its exit code is what `$?` of xonsh says."""
    token = a_token()
    (room.bin / "sh").symlink_to("/bin/sh")
    with room.start() as shell:
        shell.type(f"with open('log', 'a') as file: file.write('API_KEY={token} ')")
        shell.type(f"sh -c 'exit 7' --token {token}")
        assert "code 7" in shell.type("print('code', $LAST_RETURN_CODE)")
        shell.type(f"$LLM_API_KEY = '{token}'")
        assert "same True" in shell.type(f"print('same', $LLM_API_KEY[3:] == '{token[3:]}')")
        shell.exit()
    assert (room.home / "log").read_text().count(token) == 1


def test_what_is_not_a_command(room: Room) -> None:
    """Blanks, control bytes, unbalanced quotes and a megabyte do no harm."""
    token = a_token()
    big = "x = '" + "a" * 1_000_000
    with room.start() as shell:
        shell.type("     ")
        shell.type(f"app '--token {token}")
        shell.type(f'app "é \u2028 \U0001f511 --token {token}')
        assert shell.type(f"{big}' # --token {token}").count("devkeys: kept out") == 1
        assert "devkeys: kept out" not in shell.type(f"{big}'")
        shell.type("3 + 3")
        shell.exit()
    assert room.holders(token) == []
    assert room.histories()[-3:-1] == [f"{big}'", "3 + 3"]


# --- off, on purpose ------------------------------------------------------------------------------


def test_off_by_environment(room: Room) -> None:
    """DEVKEYS_HOOK=off makes the hook inert, at any time."""
    one, two = a_token(), a_token()
    with room.start(DEVKEYS_HOOK="off") as shell:
        assert "devkeys:" not in shell.type(f"app --token {one}")
        shell.type("$DEVKEYS_HOOK = 'on'")
        assert "devkeys:" in shell.type(f"app --token {two}")
        shell.exit()
    assert f"app --token {one}" in room.histories()
    assert room.holders(two) == []


def test_one_command_on_purpose(room: Room) -> None:
    """`$DEVKEYS_HOOK='off' command` is recorded, without devkeys too; the next one is not."""
    one, two = a_token(), a_token()
    room.broken("")
    with room.start() as shell:
        assert "devkeys:" not in shell.type(f"$DEVKEYS_HOOK='off' app --token {one}")
        assert NOT_ASKED in shell.type(f"app --token {two}")
        shell.exit()
    assert f"$DEVKEYS_HOOK='off' app --token {one}" in room.histories()
    assert room.holders(two) == []


# --- devkeys itself is missing or broken ----------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#!/bin/sh\nexit 3\n",
        "#!/bin/sh\nkill -SEGV $$\n",
        "#!/bin/sh\nhead -c 100000 /dev/urandom\nexit 1\n",
        "#!/no/such/interpreter\n",
        "no program at all\n",
    ],
)
def test_a_devkeys_that_cannot_be_asked(room: Room, text: str) -> None:
    """Without an answer a suspicious command is kept out, is said to be, and runs."""
    token = a_token()
    room.broken(text)
    with room.start() as shell:
        assert shell.type(f"x = 'A_KEY={token}'").count(NOT_ASKED) == 1
        assert f"ran {len(token) + 6}" in shell.type("print('ran', len(x))")
        shell.exit()
    assert room.holders(token) == []
    assert "print('ran', len(x))" in room.histories()


def test_a_devkeys_that_hangs(room: Room) -> None:
    """Ctrl-C ends the question, not the command; the secret stays out."""
    token = a_token()
    room.broken("#!/bin/sh\necho asked >$HOME/asked\nexec /bin/sleep 60\n")
    with room.start() as shell:
        shell.paste(f"x = 'A_KEY={token}'; print('did', 'run')")
        shell.send("\x1b\n")
        while not (room.home / "asked").exists():
            time.sleep(0.01)
        shell.send("\x03")
        seen = shell.wait("<1>")
        assert NOT_ASKED in seen
        assert "did run" in seen
        shell.count = 1
        shell.exit()
    assert room.holders(token) == []
