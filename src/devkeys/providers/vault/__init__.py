"""`vault://mount/path#field`: the KV engines of HashiCorp Vault and OpenBao, over HTTP.

One request tells what a mount is, one reads each path, over one connection.

    settings    VAULT_* and BAO_*, the token      http    one server's connection
    kv          mounts, versions 1 and 2, check-and-set
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import TypeVar

from devkeys.providers import Answer, Diagnosis, exact_json
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, LockedError, ProviderError, UnreachableError
from devkeys.providers.limited import within
from devkeys.providers.vault import settings as own_settings
from devkeys.providers.vault.http import Server
from devkeys.providers.vault.kv import Engines
from devkeys.references import Reference
from devkeys.secret import Secret

T = TypeVar("T")


class Vault:
    """Fields of secrets in KV engines of version 1 and 2.

    A string is a value as it stands; anything else is its JSON text, and null is none.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return the fields' values; each secret is read once."""
        return self._with(lambda engines: _read_all(engines, asked)) if asked else {}

    def get_all(self, source: Reference) -> Mapping[str, Secret] | None:
        """Return all fields of the secret at *source*."""
        fields = self._with(lambda engines: _fields(engines, source))
        if fields is None:
            return None
        answers = {name: _value(field, source) for name, field in fields.items()}
        for answer in answers.values():
            if isinstance(answer, ProviderError):
                raise answer
        return {name: one for name, one in answers.items() if isinstance(one, Secret)}

    def check_writable(self, reference: Reference) -> None:
        """Ask the server what the token may do there."""
        _latest(reference)
        self._with(lambda engines: _check_writable(engines, reference))

    def set(self, reference: Reference, secret: Secret) -> None:
        """Put the value into its field; in a KV engine of version 2, as a new version."""
        _latest(reference)
        try:
            text = secret.reveal().decode()
        except UnicodeDecodeError:
            raise DeniedError(
                "Vault keeps text only; this value is none", hint="encode it first, as base64"
            ) from None
        self._with(lambda engines: _change(engines, reference, text))

    def delete(self, reference: Reference) -> bool:
        """Take the field away, and the secret with its last one."""
        _latest(reference)
        return self._with(lambda engines: _change(engines, reference, None))

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return the server's version, whose token it is, and what it may read."""
        try:
            return self._with(lambda engines: _diagnose(engines, asked))
        except ProviderError as error:
            return Diagnosis(error=error)

    def _with(self, work: Callable[[Engines], T]) -> T:
        settings = own_settings.read(self._caller)

        def connected() -> T:
            with closing(Server(settings, limit=self._caller.limit)) as server:
                return work(Engines(server))

        return within(connected, self._caller, title=f"Vault at {settings.address}")


def _read_all(engines: Engines, asked: Sequence[Reference]) -> dict[Reference, Answer]:
    answers: dict[Reference, Answer] = {}
    secrets: dict[Reference, list[Reference]] = {}
    for reference in asked:
        secrets.setdefault(reference._replace(fragment=None), []).append(reference)
    for secret, references in secrets.items():
        try:
            fields = _fields(engines, secret)
        except (DeniedError, LockedError) as error:  # of this secret; others may be open
            answers |= dict.fromkeys(references, error)
        else:
            for one in references:
                answers[one] = _value((fields or {}).get(one.fragment or ""), one)
    return answers


def _fields(engines: Engines, secret: Reference) -> dict[str, object] | None:
    version = secret.option("version")
    if version is not None and not (version.isascii() and version.isdecimal()):
        raise DeniedError(f"{secret}: a version is a number", hint="such as ?version=3")
    place = engines.find(secret.path, secret.option("namespace"))
    return engines.read(place, version).fields


def _value(field: object, reference: Reference) -> Answer:
    try:
        value = exact_json.value(field)
    except ValueError:
        return UnreachableError(
            f"{reference} holds something that is no text", hint="set it again, as UTF-8"
        )
    return None if value is None else Secret(value)


def _latest(reference: Reference) -> None:
    if reference.option("version") is not None:
        raise DeniedError(
            f"{reference} is one version of a secret, which nobody can change",
            hint="leave out ?version=",
        )


def _change(engines: Engines, reference: Reference, text: str | None) -> bool:
    place = engines.find(reference.path, reference.option("namespace"))
    return engines.change(place, reference.fragment or "", text)


def _check_writable(engines: Engines, reference: Reference) -> None:
    place = engines.find(reference.path, reference.option("namespace"))
    content = engines.read(place)
    able = engines.capabilities([place]) if place.certain else None
    needed = {"create", "update"} if content.fields is None else {"update"}
    if able is not None and not able[place] & (needed | {"root"}):
        raise DeniedError(
            f"Vault lets this token read {place} and not write it",
            hint=f"ask for a policy with {' or '.join(sorted(needed))} on " + "/".join(place.api()),
        )


def _diagnose(engines: Engines, asked: Sequence[Reference]) -> Diagnosis:
    server = engines.server
    health = server.request("GET", ("sys", "health"), namespace="")
    version = health.body.get("version")
    if not isinstance(version, str) or not version.isprintable():
        version = None
    if health.body.get("sealed") is True:
        program = server.settings.program
        sealed = UnreachableError(
            f"Vault at {server.settings.address} is sealed", hint=f"{program} operator unseal"
        )
        return Diagnosis(version, error=sealed)
    account, error = _account(engines)
    if error is not None:
        return Diagnosis(version, account, error=error)
    return Diagnosis(version, account, {one: _readable(engines, one) for one in asked})


def _account(engines: Engines) -> tuple[str | None, ProviderError | None]:
    settings = engines.server.settings
    where = settings.address + ("" if settings.tls else ", without TLS")
    reply = engines.server.request("GET", ("auth", "token", "lookup-self"))
    if reply.status == 403 and "invalid token" not in reply.errors:
        return where, None  # a policy may leave this out
    if reply.status != 200:
        return where, engines.refusal(reply, "auth/token/lookup-self")
    name, left = reply.data.get("display_name"), reply.data.get("ttl")
    who = name if isinstance(name, str) and name.isprintable() else "a token"
    ends = f", for another {left} s" if isinstance(left, str) and left != "0" else ""
    return f"{who} at {where}{ends}", None


def _readable(engines: Engines, reference: Reference) -> bool | None:
    try:
        place = engines.find(reference.path, reference.option("namespace"))
        able = engines.capabilities([place]) if place.certain else None
        if able is None:
            return None
        if not able[place] & {"read", "root"}:
            return False
        names = engines.names(place) if reference.option("version") is None else None
    except (DeniedError, LockedError):
        return False
    return None if names is None else reference.fragment in names
