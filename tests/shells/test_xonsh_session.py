"""xonsh: how the hook is loaded, what it says at cd, what it completes, and its tables."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from real import need
from typed_commands import DIALECTS, kept_out, recorded
from xonsh_session import HOOK, LOAD, Room, a_token

from devkeys import VERSION, index
from devkeys.scan import rules
from devkeys.typed import ON_PURPOSE, suspicion


@pytest.fixture
def room(tmp_path: Path, script: Path) -> Iterator[Room]:
    """Make a room of xonsh's own."""
    room = Room(tmp_path, script)
    yield room
    assert room.holders("Traceback") == []


# --- loading --------------------------------------------------------------------------------------


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
    (room.home / "a.xsh").write_text("print('API_KEY=' + 'k' * 30)\n")
    for words in (["a.xsh"], ["-c", "print('API_KEY=' + 'k' * 30)"]):
        said = room.script("--rc", str(room.home / ".xonshrc"), *words)
        assert said == "API_KEY=" + "k" * 30 + "\n"


# --- a word at cd ---------------------------------------------------------------------------------


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
    write_lacks(room, known=2)


def write_lacks(room: Room, known: int) -> None:
    """Write down that `known` lacks *known* secrets."""
    lacks = {"known": index.Lack(known, 5), "whole": index.Lack(0, 5)}
    after = index.Index(lacks={f"{room.home}/{name}": lack for name, lack in lacks.items()})
    index.update(str(room.state), lambda _: after)


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
        write_lacks(room, known=1)
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


def test_another_version(room: Room) -> None:
    """A hook that is older than the devkeys which wrote the index is told of, once a session."""
    projects(room)
    place = room.state / "shell-index"
    place.write_text(place.read_text().replace(VERSION, "99.1.0"))
    with room.start() as shell:
        line = f"devkeys: this hook is of {VERSION}, devkeys is 99.1.0 (devkeys hook install)"
        assert shell.screen.count(line) == 1
        assert "this hook" not in shell.type("1")
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


# --- completion -----------------------------------------------------------------------------------


def test_completion(room: Room) -> None:
    """Tab after `devkeys` offers what devkeys itself says, and files are completed as ever."""
    (room.home / "some-file").touch()
    asked = (
        "complete = lambda t: print('got', sorted(str(c) for c in "
        "__xonsh__.shell.shell.completer.complete_line(t)[0]))"
    )
    with room.start() as shell:
        shell.type(asked)
        assert "'status" in shell.type("complete('devkeys sta')")
        assert "'--profile" in shell.type("complete('devkeys set --pro')")
        assert "some-file" in shell.type("complete('app some-f')")
        shell.exit()


# --- others that record ---------------------------------------------------------------------------


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


# --- tied to devkeys' own tables ------------------------------------------------------------------


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
    found: object = json.loads(room.script("--no-rc", "ask.xsh"))
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
