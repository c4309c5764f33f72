"""bash: whatever the user's way with the history, no secret gets into it and nothing is lost."""

import contextlib

import pytest
from bash_shell import SAID, Place, place, value

__all__ = ["place"]  # a fixture

WAYS = {
    "defaults": "",
    "ignoredups": "HISTCONTROL=ignoredups",
    "ignoreboth": "HISTCONTROL=ignoreboth",
    "erasedups": "HISTCONTROL=erasedups:ignoreboth",
    "times": "HISTTIMEFORMAT='%d/%m %T '",
    "append": "shopt -s histappend",
    "lines": "shopt -s cmdhist lithist",
    "no-cmdhist": "shopt -u cmdhist",
    "verify": "shopt -s histverify histreedit; set -H",
    "small": "HISTSIZE=4",
    "tiny": "HISTSIZE=1",
    "unlimited": "HISTSIZE=-1 HISTFILESIZE=-1",
    "at-once": "shopt -s histappend; PROMPT_COMMAND='history -a'",
    "at-once-added": 'PROMPT_COMMAND="history -a;$PROMPT_COMMAND"',
    "at-once-last": "PROMPT_COMMAND=\"$PROMPT_COMMAND\"$'\\nhistory -a'",
    "shared": 'shopt -s histappend; PROMPT_COMMAND="history -a; history -c; history -r;'
    ' $PROMPT_COMMAND"',
    "shared-array": "shopt -s histappend; PROMPT_COMMAND=('history -a' 'history -c' 'history -r')",
    "merged": "PROMPT_COMMAND='history -n; history -w; history -c; history -r'",
    "function": "keep() { history -a; history -n; }; PROMPT_COMMAND=keep",
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("way", WAYS)
def test_ways(place: Place, way: str, when: str) -> None:
    """Simple commands, subshells, comments, errors, several lines, twice: never in the file."""
    place.configure(**{when: WAYS[way]})
    place.file.write_text("old one\nold two\n")
    secrets = [value() for _ in range(8)]
    with place.start() as bash:
        bash.run("echo plain-1")
        for secret in secrets[:2] * 2:
            assert bash.run(f"A_TOKEN={secret}").count(SAID) == 1
        assert bash.run(f"(A_TOKEN={secrets[2]})").count(SAID) == 1
        assert bash.run(f"# A_TOKEN={secrets[3]}").count(SAID) == 1
        assert bash.run(f"echo A_TOKEN={secrets[4]} )").count(SAID) == 1
        bash.send("for i in 1; do\r")
        bash.wait(".. ")
        bash.send(f"A_TOKEN={secrets[5]}\r")
        bash.wait(".. ")
        bash.send("done\r")
        assert bash.next_prompt().count(SAID) == 1
        bash.run("echo plain-2")
        bash.run("echo plain-2")
        bash.run("openssl version")  # suspected, and put back
        bash.type(f"echo plain-3\nA_TOKEN={secrets[6]}\necho plain-4")
        assert bash.run(f"f() {{ A_TOKEN={secrets[7]}; }}").count(SAID) == 1
        bash.exit()
    assert [x for x in secrets if place.traces(x)] == []
    history = place.history()
    assert history[-1] == "exit"
    if way not in ("small", "tiny"):
        wanted = ["old two", "echo plain-1", "echo plain-2", "openssl version", "echo plain-3"]
        assert [x for x in wanted if x not in history] == []
        assert not [x for x in history if x.startswith("for i")]
    assert history.count("openssl version") <= 1
    assert history.count("echo plain-1") <= 1


ORDINARY = (
    "echo one",
    "echo two",
    "echo two",
    " echo with a blank",
    "openssl version",  # suspected, and put back
    "openssl version",
    "(echo in a subshell)",
    "# a comment: token=$TOKEN",
    "echo )",
    "for i in 1; do\n  : --password $PW\ndone",
    "echo one\necho two\nmysql -u me",
    "echo one",
)


@pytest.mark.parametrize("way", WAYS)
def test_ordinary_commands(place: Place, way: str) -> None:
    """What holds no secret is in the file as it would be without the hook, line for line."""
    histories = []
    for line in ("", None):
        place.file.write_text("old one\nold two\n")
        place.configure(before=WAYS[way], **({} if line is None else {"line": line}))
        with place.start() as bash:
            for command in ORDINARY:
                bash.type(command)
            bash.run("history -a")
            bash.exit()
        assert SAID not in bash.screen
        histories.append(place.history())
    assert histories[0] == histories[1]


@pytest.mark.parametrize("way", ["at-once", "shared", "merged"])
def test_ten_terminals(place: Place, way: str) -> None:
    """Ten terminals that share a history: nobody's secret is in it, everybody's commands are."""
    place.configure(before=f"shopt -s histappend; {WAYS[way]}", after="HISTSIZE=9999")
    secrets = [value() for _ in range(20)]
    with contextlib.ExitStack() as stack:
        terminals = [stack.enter_context(place.start()) for _ in range(10)]
        for turn in range(2):
            for number, bash in enumerate(terminals):
                bash.send(f"(A_TOKEN={secrets[turn * 10 + number]})\r")
            for bash in terminals:
                assert bash.next_prompt().count(SAID) == 1
            for number, bash in enumerate(terminals):
                bash.run(f"echo terminal {number} turn {turn}")
        for bash in terminals:
            bash.hang_up()
    assert [x for x in secrets if place.traces(x)] == []
    if way == "merged":
        return  # who rewrites the whole file loses what others write meanwhile, hook or no hook
    history = place.history()
    wanted = [f"echo terminal {number} turn {turn}" for number in range(10) for turn in range(2)]
    assert [x for x in wanted if x not in history] == []


def test_entries_of_others(place: Place) -> None:
    """What a terminal without the hook put into the shared file is not ours to judge."""
    place.configure(before=WAYS["shared"], after="HISTCONTROL=ignorespace")
    secret = value()
    with place.start() as bash:
        bash.run("echo one")
        with place.file.open("a") as file:
            file.write(f"export A_TOKEN={secret}\n")
        for command in ("echo two", " echo three", "#", " "):
            assert SAID not in bash.run(command)
        bash.exit()
    assert place.text().count(secret) == 1


@pytest.mark.parametrize("way", ["", "shopt -s lithist", "shopt -u cmdhist"])
def test_blank_before_several_lines(place: Place, way: str) -> None:
    """Where bash ignores the first line of several, the others are looked at all the same."""
    place.configure(f"HISTCONTROL=ignorespace HISTIGNORE='if*'; {way}")
    secrets = [value() for _ in range(2)]
    with place.start() as bash:
        bash.run("echo one")
        for first, secret in ((" for i in 1; do", secrets[0]), ("if true; then", secrets[1])):
            bash.send(f"{first}\r")
            bash.wait(".. ")
            bash.send(f"A_TOKEN={secret}\r")
            bash.wait(".. ")
            bash.send("done\r" if "do" in first else "fi\r")
            bash.next_prompt()
        bash.exit()
    assert [x for x in secrets if place.traces(x)] == []
    assert "echo one" in place.history()[0]


def test_run_again(place: Place) -> None:
    """What `fc` and `!!` make of old commands is looked at as if it were typed."""
    place.configure("set -H; alias again='fc -s'")
    secrets = [value() for _ in range(4)]
    with place.start() as bash:
        bash.run("echo A_TOKEN=$X")
        assert SAID in bash.run(f"fc -s '$X={secrets[0]}'")
        bash.run("echo B_TOKEN=$X")
        assert SAID in bash.run(f"again '$X={secrets[1]}'")
        bash.run("echo C_TOKEN=$X")
        assert SAID in bash.run(f"^$X^{secrets[2]}")
        bash.run("echo D_TOKEN=")
        assert SAID in bash.run(f"!!{secrets[3]}")
        assert bash.screen.count(SAID) == 4
        bash.exit()
    assert [x for x in secrets if place.traces(x)] == []
    assert "echo A_TOKEN=$X" in place.history()


def test_edited(place: Place) -> None:
    """Commands that come from an editor (C-x C-e, fc) are looked at one by one."""
    secrets = [value() for _ in range(2)]
    place.link("cp")
    (place.folder / "edited.tmp").write_text(f"A_TOKEN={secrets[0]}\necho edited\n")
    editor = place.bin / "editor"
    editor.write_text(f"#!/bin/sh\ncp '{place.folder}/edited.tmp' \"$1\"\n")
    editor.chmod(0o755)
    place.configure("VISUAL=editor FCEDIT=editor")
    with place.start() as bash:
        bash.run("echo plain")
        bash.send(f"B_TOKEN={secrets[1]}\x18\x05")
        bash.wait("edited\r\n")
        bash.wait("edited\r\n")
        bash.send("\r")
        bash.next_prompt()
        bash.run("fc -1")
        bash.exit()
    assert [x for x in secrets if place.traces(x)] == []
    assert "echo edited" in place.history()
