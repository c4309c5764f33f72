"""PowerShell: no registry that is at hand has it, so its file is parsed and read, never run.

What is held to here: that it parses, that its patterns are devkeys' own, and the order of what
decides whether a command is recorded.
"""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from real import absent
from typed_commands import DIALECTS, kept_out, recorded

from devkeys import VERSION
from devkeys.scan import rules
from devkeys.typed import ON_PURPOSE, suspicion

HOOK = Path(__file__).parents[2] / "shell" / "devkeys.ps1"
SOURCE = HOOK.read_text(encoding="ascii")
_TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*') | (?P<joined>\(\$(?P<table>\w+)\ -join\ '\|'\))
    | (?P<escaped>\(\(\$\w+\ \|\ ForEach-Object\ \{\ \[regex\]::Escape\(\$_\)\ \}\)\ -join\ '\|'\))
    | \$(?P<name>\w+) | (?P<plus>\+) | \s+""",
    re.VERBOSE,
)
_ASSIGNED = re.compile(r"^ {8}\$(?:script:)?(\w+) = ((?:\+\n|[^\n])*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def tree() -> Any:
    """Parse the file as tree-sitter's grammar of PowerShell does."""
    try:
        tree_sitter = importlib.import_module("tree_sitter")
        grammar = importlib.import_module("tree_sitter_powershell")
    except ModuleNotFoundError:
        absent("needs tree-sitter and tree-sitter-powershell")
    language = tree_sitter.Language(grammar.language())
    return tree_sitter.Parser(language).parse(SOURCE.encode())


def nodes(node: Any, kind: str) -> list[Any]:
    """Return the nodes of *kind* below *node*."""
    found = [node] if node.type == kind else []
    for child in node.children:
        found += nodes(child, kind)
    return found


def tables() -> dict[str, list[str]]:
    """Return the tables of words."""
    found = re.findall(r"^ {8}\$(\w+) = -split '([^']*)'$", SOURCE, re.MULTILINE)
    return {name: text.split() for name, text in found}


def patterns() -> dict[str, str]:
    """Return what the pattern variables are: texts, variables and tables that are put together."""
    known: dict[str, str] = {}
    start = SOURCE.index("$tail = ")
    section = SOURCE[start - 8 : SOURCE.index("$script:lower = ")]
    for name, expression in _ASSIGNED.findall(section):
        known[name] = evaluate(expression, known)
    return known


def evaluate(expression: str, known: dict[str, str]) -> str:
    """Return the text that *expression* makes; nothing but what `_TOKEN` knows may be in it."""
    made, place = "", 0
    while place < len(expression):
        token = _TOKEN.match(expression, place)
        assert token, expression[place : place + 60]
        place = token.end()
        if token["text"]:
            made += token["text"][1:-1].replace("''", "'")
        elif token["joined"]:
            made += "|".join(tables()[token["table"]])
        elif token["escaped"]:
            made += "|".join(map(re.escape, tables()["prefixes"]))
        elif token["name"]:
            made += known[token["name"]]
    return made


def as_dot_net(pattern: str) -> str:
    r"""Write one of devkeys' patterns as the file does: characters by name, `]` with its `\`."""
    named = pattern.replace("\t", r"\t").replace("\n", r"\n")
    closed = named.replace("[^]", r"[^\]").replace("[])", r"[\])").replace("[]=", r"[\]=")
    plain = closed.replace(r"[\\\"]", r'[\\"]')
    return re.sub(r'(?<!\\)\\"', '"', plain)


def test_it_parses(tree: Any) -> None:
    """No part of the file is foreign to the grammar."""
    assert not tree.root_node.has_error


def test_version() -> None:
    """The file says the version that it belongs to, in ASCII as Windows PowerShell 5.1 reads it."""
    assert f"$global:_devkeys_version = '{VERSION}'" in SOURCE.splitlines()
    assert SOURCE.isascii()


def test_tables() -> None:
    """The tables are devkeys' own."""
    assert {name: tuple(words) for name, words in tables().items()} == {
        "parts": suspicion.PARTS,
        "words": suspicion.WORDS,
        "databases": suspicion.DATABASES,
        "programs": suspicion.PROGRAMS,
        "logins": suspicion.LOGINS,
        "clients": suspicion.CLIENTS,
        "keepers": suspicion.KEEPERS,
        "sinks": suspicion.SINKS,
        "prefixes": rules.PREFIXES,
    }
    infixes = re.search(r"\$script:infixes = (.*)", SOURCE)
    assert infixes
    assert tuple(re.findall(r"'([^']*)'", infixes[1])) == rules.INFIXES


def test_patterns() -> None:
    """The patterns are devkeys' own, written as .NET has them, and each is used."""
    own = {
        "assigned": suspicion.ASSIGNED,
        "followed": suspicion.FOLLOWED,
        "header": suspicion.HEADER,
        "url": suspicion.URL,
        "spoken": suspicion.SPOKEN,
        "program": suspicion.PROGRAM,
        "poured": suspicion.POURED,
        "format": suspicion.FORMAT,
        "gives": suspicion._GIVING,
        "given": suspicion._GIVEN,
        "name": suspicion._NAME,
    }
    found = patterns()
    assert {name: found[name] for name in own} == {
        name: as_dot_net(pattern.pattern) for name, pattern in own.items()
    }
    assert found["onPurpose"] == as_dot_net("^" + ON_PURPOSE.pattern)
    used = "$script:lower = $assigned, $followed, $header, $url, $spoken, $program, $poured"
    assert used in SOURCE
    assert "@{\n            format = $format; setting = $gives; given = $given; name" in SOURCE


