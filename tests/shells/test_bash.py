"""bash: what was typed with a secret is in no file, what had none is as it was."""

import random
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import real
import typed_commands
from bash_shell import HOOK, SAID, UNSURE, Bash, Place, place, value

from devkeys import VERSION
from devkeys.scan import rules
from devkeys.typed import suspicion

__all__ = ["place"]  # a fixture

TABLES = [suspicion.PARTS, suspicion.WORDS, suspicion.DATABASES, suspicion.PROGRAMS]
TABLES += [suspicion.LOGINS, suspicion.CLIENTS, suspicion.KEEPERS, suspicion.SINKS]
TABLES += [rules.PREFIXES, rules.INFIXES]
WORDS = [word for table in TABLES for word in table]


def test_tables(place: Place) -> None:
    """Of all that people type, what holds a secret stays out, and all the rest is recorded."""
    kept_out = typed_commands.kept_out("posix")
    recorded = typed_commands.recorded("posix")
    assert len(kept_out) >= 60
    assert len(recorded) >= 120
    # So that entries of several lines are in the file as they were typed.
    place.configure("shopt -s cmdhist lithist; HISTTIMEFORMAT='%F ' HISTSIZE=9999 HISTFILESIZE=-1")
    with place.start() as bash:
        for command in (*kept_out, *recorded):
            bash.type(command)
        bash.hang_up()
    assert [x for x in kept_out if place.traces(x.value)] == []
    # A line that ends in a backslash bash itself joins with the next.
    joined = [x.replace("\\\n", "") for x in recorded]
    assert [x for x in joined if f"\n{x}\n" not in place.text()] == []
    assert bash.screen.count(SAID) >= len(kept_out)
    assert UNSURE not in bash.screen


