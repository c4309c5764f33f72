"""The KV engines of a Vault server, version 1 and 2: where a path leads, what stands there.

After the API documentation: "KV secrets engine - version 1" and "- version 2",
"/sys/internal/ui/mounts".
"""

import shlex
from typing import Any, NamedTuple

from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProviderError,
    RevokedError,
    UnreachableError,
)
from devkeys.providers.vault.http import Reply, Server

_TRIES = 3  # of a write that others get in the way of
_SYSTEM = ("auth", "identity", "sys")  # no mount of an engine begins so; below may be a namespace


class Place(NamedTuple):
    """One secret: the parts of its mount and of the rest, and the engine's version.

    *certain* is whether the server itself told the version.
    """

    mount: tuple[str, ...]
    rest: tuple[str, ...]
    version: int
    namespace: str | None = None
    certain: bool = True

    def api(self, kind: str = "data") -> tuple[str, ...]:
        """Return the path to ask for; version 2 has several *kind*s of it."""
        return (*self.mount, kind, *self.rest) if self.version == 2 else (*self.mount, *self.rest)

    def __str__(self) -> str:
        return "/".join((*self.mount, *self.rest))


class Content(NamedTuple):
    """The fields of one secret, None if there is none, and which version to replace."""

    fields: dict[str, Any] | None
    number: int = 0

    def __repr__(self) -> str:
        return "<content>"


