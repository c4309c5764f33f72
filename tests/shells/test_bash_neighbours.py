"""bash: what else wants the DEBUG trap, PROMPT_COMMAND and each command keeps working."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import real
from bash_shell import HOOK, LINE, SAID, Place, place, value
from terminal import Terminal

__all__ = ["place"]  # a fixture

PREEXEC = f". '{Path(__file__).parents[1] / 'preexec.bash'}'"
FZF = Path("/usr/share/doc/fzf/examples/key-bindings.bash")
ORDERS = ("before", "after")
BY_DOT = f". '{HOOK}'"


def typed(place: Place) -> list[str]:
    """Type commands with and without secrets, see that all is as it should be; return those."""
    secrets = [value() for _ in range(5)]
    with place.start() as bash:
        assert bash.run("echo plain-1").endswith(f"\nplain-1\n<{bash.count}>> ")
        assert bash.run(f"A_TOKEN={secrets[0]}").count("devkeys: ") == 1
        assert bash.run(f"(A_TOKEN={secrets[1]})").count("devkeys: ") == 1
        assert bash.run(f"# A_TOKEN={secrets[2]}").count("devkeys: ") == 1
        assert bash.run(f": a | : --token {secrets[3]}; (exit 3)").count("devkeys: ") == 1
        assert bash.run("echo plain-$?").endswith(f"\nplain-3\n<{bash.count}>> ")
        assert bash.type(f"echo plain-3\nA_TOKEN={secrets[4]}").count("devkeys: ") == 1
        bash.exit("report 2>/dev/null; exit")
    assert [x for x in secrets if place.traces(x)] == []
    plain = [x for x in place.history() if x.startswith("echo plain")]
    assert plain == ["echo plain-1", "echo plain-$?", "echo plain-3"]
    return secrets


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("line", [LINE, BY_DOT], ids=["eval", "dot"])
def test_debug_trap(place: Place, order: str, line: str) -> None:
    """A DEBUG trap that is there sees what it would see without us: `$?`, `$_`, BASH_COMMAND."""
    trap = 'seen=(); note() { seen+=("$1|$2|$BASH_COMMAND"); }; trap \'note $? "$_"\' DEBUG'
    report = "report() { printf '%s\\n' \"${seen[@]}\" >report.tmp; }"
    found = []
    for hook in (line, ":"):
        place.configure(**{order: trap, "line": hook})
        rc = place.folder / ".bashrc"
        rc.write_text(rc.read_text() + report + "\n")
        with place.start() as bash:
            bash.run("true one two")
            bash.run("(exit 3)")
            bash.run("echo $? $_; false last")
            bash.run("for i in 1 2; do : $i; done; f() { : inside; }; f word")
            bash.run(f"A_TOKEN={value()} true three")
            bash.run("[[ x ]]; ((1)); case a in a) ;; esac")
            bash.exit("report; exit")
        lines = (place.folder / "report.tmp").read_text().splitlines()
        begin = next(i for i, x in enumerate(lines) if x.endswith("|echo $? $_"))
        found.append([re.sub("k[0-9a-f]{24}Zq", "", x) for x in lines[begin:] if "_dev" not in x])
    assert found[0] == found[1]


PROMPTS = {
    "string": "PROMPT_COMMAND='asked=$?; prompts_seen=$((prompts_seen + 1))'",
    "array": "PROMPT_COMMAND=('asked=$?' 'prompts_seen=$((prompts_seen + 1))')",
    "function": "count() { asked=$?; ((++prompts_seen)); }; PROMPT_COMMAND='count;'",
    "many": 'PROMPT_COMMAND="asked=\\$?;${PROMPT_COMMAND:-:};prompts_seen=\\$((prompts_seen + 1))"',
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", PROMPTS)
def test_prompt_command(place: Place, kind: str, order: str) -> None:
    """PROMPT_COMMAND runs once a prompt, with the status of the command."""
    place.configure(**{order: PROMPTS[kind]})
    typed(place)
    with place.start() as bash:
        bash.run("(exit 7)")
        assert "\n7\n" in bash.run("echo $asked; before=$prompts_seen")
        bash.run(f"A_TOKEN={value()}")
        assert "\n2\n" in bash.run("echo $((prompts_seen - before))")
        bash.exit()


FUNCTIONS = """
told=() asked=()
tell() { told+=("$1"); }
ask() { asked+=($?); }
preexec_functions+=(tell)
precmd_functions+=(ask)
report() { printf '%s\\n' "${told[@]}" >report.tmp; echo ${asked[*]} >>report.tmp; }
"""


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("line", [LINE, BY_DOT], ids=["eval", "dot"])
def test_preexec(place: Place, order: str, line: str) -> None:
    """The functions of (what stands for) bash-preexec are told what they would be without us."""
    place.configure(**{order: PREEXEC + FUNCTIONS, "line": line})
    secrets = typed(place)
    *told, asked = (place.folder / "report.tmp").read_text().splitlines()
    # Of several lines that are pasted it is only told the first.
    assert told[:5] == [
        "echo plain-1",
        f"A_TOKEN={secrets[0]}",
        f": a | : --token {secrets[3]}; (exit 3)",
        "echo plain-$?",
        "echo plain-3",
    ]
    assert told[-1] == "report 2>/dev/null; exit"
    assert asked.split().count("3") == 1


@pytest.mark.parametrize("order", [*ORDERS, "between"])
@pytest.mark.parametrize("line", [LINE, BY_DOT], ids=["eval", "dot"])
def test_preexec_first_command(place: Place, order: str, line: str) -> None:
    """The very first command is looked at before it runs, too."""
    place.configure(**{order: PREEXEC} if order != "between" else {"before": PREEXEC}, line=line)
    secret = value()
    with place.start() as bash:
        bash.exit(f"A_TOKEN={secret} exec sleep 0")
    assert bash.screen.count(SAID) == 1
    assert place.traces(secret) == []


@pytest.mark.parametrize(
    "order", ["preexec-hook-atuin", "hook-preexec-atuin", "preexec-atuin-hook"]
)
def test_atuin(place: Place, order: str) -> None:
    """atuin, which records by itself, gets no secret, and all the rest."""
    place.link("atuin", "stty", "bash")
    parts = {"preexec": PREEXEC, "hook": LINE, "atuin": 'eval "$(atuin init bash)"'}
    place.configure(line="\n".join(parts[x] for x in order.split("-")))
    secrets = [value() for _ in range(3)]
    with place.start() as bash:
        bash.run("echo plain-1")
        # Formats that atuin's own filter lets through.
        for secret in secrets[:2]:
            assert SAID in bash.run(f"docker login -u ana -p {secret}")
        assert SAID in bash.run(f"(app --token {secrets[2]})")
        bash.run("docker login -u ana")
        bash.run('eval "$(atuin init bash)"')
        assert SAID in bash.run(f"docker login -u ana -p {secrets[0]}")
        listed = bash.run("atuin history list --cmd-only")
        assert "\necho plain-1\n" in listed
        assert "\ndocker login -u ana\n" in listed
        bash.exit()
    assert (place.folder / ".local/share/atuin/history.db").exists()
    assert [x for x in secrets if place.traces(x)] == []


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("preexec", ["", PREEXEC], ids=["alone", "preexec"])
def test_starship(place: Place, order: str, preexec: str) -> None:
    """The prompt of starship shows the status of each part of a pipeline, and how long it took."""
    place.link("starship")
    (place.folder / ".config").mkdir()
    (place.folder / ".config/starship.toml").write_text(
        'add_newline = false\nformat = "$status$cmd_duration>> "\n'
        '[status]\ndisabled = false\nformat = "status $status "\npipestatus = true\n'
        'pipestatus_format = "parts $pipestatus "\npipestatus_segment_format = "$status"\n'
        '[cmd_duration]\nmin_time = 200\nformat = "took "\n'
    )
    place.configure(**{order: f'{preexec}\neval "$(starship init bash)"'})
    command = [str(shutil.which("bash")), "-i"]
    secret = value()
    with Terminal(command, place.environ(), str(place.folder), prompt=">> ") as bash:
        assert SAID in bash.run(f"A_TOKEN={secret} sleep 0")
        assert bash.run("(exit 3)").endswith("\nstatus 3 >> ")
        assert bash.run("(exit 5) | (exit 4)").endswith("\nparts 5|4 >> ")
        assert SAID in bash.run(f"(A_TOKEN={secret})")
        assert "took" in bash.run("sleep 0.3")
        assert "took" not in bash.run(":")
        bash.exit()
    assert place.traces(secret) == []


@pytest.mark.parametrize("order", ORDERS)
def test_direnv_and_fzf(place: Place, order: str) -> None:
    """What direnv sets is loaded and unloaded, and fzf's keys are bound."""
    place.link("direnv", "bash", "fzf")
    if not FZF.exists():
        real.absent(f"needs {FZF}")
    project = place.folder / "project"
    project.mkdir()
    (project / ".envrc").write_text("export FROM_DIRENV=yes\n")
    place.configure(**{order: f'eval "$(direnv hook bash)"\n. {FZF}'})
    subprocess.run(
        [str(place.bin / "direnv"), "allow", project], env=dict(place.environ()), check=True
    )
    typed(place)
    with place.start() as bash:
        bash.run("cd project")
        assert "\n[yes]\n" in bash.run('echo "[$FROM_DIRENV]"')
        bash.run("cd ..")
        assert "\n[]\n" in bash.run('echo "[$FROM_DIRENV]"')
        assert "fzf-file-widget" in bash.run("bind -X")
        bash.exit()
