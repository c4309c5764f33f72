"""The real bw and rbw, signed in at a Bitwarden server on loopback."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import real
from bitwarden_protocol import Server
from bitwarden_server import serve
from vendor_program import make_program

NODE = 22  # what bw is made for


def need_bw() -> str:
    """Return where bw is; skip or fail without it, or without the Node.js that it wants."""
    real.need("bw", "node")
    program = shutil.which("bw") or ""
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(said.removeprefix("v").partition(".")[0]) < NODE:
        real.absent(f"needs Node.js {NODE} or newer for bw, and PATH has {said.strip()}")
    return program


class BwDesk:
    """A HOME in which bw is signed in, by API key, and its vault unlocked.

    *environ* has the session key. Every call of bw is noted: `calls` gives the arguments.
    """

    def __init__(self, directory: Path, server: Server) -> None:
        self.directory, self.server = directory, server
        self.program = need_bw()
        self._log = directory / "calls"
        self._log.touch()
        noting = f"printf '%s\\n' \"$*\" >>'{self._log}'\nexec '{self.program}' \"$@\""
        path = [make_program(directory / "noting", "bw", noting), os.path.dirname(self.program)]
        node = os.path.dirname(shutil.which("node") or "")
        self.environ = {
            "PATH": os.pathsep.join([*path, node, "/usr/bin", "/bin"]),
            "HOME": str(directory),
            "BITWARDENCLI_APPDATA_DIR": str(directory / "data"),
            "NODE_EXTRA_CA_CERTS": str(directory / "authority.pem"),
            # bw is 4 MB of source; with this Node compiles it once and not at each start.
            "NODE_COMPILE_CACHE": str(directory / "node"),
        }

    def sign_in(self) -> None:
        """Sign in, which fetches the vault, and keep the session key."""
        account = self.server.account
        key = {"BW_CLIENTID": account.client_id, "BW_CLIENTSECRET": account.client_secret}
        self.bw("config", "server", self.server.url)
        self.bw("login", "--apikey", "--raw", "--nointeraction", more=key)
        self.environ["BW_SESSION"] = self.unlock()

    def unlock(self, **more: str) -> str:
        """Unlock the vault and return the session key; those before are void then."""
        words = ("unlock", "--raw", "--nointeraction", "--passwordenv", "BW_PASSWORD")
        return self.bw(*words, more={"BW_PASSWORD": self.server.account.password, **more}).decode()

    def bw(self, *words: str, more: Mapping[str, str] | None = None) -> bytes:
        """Run the real bw, without a note of it, and return what it prints."""
        environ = self.environ | dict(more or {})
        command = [self.program, *words]
        return subprocess.run(command, env=environ, check=True, capture_output=True).stdout

    def calls(self) -> list[str]:
        """Return the arguments of each noted call since this was last asked."""
        found = self._log.read_text().splitlines()
        self._log.write_text("")
        return found

    def copy(self, directory: Path) -> dict[str, str]:
        """Return an environment with a copy of bw's data, to be unlocked apart."""
        data = directory / "data"
        shutil.copytree(self.environ["BITWARDENCLI_APPDATA_DIR"], data)
        return self.environ | {"BITWARDENCLI_APPDATA_DIR": str(data)}


@contextmanager
def bw_desk(directory: Path) -> Iterator[BwDesk]:
    """Serve an account that has no item yet, signed in to by bw; all lies in *directory*."""
    with serve(directory) as server:
        desk = BwDesk(directory, server)
        desk.sign_in()
        yield desk


# A pinentry as far as rbw needs one: the password, and a note that it was asked for.
PINENTRY = """
echo "OK ready"
while read -r command rest; do
  if [ "$command" = GETPIN ]; then
    echo asked >>"$HOME/prompts"
    printf 'D %s\\n' "$(cat "$HOME/password")"
  fi
  echo OK
done
"""


class RbwDesk:
    """A HOME in which rbw is signed in, its agent running; see `rbw_desk`."""

    def __init__(self, directory: Path, server: Server) -> None:
        real.need("rbw", "rbw-agent")
        self.directory, self.server = directory, server
        self.environ = {
            "PATH": os.pathsep.join(
                [os.path.dirname(shutil.which("rbw") or ""), "/usr/bin", "/bin"]
            ),
            "HOME": str(directory),
            "XDG_RUNTIME_DIR": str(directory / "run"),
            "SSL_CERT_FILE": str(directory / "authority.pem"),
        }
        (directory / "run").mkdir(mode=0o700)
        (directory / "prompts").touch()
        pinentry = os.path.join(make_program(directory / "bin", "pinentry", PINENTRY), "pinentry")
        self.keep_password(server.account.password)
        for name, value in (
            ("email", server.account.email),
            ("base_url", server.url),
            ("pinentry", pinentry),
        ):
            self.rbw("config", "set", name, value)

    def keep_password(self, password: str) -> None:
        """Have the pinentry answer *password*."""
        (self.directory / "password").write_text(password)

    def prompts(self) -> int:
        """Return how often the pinentry was asked."""
        return len((self.directory / "prompts").read_text().splitlines())

    def rbw(self, *words: str) -> None:
        """Run the real rbw."""
        subprocess.run(["rbw", *words], env=self.environ, check=True, capture_output=True)


@contextmanager
def rbw_desk(plant: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[RbwDesk]:
    """Serve an account with the items *plant*, signed in to by rbw."""
    # Not pytest's own directory: the path of a socket has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="rbw") as name, serve(Path(name)) as server:
        for item, texts in plant:
            server.add(item, **texts)
        desk = RbwDesk(Path(name), server)
        desk.rbw("login")
        try:
            yield desk
        finally:
            desk.rbw("stop-agent")