class Engines:
    """The KV engines of *server*; which mount is which is asked once."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._known: list[Place] = []

    def find(self, path: tuple[str, ...], namespace: str | None) -> Place:
        """Return where *path* leads; raise DeniedError if that is no KV engine."""
        for known in self._known:  # a mount never lies below another one
            if known.namespace == namespace and path[: len(known.mount)] == known.mount:
                return self._checked(known._replace(rest=path[len(known.mount) :]))
        if path[0] in _SYSTEM:
            raise _no_engine(path[0])
        reply = self._get(("sys", "internal", "ui", "mounts", *path), namespace)
        if reply.status == 403:
            return Place(path[:1], path[1:], 2, namespace, certain=False)
        if reply.status == 404 and "errors" in reply.body:
            # As the CLI: a server from before version 2.
            place = Place(path[:1], (), 1, namespace)
        else:
            if reply.status != 200:
                raise self.refusal(reply, "/".join(path))
            place = Place(self._mount(reply, path), (), _version(reply), namespace)
            if reply.data.get("type") not in ("kv", "generic", "cubbyhole"):
                raise _no_engine("/".join(place.mount))
        self._known.append(place)
        return self._checked(place._replace(rest=path[len(place.mount) :]))

    def read(self, place: Place, version: str | None = None) -> Content:
        """Return what stands at *place*; raise a ProviderError if that cannot be told."""
        if version is not None and place.version == 1:
            raise DeniedError(
                f"{place} is in a KV engine of version 1, which keeps no versions",
                hint="leave out ?version=",
            )
        if place.certain:
            return self._read(place, version)
        return self._read_guessing(place, version)

    def _read(self, place: Place, version: str | None) -> Content:
        query = {"version": version} if version else None
        reply = self._get(place.api(), place.namespace, query)
        data = reply.data
        if place.version == 2:
            number = _number(data.get("metadata"))
            if reply.is_absence:  # no such secret, or a deleted version
                return Content(None, number or 0)
            if reply.status == 200 and number and "data" in data:
                fields = data["data"]
                if fields is None or isinstance(fields, dict):
                    return Content(fields, number)
        else:
            if reply.is_absence:
                return Content(None)
            if reply.status == 200 and isinstance(reply.body.get("data"), dict):
                return Content(data)
        raise self.refusal(reply, str(place))

    def _read_guessing(self, place: Place, version: str | None) -> Content:
        """Read where the server did not say what it is; only what is found is an answer.

        The check asks policies in its own way, and some proxies let only secrets through. It
        refuses `auth/token/lookup-self` to all, at which the user's own token could be read.
        """
        first: ProviderError | None = None
        plain = version is None and not any(part in _SYSTEM for part in place.rest)
        for number in (2, 1) if plain else (2,):
            try:
                content = self._read(place._replace(version=number), version)
            except (DeniedError, LockedError) as error:
                first = first or error
            else:
                if content.fields is not None:
                    return content
        raise first or self._no_right(str(place))

    def write(self, place: Place, fields: dict[str, Any], number: int) -> bool:
        """Put *fields* at *place* in place of version *number*; False if that is no more."""
        body: dict[str, Any] = fields
        if place.version == 2:
            body = {"options": {"cas": number}, "data": fields}
        reply = self.server.request("POST", place.api(), namespace=place.namespace, body=body)
        if reply.status in (200, 204):
            return True
        if reply.status == 400 and "check-and-set" in reply.errors:
            return False
        raise self.refusal(reply, str(place))

    def change(self, place: Place, name: str, text: str | None) -> bool:
        """Set the field *name* to *text*, or take it away; False if it was not there.

        Its neighbours stay as they are. Without any left the secret itself is deleted, in
        version 2 so that `vault kv undelete` brings it back.
        """
        for _ in range(_TRIES):
            content = self._current(place)
            fields = dict(content.fields or {})
            was_there = fields.pop(name, None) is not None
            if text is None and not was_there:
                return False
            if text is None and not fields:
                self._delete(place)
                return True
            if text is not None:
                fields = {**(content.fields or {}), name: text}
            if self.write(place, fields, content.number):
                return was_there or text is not None
        raise UnreachableError(
            f"others keep writing to {place} in Vault; nothing was changed",
            hint="try again in a moment",
        )

    def _current(self, place: Place) -> Content:
        if not place.certain:
            raise self._no_right(str(place))
        return self._read(place, None)

    def _delete(self, place: Place) -> None:
        reply = self.server.request("DELETE", place.api(), namespace=place.namespace)
        if reply.status not in (200, 204):
            raise self.refusal(reply, str(place))

    def capabilities(self, places: list[Place]) -> dict[Place, set[str]] | None:
        """Return what the token may do at each of *places*, of one namespace; None if unknown."""
        paths = {place: "/".join(place.api()) for place in places}
        reply = self.server.request(
            "POST",
            ("sys", "capabilities-self"),
            namespace=places[0].namespace,
            body={"paths": sorted(set(paths.values()))},
        )
        if reply.status != 200:
            return None
        return {place: _words(reply.data.get(path)) for place, path in paths.items()}

    def names(self, place: Place) -> set[str] | None:
        """Return the names of the fields at *place* without their values; None if unknown."""
        if place.version != 2 or not place.certain:
            return None
        reply = self._get(place.api("subkeys"), place.namespace)  # since Vault 1.10
        if reply.is_absence:
            return set()
        found = reply.data.get("subkeys")
        return set(found) if reply.status == 200 and isinstance(found, dict) else None

    def refusal(self, reply: Reply, where: str) -> ProviderError:
        """Return what the server's *reply*, which is no answer, means; see "HTTP status codes"."""
        settings = self.server.settings
        title = f"Vault at {settings.address}"
        if "invalid token" in reply.errors or "missing client token" in reply.errors:
            return RevokedError(
                f"{title}: the token is no longer valid", hint=f"{settings.program} login"
            )
        if reply.status == 403:
            return self._no_right(where)
        if "sealed" in reply.errors:
            return UnreachableError(
                f"{title} is sealed", hint=f"{settings.program} operator unseal"
            )
        if reply.status == 429 or reply.status >= 500:
            return UnreachableError(
                f"{title} cannot answer now (status {reply.status})",
                hint=f"see `{settings.program} status`",
            )
        if reply.status == 200:
            return UnreachableError(
                f"{title} gave no proper answer for {where}",
                hint=f"see whether `{settings.program} kv get {shlex.quote(where)}` works",
            )
        return DeniedError(
            f"{title} refuses {where} (status {reply.status})",
            hint=f"see what `{settings.program} kv get {shlex.quote(where)}` says",
        )

    def _no_right(self, where: str) -> DeniedError:
        program = self.server.settings.program
        return DeniedError(
            f"Vault lets this token not do that at {where}, or has no such mount",
            hint=f"`{program} token lookup` says whether it still lives and which policies it has; "
            f"else {program} login, or ask for a policy",
        )

    def _get(
        self, path: tuple[str, ...], namespace: str | None, query: dict[str, str] | None = None
    ) -> Reply:
        reply = self.server.request("GET", path, namespace=namespace, query=query)
        if reply.status in (429, 503):  # of the server, not of this path
            raise self.refusal(reply, "/".join(path))
        return reply

    def _mount(self, reply: Reply, path: tuple[str, ...]) -> tuple[str, ...]:
        """Return the mount as it begins *path*; the server may put a namespace before it."""
        found = reply.data.get("path")
        mount = tuple(found.strip("/").split("/")) if isinstance(found, str) else ()
        for start in range(len(mount)):
            if path[: len(mount) - start] == mount[start:]:
                return mount[start:]
        raise self.refusal(reply, "/".join(path))

    def _checked(self, place: Place) -> Place:
        if not place.rest:
            raise DeniedError(
                f"{place} in Vault is an engine, no secret", hint="name a path below it"
            )
        return place


def _no_engine(mount: str) -> DeniedError:
    return DeniedError(
        f"{mount} in Vault is no KV engine: reading there makes new credentials, or shows your own",
        hint="name a path of a KV engine; `vault secrets list` has them",
    )


def _version(reply: Reply) -> int:
    options = reply.data.get("options")
    return 2 if isinstance(options, dict) and options.get("version") == "2" else 1


def _number(metadata: Any) -> int | None:
    found = metadata.get("version") if isinstance(metadata, dict) else None
    return int(found) if isinstance(found, str) and found.isdecimal() else None


def _words(found: Any) -> set[str]:
    return {word for word in found if isinstance(word, str)} if isinstance(found, list) else set()
