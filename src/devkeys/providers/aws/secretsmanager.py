"""`aws-sm://name[#json-key]`: AWS Secrets Manager."""

from collections.abc import Mapping, Sequence
from typing import Any

from devkeys.providers import Answer, Diagnosis, exact_json
from devkeys.providers.aws import session
from devkeys.providers.aws.contents import (
    SERVICE,
    Content,
    describe,
    field_of,
    is_absent,
    object_of,
    read,
    read_all,
    secret_id,
)
from devkeys.providers.aws.errors import RefusedError
from devkeys.providers.aws.identity import diagnose
from devkeys.providers.aws.session import Clients
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, ProviderError
from devkeys.references import Reference
from devkeys.secret import Secret

LIMIT = 65536  # bytes of one secret


class SecretsManager:
    """Secrets as a whole, text or binary, and the keys of those that are JSON objects."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return the values; each secret is read once, whatever number of its keys is asked."""
        if not asked:
            return {}
        contents = session.ask(self._caller, lambda clients: read_all(clients, asked))
        return {one: _value(contents[one._replace(fragment=None)], one) for one in asked}

    def get_all(self, source: Reference) -> Mapping[str, Secret] | None:
        """Return the keys of the JSON object that the secret *source* is."""
        content = session.ask(self._caller, lambda clients: read(clients, source))
        if content is None:
            return None
        answers = {name: field_of(one, source) for name, one in object_of(content, source).items()}
        return {name: Secret(value) for name, value in answers.items() if value is not None}

    def check_writable(self, reference: Reference) -> None:
        """Look at the secret, and read it if a key of it is to be written."""
        session.ask(self._caller, lambda clients: _check_writable(clients, reference))

    def set(self, reference: Reference, secret: Secret) -> None:
        """Put a new version of the secret; of a JSON object, with the other keys as they are.

        One that waits for its deletion is restored. AWS has no check-and-set: of two writers
        of one object at the same moment the later one wins, and AWSPREVIOUS has the other.
        """
        value = secret.reveal()
        if reference.fragment is not None and not _is_text(value):
            raise DeniedError("JSON keeps text only; this value is none", hint="encode it first")
        session.ask(self._caller, lambda clients: _set(clients, reference, value))

    def delete(self, reference: Reference) -> bool:
        """Schedule the secret's deletion, in AWS's 30 days; of a JSON object, drop the key."""
        return session.ask(self._caller, lambda clients: _delete(clients, reference))

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return who is signed in, and which of the secrets are there, by their names."""
        return diagnose(self._caller, asked, _is_there)


def _value(content: Content, reference: Reference) -> Answer:
    if content is None or isinstance(content, ProviderError):
        return content
    if reference.fragment is None:
        return Secret(content)
    try:
        value = field_of(object_of(content, reference).get(reference.fragment), reference)
    except ProviderError as error:
        return error
    return None if value is None else Secret(value)


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _check_writable(clients: Clients, reference: Reference) -> None:
    if reference.fragment is not None:
        content = read(clients, reference)
        if content is not None:
            object_of(content, reference)
    found = describe(clients, reference)
    if found is None and secret_id(reference).startswith("arn:"):
        raise _no_new(reference)
    if found and found.get("OwningService"):
        raise DeniedError(
            f"{reference} is kept by a service of AWS, which changes it itself",
            hint="make a secret of your own",
        )
    home = found.get("PrimaryRegion") if found else None
    if home and home != clients.region(SERVICE, reference):
        raise DeniedError(f"{reference} is a copy from {home}", hint=f"write ?region={home}")


def _is_there(clients: Clients, asked: Sequence[Reference]) -> dict[Reference, bool | None]:
    found = {one._replace(fragment=None): describe(clients, one) for one in asked}
    readable: dict[Reference, bool | None] = {}
    for one in asked:
        secret = found[one._replace(fragment=None)]
        gone = secret is None or bool(secret.get("DeletedDate"))
        # Of a key nothing can be told without reading the secret.
        readable[one] = False if gone else None if not secret or one.fragment else True
    return readable


def _set(clients: Clients, reference: Reference, value: bytes) -> None:
    if reference.fragment is not None:
        content = read(clients, reference)
        fields = {} if content is None else object_of(content, reference)
        value = exact_json.text({**fields, reference.fragment: value.decode()}).encode()
    _put(clients, reference, value)


def _put(clients: Clients, reference: Reference, value: bytes) -> None:
    if not 0 < len(value) <= LIMIT:
        raise DeniedError(
            f"AWS keeps secrets of 1 to {LIMIT} bytes; this is one of {len(value)}",
            hint="keep a large value in a file or a bucket",
        )
    what: dict[str, Any] = {"SecretBinary": value}
    if _is_text(value):
        what = {"SecretString": value.decode()}
    name = secret_id(reference)
    found = describe(clients, reference)
    try:
        if found and found.get("DeletedDate"):
            clients.call(SERVICE, reference, "restore_secret", SecretId=name)
        if found is None or not _put_version(clients, reference, what):
            if name.startswith("arn:"):
                raise _no_new(reference)
            clients.call(SERVICE, reference, "create_secret", Name=name, **what)
    except RefusedError as refused:
        raise refused.error from None


def _put_version(clients: Clients, reference: Reference, what: Mapping[str, Any]) -> bool:
    try:
        clients.call(SERVICE, reference, "put_secret_value", SecretId=secret_id(reference), **what)
    except RefusedError as refused:
        if refused.code != "ResourceNotFoundException":
            raise
        return False
    return True


def _no_new(reference: Reference) -> DeniedError:
    return DeniedError(f"{reference}: AWS has no such secret", hint="a new one is made by its name")


def _delete(clients: Clients, reference: Reference) -> bool:
    if reference.fragment is not None:
        content = read(clients, reference)
        fields = {} if content is None else object_of(content, reference)
        if reference.fragment not in fields:
            return False
        del fields[reference.fragment]
        _put(clients, reference, exact_json.text(fields).encode())
        return True
    try:
        clients.call(SERVICE, reference, "delete_secret", SecretId=secret_id(reference))
    except RefusedError as refused:
        if is_absent(refused.code, refused.message):
            return False
        raise refused.error from None
    return True
