"""What a repository's files say, and the user's own: templates, `.env`, configuration, `.git`."""

import os

from fuzz.law import Subject, Target, made_up
from fuzz.stored import put

from devkeys import references
from devkeys.declaration import classify, decorators, edit, placeholders, syntax, templates
from devkeys.declaration.encoding import decode
from devkeys.names import is_secret_name, sends_somewhere
from devkeys.project import config, user
from devkeys.project.find import Checkout
from devkeys.project.identity import common_directory

TEMPLATE = b"""# @defaultSensitive=false
# ----

# === Model ===
# Where the model is. @docsUrl=https://example.com/keys @type=url
LLM_URL=https://api.example.com/v1 # @required
# @sensitive @generate=hex(32) @rotate=90d
export LLM_API_KEY="your-key-here"
# DEBUG=true
PORT=8080
DATABASE_URL=postgres://user:pass@localhost:${PORT:-5432}/db
REMOTE='op://team/chat/key'

# @type=enum(a, "b c", 'd') @example={a: [1, 2]}
MODE=a
PEM="-----BEGIN KEY-----
AAAA
-----END KEY-----"
EMPTY=
BARE
"""
CONFIGURATION = b"""[project]
files = [".env.example"]
[profiles.prod]
source = "op://team/chat"
confirm = true
cache = "8h"
[scopes]
web = ["PORT", "LLM_URL"]
[doctor]
allow = [{ path = "tests/**", rule = "aws*", name = "A", reason = "made up" }]
"""
OWN = b"""allow_names = ["PYTHONPATH"]
wait = 30.5
[profiles.prod]
cache = "7d"
[credentials]
VAULT_TOKEN = "keychain://vault/token"
[[doctor.allow]]
path = "/srv/**"
reason = "not mine"
"""
PATH = "/nowhere/.env.example"


