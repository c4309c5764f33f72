"""zsh: what suspicion.py calls suspicious the hook does, too, and hardly more; and at what cost."""

import random
import re
import subprocess

import pytest
import real
import typed_commands
from zsh_shell import HOOK, Place, place

from devkeys import VERSION
from devkeys.scan import rules
from devkeys.typed import suspicion

__all__ = ["place"]  # a fixture

ASK = f"""
source {HOOK}
emulate -R zsh -o extended_glob -o no_multibyte -c 'suspects() {{ _devkeys_suspicious "$1" }}'
while IFS= read -r -d $'\\0' line; do suspects "$line"; print $?; done
"""
DECLARED = ("LICENSE_CODE", "Fleet")


def suspects(place: Place, texts: list[str], **environ: str) -> list[bool]:
    """Return of each text whether the hook suspects it, all in one shell."""
    done = subprocess.run(
        [place.program, "-f", "-c", ASK],
        input="".join(f"{text}\0" for text in texts).encode(errors="surrogateescape"),
        env=place.environ() | environ,
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
    return [answer == b"0" for answer in done.stdout.split()]


def differences(place: Place, texts: list[str], **environ: str) -> tuple[list[str], list[str]]:
    """Return which texts the hook lets through that it should suspect, and the other way round."""
    place.index(*(f"name {name}" for name in DECLARED))
    wanted = [suspicion.suspicious(text, DECLARED) for text in texts]
    found = list(zip(texts, suspects(place, texts, **environ), wanted, strict=True))
    missed = [text for text, is_suspected, should in found if should and not is_suspected]
    return missed, [text for text, is_suspected, should in found if is_suspected and not should]


def test_typed_commands(place: Place) -> None:
    """Of the commands of every shell, exactly those."""
    tables = (typed_commands.kept_out, typed_commands.recorded)
    texts = [str(x) for table in tables for d in typed_commands.DIALECTS for x in table(d)]
    assert differences(place, texts) == ([], [])


VALUE = "Zq9" + "x7" * 9


def of_tables() -> list[str]:
    """Make texts for each entry of each table, in the ways in which it counts and does not."""
    texts = []
    for word in (*suspicion.PARTS, *suspicion.WORDS):
        ways = "A_{0}={1}|x{0}: {1}|set {0}x {1}|a --my-{0} {1}|{0} {1}|echo $A_{0}|f('{0}', '{1}')"
        texts += [way.format(word.upper(), VALUE) for way in ways.split("|")]
    for word in suspicion.DATABASES:
        texts += [f"{word}_url={VALUE}", f"set {word.upper()}URI {VALUE}", f"{word}={VALUE}"]
    for word in suspicion.PROGRAMS:
        texts += [f"{word} -x", f"sudo {word}foo -x", word, f"a{word} x"]
    for word in (*suspicion.LOGINS, *suspicion.CLIENTS, *suspicion.KEEPERS):
        ways = "login x|x; auth|-u x|a --user b|x --auth|secret set|x y=z|x|-sSu"
        texts += [f"{word} {way}" for way in ways.split("|")] + [f"x{word} login"]
    for word in suspicion.SINKS:
        texts += [f"x |&\n {word}", f"{word} <<E\n", f"{word} x", f"x | {word}y", f"a | b/{word} x"]
    for word in rules.PREFIXES:
        ways = "{0}{1}|x{0}{1}|'\\n{0}{1}'|%3D{0}{1}|{0}abc|\\u0026{0}{1}|[32m{0}{1}|{0}-{1}"
        texts += [f"echo {way.format(word, 'abcdefghij')}" for way in ways.split("|")]
    return [*texts, *rules.INFIXES, *(f"x{word}y" for word in rules.INFIXES)]


def test_tables(place: Place) -> None:
    """Each entry of each table counts as it does there."""
    assert differences(place, of_tables()) == ([], [])


PIECES = [
    *(*suspicion.PARTS, *suspicion.WORDS, *DECLARED, "A", "x1", "db_url", "set ", "add ", "curl "),
    *("docker ", "login", "aws ", "ssh-keygen ", "sk-", "abcdefghij", "-", "--", "=", ":", " "),
    *("\n", "\t", '"', "'", "`", "$", "${", "}", "]", ")", "(", "{", "<<", "<(", "|", "://", "@"),
    *("\\", "\\\n", ";", "&", "~", ">", "+=", "?", "*", "[", "#", "^", "!", "%3D", ",", "-stdin"),
    *("\u00e9", "\udc80"),
]


def random_texts(count: int) -> list[str]:
    """Make *count* texts of a few pieces each, the same ones every time."""
    chance = random.Random(11)  # noqa: S311  # nothing secret
    return ["".join(chance.choices(PIECES, k=chance.randint(1, 9))) for _ in range(count)]


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_random_texts(place: Place, locale: str) -> None:
    """So it is with whatever is put together of what counts."""
    missed, wider = differences(place, random_texts(3000), LC_ALL=locale)
    assert missed == []
    assert len(wider) < 10


def test_long_texts(place: Place) -> None:
    """A long text may be suspected for less, and is for more than LONGEST characters."""
    filler = "word " * 400
    texts = [filler + text for text in random_texts(60)]
    edge = "a " * 8192
    missed, _ = differences(place, [*texts, edge, edge + "a", filler])
    assert missed == []
    assert suspects(place, [edge, edge + "a", filler]) == [False, True, False]


def test_turkish(place: Place) -> None:
    """Where a small I has no dot, SESSION_ID is as secret as elsewhere."""
    real.need("localedef")
    locales = place.folder / "locales"
    locales.mkdir()
    made = subprocess.run(
        ["localedef", "-i", "tr_TR", "-f", "UTF-8", locales / "tr_TR.UTF-8"],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        real.absent("needs the sources of the locale tr_TR")
    texts = [f"{name}={VALUE}" for name in ("SESSION_ID", "BASIC_AUTH", "IV", "CLOUDINARY_URL")]
    environ = {"LOCPATH": str(locales), "LC_ALL": "tr_TR.UTF-8"}
    assert suspects(place, texts, **environ) == [True] * 4


def test_words_stand_in_the_file() -> None:
    """Every word that suspicion.py looks for stands in zsh's file, as the version does."""
    text = HOOK.read_text()
    words = set(re.split(r"[|()'\"*]", text.replace("\\~", "~").replace("\\\n", "")))
    tables = [suspicion.PARTS, suspicion.WORDS, suspicion.DATABASES, suspicion.PROGRAMS]
    tables += [suspicion.LOGINS, suspicion.CLIENTS, suspicion.KEEPERS, suspicion.SINKS]
    wanted = {word for table in (*tables, rules.PREFIXES, rules.INFIXES) for word in table}
    assert wanted - words == set()
    assert f"\n_devkeys_version={VERSION}\n" in text


def test_lint() -> None:
    """The file is sound zsh."""
    real.need("zsh")
    done = subprocess.run(["zsh", "-fn", HOOK], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_no_process(place: Place) -> None:
    """Neither at start, nor before a prompt, nor for an ordinary command is a process started.

    A process that was waited for would have left its page faults with the shell.
    """
    place.index(*(f"name LICENSE_{number}" for number in range(500)))
    (place.work / ".env.example").write_text("LLM_API_KEY=\n")
    code = f"""
    faults() {{ local fields=(${{=$(</proc/$$/stat)}}); print $fields[11] }}
    source {HOOK}
    _devkeys_start
    for line in 'git status' 'x=1 make -j8 | cat' 'LICENSE_CODE=x' 'set y: z'; do
      _devkeys_zshaddhistory $line$'\\n' || print kept out
      _devkeys_precmd
    done
    faults
    _devkeys_zshaddhistory 'LICENSE_7=value'$'\\n' || print kept out
    faults
    """
    done = subprocess.run(
        [place.program, "-f", "-c", code],
        env=place.environ(),
        cwd=place.work,
        capture_output=True,
        text=True,
        check=True,
    )
    before, kept_out, after = done.stdout.splitlines()
    assert (before, kept_out) == ("0", "kept out")
    assert int(after) > 0
    assert done.stderr.startswith("devkeys: .env.example asks for secrets (devkeys init)\n")
