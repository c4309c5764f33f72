"""Programs that take a secret in a way of their own: a short option, a place, standard input."""

import re
from collections.abc import Iterator
from itertools import pairwise

from devkeys.typed import values

_WORD = r"""(?P<value>(?:"[^"]*"|'[^']*'|[^\s"'])+)"""
# The programs; what stands behind them up to the secret.
_ROWS = (
    (r"mysql\w*|mariadb[\w-]*|mycli", rf"\s-p{_WORD}"),
    (r"sshpass", rf"\s-p[ \t]*{_WORD}"),
    (r"docker|podman|nerdctl|buildah|skopeo|helm|oras|crane|az|twine", rf"\s-p[ \t=]*{_WORD}"),
    (r"curl", rf"""\s(?:-[A-Za-z]*[uU]|--(?:proxy-)?user)[ \t=]*["']?[^\s:"']*:{_WORD}"""),
    (r"http|https|xhs?", rf"""\s(?:-a|--auth)[ \t=]*["']?[^\s:"']*:{_WORD}"""),
    (r"redis-cli|valkey-cli", rf"\s-a[ \t]*{_WORD}"),
    (r"redis-cli|valkey-cli", rf"\s(?i:auth)\s+{_WORD}"),
    (r"mongo\w*", rf"\s-p[ \t]*{_WORD}"),
    (r"ldap\w+", rf"\s-w[ \t]*{_WORD}"),
    (r"smbclient|rpcclient|smbget", rf"""\s-U[ \t]*["']?[^\s%"']*%{_WORD}"""),
    (r"7z\w?|rar|unrar", rf"\s-p{_WORD}"),
    (r"zip|unzip", rf"\s-P[ \t]*{_WORD}"),
    (r"mosquitto_\w+|sqlcmd|bcp", rf"\s-P[ \t]*{_WORD}"),
    (r"htpasswd", rf"\s-\w*b\w*(?:\s+[^\s-]\S*){{1,2}}\s+{_WORD}"),
    (r"openssl", rf"\bpass:{_WORD}"),
    (r"openssl", rf"\s-k\s+{_WORD}"),
    (r"xfreerdp\w*|wlfreerdp", rf"\s/p:{_WORD}"),
    (r"gh", rf"\bsecret\s+set\b.*\s(?:-b|--body)[ \t=]+{_WORD}"),
    (r"vault|bao", rf"\s(?:kv\s+put|kv\s+patch|write)\s.*?\s[\w.-]+={_WORD}"),
    (r"doppler|infisical|fly|flyctl", rf"\bsecrets\s+set\s.*?\b\w+={_WORD}"),
    (r"security", rf"\badd-\w+-password\b.*\s-w\s+{_WORD}"),
    (r"rclone", rf"\sobscure\s+{_WORD}"),
    (r"nmcli", rf"\spassword\s+{_WORD}"),
    (r"wpa_passphrase", rf"\s+\S+\s+{_WORD}"),
    (r"lftp", rf"\s-u[ \t]*[^\s,]+,{_WORD}"),
    (r"sqlplus", r"\s+[\w$]+/(?P<value>[^\s@]+)"),
)
_LOGIN = re.compile(r"\blogin\b|\bupload\b")
_PROGRAMS = [
    (re.compile(rf"(?<![\w.-])(?:{names})(?:\.exe)?(?P<rest>[ \t][^;|&\n]*)"), re.compile(rest))
    for names, rest in _ROWS
]
_ONLY_AT_LOGIN = _PROGRAMS[2]

# What takes a secret from standard input, or from a here-string.
_SINK = re.compile(
    r"""(?:^|[\s(;&|])(?:devkeys\s+(?:set|add)\b
    | \S.*--?(?:password|passphrase|token)-(?:stdin|fd)\b
    | \S.*--with-token\b | sudo\s+(?:-\w+\s+)*-\w*S | gh\s+secret\s+set | wrangler\s+secret
    | vercel\s+env\s+add | (?:docker|podman)\s+secret\s+create | chpasswd | passwd\b
    | (?:pass|gopass|passage)\s+insert | secret-tool\s+store | gcloud\s+secrets\s )""",
    re.VERBOSE,
)
_SPEAKS = re.compile(
    r"(?:^|[\s(;&|])(?:echo|printf|print|put|say|Write-Output|Write-Host)((?:\s+-[\w]+)*)\s+(.+)",
    re.DOTALL,
)
_QUOTED = re.compile(r"""\s*(?:"[^"]*"|'[^']*')\s*""")
_FORMATS = re.compile(r"(?:%[sbq]|\\n|\s)+")


def secret_for_a_program(text: str) -> str | None:
    """Return, as a person would say it, the secret that a program is given, or None."""
    for program in _PROGRAMS:
        called, takes = program
        for call in called.finditer(text):
            if program is _ONLY_AT_LOGIN and not _LOGIN.search(call["rest"]):
                continue
            for match in takes.finditer(call["rest"]):
                value = values.read(match["value"], 0)
                if values.is_literal("PASSWORD", value):
                    return f"a password for {call[0].split()[0]}"
    return _secret_on_input(text)


def _secret_on_input(text: str) -> str | None:
    for sink, given in _inputs(text):
        for value in given:
            if not _FORMATS.fullmatch(value.text) and values.is_literal("PASSWORD", value):
                return f"what is given to {' '.join(sink.split()[:2])}"
    return None


def _inputs(text: str) -> Iterator[tuple[str, list[values.Value]]]:
    """Yield each program that takes a secret on its input, with the words that it gets there."""
    for before, after in _pipes(text):
        sink = _SINK.match(after)
        if sink:
            spoken = _SPEAKS.search(before)
            if spoken:
                yield sink[0].strip(), _words(spoken[2])
            elif _QUOTED.fullmatch(before):
                yield sink[0].strip(), [values.read(before.strip(), 0)]
    for match in re.finditer(r"<<<[ \t]*", text):
        sink = _SINK.search(text, 0, match.start())
        if sink:
            yield sink[0].strip(), [values.read(text, match.end())]
    for match in re.finditer(r"<<-?[ \t]*\\?[\"']?(\w+)[\"']?[^\n]*\n(.+)", text, re.DOTALL):
        sink = _SINK.search(text, 0, match.start())
        if sink:
            lines = match[2].split("\n")
            yield sink[0].strip(), [values.Value(line) for line in lines if line != match[1]]


def _pipes(text: str) -> Iterator[tuple[str, str]]:
    """Yield the two commands on either side of each `|`."""
    commands = re.split(r"(?<!\|)\|(?!\|)&?", text)
    for left, right in pairwise(commands):
        last = re.split(r"\|\||&&|[;\n&]", left)[-1]
        yield last, right


def _words(text: str) -> list[values.Value]:
    found = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        word = re.compile(r"""(?:"[^"]*"?|'[^']*'?|\\.|[^\s"'])+""").match(text, place)
        if word is None:
            break
        found.append(values.read(word[0], 0))
        place = word.end()
    return found
