"""Password stores for tests: a real gpg key and its agent, and programs on PATH."""

import os
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

# passage's own code is pass's, with these calls of age in place of gpg's. Debian's package of
# that name is a game.
PASSAGE = """\
#!/bin/sh
prefix=${PASSAGE_DIR:-$HOME/.passage/store}
identities=${PASSAGE_IDENTITIES_FILE:-$HOME/.passage/identities}
if [ ! -f "$identities" ]; then
    echo "Error: You must place an age identity at $identities:" >&2
    exit 1
fi
command=$1; shift
while [ "${1#-}" != "$1" ]; do shift; done
file=$prefix/$1.age
case $command in
version) echo '=                  v1.7.4                  =' ;;
show)
    if [ -f "$file" ]; then
        age -d -i "$identities" "$file" || exit 1
    elif [ -d "$prefix/$1" ]; then echo "$1"
    else echo "Error: $1 is not in the password store." >&2; exit 1
    fi ;;
insert)
    mkdir -p "$(dirname -- "$file")"
    echo "Enter contents of $1 and press Ctrl+D when finished:"
    age -e -i "$identities" -o "$file" || exit 1 ;;
rm) rm -f -v "$file" ;;
esac
"""

# gopasspw's gopass: how it parses, warns and lists (docs/commands/show.md, issues #1947, #788).
GOPASS = f"""\
#!{sys.executable}
import os, pathlib, sys

store = pathlib.Path(os.environ["HOME"], ".local/share/gopass/stores/root")
command, *words = sys.argv[1:]
options = {{word for word in words if word.startswith("-")}}
names = [word for word in words if not word.startswith("-")]
out = sys.stdout.buffer
print("Warning: this is not the newest gopass", file=sys.stderr)
with open(store.parent / "calls", "a") as log:
    print(command, file=log)


def fail(code, reason):
    print("\\n\\u274c Error: " + reason, file=sys.stderr)
    sys.exit(code)


if command == "--version":
    print("gopass 1.15.11 go1.21.4 linux amd64")
elif command == "ls" and "--flat" in options:
    for path in sorted(store.rglob("*.txt")):
        print(path.relative_to(store).with_suffix(""))
elif command == "show":
    path = store / (names[0] + ".txt")
    if not path.exists():
        if path.with_suffix("").is_dir():
            print(names[0] + "/")  # a folder is listed
            sys.exit(0)
        fail(11, f'failed to retrieve secret "{{names[0]}}": Entry is not in the password store')
    if (store.parent / "locked").exists():
        fail(11, "failed to decrypt: could not read passphrase: pinentry failed")
    data = path.read_bytes()
    if not data.strip():
        fail(11, "empty secret")
    if "-n" not in options:  # it sorts what looks like keys, in lower case
        data = b"\\n".join(sorted(data.lower().split(b"\\n")))
    out.write(b"*****\\n" if "-f" not in options else data)
elif command == "insert":
    path = store / (names[0] + ".txt")
    path.parent.mkdir(parents=True, exist_ok=True)
    data = sys.stdin.buffer.read()
    path.write_bytes(data.lower() if (store.parent / "sorts").exists() else data)
elif command == "rm":
    (store / (names[0] + ".txt")).unlink()
"""


class GpgHome(NamedTuple):
    """A home of gpg with one secret key that has a passphrase, in *path*."""

    path: Path
    passphrase: str

    @property
    def options(self) -> str:
        """Options with which gpg reads the passphrase from a file."""
        return f"--pinentry-mode=loopback --passphrase-file={self.path}/passphrase"

    def environ(self, store: Path, *, unlocked: bool = True) -> dict[str, str]:
        """Return an environment for pass; with the passphrase, or without."""
        environ = {
            "HOME": str(self.path),
            "PATH": os.environ["PATH"],
            "GNUPGHOME": str(self.path),
            "PASSWORD_STORE_DIR": str(store),
        }
        return environ | ({"PASSWORD_STORE_GPG_OPTS": self.options} if unlocked else {})

    def forget(self) -> None:
        """Let the agent forget the passphrase."""
        _run(["gpgconf", "--kill", "gpg-agent"], self.path)

    def public_only(self, path: Path) -> None:
        """Make another home, of one who has the public key alone."""
        path.mkdir(mode=0o700)
        public = _run(["gpg", "--batch", "--export", "team@example.com"], self.path)
        _run(["gpg", "--batch", "--quiet", "--import"], path, public)


@contextmanager
def gpg_home() -> Iterator[GpgHome]:
    """Make a key, and end the agent afterwards."""
    # The agent's socket lies here: its path may have about 100 characters.
    path = Path(tempfile.mkdtemp(prefix="dk", dir="/tmp"))
    home = GpgHome(path, secrets.token_hex(8))
    (path / "passphrase").write_text(home.passphrase)
    try:
        _run(
            [
                *("gpg", "--batch", "--quiet", *shlex.split(home.options)),
                *("--quick-gen-key", "team@example.com", "future-default", "default", "never"),
            ],
            path,
        )
        yield home
    finally:
        home.forget()
        shutil.rmtree(path)


def _run(command: list[str], home: Path, data: bytes = b"") -> bytes:
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "GNUPGHOME": str(home)}
    done = subprocess.run(command, input=data, env=environ, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
