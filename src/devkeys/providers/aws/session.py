"""The door to botocore: sessions of the user's profiles, their clients, what went wrong.

The library reads `os.environ`, which may hold what an outer `run` put there, and gives it to
the programs of `credential_process`. It is called in this process all the same: a second
interpreter would read another thousand modules. For the time of a call `os.environ` is the
caller's; only what differs is changed, which outside of another `run` is nothing.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from devkeys.providers.aws import errors
from devkeys.providers.caller import Caller
from devkeys.providers.errors import (
    LockedError,
    ProgramMissingError,
    ProviderError,
    UnreachableError,
)
from devkeys.providers.limited import within
from devkeys.providers.terminal import given_back
from devkeys.references import Reference

T = TypeVar("T")
TITLE = "AWS"
_SWAPPING = threading.Lock()


class Clients:
    """The clients of one call, one for each service, profile and region."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._until = time.monotonic() + caller.limit if caller.limit else None
        self._sessions: dict[str | None, Any] = {}
        self._clients: dict[tuple[str, str | None, str | None], Any] = {}

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()

    def call(self, service: str, group: Reference, operation: str, **parameters: Any) -> Any:
        """Return what *operation* answers, as the profile and region of *group* have it.

        Raise RefusedError for an error of the service, and a ProviderError for any other.
        """
        try:
            return getattr(self._client(service, group), operation)(**parameters)
        except ProviderError:
            raise
        except Exception as error:  # noqa: BLE001  # it raises what its own libraries raise, too
            failure = self._failure(error, group)
        raise failure  # outside of the handler: the library's exception may hold parameters

    def pages(
        self, service: str, group: Reference, operation: str, **parameters: Any
    ) -> Iterator[Any]:
        """Return the answers of *operation*, page by page; errors as of `call`."""
        more: dict[str, Any] = {}
        while True:
            answer = self.call(service, group, operation, **parameters, **more)
            yield answer
            if not answer.get("NextToken"):
                return
            more = {"NextToken": answer["NextToken"]}

    def region(self, service: str, group: Reference) -> str:
        """Return the region that is asked."""
        return str(self._client(service, group).meta.region_name)

    def _client(self, service: str, group: Reference) -> Any:
        profile, region = group.option("profile"), region_of(group)
        key = service, profile, region
        if key not in self._clients:
            from botocore.config import Config
            from botocore.exceptions import NoRegionError

            patience = min(60.0, self._caller.limit or 60.0)
            client = self._session(profile).create_client(
                service,
                region_name=region,
                config=Config(connect_timeout=patience, read_timeout=patience),
            )
            if not client.meta.region_name:  # a variable that is set, and empty
                raise NoRegionError
            client.meta.events.register("before-send", self._check_time)
            self._clients[key] = client
        return self._clients[key]

    def _check_time(self, **_: Any) -> None:
        """Send nothing more once nobody waits for it."""
        if self._until is not None and time.monotonic() > self._until:
            raise UnreachableError(f"{TITLE} did not answer in time", hint="try again")

    def _session(self, profile: str | None) -> Any:
        if profile not in self._sessions:
            from botocore.session import Session

            session = Session(profile=profile)
            roles = session.get_component("credential_provider").get_provider("assume-role")
            roles.cache = _cli_cache()
            if not self._caller.interactive:
                roles._prompter = _no_prompt  # noqa: SLF001  # there is no public way to it
            self._sessions[profile] = session
        return self._sessions[profile]

    def _failure(self, error: Exception, group: Reference) -> Exception:
        from botocore.exceptions import ClientError

        profile = group.option("profile") or self._profile()
        if isinstance(error, ClientError):
            found = error.response.get("Error", {})
            code, message = str(found.get("Code", "")), str(found.get("Message", ""))
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            return errors.RefusedError(code, message, errors.refusal(code, status, group, profile))
        return errors.failure(error, group, profile)

    def _profile(self) -> str | None:
        environ = self._caller.environ
        return environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE") or None


def ask(caller: Caller, work: Callable[[Clients], T]) -> T:
    """Return what *work* does with clients, within the caller's limit."""
    try:
        import botocore.session  # noqa: F401  # the rest of it comes with this
    except ImportError:
        raise ProgramMissingError(
            "AWS is asked through boto3, which is not installed beside devkeys",
            hint="pipx inject devkeys boto3, or pip install 'devkeys[aws]'",
        ) from None

    def asking() -> T:
        clients = Clients(caller)
        try:
            return work(clients)
        finally:
            clients.close()

    with (
        _environment(caller.environment("aws")),
        given_back(interactive=caller.interactive),
    ):
        return within(asking, caller, title=TITLE)


def version() -> str:
    """Return the library's version."""
    import botocore

    return f"botocore {botocore.__version__}"


def region_of(group: Reference) -> str | None:
    """Return the region that is asked for, by an option or an ARN; None for the default."""
    parts = group.path[0].split(":")  # arn:aws:SERVICE:REGION:ACCOUNT:...
    of_arn = parts[3] if parts[0] == "arn" and len(parts) > 3 else None
    return group.option("region") or of_arn or None


def _cli_cache() -> Any:
    """Return the AWS CLI's sessions of roles (of MFA, too), to read; we write none down."""
    from botocore.utils import JSONFileCache

    class Reading(JSONFileCache):
        def __init__(self) -> None:
            super().__init__(os.path.expanduser(os.path.join("~", ".aws", "cli", "cache")))
            self._own: dict[str, Any] = {}

        def __contains__(self, key: str) -> bool:
            return key in self._own or super().__contains__(key)

        def __getitem__(self, key: str) -> Any:
            return self._own[key] if key in self._own else super().__getitem__(key)

        def __setitem__(self, key: str, value: Any) -> None:
            self._own[key] = value

    return Reading()


def _no_prompt(_text: str) -> str:
    raise LockedError(
        "AWS asks for a code of an MFA device, and there is nobody to ask",
        hint="aws sts get-caller-identity keeps a session for a while; do that at a terminal",
    )


@contextmanager
def _environment(environ: Mapping[str, str]) -> Iterator[None]:
    """Have *environ* as the process's environment; one call at a time."""
    with _SWAPPING:
        before = dict(os.environ)
        _change(before, environ)
        try:
            yield
        finally:
            _change(dict(os.environ), before)


def _change(old: Mapping[str, str], new: Mapping[str, str]) -> None:
    for name in old.keys() - new.keys():
        del os.environ[name]
    for name, value in new.items():
        if old.get(name) != value:
            os.environ[name] = value
