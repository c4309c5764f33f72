"""HTTP to a Vault server: one connection, JSON both ways, no redirect followed.

Through the standard library, for the whole of it is a handful of requests to one host that
the user names; urllib's openers would read the process's own environment and follow redirects
with the token in hand.
"""

import base64
import http.client
import socket
import ssl
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlencode, urlsplit

from devkeys.providers import exact_json
from devkeys.providers.errors import DeniedError, UnreachableError
from devkeys.providers.vault.settings import Settings

LIMIT = 33 << 20  # bytes; a Vault server takes no request of more than 32 MiB


class Reply(NamedTuple):
    """What the server said: its status and the JSON object of the body, empty without one."""

    status: int
    body: dict[str, Any]

    def __repr__(self) -> str:
        return f"<reply {self.status}>"  # the body holds values

    @property
    def errors(self) -> str:
        """The server's complaints, in lower case, to look words up in; never shown."""
        found = self.body.get("errors")
        return " ".join(map(str, found)).lower() if isinstance(found, list) else ""

    @property
    def is_absence(self) -> bool:
        """Whether Vault itself says that nothing is there: any server may answer 404."""
        return self.status == 404 and (self.body.get("errors") == [] or "metadata" in self.data)

    @property
    def data(self) -> dict[str, Any]:
        """The answer proper; empty if there is none."""
        found = self.body.get("data")
        return found if isinstance(found, dict) else {}


class Server:
    """The server of *settings*, over one connection that is opened at the first request."""

    def __init__(self, settings: Settings, *, limit: float) -> None:
        self.settings = settings
        self._limit = limit or None
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def request(
        self,
        method: str,
        path: tuple[str, ...],
        *,
        namespace: str | None = None,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
    ) -> Reply:
        """Ask for *path*, parts below `/v1/`; raise UnreachableError without a proper answer."""
        target = f"{self.settings.prefix}/v1/" + "/".join(quote(part, safe="") for part in path)
        if query:
            target += "?" + urlencode(query)
        data = None if body is None else exact_json.text(body).encode()
        headers = self._headers(namespace, data)
        reused = self._connection is not None
        try:
            return self._exchange(method, target, data, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            # A server closes a connection that idled too long: that alone is tried again.
            if not (reused and method == "GET" and isinstance(error, ConnectionError)):
                raise self._failure(error) from None
        return self._again(target, headers)

    def _again(self, target: str, headers: dict[str, str]) -> Reply:
        try:
            return self._exchange("GET", target, None, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise self._failure(error) from None

    def _headers(self, namespace: str | None, data: bytes | None) -> dict[str, str]:
        settings = self.settings
        headers = {"X-Vault-Request": "true", "Accept": "application/json"}
        if settings.token:
            headers["X-Vault-Token"] = settings.token
        chosen = settings.namespace if namespace is None else namespace
        if chosen:
            headers["X-Vault-Namespace"] = chosen
        if data is not None:
            headers["Content-Type"] = "application/json"
        if settings.proxy and not settings.tls:
            headers |= _proxy_headers(settings.proxy)
        return headers

    def _exchange(
        self, method: str, target: str, data: bytes | None, headers: dict[str, str]
    ) -> Reply:
        if self._connection is None:
            self._connection = self._connect()
        if self.settings.proxy and not self.settings.tls:
            target = f"http://{_authority(self.settings)}{target}"
        self._connection.request(method, target, body=data, headers=headers)
        response = self._connection.getresponse()
        text = response.read(LIMIT + 1)
        if len(text) > LIMIT:
            self.close()
            raise self._unreachable("its answer has no end")
        if 300 <= response.status < 400:  # never follow: the token would go there too
            raise UnreachableError(
                f"the server at {self.settings.address} sends elsewhere, to "
                f"{_origin(response.getheader('Location') or '')}",
                hint=f"if that is right, export {self.settings.prefix_of_variables}ADDR so",
            )
        return self._reply(response.status, text)

    def _reply(self, status: int, text: bytes) -> Reply:
        if not text.strip():
            if status == 204:
                return Reply(status, {})
            raise self._unreachable("it gave no proper answer")
        body = exact_json.parse(text)  # what is no JSON is no Vault; ValueError
        if not isinstance(body, dict):
            raise self._unreachable("it gave no proper answer")
        return Reply(status, body)

    def _connect(self) -> http.client.HTTPConnection:
        settings = self.settings
        host, port = settings.host, settings.port
        connection: http.client.HTTPConnection
        if settings.proxy:
            proxy = urlsplit(settings.proxy if "://" in settings.proxy else f"//{settings.proxy}")
            if proxy.scheme not in ("", "http") or not proxy.hostname:
                raise DeniedError(
                    "the proxy for Vault is none that can be used",
                    hint="name one as http://HOST:PORT",
                )
            host, port = proxy.hostname, proxy.port or 80
        if settings.tls:
            connection = _Connection(host, port, self._limit, _context(settings))
            connection.server_name = settings.server_name or settings.host
            if settings.proxy:
                connection.set_tunnel(settings.host, settings.port, _proxy_headers(settings.proxy))
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self._limit)
        connection.connect()
        if connection.sock is not None:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _unreachable(self, what: str, hint: str | None = None) -> UnreachableError:
        name = f"{self.settings.prefix_of_variables}ADDR"
        return UnreachableError(
            f"Vault at {self.settings.address}: {what}",
            hint=hint or f"see `{self.settings.program} status`; {name} says which server is asked",
        )

    def _failure(self, error: Exception) -> UnreachableError:
        name = self.settings.prefix_of_variables
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._unreachable(
                "its certificate is not trusted", f"export {name}CACERT=FILE, of its authority"
            )
        if isinstance(error, ssl.SSLError):
            return self._unreachable("no TLS with it", f"see whether {name}ADDR has to be http://")
        if isinstance(error, TimeoutError):
            return self._unreachable("no answer in time")
        if isinstance(error, socket.gaierror):
            return self._unreachable("no such host")
        if isinstance(error, OSError):
            return self._unreachable((error.strerror or "it cannot be reached").lower())
        return self._unreachable("it gave no proper answer")


class _Connection(http.client.HTTPSConnection):
    """TLS with the name to expect apart from the host, which may be a proxy or an address."""

    server_name = ""

    def __init__(
        self, host: str, port: int, timeout: float | None, context: ssl.SSLContext
    ) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._tls = context

    def connect(self) -> None:
        """Connect, through the tunnel if there is one, and shake hands."""
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.server_name)


def _context(settings: Settings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(
            cafile=settings.ca_file, capath=settings.ca_directory, cadata=settings.ca_text
        )
        if settings.client_cert:
            # Without a password of ours OpenSSL would ask at the terminal.
            context.load_cert_chain(settings.client_cert, settings.client_key, password=lambda: "")
    except (OSError, ValueError):
        name = settings.prefix_of_variables
        raise UnreachableError(
            f"a certificate for {settings.address} cannot be read",
            hint=f"check {name}CACERT, {name}CAPATH, {name}CLIENT_CERT and {name}CLIENT_KEY",
        ) from None
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _authority(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def _proxy_headers(proxy: str) -> dict[str, str]:
    parts = urlsplit(proxy if "://" in proxy else f"//{proxy}")
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def _origin(location: str) -> str:
    """Return scheme and host of *location*; the rest may hold anything."""
    try:
        parts = urlsplit(location)
        text = f"{parts.scheme}://{parts.hostname}" if parts.hostname else "another path"
    except ValueError:
        text = "an odd place"
    return text if text.isprintable() else "an odd place"
