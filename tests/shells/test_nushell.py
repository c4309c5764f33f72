"""nushell: what is kept out of the history that nushell itself writes, and what is in it."""

import json
import os
import signal
import time

import pytest
from nushell_shell import HOOK, SAID, Place, place, value
from typed_commands import kept_out, recorded

from devkeys import VERSION
from devkeys.scan import rules
from devkeys.typed import suspicion

__all__ = ["place"]


# --- the tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["plaintext", "sqlite"])
def test_secrets_stay_out_and_all_else_is_recorded(place: Place, form: str) -> None:
    """Of a long session the history that nushell wrote has each ordinary command and no secret."""
    step = 1 if form == "plaintext" else 8
    bad, good = kept_out("nushell")[::step], recorded("nushell")[::step]
    assert (len(bad), len(good)) >= (60 // step, 120 // step)
    place.configure(before=f'$env.config.history.file_format = "{form}"')
    with place.start() as shell:
        for command in bad:
            assert shell.type(command).count(SAID) == 1, command
        for command in good:
            assert SAID not in shell.type(command), command
        shell.exit()
    assert [c for c in bad if place.traces(c.value)] == []
    assert place.history() == [*(c.strip() for c in good), "exit"]


def test_the_shell_suspects_what_the_reference_does(place: Place) -> None:
    """Whatever Python calls suspicious nushell calls so, and nothing else."""
    typed = [*kept_out("nushell"), *recorded("nushell"), *kept_out("posix"), *recorded("posix")]
    texts = [str(text) for text in typed]
    for text in typed:
        texts += [text.upper(), text[: len(text) * 2 // 3], text.replace(" ", "\n")]
    texts += [f"x {keyword}0123456789abcdef" for keyword in rules.PREFIXES + rules.INFIXES]
    texts += [f"{part}=x" for part in suspicion.PARTS + suspicion.WORDS]
    texts += ["x" * 16384, "x" * 16385, "LICENSE_CODE=x", "set -x LICENSE_CODE x", "é" * 500]
    place.index("name LICENSE_CODE")
    (place.work / "texts").write_text(json.dumps(texts))
    found = place.evaluate(
        "use _devkeys suspicious; open texts | from json | each { suspicious $in }"
    )
    said = json.loads(found)
    expected = [suspicion.suspicious(text, {"LICENSE_CODE"}) for text in texts]
    assert [t for t, one, other in zip(texts, said, expected, strict=True) if one != other] == []


def test_the_tables_and_the_version_stand_in_the_file() -> None:
    """Each entry of the reference's tables is there, letter for letter."""
    text = HOOK.read_text()
    tables = (
        *(suspicion.PARTS, suspicion.WORDS, suspicion.DATABASES, suspicion.PROGRAMS),
        *(suspicion.LOGINS, suspicion.CLIENTS, suspicion.KEEPERS, suspicion.SINKS),
        *(rules.PREFIXES, rules.INFIXES),
    )
    assert [entry for table in tables for entry in table if entry not in text] == []
    assert f'    const _devkeys_version = "{VERSION}"\n' in text


# --- ends -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["plaintext", "sqlite"])
@pytest.mark.parametrize("end", ["exit", "hang up", "kill", "exec", "exit with it"])
def test_however_the_session_ends(place: Place, form: str, end: str) -> None:
    """Neither a signal nor `exec` brings a secret into the history."""
    secret = value()
    (place.bin / "other").symlink_to("/bin/true")
    place.configure(before=f'$env.config.history.file_format = "{form}"')
    with place.start() as shell:
        shell.type("print ordinary")
        assert SAID + "the value of LLM_API_KEY" in shell.type(f"$env.LLM_API_KEY = '{secret}'")
        if end == "exec":
            shell.exit(f"exec other --token {secret}")
        elif end == "exit with it":
            shell.exit(f"exit # --token {secret}")
        else:
            {"exit": shell.exit, "hang up": shell.hang_up, "kill": shell.kill}[end]()
    assert place.traces() == []
    assert place.history()[0] == "print ordinary"


def test_a_kill_while_devkeys_is_asked(place: Place) -> None:
    """The line is not there while nothing is known about it."""
    place.devkeys("echo $$ >asked; exec sleep 60")
    (place.bin / "sleep").symlink_to("/bin/sleep")
    with place.start() as shell:
        shell.send(f"app --token {value()}\r")
        asked = place.work / "asked"
        while not asked.is_file() or not asked.read_text().strip():
            time.sleep(0.01)
        shell.kill()
    os.kill(int(asked.read_text()), signal.SIGKILL)
    assert place.traces() == []
