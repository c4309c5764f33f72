"""Reading AWS Secrets Manager: twenty secrets a request, each in its own right.

After the API reference: BatchGetSecretValue wants a right of its own beside GetSecretValue;
without it each secret is asked for by itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from devkeys.providers import exact_json
from devkeys.providers.aws.errors import RefusedError, entry_error, garbled
from devkeys.providers.aws.identity import groups
from devkeys.providers.aws.session import Clients
from devkeys.providers.errors import DeniedError, ProviderError
from devkeys.references import Reference

SERVICE = "secretsmanager"
BATCH = 20
_NO_BATCH = ("UnknownOperation", "InvalidAction", "NotImplemented")  # of older stand-ins

Content = bytes | ProviderError | None


class _Ids(NamedTuple):
    """The secrets of one profile and region: id to its reference without a key."""

    group: Reference
    ids: dict[str, Reference]


def secret_id(reference: Reference) -> str:
    """Return the name or ARN that *reference* leads to."""
    return "/".join(reference.path)


def read_all(clients: Clients, asked: Sequence[Reference]) -> dict[Reference, Content]:
    """Return the content of each secret of *asked*, by its reference without a key."""
    contents: dict[Reference, Content] = {}
    for references in groups(asked).values():
        secrets = [one._replace(fragment=None) for one in references]
        found = _read_batches(clients, _Ids(secrets[0], {secret_id(one): one for one in secrets}))
        contents |= {one: found[secret_id(one)] for one in secrets}
    return contents


def _read_batches(clients: Clients, wanted: _Ids) -> dict[str, Content]:
    found: dict[str, Content] = {}
    names = list(wanted.ids)
    try:
        for start in range(0, len(names), BATCH) if len(names) > 1 else ():
            found |= _read_batch(clients, wanted, names[start : start + BATCH])
    except RefusedError as refused:
        if not (refused.denied or refused.code.startswith(_NO_BATCH)):
            raise refused.error from None
    for name in names:
        if name not in found:
            found[name] = _read_one(clients, wanted.ids[name])
    return found


def _read_batch(clients: Clients, wanted: _Ids, names: list[str]) -> dict[str, Content]:
    found: dict[str, Content] = {}
    for answer in clients.pages(
        SERVICE, wanted.group, "batch_get_secret_value", SecretIdList=names
    ):
        for name in names:
            for entry in answer.get("SecretValues", ()):
                if _is_of(entry, name):
                    content = _content(entry, wanted.ids[name])
                    # Name and ARN of one secret may both be asked: it is there twice then.
                    same = found.setdefault(name, content) == content
                    found[name] = content if same else garbled(wanted.ids[name])
            for entry in answer.get("Errors", ()):
                if entry.get("SecretId") == name:
                    found[name] = _entry(entry, wanted.ids[name])
    missing = {name: garbled(wanted.ids[name]) for name in names if name not in found}
    return {**found, **missing}


def _is_of(entry: Mapping[str, Any], name: str) -> bool:
    """Tell whether *entry* answers *name*: a name, an ARN, or one without its random end."""
    arn = str(entry.get("ARN", ""))
    return name in (entry.get("Name"), arn) or (name.startswith("arn:") and arn[:-7] == name)


def _read_one(clients: Clients, reference: Reference) -> Content:
    try:
        return read(clients, reference)
    except DeniedError as error:
        return error


def read(clients: Clients, reference: Reference) -> bytes | None:
    """Return the content of one secret; None if there is none; raise a ProviderError."""
    try:
        entry = clients.call(SERVICE, reference, "get_secret_value", SecretId=secret_id(reference))
    except RefusedError as refused:
        if is_absent(refused.code, refused.message):
            return None
        raise refused.error from None
    content = _content(entry, reference)
    if isinstance(content, ProviderError):
        raise content
    return content


def _content(entry: Mapping[str, Any], reference: Reference) -> Content:
    text, data = entry.get("SecretString"), entry.get("SecretBinary")
    if isinstance(text, str) and data is None:
        return text.encode(errors="surrogatepass")
    return data if isinstance(data, bytes) and text is None else garbled(reference)


def _entry(entry: Mapping[str, Any], reference: Reference) -> Content:
    code, message = str(entry.get("ErrorCode", "")), str(entry.get("Message", ""))
    return None if is_absent(code, message) else entry_error(code, reference)


def is_absent(code: str, message: str) -> bool:
    """Tell whether there is no such secret, or one that waits for its deletion."""
    if code == "ResourceNotFoundException":
        return True
    words = ("marked for deletion", "marked deleted", "scheduled for deletion")
    return code == "InvalidRequestException" and any(word in message for word in words)


def object_of(content: bytes, reference: Reference) -> dict[str, Any]:
    """Return the JSON object that *content* is; raise DeniedError if it is none."""
    whole = reference._replace(fragment=None)
    try:
        found = exact_json.parse(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DeniedError(
            f"{whole} is no JSON object, or has a key twice: there is no #key in it",
            hint=f"write the reference as {whole}, for all of it",
        )
    return found


def field_of(field: object, reference: Reference) -> bytes | None:
    """Return a value of a JSON object as a value of ours."""
    try:
        return exact_json.value(field)
    except ValueError:
        raise garbled(reference) from None


def describe(clients: Clients, reference: Reference) -> dict[str, Any] | None:
    """Return what is known of the secret, {} if that is not to be had, None without it."""
    try:
        found = clients.call(SERVICE, reference, "describe_secret", SecretId=secret_id(reference))
    except RefusedError as refused:
        if is_absent(refused.code, refused.message):
            return None
        if refused.denied:
            return {}
        raise refused.error from None
    return dict(found)
