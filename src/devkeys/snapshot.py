"""The modules on the way of `run`, kept in one file instead of in forty.

To find, check, read and run a module costs Python 0.1 ms, which for forty small ones is more
than all else that `run` does. So their code is also kept together, in `__pycache__` beside what
Python itself keeps there, with the same trust and the same rule: it counts while every source
has the size and the time that it had. Where there is none, or where the directory cannot be
written to, Python imports as ever. `devkeys.use_snapshot` reads it.
"""

import ast
import marshal
import os
import sys

from devkeys import atomic, snapshot_path
from devkeys.errors import DevkeysError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

# In an order in which each can run: after those that it imports.
# tests/test_startup.py holds them to what is imported.
SERVICE = ("keychain.wire", "keychain.dbus", "keychain.secretservice")
KEYCHAIN = ("keychain.waiting", "keychain", *(SERVICE if sys.platform == "linux" else ()))
NAMES = (
    *("errors", "secret", "files", "fingerprint", "plan", "bootstrap", "consent", "project"),
    *("project.identity", "project.find", "plan.cache", "resolve", "places", "session"),
    *("store", "store.layout", "store.envelope", "store.record", "store.identity"),
    *("store.values", "opening", *KEYCHAIN),
    *("memory", "run.environ", "run.marker", "run.stored", "run.arguments", "run.become", "run"),
)


def keep() -> None:
    """Write the snapshot where Python would write its own; silent where that cannot be."""
    path = snapshot_path()
    if sys.dont_write_bytecode or not os.access(os.path.dirname(path), os.W_OK):
        return
    kept = tuple(_compiled(f"devkeys.{name}") for name in NAMES)
    try:
        atomic.write(path, marshal.dumps(kept), mode=0o644)
    except DevkeysError:
        return


def _compiled(name: str) -> "tuple[str, str, int, int, CodeType]":
    base = os.path.join(os.path.dirname(__file__), *name.split(".")[1:])
    path = os.path.join(base, "__init__.py") if os.path.isdir(base) else base + ".py"
    status = os.stat(path)
    with open(path, "rb") as file:
        tree = ast.parse(file.read())
    # None of these is worth reading each time; level 2 leaves docstrings out as well.
    tree.body = [node for node in tree.body if not _is_for_checkers(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
    code = compile(tree, path, "exec", dont_inherit=True, optimize=2)
    return name, path, status.st_mtime_ns, status.st_size, code


def _is_for_checkers(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )
