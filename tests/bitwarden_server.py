"""A Bitwarden server on loopback, over TLS, for bw takes no other."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from bitwarden_protocol import Refusal, Server, invalid
from loopback_tls import make_certificates


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            server.asked.append(f"{self.command} {path}")
            try:
                answer, status = server.answer(self.command, path, self._body(raw)), 200
            except Refusal as refusal:
                answer, status = refusal.body, refusal.status
            if answer is None:
                answer, status = invalid("Resource not found."), 404
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815  # names that http.server looks for

        def _body(self, raw: bytes) -> Any:
            if "form" in (self.headers.get("Content-Type") or ""):
                return {name: values[0] for name, values in parse_qs(raw.decode()).items()}
            return json.loads(raw) if raw else None

        def log_message(self, *_: object) -> None:
            """Write nothing: the tests look at `asked`."""

    return Handler


@contextmanager
def serve(directory: Path) -> Iterator[Server]:
    """Serve a new account on loopback; clients trust `authority.pem` in *directory*."""
    server = Server()
    context = make_certificates(directory)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(server)) as listener:
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
        server.url = f"https://127.0.0.1:{listener.server_address[1]}"
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()
