"""API keys in the OS keychain, in one child process, and nowhere else.

Also what reads the snapshot of modules (see `snapshot`, which makes it): it stands here
because this file is imported at every start, and another one would cost as much as ten of
the snapshot's.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _frozen_importlib import ModuleSpec
    from types import CodeType, ModuleType

    # Of each module: name, path, modification time in ns, size in bytes, code.
    Kept = tuple[tuple[str, str, int, int, CodeType], ...]

VERSION = "0.1.0"


def snapshot_path() -> str:
    """Return where the snapshot is: beside what Python itself keeps of our modules."""
    name = f"way-of-run.{sys.implementation.cache_tag}.marshal"
    return os.path.join(os.path.dirname(__file__), "__pycache__", name)


def use_snapshot() -> None:
    """Import the modules of the snapshot, if it is there and every source is as it was."""
    import marshal
    from _frozen_importlib import ModuleSpec

    try:
        with open(snapshot_path(), "rb", buffering=0) as file:
            kept: Kept = marshal.loads(file.read())  # noqa: S302  # trusted as .pyc files are
        for _, path, changed, size, _ in kept:
            status = os.stat(path)
            if status.st_mtime_ns != changed or status.st_size != size:
                return
    except (OSError, ValueError, EOFError, TypeError, SystemError):
        return
    made = [
        (_module(ModuleSpec, name, path), code)
        for name, path, _, _, code in kept
        if name not in sys.modules
    ]
    for module, _ in made:
        parent, _, child = module.__name__.rpartition(".")
        setattr(sys.modules[parent], child, module)
    for module, code in made:
        exec(code, module.__dict__)  # noqa: S102  # this is an import


def _module(make_spec: "type[ModuleSpec]", name: str, path: str) -> "ModuleType":
    """Make a module and enter it where `import` does, before its code runs."""
    module = type(sys)(name)
    spec = make_spec(name, None, origin=path)
    module.__spec__ = spec
    module.__file__ = path
    module.__package__ = name.rpartition(".")[0]
    if path.endswith("__init__.py"):
        module.__package__ = name
        module.__path__ = spec.submodule_search_locations = [os.path.dirname(path)]
    sys.modules[name] = module
    return module
