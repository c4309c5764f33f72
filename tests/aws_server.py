"""AWS on loopback: moto's server for what it does, and one that fails for what it does not."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = tuple[int, bytes]
Handle = Callable[[str, dict[str, Any]], Answer | None]


class Front(ThreadingHTTPServer):
    """What stands before moto: it counts what is asked and answers some of it itself.

    *handle* gets an operation's name and its parameters and returns status and body, or None
    where moto is to answer.
    """

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind = behind
        self.asked: list[str] = []
        self.handle: Handle = lambda _operation, _parameters: None

    def handle_error(self, *_: Any) -> None:
        """Say nothing: a client that ends in the middle is what a test is about."""

    @property
    def address(self) -> str:
        """The address for AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def refuse(self, operation: str, code: str, status: int = 400, message: str = "no") -> None:
        """Answer *operation* with an error."""
        body = json.dumps({"__type": code, "message": message}).encode()
        before = self.handle
        self.handle = lambda asked, given: (
            (status, body) if asked == operation else before(asked, given)
        )


class Handler(BaseHTTPRequestHandler):
    """The JSON protocol; what moto is to answer is passed on as it came."""

    protocol_version = "HTTP/1.1"
    server: Front
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        """Write no log."""

    def do_POST(self) -> None:
        """Answer, or pass on."""
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2] or "Query"
        self.server.asked.append(operation)
        given = json.loads(data) if operation != "Query" else {}
        status, body = self.server.handle(operation, given) or self._pass_on(data)
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body) if status != 299 else len(body) + 99))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = status == 299  # what is cut off in the middle

    def _pass_on(self, data: bytes) -> Answer:
        from http.client import HTTPConnection

        host, _, port = self.server.behind.rpartition("//")[2].partition(":")
        connection = HTTPConnection(host, int(port))
        try:
            connection.request("POST", self.path, data, dict(self.headers))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextmanager
def front(behind: str) -> Iterator[Front]:
    """Serve until the end of the block."""
    with Front(behind) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