def suspected(texts: Sequence[str], **environ: str) -> list[bool]:
    """Ask the hook's own function about each of *texts*, in one process."""
    script = (
        '. "$0"; declare -A _devkeys_names _devkeys_plain; LC_ALL=C\n'
        'while IFS= read -rd "" x; do _devkeys_suspicious "$x"; echo $?; done'
    )
    done = subprocess.run(
        [str(shutil.which("bash")), "-c", script, HOOK],
        input="".join(f"{x}\0" for x in texts).encode(),
        env={"HOME": "/nowhere", "PATH": "/nowhere", **environ},
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    return [x == "0" for x in done.stdout.decode().split()]


def test_suspicion() -> None:
    """The shell suspects what suspicion.py does, of every command in the tables, and no more."""
    real.need("bash")
    tables = (typed_commands.kept_out, typed_commands.recorded)
    texts = [str(x) for table in tables for d in typed_commands.DIALECTS for x in table(d)]
    texts += [x + sign + value() for x in WORDS for sign in ("=", ": ", " ", "_URL=", "")]
    assert suspected(texts) == [suspicion.suspicious(x) for x in texts]


def test_suspicion_of_anything() -> None:
    """Whatever stands beside a word of the tables, bash is as suspicious as suspicion.py."""
    real.need("bash")
    signs = [*" \t\n=:-_\"'`\\${}()[]|&;@<>aZ7./?!%~,+^", "é", "\\n", "%3D", "x1y2z3a4b5c6", "://"]
    more = "set put add new-item login auth url _uri password by -u --user << <( -stdin command"
    dice = random.Random()  # noqa: S311  # nothing secret
    seed = dice.randrange(1 << 30)
    dice.seed(seed)
    pieces = signs * 9 + WORDS + [*more.split(), "authorization", "bearer ", "identified"] * 4
    texts = ["".join(dice.choices(pieces, k=dice.randint(1, 8))) for _ in range(4000)]
    wrong = [
        x
        for x, answer in zip(texts, suspected(texts), strict=True)
        if answer != suspicion.suspicious(x)
    ]
    assert wrong == [], f"seed {seed}"


def test_suspicion_in_turkish(tmp_path: Path) -> None:
    """Letters are compared as in English, whatever the user's language does to an I."""
    real.need("bash", "localedef")
    made = subprocess.run(
        ["localedef", "-i", "tr_TR", "-f", "UTF-8", tmp_path / "tr_TR.UTF-8"],
        capture_output=True,
        check=False,
    )
    if made.returncode > 1:
        real.absent("needs the sources of the Turkish locale")
    texts = ["AUTHORIZATION: x", "PIN_CREDENTIALS=I9", "API_KEY=x", "ls"]
    answers = suspected(texts, LC_ALL="tr_TR.UTF-8", LOCPATH=str(tmp_path))
    assert answers == [True, True, True, False]


def test_tables_stand_in_the_file() -> None:
    """Every word that suspicion.py looks for stands in bash's file, as the version does."""
    text = HOOK.read_text()
    words = set(re.split(r"[\s()]+", text))
    assert [x for x in WORDS if x not in words and f"*{x}*" not in text.replace("'", "")] == []
    assert f"\n_devkeys_version={VERSION}\n" in text


def test_lint() -> None:
    """Nothing is left for shellcheck to say."""
    real.need("shellcheck")
    done = subprocess.run(["shellcheck", "-s", "bash", HOOK], capture_output=True, check=False)
    assert done.stdout.decode() == ""


ENDS: dict[str, Callable[[Bash], int]] = {
    "exit": lambda bash: bash.exit(),
    "exit-with-secret": lambda bash: bash.exit(f"exit 0 # DB_PASSWORD={value()}"),
    "hang-up": lambda bash: bash.hang_up(),
    "kill": lambda bash: bash.kill(),
    "exec": lambda bash: bash.exit(f"A_TOKEN={value()} exec sleep 0"),
}


@pytest.mark.parametrize("end", ENDS)
def test_ends(place: Place, end: str) -> None:
    """However the shell ends, directly after the command: the secret is in no file."""
    secret = value()
    with place.start() as bash:
        bash.run("echo before; history -a")
        assert bash.run(f"export LLM_API_KEY={secret}").count(SAID) == 1
        ENDS[end](bash)
    assert place.traces(secret) + place.traces("Zq") == []
    assert place.history()[0] == "echo before; history -a"


def test_exec_bash(place: Place) -> None:
    """A bash that takes the place of this one goes on, with the hook and without the secret."""
    first, second = value(), value()
    place.link("bash")
    with place.start() as bash:
        bash.run(f"export LLM_API_KEY={first}")
        bash.send("exec bash\r")
        bash.wait("\n")
        bash.wait("<1>> ")
        bash.count = 1
        assert SAID in bash.run(f"export B_TOKEN={second}")
        assert first in bash.run('echo "$LLM_API_KEY"').split("\n")[-2]
        bash.exit()
    assert place.traces(first) + place.traces(second) == []
    assert place.history() == ["exec bash", 'echo "$LLM_API_KEY"', "exit"]


SIGNS: dict[str, Callable[[Bash], int]] = {
    "hang-up": lambda bash: bash.hang_up(),
    "kill": lambda bash: bash.kill(),
}


@pytest.mark.parametrize("sign", SIGNS)
def test_ended_while_devkeys_is_asked(place: Place, sign: str) -> None:
    """A shell that ends before it knows has not recorded it."""
    secret = value()
    place.devkeys(f"echo >{place.folder}/asked; exec sleep 3")
    with place.start() as bash:
        bash.run("echo before; history -a")
        bash.send(f"export LLM_API_KEY={secret}\r")
        while not (place.folder / "asked").exists():
            time.sleep(0.02)
        SIGNS[sign](bash)
    assert place.traces(secret) == []
    assert place.history()[0] == "echo before; history -a"


BROKEN = {
    "fails": "exit 3",
    "dies": "kill -SEGV $$",
    "garbage": "printf 'devkeys: \\033[31m\\n'; exit 1",
    "silent": "exit 1",
    "deaf": "exec <&-; exit 2",
    "much": "while read -r x; do echo $x; done </bin/sh; exit 1",
}


@pytest.mark.parametrize("how", [None, *BROKEN])
def test_broken_devkeys(place: Place, how: str | None) -> None:
    """Without a sound devkeys, what may be a secret is kept out, said once, and run once."""
    secret = value()
    (place.bin / "devkeys").unlink()
    if how is not None:
        place.devkeys(BROKEN[how])
    place.configure("command_not_found_handle() { echo looked for $1; return 1; }")
    with place.start() as bash:
        screen = bash.run(f"echo A_TOKEN={secret} >>ran.tmp; echo ran")
        assert screen.count(UNSURE) == screen.count("devkeys:") == screen.count("\nran\n") == 1
        assert "looked for" not in screen
        assert "devkeys" not in bash.run("echo plain").replace(str(place.folder), "")
        bash.exit()
    assert (place.folder / "ran.tmp").read_text() == f"A_TOKEN={secret}\n"
    assert place.history() == ["echo plain", "exit"]


def test_interrupted_while_devkeys_is_asked(place: Place) -> None:
    """Ctrl-C while devkeys hangs: back to the prompt, kept out, said once; all goes on."""
    secret = value()
    place.devkeys(f"echo >{place.folder}/asked; exec sleep 60")
    with place.start() as bash:
        bash.send(f"export LLM_API_KEY={secret}\r")
        while not (place.folder / "asked").exists():
            time.sleep(0.02)
        bash.send("\x03")
        assert bash.next_prompt().count(UNSURE) == 1
        assert "devkeys" not in bash.run("echo plain")
        (place.folder / "asked").unlink()
        place.devkeys("exit 3")
        assert bash.run(f"export LLM_API_KEY={secret}").count(UNSURE) == 1
        bash.exit()
    assert place.traces(secret) == []
    assert place.history() == ["echo plain", "exit"]
