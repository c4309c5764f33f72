"""Secrets poured into a program: `echo … | devkeys set NAME`, here-strings, here-documents."""

import re
from collections.abc import Iterator

from devkeys.typed import literal, values
from devkeys.typed.tables import SINKS
from devkeys.typed.values import Value

_SINK = r"""(?:^|[\s(;&|/^:"'])(?:devkeys\s+(?:set|add)\b
    | sudo\s+(?:-\w+\s+){0,4}(?:-\w{0,6}S|--stdin)
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
    for sink, value in values.each(_poured(text)):
        if not re.fullmatch(_FORMATS, value.text) and literal.is_literal("PASSWORD", value):
            return f"what is given to {sink}"
    return None


def _poured(text: str) -> Iterator[tuple[str, Value]]:
    first = None
    for sink in values.each(re.finditer(_SINK, text, re.VERBOSE)):
        first = first or sink
        pipe = _pipe_before(text, sink.start())
        if pipe is not None:
            for value in _spoken(text[max(0, pipe - 4 * _REACH) : pipe]):
                yield _said(sink[0]), value
    if first and "<" in text:
        for value in _redirected(text, first.end()):
            yield _said(first[0]), value


def _pipe_before(text: str, place: int) -> int | None:
    """Return where the pipe is by which the command at *place* gets its input."""
    start = max(0, place - _REACH)
    pipe = text.rfind("|", start, place + 1)
    if pipe < 0 or text[pipe - 1 : pipe] == "|":
        return None
    between = text[pipe + 1 : place].replace("\\\n", " ").lstrip("& \t\n")
    return None if re.search(r"[;\n]|&&", between) else pipe


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


def _redirected(text: str, place: int) -> Iterator[Value]:
    """Yield what is written in the command itself as the input of the sink before *place*."""
    for match in re.finditer(r"<<<[ \t]*", text):
        yield values.read(text, match.end())
    for match in re.finditer(r"<\([ \t]*(?:echo|printf)(?=\s)", text):
        yield from _words(text[match.start() : match.end() + _REACH], match.end() - match.start())
    for match in re.finditer(r"<<-?[ \t]*\\?[\"']?(\w+)", text):
        end = text.find("\n", match.end())
        if end < 0:
            return
        if place <= end:
            yield from map(Value, _lines(text, end + 1, match[1]))


def _lines(text: str, start: int, last: str) -> Iterator[str]:
    while start < len(text):
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else len(text)]
        if line.strip("\t") == last:
            return
        yield line
        start += len(line) + 1
