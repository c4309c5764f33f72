"""xonsh: the hook in real sessions at a terminal, and the histories that xonsh itself wrote."""

import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkeys import VERSION, index
from devkeys.scan import rules
from devkeys.typed import ON_PURPOSE, judge, suspicion
from real import need
from terminal import Terminal
from typed_commands import DIALECTS, kept_out, recorded

HOOK = Path(__file__).parents[2] / "shell" / "devkeys.xsh"
LOAD = f"exec(compile(open({str(HOOK)!r}).read(), 'devkeys.xsh', 'exec'))\n"
NOT_ASKED = "it may hold a secret (devkeys could not be asked)"
# The prompt has a number, which grows with each command: what a line editor draws again has not.
RC = """
$PROMPT = lambda: f"<{_typed.__len__()}>"
$TITLE = ''
$XONSH_SHOW_TRACEBACK = False
$XONSH_TRACEBACK_LOGFILE = '/dev/null'
_typed = []
@events.on_post_prompt
def _count(**_):
    _typed.append(None)
"""


class Xonsh(Terminal):
    """xonsh at a terminal; its own editor (prompt_toolkit), or readline."""

    count = 0
    readline = False

    def __enter__(self) -> "Xonsh":
        self.wait("<0>")
        return self

    def type(self, text: str) -> str:
        """Enter *text*, in readline one line, and return what was printed."""
        if self.readline:
            self.send(text + "\r")
        else:
            self.paste(text)
            self.send("\x1b\n")
        self.count += 1
        return self.wait(f"<{self.count}>")


class Room:
    """A HOME with an rc file, and a PATH that has devkeys and nothing else."""

    def __init__(self, path: Path, script: Path) -> None:
        need("xonsh")
        self.home = path / "home"
        self.home.mkdir()
        self.state = self.home / ".local" / "state" / "devkeys"
        self.data = self.home / "data"
        self.bin = script.parent
        self.environ = {
            "HOME": str(self.home),
            "PATH": str(self.bin),
            "LANG": "C.UTF-8",
            "XONSH_DATA_DIR": str(self.data),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "PROMPT_TOOLKIT_NO_CPR": "1",
        }
        self.write_rc(LOAD)

    def write_rc(self, text: str) -> None:
        (self.home / ".xonshrc").write_text(RC + text)

    def start(self, *options: str, **environ: str) -> Xonsh:
        program = shutil.which("xonsh")
        assert program
        command = [program, "--interactive", *options]
        shell = Xonsh(command, self.environ | environ, str(self.home), prompt="<", patience=8)
        shell.readline = environ.get("SHELL_TYPE") == "readline"
        return shell

    def broken(self, text: str) -> None:
        """Put a devkeys on PATH that is none."""
        (self.bin / "devkeys").unlink()
        if text:
            (self.bin / "devkeys").write_text(text)
            (self.bin / "devkeys").chmod(0o755)

    def histories(self) -> list[str]:
        """Return the commands of all histories in the order of time."""
        found: list[tuple[float, str]] = []
        for path in self.data.rglob("xonsh-*.json"):
            data = json.loads(path.read_text())["data"]
            found += [(command["ts"][0], command["inp"]) for command in data["cmds"]]
        for path in self.data.rglob("*.sqlite"):
            with sqlite3.connect(path) as database:
                found += database.execute("select tsb, inp from xonsh_history").fetchall()
            database.close()
        return [text.rstrip() for _, text in sorted(found)]

    def holders(self, value: str) -> list[Path]:
        """Return the files below HOME and the state that hold *value*."""
        files = [path for path in self.home.rglob("*") if path.is_file()]
        return [path for path in files if value.encode() in path.read_bytes()]


@pytest.fixture
def room(tmp_path: Path, script: Path) -> Iterator[Room]:
    """Make a room of xonsh's own."""
    room = Room(tmp_path, script)
    yield room
    assert room.holders("Traceback") == []


def a_token() -> str:
    """Make what looks like a key."""
    return "sk-" + secrets.token_hex(20)


# --- what is kept out, and what is recorded ---------------------------------------------------


