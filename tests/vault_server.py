"""A Vault server on loopback that answers as the API documentation says, in memory.

KV engines of version 1 and 2 with check-and-set and soft deletion, namespaces, policies,
sealing; and faults. After "HTTP API", "KV secrets engine" 1 and 2, "/sys/internal/ui/mounts",
"/sys/capabilities-self", "/sys/health". Only what the provider asks is here.
"""

import json
import secrets
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Body = dict[str, Any]
WRONG_PATH = "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate"


class Version(dict[str, Any]):
    """One version of a secret of a KV engine of version 2."""

    deleted = False


class VaultServer(ThreadingHTTPServer):
    """The server and all that can be done to it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.token = "hvs." + secrets.token_hex(12)
        # Namespace and mount, to version; 0 is an engine of another kind.
        self.mounts = {
            ("", "secret/"): 2,
            ("", "kv1/"): 1,
            ("", "team/kv/"): 2,
            ("eng", "secret/"): 2,
            ("", "database/"): 0,
        }
        self.versions: dict[tuple[str, str], list[Version]] = {}
        self.plain: dict[tuple[str, str], Body] = {}
        self.denied: set[str] = set()  # paths below /v1/ where nothing is allowed
        self.allowed = ["create", "read", "update", "delete"]
        self.preflight = True
        self.sealed = self.chunked = False
        self.delay = 0.0
        self.fault: bytes | None = None  # sent in place of an answer, raw
        self.canned: dict[str, tuple[int, str]] = {}  # what a path with these words answers
        self.location: str | None = None
        self.hang_up = False  # close each connection after one answer, unannounced
        self.race = 0  # how many writes somebody else gets ahead of
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.headers_seen: list[dict[str, str]] = []
        self.connections = 0

    def handle_error(self, *_: Any) -> None:
        """Say nothing: a client that ends in the middle is what a test is about."""

    @property
    def address(self) -> str:
        """The address for VAULT_ADDR, without TLS."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def put(self, path: str, fields: Body, *, namespace: str = "") -> None:
        """Keep *fields* at *path*, as `vault kv put` would."""
        mount, rest, version = self.find(path, namespace)
        if version == 2:
            self.versions.setdefault((namespace, mount + rest), []).append(Version(fields))
        else:
            self.plain[namespace, mount + rest] = fields

    def find(self, path: str, namespace: str) -> tuple[str, str, int]:
        """Return the mount of *path*, the rest of it, and the mount's version."""
        for (space, mount), version in self.mounts.items():
            if space == namespace and f"{path}/".startswith(mount):
                return mount, path[len(mount) :], version
        return "", path, -1

    def answer(self, method: str, target: str, body: Body, headers: Any) -> tuple[int, Any]:
        """Return status and body for a request."""
        parts = urlsplit(target)
        path = unquote(parts.path.removeprefix("/v1/"))
        if path == "sys/health":
            status = 503 if self.sealed else 200
            return status, {"initialized": True, "sealed": self.sealed, "version": "1.15.2"}
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        if headers.get("X-Vault-Token") != self.token:
            words = "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"
            return 403, {"errors": [words]}
        namespace = headers.get("X-Vault-Namespace", "").strip("/")
        if path.startswith(("sys/", "auth/")):
            return self._system(path, namespace, body)
        return self._secret(method, path, namespace, body, parse_qs(parts.query))

    def _system(self, path: str, namespace: str, body: Body) -> tuple[int, Any]:
        if path == "sys/capabilities-self":
            found = {one: ["deny"] if one in self.denied else self.allowed for one in body["paths"]}
            return 200, {"data": {**found, "capabilities": ["deny"]}}
        if path == "auth/token/lookup-self":
            return 200, {"data": {"display_name": "token-dev", "ttl": 3600}}
        return self._preflight(path.removeprefix("sys/internal/ui/mounts/"), namespace)

    def _secret(
        self, method: str, path: str, namespace: str, body: Body, query: Any
    ) -> tuple[int, Any]:
        if path in self.denied:
            return 403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]}
        mount, rest, version = self.find(path, namespace)
        if version == 1:
            return self._version_1(method, (namespace, mount + rest), body)
        if version != 2:
            return 404, {"errors": [f'no handler for route "{path}". route entry not found.']}
        kind, _, name = rest.partition("/")
        if kind not in ("data", "subkeys") or not name:
            return 404, {"errors": [WRONG_PATH]}
        key = (namespace, mount + name)
        if method == "GET":
            return self._read(kind, key, int(query.get("version", ["0"])[0]))
        return self._write(method, key, body)

    def _preflight(self, path: str, namespace: str) -> tuple[int, Any]:
        mount, _, version = self.find(path, namespace)
        if version < 0 or not self.preflight:
            words = "preflight capability check returned 403, please ensure client's policies grant"
            return 403, {"errors": [f'{words} access to path "{path}/"']}
        kind = {"type": "kv", "path": mount} if version else {"type": "database", "path": mount}
        return 200, {"data": {**kind, "options": {"version": str(version)} if version else None}}

    def _version_1(self, method: str, key: tuple[str, str], body: Body) -> tuple[int, Any]:
        if method == "POST":
            self.plain[key] = body
            return 204, None
        if method == "DELETE":
            self.plain.pop(key, None)
            return 204, None
        if key not in self.plain:
            return 404, {"errors": []}
        return 200, {"data": self.plain[key], "lease_duration": 2764800}

    def _write(self, method: str, key: tuple[str, str], body: Body) -> tuple[int, Any]:
        if method == "DELETE":
            for version in self.versions.get(key, [])[-1:]:
                version.deleted = True
            return 204, None
        namespace, path = key
        if self.race:
            self.race -= 1
            self.put(path, {"other": "from somebody else"}, namespace=namespace)
        count = len(self.versions.get(key, []))
        if body.get("options", {}).get("cas", count) != count:
            words = "check-and-set parameter did not match the current version"
            return 400, {"errors": [words]}
        self.put(path, body["data"], namespace=namespace)
        return 200, {"data": {"version": count + 1}}

    def _read(self, kind: str, key: tuple[str, str], number: int) -> tuple[int, Any]:
        versions = self.versions.get(key, [])
        number = number or len(versions)
        if not 0 < number <= len(versions):
            return 404, {"errors": []}
        metadata: Body = {"version": number, "destroyed": False}
        found = versions[number - 1]
        if found.deleted:
            metadata["deletion_time"] = "2024-01-02T03:04:05Z"
            return 404, {"data": {"data": None, "metadata": metadata}}
        if kind == "subkeys":
            return 200, {"data": {"subkeys": dict.fromkeys(found), "metadata": metadata}}
        return 200, {"data": {"data": dict(found), "metadata": metadata}}


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with keep-alive, plain or chunked."""

    protocol_version = "HTTP/1.1"
    server: VaultServer
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Count the connection."""
        super().setup()
        self.server.connections += 1

    def log_message(self, *_: Any) -> None:
        """Write no log."""

    def _serve(self) -> None:
        server = self.server
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server.asked.append(f"{self.command} {self.path}")
        server.bodies.append(data)
        server.headers_seen.append(dict(self.headers))
        time.sleep(server.delay)
        self.close_connection = server.hang_up
        if server.fault is not None:
            self.wfile.write(server.fault)
            self.close_connection = True
            return
        if server.location is not None:
            self._send(307, b"", {"Location": server.location})
            return
        for words, (status, text) in server.canned.items():
            if words in self.path:
                self._send(status, text.encode(), {})
                return
        status, body = server.answer(
            self.command, self.path, json.loads(data) if data else {}, self.headers
        )
        self._send(status, b"" if body is None else json.dumps(body).encode(), {})

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815  # the library's names

    def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        if self.server.chunked and data:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for start in range(0, len(data), 100):
                part = data[start : start + 100]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
            return
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def vault_server(certificate: Path | None = None) -> Iterator[VaultServer]:
    """Serve until the end of the block, with TLS if there is a *certificate* with its key."""
    with VaultServer() as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def make_certificate(directory: Path, name: str) -> Path:
    """Return a file with a new self-signed certificate for *name* and its key; needs openssl."""
    path, key = directory / "server.pem", directory / "server.key"
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    files = ["-keyout", str(key), "-out", str(path)]
    command = ["openssl", "req", "-x509", "-nodes", "-days", "2", *curve, *subject, *files]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + key.read_text())
    return path
