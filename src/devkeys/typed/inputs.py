"""Secrets poured into a program: `echo … | devkeys set NAME`, here-strings, here-documents."""

import re
from collections.abc import Iterator

from devkeys.typed import literal, values
from devkeys.typed.suspicion import SINKS
from devkeys.typed.values import Value

_SINK = r"""(?:^|[\s(;&|/^:"'])(?:devkeys\s+(?:set|add)\b | sudo\s+(?:-\w+\s+){0,4}-\w{0,6}S
    | gh\s+secret\s+set | wrangler\s+secret | vercel\s+env\s+add
    | (?:docker|podman)\s+secret\s+create | chpasswd | passwd\b
    | (?:pass|gopass|passage)\s+insert | secret-tool\s+store | gcloud\s+secrets\s )
    | -(?:password|passphrase|token|key)-(?:stdin|fd)\b | --with-token\b"""
_REACH = 400  # characters of a command in which what takes its input is looked for
_SPEAKS = r"(?:^|[\s(;&|\"'{])(?:echo|printf|print|put|say|Write-Output|Write-Host)(?=\s)"
_PARTS = r"""(?:"(?:[^"\\]++|\\.)*+"|'[^']*+'|\\.|[^;&\n\\"'])*+"""
_WORD = r"""(?:"(?:[^"\\]++|\\.)*+"|'[^']*+'|\\.|[^\s|;&()"'\\]|["'])++"""
_FORMATS = r"(?:%[sbq]|\\n|\s)+"


def secret_on_input(text: str) -> str | None:
    """Return, as a person would say it, the secret that *text* pours into a program, or None."""
    if "|" not in text and "<<" not in text and "<(" not in text:
        return None
    for sink, value in _poured(text):
        if re.fullmatch(_FORMATS, value.text):
            continue
        if literal.is_literal("PASSWORD", value):
            return f"what is given to {sink}"
    return None


def _poured(text: str) -> Iterator[tuple[str, Value]]:
    end = 0
    for pipe in re.finditer(r"(?<!\|)\|(?!\|)&?", text):
        sink = re.compile(_SINK, re.VERBOSE).search(text[pipe.end() : pipe.end() + _REACH])
        if sink:
            start = max(end, pipe.start() - 4 * _REACH)
            for value in _spoken(text[start : pipe.start()]):
                yield _said(sink[0]), value
            end = pipe.end() if "\n" in text[end : pipe.start()] else end
    if "<" in text:
        yield from _redirected(text)


def _said(sink: str) -> str:
    return next((word for word in re.findall(r"[a-z-]+", sink) if word in SINKS), "a program")


def _spoken(before: str) -> Iterator[Value]:
    """Yield the words that the pipeline at the end of *before* begins with, if it says any."""
    pipeline = _last(before)
    spoken = re.search(_SPEAKS, pipeline)
    if spoken:
        yield from _words(pipeline, spoken.end())
    elif re.match(r"\s*@?[\"']", pipeline):
        quoted = values.read(pipeline, len(pipeline) - len(pipeline.lstrip()))
        yield quoted


def _last(before: str) -> str:
    place = 0
    for part in re.finditer(_PARTS, before, re.DOTALL):
        if part[0].strip():
            place = part.start()
    return before[place:]


def _words(text: str, place: int) -> Iterator[Value]:
    for word in re.compile(_WORD, re.DOTALL).finditer(text, place):
        if re.match(r"\s*\|", text[place : word.start()]):
            return
        if not re.fullmatch(r"-[A-Za-z]+", word[0]):
            yield values.read(text, word.start())
        place = word.end()


def _redirected(text: str) -> Iterator[tuple[str, Value]]:
    sink = re.search(_SINK, text, re.VERBOSE)
    if sink is None:
        return
    said = _said(sink[0])
    for match in re.finditer(r"<<<[ \t]*", text):
        yield said, values.read(text, match.end())
    for match in re.finditer(r"<\([ \t]*(?:echo|printf)(?=\s)", text):
        for value in _words(text[: match.end() + 4 * _REACH], match.end()):
            yield said, value
    document = re.search(r"<<-?[ \t]*\\?[\"']?(\w+)[\"']?[^\n]*\n(.+)", text, re.DOTALL)
    if document and re.search(_SINK, text[: document.start(2)], re.VERBOSE):
        for line in document[2].split("\n"):
            if line == document[1]:
                return
            yield said, Value(line)