def _template(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    def read(data: bytes) -> None:
        file = syntax.parse(data, path=PATH)
        names = [variable.name for variable in classify.classify(file)]
        assert len(names) == len(set(names))
        assert all(name.isascii() and name.isidentifier() for name in names)
        assert all(
            sends_somewhere(d.name, d.default or "") in (True, False) for d in file.declarations
        )
        classify.classify(file, file)

    return Subject([TEMPLATE, TEMPLATE.replace(b"\n", b"\r\n"), b"A=1\n"], read)


def _template_edit(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    def read(data: bytes) -> None:
        before = syntax.parse(data, path=PATH)
        after = edit.append(data, "NEW_KEY", description="What it is", default="a b", path=PATH)
        assert decode(after, path=PATH).startswith(decode(data, path=PATH))
        assert len(syntax.parse(after, path=PATH).declarations) in (
            len(before.declarations),  # it was there, as a comment
            len(before.declarations) + 1,
        )

    return Subject([TEMPLATE, b"A=1", b"\xef\xbb\xbfA=1\r\n"], read)


def _dotenv(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    secret = made_up("file")
    seed = (
        b"A=" + secret + b"\nexport B='" + secret + b"' # why\nC=\"" + secret + b'\nmore"\n'
        b"D=${A:-x}\nA=\n# E=" + secret + b"\n"
    )

    def read(data: bytes) -> None:
        found, notices = syntax.read_dotenv(data, path=PATH)
        told = "\n".join(notice.message for notice in notices).encode()
        allowed = "\n".join(found).encode()
        for start in range(len(secret) - 8):
            part = secret[start : start + 8]
            assert part not in told or part in allowed
        assigned = [name for name, value in found.items() if value is not None]
        without = edit.without(data, assigned[:1], bare=False, path=PATH)
        left = syntax.read_values(without, path=PATH)
        for name in assigned[:1]:
            assert left.get(name) is None
        for name in assigned[1:]:
            assert left[name] == found[name]

    return Subject(
        [seed, seed.replace(b"\n", b"\r\n"), seed.decode().encode("utf-16")], read, secret
    )


def _decorators(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    def read(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        run = list(enumerate(text.split("\n"), 1))
        found = decorators.read_run(run, PATH)
        for _, decorator in found.decorators:
            written = decorators.format_decorator(decorator)
            assert decorators.scan(written) == ([decorator], len(written))

    lines = b'@required @type=enum(a, "b") @docs(https://x.y) # why\n@example="a \\" b"\nprose @ x'
    return Subject([lines, b"@a=[1,\n{2: '3'}] @b=`c`", b"@import(./x, KEY)"], read)


def _placeholders(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    def read(data: bytes) -> None:
        name, _, value = data.decode("utf-8", "replace").partition("=")
        for secret in (True, False):
            placeholders.is_placeholder(name, value, secret=secret)
        classify.holds_password(value)
        is_secret_name(name)
        parts = templates.split(value)
        assert sum(bool(part.name) for part in parts) == templates.count(value)
        assert templates.literal(value) == "".join(part.text for part in parts if not part.name)

    seeds = [b"API_KEY=<your-key>", b"X=postgres://user:password@host:port/db", b"K=${A:-b}c${D}"]
    return Subject([*seeds, b"A=Server=x;Password=xxxx", b"K={{ cookiecutter.key }}"], read)


def _references(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    secret = made_up("reference")

    def read(data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        found = references.parse(text)
        assert str(found) == text
        assert references.parse(str(found)) == found

    seeds = [known.example.encode() for known in references.SCHEMES.values()]
    held = b"vault://root:" + secret + b"@secret/team/chat#key"

    def told(data: bytes) -> bytes:
        """Return a reference that holds no credential."""
        return b"" if b":" + secret + b"@" in data.partition(b"://")[2] else data

    return Subject([*seeds, b"op://a/b%2Fc/d?account=x#y", held], read, secret, told)


def _configuration(directory: str) -> Subject:
    checkout = Checkout(directory, directory)
    path = os.path.join(directory, "devkeys.toml")

    def read(data: bytes) -> None:
        put(path, data)
        found = config.read(checkout)
        assert all(0 <= profile.cache <= 7 * 86400 for profile in found.profiles.values())
        assert found.files

    return Subject([CONFIGURATION, b"", b"[profiles.'a b'.c]\n"], read)


def _own_configuration(directory: str) -> Subject:
    path = user.path_of(directory)
    secret = made_up("file")
    wrong = OWN.replace(b"keychain://vault/token", secret)

    def read(data: bytes) -> None:
        put(path, data)
        found = user.read(directory)
        assert 0 <= found.wait <= user.LONGEST

    return Subject([OWN, wrong, b""], read, secret, _keys)


def _keys(data: bytes) -> bytes:
    """Return what may be told of TOML: where a key can stand, which is any line's beginning."""
    return b"\n".join(line.partition(b"=")[0] for line in data.splitlines()) + _references_in(data)


def _references_in(data: bytes) -> bytes:
    return data if b"keychain://" in data else b""


def _git(directory: str) -> Subject:
    root = os.path.join(directory, "checkout")
    private = os.path.join(directory, "other", ".git", "worktrees", "one")
    named_back = os.path.join(private, "gitdir")
    os.makedirs(root)

    def read(data: bytes) -> None:
        first, _, second = data.partition(b"|")
        put(os.path.join(root, ".git"), first)
        put(named_back, second)
        found = common_directory(root)
        assert found in (None, os.path.dirname(os.path.dirname(private)))

    pointer = f"gitdir: {private}\n|{root}/.git\n".encode()
    return Subject([pointer, b"gitdir: ../other/.git/worktrees/one\n|x"], read)


TARGETS: dict[str, Target] = {
    "template": _template,
    "template-edit": _template_edit,
    "dotenv": _dotenv,
    "decorators": _decorators,
    "placeholders": _placeholders,
    "references": _references,
    "devkeys-toml": _configuration,
    "config-toml": _own_configuration,
    "git-file": _git,
}
