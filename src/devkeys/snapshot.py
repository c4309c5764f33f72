"""The modules on the way of `run`, read from one file instead of from thirty.

To find, check, read and run a module costs Python 0.1 ms, which for thirty small ones is more
than all else that `run` does. So their code is also kept together, in `__pycache__` beside what
Python itself keeps there, with the same trust and the same rule: it counts while every source
has the size and the time that it had. Where there is none, or where the directory cannot be
written to, Python imports as ever.
"""

import marshal
import os
import sys
from _frozen_importlib import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType

    # Of each module: name, path, modification time in ns, size in bytes, code.
    Kept = tuple[tuple[str, str, int, int, CodeType], ...]

# In an order in which each can run: after those that it imports.
# tests/test_startup.py holds the lists to what is imported.
GROUPS = {
    "run": (
        *("errors", "secret", "files", "fingerprint", "plan", "bootstrap", "consent", "git"),
        *("project", "project.find", "plan.cache", "resolve", "places", "session", "store"),
        *("store.layout", "run.environ", "run.marker", "run.stored", "run.arguments"),
        *("run.become", "run"),
    ),
    "store": ("keychain.waiting", "keychain", "store.envelope", "store.identity", "store.values"),
    "keychain": ("keychain.wire", "keychain.dbus", "keychain.secretservice"),
}


def path_of(group: str) -> str:
    """Return where the modules of *group* are kept together."""
    name = f"way-of-{group}.{sys.implementation.cache_tag}.marshal"
    return os.path.join(os.path.dirname(__file__), "__pycache__", name)


def use(group: str) -> None:
    """Import the modules of *group* from their snapshot, if it is there and up to date."""
    try:
        with open(path_of(group), "rb", buffering=0) as file:
            kept: Kept = marshal.loads(file.read())  # noqa: S302  # trusted as .pyc files are
        for _, path, changed, size, _ in kept:
            status = os.stat(path)
            if status.st_mtime_ns != changed or status.st_size != size:
                return
    except (OSError, ValueError, EOFError, TypeError):
        return
    made = [
        (_module(name, path), code) for name, path, _, _, code in kept if name not in sys.modules
    ]
    for module, _ in made:
        parent, _, child = module.__name__.rpartition(".")
        if parent not in sys.modules:  # its own group was out of date
            __import__(parent)
        setattr(sys.modules[parent], child, module)
    for module, code in made:
        exec(code, module.__dict__)  # noqa: S102  # this is an import


def _module(name: str, path: str) -> "ModuleType":
    """Make a module and enter it where `import` does, before its code runs."""
    module = type(sys)(name)
    is_package = path.endswith("__init__.py")
    spec = ModuleSpec(name, None, origin=path, is_package=is_package)
    module.__spec__ = spec
    module.__file__ = path
    module.__package__ = name if is_package else name.rpartition(".")[0]
    if is_package:
        module.__path__ = spec.submodule_search_locations = [os.path.dirname(path)]
    sys.modules[name] = module
    return module


def keep() -> None:
    """Write all snapshots, where Python would write its own; silent where that cannot be."""
    from devkeys import atomic
    from devkeys.errors import DevkeysError

    folder = os.path.dirname(path_of(""))
    if sys.dont_write_bytecode or not os.access(folder, os.W_OK):
        return
    for group, names in GROUPS.items():
        kept = tuple(_compiled(f"devkeys.{name}") for name in names)
        try:
            atomic.write(path_of(group), marshal.dumps(kept), mode=0o644)
        except DevkeysError:
            return


def _compiled(name: str) -> "tuple[str, str, int, int, CodeType]":
    import ast

    base = os.path.join(os.path.dirname(__file__), *name.split(".")[1:])
    path = os.path.join(base, "__init__.py") if os.path.isdir(base) else base + ".py"
    status = os.stat(path)
    with open(path, "rb") as file:
        source = file.read()
    # Level 2 leaves docstrings out; neither they nor annotations are worth reading each time.
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
    code = compile(tree, path, "exec", dont_inherit=True, optimize=2)
    return name, path, status.st_mtime_ns, status.st_size, code