@pytest.mark.parametrize("backend", ["json", "sqlite"])
def test_secrets_stay_out_and_all_else_is_recorded(room: Room, backend: str) -> None:
    """Of a long session the history that xonsh wrote has each ordinary command and no secret."""
    step = 1 if backend == "json" else 6
    bad = [c for c in kept_out("xonsh") if judge(c, "xonsh", ())][::step]
    good = [c for c in recorded("xonsh") if not judge(c, "xonsh", ())][::step]
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


def test_declared_names(room: Room) -> None:
    """A name that an allowed project declares is asked about, from the moment it is."""
    one, two = secrets.token_hex(8), secrets.token_hex(8)
    with room.start() as shell:
        shell.type(f"$LICENSE_CODE = '{one}'")
        names = frozenset([*(f"FILLER_{i}" for i in range(499)), "LICENSE_CODE"])
        index.write(str(room.state), index.Index(names))
        assert "the value of LICENSE_CODE" in shell.type(f"$LICENSE_CODE = '{two}'")
        assert "devkeys:" not in shell.type("echo $LICENSE_CODE")
        (room.state / "shell-index").unlink()
        os.mkfifo(room.state / "shell-index")
        assert "devkeys:" not in shell.type("$LICENSE_CODE = 'other'")
        shell.exit()
    assert one in "".join(room.histories())
    assert two not in "".join(room.histories())


# --- the command itself -----------------------------------------------------------------------


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
    big = "x = '" + "a" * 1_000_000 + f"' # --token {token}"
    with room.start() as shell:
        shell.type("     ")
        shell.type(f"app '--token {token}")
        shell.type(f'app "é \u2028 \U0001f511 --token {token}')
        shell.type("3 + 3")
        shell.exit()
    assert room.holders(token) == []
    assert "3 + 3" in room.histories()
    assert len(big) > suspicion.LONGEST


# --- off, on purpose --------------------------------------------------------------------------


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


# --- devkeys itself is missing or broken ------------------------------------------------------


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


# --- loading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "load",
    [
        LOAD,
        LOAD + LOAD,
        f"source {HOOK}\n",
        f"execx(open({str(HOOK)!r}).read())\n",
        f"source {HOOK}\n" + LOAD,
    ],
    ids=["compiled", "twice", "source", "execx", "both"],
)
def test_ways_to_load(room: Room, load: str) -> None:
    """However it is loaded: silently, once, and without a name in the user's namespace."""
    token = a_token()
    room.write_rc(load)
    with room.start() as shell:
        assert "devkeys" not in shell.screen
        assert "left []" in shell.type("print('left', [n for n in dir() if 'devk' in n])")
        shell.type("len = str = print = set = any = open = hasattr = getattr = map = list = 5")
        seen = shell.type(f"app --token {token}")
        assert seen.count("devkeys: kept out of history") == 1
        assert "exception" not in seen.lower()
        shell.exit()
    assert room.holders(token) == []


def test_loaded_in_mid_session(room: Room) -> None:
    """Loaded at the prompt it works from the next command on."""
    token = a_token()
    room.write_rc("")
    with room.start() as shell:
        shell.type(f"source {HOOK}")
        shell.type(f"app --token {token}")
        shell.exit()
    assert room.holders(token) == []


def test_scripts(room: Room) -> None:
    """In a script, and in `xonsh -c`, nothing happens though the rc file is read."""
    program = shutil.which("xonsh")
    assert program
    rc = ["--rc", str(room.home / ".xonshrc")]
    (room.home / "a.xsh").write_text("print('API_KEY=' + 'k' * 30)\n")
    for words in (["a.xsh"], ["-c", "print('API_KEY=' + 'k' * 30)"]):
        done = subprocess.run(
            [program, *rc, *words],
            cwd=room.home,
            env=room.environ,
            capture_output=True,
            text=True,
            check=True,
        )
        assert (done.stdout, done.stderr) == ("API_KEY=" + "k" * 30 + "\n", "")


# --- a word at cd -----------------------------------------------------------------------------


