"""What is judged a secret in a typed command, and what is suspected before."""

import re
import secrets
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from key_shapes import SHAPES, make
from typed_commands import DIALECTS, Typed, kept_out, recorded

from devkeys import names
from devkeys.scan import rules
from devkeys.typed import judge
from devkeys.typed.suspicion import PARTS, suspicious

SHELLS = ("bash", *DIALECTS[1:])


def _shell(dialect: str) -> str:
    return "bash" if dialect == "posix" else dialect


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_tables_are_long_and_their_commands_differ(dialect: str) -> None:
    """Each dialect has enough commands, no two alike, and none within another."""
    out, kept = kept_out(dialect), recorded(dialect)
    assert len(out) >= 60
    assert len(kept) >= 120
    assert len(set(kept)) == len(kept)
    assert len({typed.value for typed in out}) == len(out)
    assert all(len(typed.value) >= 12 and typed.value in typed for typed in out)
    assert kept_out(dialect) != out


@pytest.mark.parametrize("dialect", DIALECTS)
def test_secrets_are_found_and_not_shown(dialect: str) -> None:
    """Each command of the table is kept out, is suspected, and its secret is not said."""
    for typed in kept_out(dialect):
        found = judge(typed, _shell(dialect), ())
        assert found is not None, typed
        assert suspicious(typed), typed
        assert typed.value not in repr(found)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_holds_no_secret_is_recorded(dialect: str) -> None:
    """No command of the table is kept out, and few have to be asked about."""
    commands = recorded(dialect)
    for typed in commands:
        assert judge(typed, _shell(dialect), ()) is None, typed
    assert sum(map(suspicious, commands)) < 0.35 * len(commands)


def test_ordinary_commands_are_not_asked_about() -> None:
    """What is typed most costs nothing."""
    for text in ("ls -la", "git status", "cd src", "make test", "npm run dev", "docker ps -a"):
        assert not suspicious(text)


@pytest.mark.parametrize(
    "text",
    ["DEVKEYS_HOOK=off {}", "  DEVKEYS_HOOK=off {}", "var DEVKEYS_HOOK = off; {}",
     "$DEVKEYS_HOOK = 'off'; {}", "$DEVKEYS_HOOK='off'; {}"],
)  # fmt: skip
def test_one_command_is_recorded_on_purpose(text: str) -> None:
    """The marker, in the words of each shell, has the command recorded."""
    command = f"export API_KEY={secrets.token_hex(20)}"
    assert judge(command, "bash", ()) is not None
    assert judge(text.format(command), "bash", ()) is None
    assert judge(f"echo DEVKEYS_HOOK=off; {command}", "bash", ()) is not None


@pytest.mark.parametrize(
    "form",
    ["export {}={}", "{}={} ./x", "set -gx {} {}", '{{"{}": "{}"}}', "docker run -e {}={} x",
     "$env.{} = '{}'", "setx {} {}"],
)  # fmt: skip
def test_declared_names_count_whatever_they_are_called(form: str) -> None:
    """The value of a declared name is found where one of another name is not."""
    value = secrets.token_hex(8)
    text = form.format("LICENSE_CODE", value)
    assert judge(text, "nushell", ()) is None
    assert not suspicious(text)
    found = judge(text, "nushell", {"LICENSE_CODE"})
    assert found is not None
    assert found.name == "LICENSE_CODE"
    assert suspicious(text, {"LICENSE_CODE"})


def test_a_declared_name_that_is_only_named_is_recorded() -> None:
    """To name it, to test it or to take it from elsewhere is no assignment of a value."""
    for text in ("echo $LICENSE_CODE", "export LICENSE_CODE", "LICENSE_CODE=$(cat x) ./y"):
        assert judge(text, "bash", {"LICENSE_CODE"}) is None


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.id)
def test_keys_are_found_by_their_format_alone(rule: rules.Rule) -> None:
    """A key of each provider is found and suspected where no name tells of it."""
    for shape in SHAPES[rule.id]:
        for text in ("echo '{}'", "x --y {}", "FOO={}", "grep -r '{}' src", "git commit -m '{}'"):
            command = text.format(make(shape))
            assert judge(command, "bash", ()) is not None, command
            assert suspicious(command), command


