"""Which Vault or OpenBao server is asked, how and with which token: what their CLIs read.

OpenBao's CLI reads BAO_X and, where that is not set, VAULT_X; so it is done here once BAO_ADDR
or BAO_TOKEN is set. HashiCorp's knows VAULT_X only.
"""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.providers import child
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, LockedError

DEFAULT = "https://127.0.0.1:8200"  # the CLIs' own
_HELPER = re.compile(r'^[ \t]*"?token_helper"?[ \t]*[=:][ \t]*"([^"\n]*)"', re.MULTILINE)
_TOKEN = re.compile(r"[!-~]+")  # it goes into a header
_TRUE = ("1", "t", "T", "TRUE", "true", "True")  # Go's strconv.ParseBool


class Settings(NamedTuple):
    """A server and who asks it. *program* is the CLI that signs in, for hints."""

    program: str
    address: str
    host: str
    port: int
    tls: bool
    prefix: str
    namespace: str
    token: str
    ca_file: str | None
    ca_directory: str | None
    ca_text: str | None
    client_cert: str | None
    client_key: str | None
    verify: bool
    server_name: str | None
    proxy: str | None

    def __repr__(self) -> str:
        return f"<settings of {self.address}>"  # the token is a value

    @property
    def prefix_of_variables(self) -> str:
        """What the variables of the CLI begin with, for hints."""
        return "BAO_" if self.program == "bao" else "VAULT_"


def read(caller: Caller) -> Settings:
    """Return the caller's settings; raise LockedError without a token."""
    environ = caller.environment("vault")
    bao = bool(environ.get("BAO_ADDR") or environ.get("BAO_TOKEN"))
    program = "bao" if bao else "vault"

    def get(name: str) -> str | None:
        names = (f"BAO_{name}", f"VAULT_{name}") if bao else (f"VAULT_{name}",)
        return next((environ[one] for one in names if environ.get(one)), None)

    agent = get("AGENT_ADDR")  # an agent may add a token of its own
    address = agent or get("ADDR") or DEFAULT
    host, port, tls, prefix = _address(address, f"{program.upper()}_ADDR")
    own_proxy = get("PROXY_ADDR") or get("HTTP_PROXY")
    return Settings(
        program=program,
        address=address,
        host=host,
        port=port,
        tls=tls,
        prefix=prefix,
        namespace=(get("NAMESPACE") or "").strip("/"),
        token=_token(caller, environ, get("TOKEN"), program, optional=agent is not None),
        ca_file=get("CACERT"),
        ca_directory=get("CAPATH"),
        ca_text=get("CACERT_BYTES"),
        client_cert=get("CLIENT_CERT"),
        client_key=get("CLIENT_KEY"),
        verify=get("SKIP_VERIFY") not in _TRUE,
        server_name=get("TLS_SERVER_NAME"),
        proxy=own_proxy or _proxy("https" if tls else "http", host, environ),
    )


def _address(address: str, name: str) -> tuple[str, int, bool, str]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise DeniedError(
            f"{name} is no address that can be asked", hint=f"export {name}=https://HOST:8200"
        )
    tls = parts.scheme == "https"
    return parts.hostname, port or (443 if tls else 80), tls, parts.path.rstrip("/")


def _token(
    caller: Caller,
    environ: Mapping[str, str],
    given: str | None,
    program: str,
    *,
    optional: bool,
) -> str:
    token = given or _kept_token(caller, environ, program)
    if token is None and optional:
        return ""
    if token is None or not _TOKEN.fullmatch(token):
        what = (
            "nobody is signed in" if token is None else "the token is none: it has odd characters"
        )
        raise LockedError(f"{_title(program)}: {what}", hint=f"{program} login")
    return token


def _kept_token(caller: Caller, environ: Mapping[str, str], program: str) -> str | None:
    """Return the token that `login` has kept: with a token helper, or in ~/.vault-token."""
    helper = _helper(caller, environ, program)
    if helper is not None:
        done = child.run(child.Call([helper, "get"], environ), caller)
        if done.code != 0:
            raise LockedError(
                f"{_title(program)}: the token helper {helper} gives no token",
                hint=f"{program} login",
            )
        return done.output.decode(errors="replace").strip() or None
    path = environ.get("BAO_TOKEN_PATH") if program == "bao" else None
    data = _content(os.path.join(caller.home, path or ".vault-token"))
    return data.strip() or None


def _helper(caller: Caller, environ: Mapping[str, str], program: str) -> str | None:
    """Return the program that the user's own ~/.vault (~/.bao) names as token helper."""
    path = environ.get(f"{program.upper()}_CONFIG_PATH")
    # As programs do that start in HOME: relative to it, and not to a checkout.
    found = _HELPER.search(_content(os.path.join(caller.home, path or f".{program}")))
    if found is None or not found[1]:
        return None
    if not os.path.isabs(found[1]):  # as the CLI: a relative one could be anybody's
        raise LockedError(
            f"{_title(program)}: the token helper has to be an absolute path",
            hint=f"write it so in {path or f'~/.{program}'}",
        )
    return found[1]


def _content(path: str) -> str:
    try:
        data = files.read_regular(path)
    except DevkeysError:  # ~/.vault may be a directory of something else
        data = None
    return (data or b"").decode(errors="replace")


def _title(program: str) -> str:
    return "OpenBao" if program == "bao" else "Vault"


def _proxy(scheme: str, host: str, environ: Mapping[str, str]) -> str | None:
    """Return the proxy for *host* by the caller's variables, as Go's client reads them."""
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY")
    proxy = next((environ[name] for name in names if environ.get(name)), None)
    if proxy is None or host == "localhost" or host.startswith("127.") or host == "::1":
        return None
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # documented by its use

    exempt = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    return None if proxy_bypass_environment(host, {"no": exempt}) else proxy
