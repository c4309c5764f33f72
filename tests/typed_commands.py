"""Commands as people type them at a prompt, with secrets made at run time.

They stand in `typed/commands/`: those of every shell in `*.common`, of all but nushell, which has
such commands itself, in `*.unix`, those of one dialect in `*.DIALECT`; one a line, and lines that
begin with `| ` go on with the command above. What stands in `«»` is made anew for each command.
They are meant to be run in a shell whose PATH has next to nothing, in a folder of their own:
most are not found there, some write `*.tmp`.
"""

import base64
import secrets
import uuid
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent / "typed" / "commands"
DIALECTS = ("posix", "fish", "nushell", "elvish", "xonsh", "powershell")
_MARK = ("«", "»")


def _letters(count: int) -> str:
    return secrets.token_hex(count)[:count]


def _base64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


# What must not stay ...
SECRETS: dict[str, Callable[[], str]] = {
    "password": lambda: "Tr0ub4" + _letters(12),
    "token": lambda: "k" + _letters(19) + "Zq" + _letters(18),
    "openai": lambda: "sk-" + "proj-" + _letters(48),
    "github": lambda: "gh" + "p_" + _letters(36),
    "gitlab": lambda: "glp" + "at-" + _letters(20),
    "google": lambda: "AI" + "za" + _letters(35),
    "aws": lambda: "AK" + "IA" + base64.b32encode(secrets.token_bytes(10)).decode(),
    "stripe": lambda: "sk_" + "live_" + _letters(24),
    "slack": lambda: "xo" + "xb-" + _letters(12) + "-" + _letters(24),
    "sendgrid": lambda: "S" + "G." + _letters(22) + "." + _letters(43),
    "npm": lambda: "np" + "m_" + _letters(36),
    "pypi": lambda: "py" + "pi-" + _letters(80),
    "vault": lambda: "hv" + "s." + _letters(24),
    "hex32": lambda: _letters(32),
    "jwt": lambda: ".".join(
        (_base64url('{"alg":"HS256"}'), _base64url('{"sub":"' + _letters(12)), _letters(43))
    ),
    "pem": lambda: "-----BEGIN" + " PRIVATE KEY-----\n" + _letters(64),
}
# ... and what only looks as if.
ORDINARY: dict[str, Callable[[], str]] = {
    "hex7": lambda: _letters(7),
    "hex12": lambda: _letters(12),
    "hex32": lambda: _letters(32),
    "hex40": lambda: _letters(40),
    "sha256": lambda: _letters(64),
    "uuid": lambda: str(uuid.uuid4()),
    "base64": lambda: base64.b64encode(secrets.token_bytes(64)).decode(),
    "base64url": lambda: secrets.token_urlsafe(24).strip("-_"),
    "nix": lambda: base64.b32encode(secrets.token_bytes(20)).decode().lower(),
}


class Typed(str):
    """A command as it is typed; *value* is a part of it that stands nowhere else."""

    __slots__ = ("value",)
    value: str


def kept_out(dialect: str) -> list[Typed]:
    """Return the commands of *dialect* whose `value`, a secret, must not be in the history."""
    return [_fill(text, SECRETS) for text in _texts("kept_out", dialect)]


def recorded(dialect: str) -> list[Typed]:
    """Return the commands of *dialect* that must be in the history as they are."""
    return [_fill(text, ORDINARY) for text in _texts("recorded", dialect)]


def _texts(kind: str, dialect: str) -> list[str]:
    texts: list[str] = []
    for part in ("common", "unix", dialect):
        if (part, dialect) == ("unix", "nushell"):
            continue
        for line in (FOLDER / f"{kind}.{part}").read_text("utf-8").splitlines():
            if line.startswith("|"):
                texts[-1] += "\n" + line[2:]
            else:
                texts.append(line)
    return texts


def _fill(text: str, makers: dict[str, Callable[[], str]]) -> Typed:
    value = ""
    while _MARK[0] in text:
        before, _, rest = text.partition(_MARK[0])
        kind, _, after = rest.partition(_MARK[1])
        value = makers[kind]()
        text = before + value + after
    typed = Typed(text)
    typed.value = value.rpartition("\n")[2] if makers is SECRETS else text
    return typed