def test_nothing_of_the_text_is_said() -> None:
    """What the user typed as an option, a variable or a program is not repeated unless known."""
    odd = secrets.token_hex(6)
    for text in (
        f"app --{odd}-secret={secrets.token_hex(9)}",
        f"app --x{odd}password {secrets.token_hex(9)}",
        f"export x{odd}_TOKEN={secrets.token_hex(9)}",
        f"{{'x{odd}-key': '{secrets.token_hex(9)}'}}",
        f"mysql{odd} -p{secrets.token_hex(9)}",
        f"echo {secrets.token_hex(9)} | {odd} --password-stdin",
        f"export {'LONG_' * 20}KEY={secrets.token_hex(9)}",
    ):
        found = judge(text, "bash", ())
        assert found is not None, text
        assert odd not in repr(found)
        assert len(found.what) < 90


def _written(name: str) -> st.SearchStrategy[str]:
    camel = "".join(word.title() for word in name.split("_"))
    dashed = name.lower().replace("_", "-")
    return st.sampled_from((name, name.lower(), dashed, camel, camel[:1].lower() + camel[1:]))


_SECRET_NAMES = st.tuples(
    st.sampled_from(("", "APP_", "MY_DB_", "X")),
    st.sampled_from(
        sorted(names.SECRET_WORDS | names.SECRET_LAST_WORDS)
        + [*names.SECRET_PHRASES, *names.SECRET_ENDINGS]
        + [f"{word}_URL" for word in sorted(names.DATABASE_WORDS)]
    ),
    st.sampled_from(("", "_PROD", "_2", "_BASE64")),
).flatmap(lambda parts: _written("".join(parts)))
_VALUES = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    st.binary(min_size=4, max_size=20).map(bytes.hex),
    st.sampled_from(("hunter2", "$X", "${X}ab12cd34", "$(op read x)", "a$b9c", "\\$abc99", "~u9")),
)
_QUOTED = st.sampled_from(
    ("{}", "'{}'", '"{}"', "$'{}'", '\\"{}\\"', "`{}`", "@'{}'", "r'{}'", "''{}", '""{}', " {}",
     "\\\n{}", "\\\n  '{}'", "\n{}", "({})")
)  # fmt: skip
_GIVEN = st.sampled_from(
    ("{n}={v}", "export {n}={v}", "{n} = {v}", "{n}: {v}", '"{n}": {v}', "$env:{n} = {v}",
     "set -gx {n} {v}", "setx {n} {v}", "set E:{n} = {v}", "{n} := {v}", "{n}+={v}", "--{n}={v}",
     "--{n} {v}", "-{n} {v}", "-{n}:{v}", "['{n}']={v}", '[\\"{n}\\"] = {v}', "f('{n}', {v})",
     "Set-Item -Path Env:{n} -Value {v}", "New-Item env:{n} -value {v}", "-H '{n}: {v}'",
     "a://x/?a=b&{n}={v}", "Authorization: {v}", "Authorization: Bearer {v}", "bearer {v}",
     "cookie: a={v}", "x://u:{v}@h", "x://{v}@h", "mysql -p{v}", "curl 'x;y' --user a:{v}",
     "curl x \\\n -u a:{v}", "curl.exe -sSu a:{v}", "http -a a:{v}", "docker -p {v} login",
     "gh secret set X -b {v}", "aws ssm x --value {v} --type SecureString", "vault kv put a b={v}",
     "vault unseal {v}", "bw unlock {v}", "wandb login {v}", "openssl enc -k {v}", "plink -pw {v}",
     "ssh-keygen -N {v}", "7z -p{v}", "sqlplus a/{v}", "password '{v}'", "identified by '{v}'",
     "machine a login b password {v}", "ConvertTo-SecureString {v}", "{v} | devkeys set X",
     "echo {v} | tr -d x | devkeys set X", "echo {v} | ssh h sudo -S ls", "echo {v}|e:devkeys set",
     "devkeys set X <<< {v}", "devkeys set X <<EOF\n{v}\nEOF", "devkeys set X < <(echo {v})",
     "echo {v} | x --password-stdin")
)  # fmt: skip
_WITHIN = st.sampled_from(
    ("{}", "bash -c '{}'", 'bash -c "{}"', "({})", "x; {}", "x && {}", "{}; y", "{} # c",
     "x\n{}\ny", "alias a='{}'", "echo '{}' > f", "sudo {}", "é {} ü")
)  # fmt: skip


def _assemble(within: str, given_: str, quoted: str, name: str, value: str) -> str:
    inner = given_.replace("{n}", name).replace("{v}", quoted.replace("{}", value))
    return within.replace("{}", inner)


