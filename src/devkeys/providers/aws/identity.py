"""What both providers of AWS share: references by account, and who is signed in."""

from collections.abc import Callable, Sequence

from devkeys.providers import Diagnosis
from devkeys.providers.aws import session
from devkeys.providers.aws.errors import RefusedError, garbled
from devkeys.providers.aws.session import Clients, region_of
from devkeys.providers.caller import Caller
from devkeys.providers.errors import ProviderError
from devkeys.references import Reference

_ANY = Reference("aws-sm", ("any",))  # the default profile and region

Look = Callable[[Clients, Sequence[Reference]], dict[Reference, bool | None]]


def groups(asked: Sequence[Reference]) -> dict[tuple[str | None, ...], list[Reference]]:
    """Return *asked* by profile and region, the latter also as an ARN has it."""
    found: dict[tuple[str | None, ...], list[Reference]] = {}
    for one in asked:
        found.setdefault((one.option("profile"), region_of(one)), []).append(one)
    return found


def diagnose(caller: Caller, asked: Sequence[Reference], look: Look) -> Diagnosis:
    """Return who is signed in with each profile of *asked*, and what *look* sees."""

    def work(clients: Clients) -> Diagnosis:
        accounts: list[str] = []
        readable: dict[Reference, bool | None] = {}
        for references in groups(asked).values() or [[]]:
            accounts.append(_account(clients, references[0] if references else _ANY))
            readable |= look(clients, references) if references else {}
        return Diagnosis(session.version(), "; ".join(dict.fromkeys(accounts)), readable)

    try:
        return session.ask(caller, work)
    except ProviderError as error:
        return Diagnosis(error=error)


def _account(clients: Clients, group: Reference) -> str:
    try:
        found = clients.call("sts", group, "get_caller_identity").get("Arn")
    except RefusedError as refused:
        raise refused.error from None
    if not isinstance(found, str) or not found.isprintable():
        raise garbled(group)
    return f"{found} in {clients.region('sts', group)}"
