"""`aws-ssm://name`, `aws-ssm:///path/name`: AWS Systems Manager Parameter Store, ten a request.

`name:3` and `name:label` lead to one version, as GetParameters has it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from devkeys.providers import Answer, Diagnosis
from devkeys.providers.aws import session
from devkeys.providers.aws.errors import RefusedError, garbled
from devkeys.providers.aws.identity import diagnose, groups
from devkeys.providers.aws.session import Clients
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, ProviderError
from devkeys.references import Reference
from devkeys.secret import Secret

SERVICE = "ssm"
BATCH = 10
LIMIT = 8192  # bytes of one value, of the advanced tier; the standard one has half of it
DESCRIBED = 50  # names of one DescribeParameters


class ParameterStore:
    """Parameters, decrypted; what is written is a SecureString."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return the parameters' values."""
        if not asked:
            return {}
        return session.ask(self._caller, lambda clients: _read_all(clients, asked))

    def get_all(self, source: Reference) -> Mapping[str, Secret] | None:
        """Return what lies directly below the path *source*, by the last part of its name."""
        if source.path[0]:
            raise DeniedError(
                f"{source} is no path: in AWS a path begins with /",
                hint=f"write it as aws-ssm:///{_name(source)}",
            )
        return session.ask(self._caller, lambda clients: _below(clients, source))

    def check_writable(self, reference: Reference) -> None:
        """Look at the parameter without its value."""
        _check_name(reference)
        session.ask(self._caller, lambda clients: _kept(clients, reference))

    def set(self, reference: Reference, secret: Secret) -> None:
        """Put a SecureString, with the key it was encrypted with before."""
        _check_name(reference)
        value = _text(secret.reveal())
        session.ask(self._caller, lambda clients: _put(clients, reference, value))

    def delete(self, reference: Reference) -> bool:
        """Delete the parameter for good."""
        _check_name(reference)
        return session.ask(self._caller, lambda clients: _delete(clients, reference))

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return who is signed in, and which parameters are there, by their names."""
        return diagnose(self._caller, asked, _is_there)


def _name(reference: Reference) -> str:
    return "/".join(reference.path)


def _read_all(clients: Clients, asked: Sequence[Reference]) -> dict[Reference, Answer]:
    answers: dict[Reference, Answer] = {}
    for references in groups(asked).values():
        for batch in _batches(references):
            answers |= _read(clients, batch)
    return answers


def _batches(references: Sequence[Reference]) -> list[list[Reference]]:
    """Divide *references* so that no parameter is asked twice in one request.

    AWS takes no name twice, and not every stand-in says which version an answer is.
    """
    batches: list[dict[str, Reference]] = []
    for one in references:
        plain = _plain(_name(one))[0]
        is_arn = plain.startswith("arn:")
        for batch in batches:
            alike = next(iter(batch)).startswith("arn:") == is_arn
            if alike and len(batch) < BATCH and plain not in batch:
                batch[plain] = one
                break
        else:
            batches.append({plain: one})
    return [list(batch.values()) for batch in batches]


def _plain(name: str) -> tuple[str, str]:
    """Return *name*, which may be an ARN, without its version or label, and that."""
    if name.startswith("arn:"):
        before, mark, after = name.partition(":parameter")
        plain, _, selector = after.partition(":")
        return before + mark + plain, selector
    plain, _, selector = name.partition(":")
    return plain, selector


def _read(clients: Clients, references: Sequence[Reference]) -> dict[Reference, Answer]:
    names = [_name(one) for one in references]
    try:
        answer = clients.call(
            SERVICE, references[0], "get_parameters", Names=names, WithDecryption=True
        )
    except RefusedError as refused:
        if not isinstance(refused.error, DeniedError):
            raise refused.error from None
        if len(references) == 1:
            return {references[0]: refused.error}
        # One that is denied, or has a name that cannot be, fails the whole request.
        alone = [_read(clients, [one]) for one in references]
        return {one: found[one] for one, found in zip(references, alone, strict=True)}
    return {one: _value(answer, one) for one in references}


def _value(answer: Mapping[str, Any], reference: Reference) -> Answer:
    name = _name(reference)
    plain, selector = _plain(name)
    values = [
        one.get("Value")
        for one in answer.get("Parameters", ())
        if plain in (one.get("Name"), one.get("ARN"))
        and str(one.get("Selector") or selector).removeprefix(":") == selector
    ]
    if not values and name in answer.get("InvalidParameters", ()):
        return None
    if len(values) != 1 or not isinstance(values[0], str):
        return garbled(reference)
    return Secret(values[0].encode(errors="surrogatepass"))


def _below(clients: Clients, source: Reference) -> dict[str, Secret] | None:
    found: dict[str, Secret] = {}
    where = {"Path": _name(source), "WithDecryption": True}
    try:
        for answer in clients.pages(SERVICE, source, "get_parameters_by_path", **where):
            for parameter in answer.get("Parameters", ()):
                name, value = parameter.get("Name"), parameter.get("Value")
                if not isinstance(name, str) or not isinstance(value, str):
                    raise garbled(source)
                found[name.rpartition("/")[2]] = Secret(value.encode(errors="surrogatepass"))
    except RefusedError as refused:
        raise refused.error from None
    return found or None


def _check_name(reference: Reference) -> None:
    name = _name(reference)
    if ":" in name:
        raise DeniedError(
            f"{reference} is an ARN or one version, which nobody can write to",
            hint="write the parameter's plain name",
        )


def _text(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise DeniedError(
            "Parameter Store keeps text only; this value is none", hint="encode it first, as base64"
        ) from None
    if not 0 < len(value) <= LIMIT:
        raise DeniedError(
            f"Parameter Store keeps values of 1 to {LIMIT} bytes; this is one of {len(value)}",
            hint="AWS Secrets Manager, aws-sm://, keeps 64 KiB",
        )
    return text


def _describe(clients: Clients, references: Sequence[Reference]) -> dict[str, Any] | None:
    """Return what is known of the parameters, without values, by name; None if not allowed."""
    found: dict[str, Any] = {}
    names = [_plain(_name(one))[0] for one in references]
    try:
        for start in range(0, len(names), DESCRIBED):
            some = {"Key": "Name", "Option": "Equals", "Values": names[start : start + DESCRIBED]}
            what = {"ParameterFilters": [some], "MaxResults": DESCRIBED}
            for answer in clients.pages(SERVICE, references[0], "describe_parameters", **what):
                found |= {str(one.get("Name")): one for one in answer.get("Parameters", ())}
    except RefusedError as refused:
        if refused.denied:
            return None
        raise refused.error from None
    return found


def _is_there(clients: Clients, asked: Sequence[Reference]) -> dict[Reference, bool | None]:
    plain = [one for one in asked if not _name(one).startswith("arn:")]
    found = _describe(clients, plain) if plain else None
    if found is None:
        return dict.fromkeys(asked, None)
    return {one: _plain(_name(one))[0] in found if one in plain else None for one in asked}


def _kept(clients: Clients, reference: Reference) -> dict[str, Any] | None:
    """Return what of an old parameter has to be said again; None if it cannot be looked at.

    Raise DeniedError if it is no SecureString: AWS changes the type of none.
    """
    found = _describe(clients, [reference])
    if found is None:
        return None
    old = found.get(_name(reference))
    if old is None:
        return {}
    if old.get("Type") != "SecureString":
        raise DeniedError(
            f"{reference} is no SecureString: whoever may list parameters would see the value",
            hint="delete it first, or choose another name",
        )
    # Without its KeyId an overwritten one is encrypted with the account's default key.
    again = {"KeyId": old.get("KeyId"), "Tier": old.get("Tier")}
    return {"Overwrite": True, **{name: value for name, value in again.items() if value}}


def _put(clients: Clients, reference: Reference, value: str) -> None:
    kept = _kept(clients, reference)
    try:
        clients.call(
            SERVICE,
            reference,
            "put_parameter",
            Name=_name(reference),
            Value=value,
            Type="SecureString",
            **(kept or {}),
        )
    except RefusedError as refused:
        error: ProviderError = refused.error
        if refused.code == "ParameterAlreadyExists" and kept is None:
            error = DeniedError(
                f"{reference} is there, and these credentials may not look at how it is encrypted",
                hint="ask for a policy with ssm:DescribeParameters",
            )
        raise error from None


def _delete(clients: Clients, reference: Reference) -> bool:
    try:
        clients.call(SERVICE, reference, "delete_parameter", Name=_name(reference))
    except RefusedError as refused:
        if refused.code == "ParameterNotFound":
            return False
        raise refused.error from None
    return True