@given(
    st.builds(_assemble, _WITHIN, _GIVEN, _QUOTED, _SECRET_NAMES, _VALUES), st.sampled_from(SHELLS)
)
@example("export A_KEY=\\$abc99", "bash")
@example("plink -pw 'x1y2z3'", "bash")
def test_what_is_found_is_suspected(text: str, shell: str) -> None:
    """The law that keeps secrets out even where devkeys cannot be started."""
    if judge(text, shell, ()) is not None:
        assert suspicious(text)


@given(st.text(max_size=400), st.sampled_from(SHELLS))
def test_any_text_is_judged(text: str, shell: str) -> None:
    """No text is too odd to be judged, and the law holds for it too."""
    if judge(text, shell, {"a"}) is not None:
        assert suspicious(text, {"a"})


_PASSWORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=10, max_size=24)


@given(_PASSWORDS.filter(lambda text: len(set(text)) > 7 and "'" not in text))
@example("=starts9with")
@example("~starts9with")
@example("^starts9with")
@example("$tarts9with")
@example("a.*b9Kx2pqq")
@example("/slash/AbCd99xyz+/Q==")
def test_any_password_in_quotes_is_found(password: str) -> None:
    """Whatever a generator of passwords makes is found where single quotes keep it as it is."""
    if password.isalpha() and password.isupper():
        return
    for form in ("export DB_PASSWORD='{}'", "A_TOKEN='{}' ./x", "set -gx A_SECRET '{}'"):
        text = form.format(password)
        # What placeholders and patterns have, passwords have by accident: seldom.
        lost = re.search(r"\$\{|\{\{|\.\.\.|\*\*\*|xxx|://|<|\.[*+]|\[|\\[sSwdDb]|\(\?", password)
        assert lost or judge(text, "bash", ()) is not None, text


_SEEDS = (
    *(
        "a=",
        "'",
        '"',
        "|",
        "://",
        "-p ",
        "mysql -p",
        "mysql -p'",
        "key=",
        "key='",
        'key="',
        "KEY=$",
    ),
    *(
        "KEY=${",
        "KEY=$(",
        "KEY=`",
        "\\",
        "\\\n",
        "\n",
        "-",
        "--token ",
        "--token=",
        "-a ",
        "set a:",
    ),
    *(
        "set KEY ",
        "echo a|",
        "echo a | devkeys set ",
        "|devkeys set",
        "<<<",
        "<<EOF\n",
        "sudo -S <<",
    ),
    *("curl -u ", "curl -uuu", "http://a:", "a://b:c@", "bearer a ", "cookie:", "cookie: a="),
    *("authorization: a ", "password 'a", "identified by ", "machine a login b password ", "key:"),
    *(
        "htpasswd -b a ",
        "gh secret set -b ",
        "vault kv put a=",
        "openssl pass:",
        "<(echo ",
        "(",
        "{{",
    ),
    *(
        '"key":',
        "\nkey: a",
        '"key","',
        "sk-",
        "sk-a-",
        "eyJ-",
        "eyJaaaaaaaaaaaa.",
        "SG.",
        ":AA",
        "8Q~",
    ),
    *(
        "KEY=<a ",
        "KEY=.*",
        "KEY=a$b",
        "KEY=$a.b",
        "KEY=/usr/",
        "é",
        "\0",
        "KEY= ",
        "KEY =",
        "your-",
    ),
)


@pytest.mark.parametrize("seed", _SEEDS)
def test_nothing_takes_long(seed: str) -> None:
    """What is odd, a hundred thousand characters of it, is judged in a moment."""
    for before in ("", "mysql curl vault cargo login "):
        text = before + seed * (100_000 // len(seed))
        started = time.process_time()
        judge(text, "bash", ())
        assert time.process_time() - started < 1.5


def test_more_than_anybody_types_is_kept_out() -> None:
    """A thousand values and one more are not looked through."""
    found = judge("a_key=$X;" * 1100, "bash", ())
    assert found is not None
    assert found.what == "more than can be looked at"
    assert judge("a_key=$X;" * 900, "bash", ()) is None


@pytest.mark.parametrize("part", PARTS)
def test_each_part_makes_a_name_suspicious(part: str) -> None:
    """No entry of the table is idle."""
    assert suspicious(f"X_{part}=abc")
    assert not suspicious(f"echo X_{part}")


def test_typed_is_text() -> None:
    """A command of the tables is the text itself."""
    assert all(isinstance(typed, Typed) for typed in recorded("posix"))
