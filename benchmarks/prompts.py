"""A shell at a terminal, typed at as fast as it reads: what one command costs with a hook."""

import contextlib
import os
import pty
import signal
import time
from collections.abc import Mapping, Sequence

# What people type, none of it near a secret. The colon runs nothing and takes any words.
ORDINARY = tuple(
    f": {text}"
    for text in (
        "git status -sb",
        "git log --oneline -20 origin/main..HEAD",
        "git commit -m 'Say what the third argument is for'",
        "ls -la src/app/components",
        "cd ../services/billing",
        "npm run build -- --watch",
        "python -m pytest tests/api -q -x --maxfail=1",
        "docker compose up -d --build web worker",
        "kubectl get pods -n staging -o wide",
        "make -j4 release VERSION=1.4.2",
        "rg -n 'def handler' src/ -g '*.py'",
        "ssh build@ci.example.org uptime",
        "tar -xzf archive-2026-11.tar.gz -C out",
        "for i in 1 2 3",
        "vim ~/notes/meeting.md",
        "find . -name '*.orig' -newer setup.cfg",
        "curl -sSfLO https://example.org/files/data.json",
        "terraform plan -out plan.bin",
        "LOG_LEVEL=debug PORT=8080 node server.js",
        "psql -h localhost -d app -c 'select count(*) from orders'",
    )
)


class Typist:
    """A shell started with *words* at a terminal; every answer of it is waited for."""

    def __init__(self, words: Sequence[str], environ: Mapping[str, str], directory: str) -> None:
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.chdir(directory)
            os.execvpe(words[0], list(words), dict(environ))
        self._asked = 0
        self._answer()

    def seconds(self, lines: Sequence[str]) -> float:
        """Type *lines* and return how long each took, from Enter to the next prompt."""
        start = time.perf_counter()
        for line in lines:
            self._type(line)
        self._answer()
        return (time.perf_counter() - start) / (len(lines) + 1)

    def close(self) -> None:
        """End the shell."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)

    def _type(self, line: str) -> None:
        os.write(self._terminal, line.encode() + b"\r")

    def _answer(self) -> None:
        """Have the shell print what it was not asked in so many words, and wait for it."""
        self._asked += 1
        self._type(f"echo do''ne{self._asked}.")
        wanted, seen = f"done{self._asked}.".encode(), b""
        while wanted not in seen:
            with contextlib.suppress(BlockingIOError):
                seen = seen[-4096:] + os.read(self._terminal, 65536)
            for question, answer in ((b"\x1b[6n", b"\x1b[1;1R"), (b"\x1b[0c", b"\x1b[?62c")):
                if question in seen:
                    seen = seen.replace(question, b"")
                    os.write(self._terminal, answer)