def test_patterns_mean_what_they_mean_in_devkeys() -> None:
    """Where .NET and Python agree about patterns, and here they do, both suspect the same."""
    found = patterns()
    lower = ("assigned", "followed", "header", "url", "spoken", "program", "poured")
    compiled = [re.compile(found[name], re.DOTALL) for name in lower]
    known = re.compile(found["format"], re.DOTALL)
    texts = [str(c) for dialect in DIALECTS for c in (*kept_out(dialect), *recorded(dialect))]
    for text in texts:
        suspicious = (
            any(pattern.search(text.lower()) for pattern in compiled)
            or bool(known.search(text))
            or any(infix in text for infix in rules.INFIXES)
        )
        assert suspicious == suspicion.suspicious(text), text


def test_one_command_on_purpose() -> None:
    """`$DEVKEYS_HOOK = 'off'; ...` is known in the file itself; it switches nothing off."""
    on_purpose = re.compile(patterns()["onPurpose"])
    assert on_purpose.search("$DEVKEYS_HOOK = 'off'; $env:API_KEY = 'x'")
    assert not on_purpose.search("$env:DEVKEYS_HOOK = 'on'; $env:API_KEY = 'x'")
    assert "GetEnvironmentVariable('DEVKEYS_HOOK') -ceq 'off'" in SOURCE


def block_of(name: str) -> str:
    """Return the handler's or a function's text."""
    start = re.search(rf"^( *)(?:function {name}\b|\$script:{name} = \{{)", SOURCE, re.MULTILINE)
    assert start, name
    end = SOURCE.index(f"\n{start[1]}}}", start.start())
    return SOURCE[start.start() : end]


def test_the_handler() -> None:
    """A hit returns $false, in all PSReadLines "skip it"; else the handler before it decides."""
    handler = block_of("handler")
    returns = re.findall(r"return .*", handler)
    assert returns == [
        "return (Get-Option $script:first $line)  # a handler that calls what it replaced",
        "return $false",
        "return $option",
    ]
    assert handler.index("if ($keepsOut) {") < handler.index("return $false")
    assert handler.index("return $false") < handler.index("return $option")
    assert handler.index("$keepsOut = $true") < handler.index("try {")
    assert "$option = Get-Option $script:previous $line" in handler
    # An exception would throw the command away.
    assert handler.index("try {") < handler.index("Test-KeepsOut") < handler.index("catch {")
    assert "GetDefaultAddToHistoryOption($line)" in block_of("Get-DefaultOption")
    assert "return $handler.Invoke($line)" in block_of("Get-Option")


def test_the_users_handler_is_kept() -> None:
    """What is in PSReadLine's options is read before it is replaced, at the start and later."""
    install = block_of("Set-Handler")
    read = install.index("(Get-PSReadLineOption).AddToHistoryHandler")
    keep = install.index("$script:previous = $current")
    assert read < keep < install.index("Set-PSReadLineOption -AddToHistoryHandler $script:handler")
    assert "Set-Handler" in block_of("global:prompt")


def test_what_is_not_answered_is_kept_out() -> None:
    """Only exit code 0 records; the command is never an argument."""
    answer = block_of("Get-Answer")
    assert re.findall(r"return .*", answer) == [
        "return ''",
        "return $line",
        "return $script:notAsked",
    ]
    assert "if ($answer.Code -eq 0) {\n                    return ''" in answer
    assert "'hook check powershell' $text @{}" in answer
    run = block_of("Invoke-Devkeys")
    assert "$info.Arguments = $arguments" in run
    assert run.count("$text") == 2  # its parameter, and the bytes for standard input


def test_nothing_is_returned_by_accident(tree: Any) -> None:
    """Statements that would add to what a function returns are assigned or cast away."""
    calls = ("Add(", "Remove(", ".Wait(", "WaitForExit(", "ReadToEndAsync(", "WriteAsync(")
    stray = [
        line.strip()
        for line in SOURCE.splitlines()
        if any(call in line for call in calls) and "=" not in line.split("(")[0]
    ]
    assert stray == []
    functions = nodes(tree.root_node, "function_statement")
    assert len(functions) >= 20


def test_the_prompt_first_asks_the_users() -> None:
    """The user's prompt runs before all else: it may show `$?`."""
    prompt = block_of("global:prompt").splitlines()
    assert prompt[1].strip().startswith("$text = & $script:prompt")
    assert prompt[-1].strip() == "return $text"


def test_nothing_of_windows_alone() -> None:
    """What PowerShell 5.1 or StrictMode does not have is not used."""
    for word in ("$IsWindows", "$IsMacOS", "$IsLinux", "??", "ArgumentList.Add", "&&", "?."):
        assert word not in re.sub(r"'[^'\n]*'", "", SOURCE), word