def projects(room: Room) -> None:
    """Make checkouts: `known` lacks secrets, `whole` lacks none, `new` is not known, `dull`."""
    for name, text in (
        ("known", "A_KEY=\n"),
        ("whole", "A_KEY=\n"),
        ("new", "# words\nPORT=1\nexport LLM_API_KEY=\n"),
        ("dull", "PORT=3000\nCOLOR=\n"),
    ):
        (room.home / name / "inner" / "deep").mkdir(parents=True)
        (room.home / name / ".env.example").write_text(text)
    (room.home / "new" / "other" / ".git").mkdir(parents=True)
    room.state.mkdir(parents=True)
    (room.state / "shell-index").write_text(
        f"devkeys-index 1 {VERSION}\n"
        f"checkout 2 5 {room.home}/known\ncheckout 0 5 {room.home}/whole\n"
    )


def test_a_word_at_cd(room: Room) -> None:
    """It is said once for each checkout, of its depths too, in one terminal and in the next."""
    projects(room)
    known = "devkeys: 2 of 5 secrets missing (devkeys init)"
    new = "devkeys: .env.example asks for secrets (devkeys init)"
    with room.start() as shell:
        assert "devkeys" not in shell.type("cd whole")
        assert "devkeys" not in shell.type("cd ../dull/inner")
        assert "devkeys" not in shell.type("cd ../../new/other")
        assert shell.type("cd ../../known/inner/deep").count(known) == 1
        assert "devkeys" not in shell.type("cd ..")
        assert shell.type("cd ../../new").count(new) == 1
        shell.exit()
    said = (room.state / "shell-said").read_text()
    assert said == f"2 5 {room.home}/known\n? ? {room.home}/new\n"
    with room.start() as shell:
        assert "devkeys" not in shell.type("cd known")
        assert "devkeys" not in shell.type("cd ../new")
        index = (room.state / "shell-index").read_text()
        (room.state / "shell-index").write_text(index.replace("2 5", "1 5"))
        assert "1 of 5" in shell.type("cd ../known")
        shell.exit()


def test_a_word_at_the_first_prompt(room: Room) -> None:
    """A session that starts in a checkout hears it; without a place to note it, once."""
    projects(room)
    shutil.rmtree(room.state)
    with room.start() as shell:
        shell.type("1")
        assert "devkeys:" in shell.type("cd new")
        shell.type("cd ..")
        assert "devkeys" not in shell.type("cd new")
        shell.exit()
    room.write_rc("import os; os.chdir('new')\n" + LOAD)
    with room.start() as shell:
        assert "devkeys: .env.example asks for secrets" in shell.screen
        shell.exit()


def test_no_word_about_what_is_no_file(room: Room) -> None:
    """A FIFO, a directory, a huge and an undecodable `.env.example`, and one that is above HOME."""
    (room.home / "fifo").mkdir()
    os.mkfifo(room.home / "fifo" / ".env.example")
    (room.home / "directory" / ".env.example").mkdir(parents=True)
    (room.home / "bytes").mkdir()
    (room.home / "bytes" / ".env.example").write_bytes(b"\xff\xfe\n=A_KEY\n" + b"x" * 2_000_000)
    (room.home / "late").mkdir()
    (room.home / "late" / ".env.example").write_text("#\n" * 500 + "A_KEY=\n")
    (room.home / "odd\nname").mkdir()
    (room.home / "odd\nname" / ".env.example").write_text("A_KEY=\n")
    (room.home.parent / ".env.example").write_text("A_KEY=\n")
    with room.start() as shell:
        for name in ("fifo", "directory", "bytes", "late", "odd\nname"):
            shell.type(f"import os; os.chdir({str(room.home / name)!r})")
        assert "devkeys:" not in shell.screen
        shell.exit()


# --- completion -------------------------------------------------------------------------------


def test_completion(room: Room) -> None:
    """Tab after `devkeys` offers what devkeys itself says, and files are completed as ever."""
    (room.home / "some-file").touch()
    asked = (
        "from xonsh.completer import Completer as C; "
        "complete = lambda t: print('got', sorted(str(c) for c in "
        "C().complete_line(t)[0]))"
    )
    with room.start() as shell:
        shell.type(asked)
        assert "'status" in shell.type("complete('devkeys sta')")
        assert "'--profile" in shell.type("complete('devkeys set --pro')")
        assert "some-file" in shell.type("complete('app some-f')")
        shell.send("devkeys unsk\x7f\x7f\t")
        shell.wait("unset")
        shell.send("\x03")
        shell.kill()


# --- others that record -----------------------------------------------------------------------


