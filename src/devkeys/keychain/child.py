"""Ask keyring in a child process, so that Ctrl-C and a time limit work whatever it does.

A process and not a thread or SIGALRM: a backend may hang in C code (libdbus retries an
interrupted wait), which only a kill ends. Not fork: it copies locks of threads, and macOS's
own libraries do not survive it. The child takes over our module path rather than `-I`, which
would lose a `--user` installation. Values go over pipes, never through argv or a file.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from time import sleep
from typing import Any

from devkeys.errors import KeychainError
from devkeys.keychain import errors
from devkeys.keychain.waiting import LIMIT, Patience, communicate
from devkeys.secret import Secret

# -E and -P: neither PYTHON* nor the current directory, which may be a repository's, counts.
_BOOT = (
    "import json, sys; order = json.loads(sys.stdin.buffer.readline()); "
    "sys.path[:] = order['path']; from devkeys.keychain.child import serve; serve(order['request'])"
)


Item = tuple[str, str]  # service and account


class Keyring:
    """The keychain that the keyring library finds; *limit* as in `waiting`."""

    def __init__(self, *, limit: float = LIMIT, environ: Mapping[str, str] = os.environ) -> None:
        self._limit = limit
        self._environ = environ
        self.name = self._ask(action="name") or "keyring"

    def get(self, service: str, account: str) -> Secret | None:
        """Return the item's secret; None if the keychain answered and holds no such item."""
        return _secret(self._ask(action="get", service=service, account=account))

    def get_many(self, items: Sequence[Item]) -> dict[Item, Secret | KeychainError | None]:
        """Return what `get` gives for each of *items*, or raises; asked in one child."""
        request = {"items": [list(item) for item in items]}
        reply = _talk(request, limit=self._limit, environ=self._environ)
        if not isinstance(reply, list) or len(reply) != len(items):
            raise _silent()
        return {item: _found(one) for item, one in zip(items, reply, strict=True)}

    def set(self, service: str, account: str, secret: Secret) -> None:
        """Keep *secret*, which has to be UTF-8 text; it was read back and compared."""
        try:
            value = secret.reveal().decode()
        except UnicodeDecodeError:
            raise errors.UnfitError(
                f"{self.name} keeps text only; the value for {service}/{account} is none",
                hint="encode it first, for example with base64",
            ) from None
        self._ask(action="set", service=service, account=account, value=value)

    def delete(self, service: str, account: str) -> bool:
        """Remove the item for good; False if there was none."""
        return self._ask(action="delete", service=service, account=account) is not None

    def _ask(self, **request: str) -> str | None:
        return ask(request, limit=self._limit, environ=self._environ)


def ask(request: Mapping[str, str], *, limit: float, environ: Mapping[str, str]) -> str | None:
    """Return what `fallback.answer` gives for *request*; raise the KeychainError it raises."""
    return _value(_talk(request, limit=limit, environ=environ))


def _talk(request: Mapping[str, Any], *, limit: float, environ: Mapping[str, str]) -> Any:
    """Return what `serve` answers to *request* in a child of its own."""
    path = [entry for entry in sys.path if os.path.isabs(entry)]
    line = json.dumps({"path": path, "request": dict(request)}).encode() + b"\n"
    try:
        process = subprocess.Popen(
            [sys.executable, "-E", "-P", "-c", _BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback of somebody's backend may hold a value
            env=dict(environ),
            cwd=_outside(environ),
        )
    except OSError:
        raise KeychainError(
            "keyring cannot be asked: this Python cannot be started a second time",
            hint="install devkeys with pipx or uv tool",
        ) from None
    try:
        return json.loads(communicate(process, line, Patience(limit)))
    except ValueError:
        raise _silent() from None


def _outside(environ: Mapping[str, str]) -> str:
    """Return a directory that is no checkout, for backends start programs.

    Even keyring itself does, gcc for one, and PATH may hold relative entries.
    """
    home = environ.get("HOME") or os.path.expanduser("~")
    return home if os.path.isdir(home) else os.path.abspath(os.sep)


def _found(reply: Any) -> Secret | KeychainError | None:
    try:
        return _secret(_value(reply))
    except KeychainError as error:
        return error


def _secret(text: str | None) -> Secret | None:
    try:
        return None if text is None else Secret(text.encode())
    except UnicodeEncodeError:  # half a surrogate pair, such as Windows lets programs keep
        problem = errors.UnfitError(
            "the item is no text", hint="set it again with the program that keeps it"
        )
    raise problem  # outside of the handler: the exception there holds the value


def _value(reply: Any) -> str | None:
    try:
        if "value" in reply:
            value = reply["value"]
            return value if value is None else str(value)
        kind = getattr(errors, reply["error"])
        raise kind(reply["message"], hint=reply["hint"])
    except (KeyError, TypeError, AttributeError):
        raise _silent() from None


def _silent() -> KeychainError:
    return KeychainError(
        "the keyring library ended without an answer",
        hint="see whether `keyring diagnose` works",
    )


def serve(request: dict[str, Any]) -> None:
    """Answer *request*, or each of its *items*, on stdout, in the child."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    out = os.dup(1)
    os.dup2(2, 1)  # what a backend prints is no answer
    reply = _answer_all(request["items"]) if "items" in request else _answer(request)
    with os.fdopen(out, "wb") as file:
        file.write(json.dumps(reply).encode())


def _answer(request: dict[str, Any]) -> dict[str, str | None]:
    try:
        from devkeys.keychain.fallback import answer

        return answer(request)
    except KeychainError as error:
        return {"error": type(error).__name__, "message": str(error), "hint": error.hint}


def _answer_all(items: Sequence[Sequence[str]]) -> list[dict[str, str | None]]:
    replies: list[dict[str, str | None]] = []
    for service, account in items:
        # Whoever dismissed the keychain's dialog is not shown it again.
        if replies and replies[-1].get("error") == errors.KeychainLockedError.__name__:
            replies.append(replies[-1])
        else:
            replies.append(_answer({"action": "get", "service": service, "account": account}))
    return replies


def _end_with(parent: int) -> None:
    """End this process when *parent* was killed and could not end it."""
    while os.getppid() == parent:
        sleep(0.5)
    os._exit(1)