@pytest.mark.parametrize("order", ["first", "last", "at the prompt"])
def test_atuin(room: Room, order: str) -> None:
    """atuin, which records by itself, is not told either, whichever was loaded first."""
    need("atuin")
    program = shutil.which("atuin")
    assert program
    (room.bin / "atuin").symlink_to(program)
    init = subprocess.run(
        [program, "init", "xonsh"], env=room.environ, capture_output=True, text=True, check=True
    ).stdout
    (room.home / "atuin.xsh").write_text(init)
    load = {"first": LOAD + init, "last": init + LOAD, "at the prompt": LOAD}[order]
    room.write_rc(load)
    token = a_token()
    with room.start() as shell:
        if order == "at the prompt":
            shell.type("source atuin.xsh")
        shell.type("echo ordinary")
        shell.type(f"app --token {token}")
        shell.type("app --token $TOKEN")
        shell.exit()
    assert room.holders(token) == []
    done = subprocess.run(
        [program, "history", "list", "--cmd-only"],
        env=room.environ | {"ATUIN_SESSION": "0" * 32},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-3:-1] == ["echo ordinary", "app --token $TOKEN"]


# --- tied to devkeys' own tables --------------------------------------------------------------


def test_version() -> None:
    """The file says the version that it belongs to."""
    assert f'_devkeys_version = "{VERSION}"' in HOOK.read_text().splitlines()


def test_tables() -> None:
    """Each word of devkeys' tables stands in the file."""
    tables = (
        *(suspicion.PARTS, suspicion.WORDS, suspicion.DATABASES, suspicion.PROGRAMS),
        *(suspicion.LOGINS, suspicion.CLIENTS, suspicion.KEEPERS, suspicion.SINKS),
        *(rules.PREFIXES, rules.INFIXES),
    )
    words = set(HOOK.read_text().replace('"', " ").replace(",", " ").split())
    text = HOOK.read_text()
    missing = [w for t in tables for w in t if w not in words and f'"{w}"' not in text]
    assert missing == []


def ask_the_hook(room: Room, question: str, given: object) -> object:
    """Return what *question*, an expression about `hook` and `given`, is in xonsh's Python."""
    (room.home / "given.json").write_text(json.dumps(given))
    (room.home / "ask.xsh").write_text(
        LOAD + "import json, sys\n"
        "hook, given = sys.modules['_devkeys'], json.load(open('given.json'))\n"
        f"print(json.dumps({question}))\n"
    )
    program = shutil.which("xonsh")
    assert program
    done = subprocess.run(
        [program, "--no-rc", "ask.xsh"],
        cwd=room.home,
        env=room.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    found: object = json.loads(done.stdout)
    return found


def test_patterns(room: Room) -> None:
    """The patterns are those of devkeys itself, letter by letter."""
    found = ask_the_hook(
        room,
        "hook._devkeys_compile() or [[p.pattern for p in hook._devkeys_patterns['lower']],"
        " [hook._devkeys_patterns[k].pattern for k in ('format', 'setting', 'given', 'name')]]",
        None,
    )
    lower = (suspicion.ASSIGNED, suspicion.FOLLOWED, suspicion.HEADER, suspicion.URL)
    others = (suspicion.FORMAT, suspicion._GIVING, suspicion._GIVEN, suspicion._NAME)
    assert found == [
        [p.pattern for p in (*lower, suspicion.SPOKEN, suspicion.PROGRAM, suspicion.POURED)],
        [p.pattern for p in others],
    ]


def test_it_suspects_what_devkeys_suspects(room: Room) -> None:
    """Of commands of all dialects, and of pieces of them, both say the same."""
    texts = [str(c) for dialect in DIALECTS for c in (*kept_out(dialect), *recorded(dialect))]
    texts += [text[: len(text) * part // 4] for text in texts for part in (1, 2, 3)]
    texts += [text.upper() for text in texts[:500]] + ["x" * suspicion.LONGEST + "xx"]
    texts = [text for text in texts if not ON_PURPOSE.match(text)]
    answers = ask_the_hook(room, "[hook._devkeys_may_hold_a_secret(t) for t in given]", texts)
    assert answers == [suspicion.suspicious(text) for text in texts]
    assert isinstance(answers, list)
    assert answers.count(True) > 300
