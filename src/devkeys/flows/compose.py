"""Which compose files read a `.env`; the door of PyYAML."""

import os
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from devkeys import files
from devkeys.errors import DevkeysError

_NAME = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml", re.ASCII)


class Reader(NamedTuple):
    """A compose file that names the `.env` as `env_file`; not *certain* if it may do so."""

    path: str
    certain: bool


def readers_of(env_file: str, root: str) -> list[Reader]:
    """Return the compose files beside *env_file* or above it, up to *root*, that read it.

    A file that cannot be understood counts as one that does.
    """
    found = []
    for path in _compose_files(os.path.dirname(env_file), root):
        named = _names(path, env_file)
        if named is not False:
            found.append(Reader(path, named is True))
    return found


def _compose_files(directory: str, root: str) -> Iterator[str]:
    while True:
        try:
            names = sorted(os.listdir(directory))
        except OSError:
            names = []
        yield from (os.path.join(directory, name) for name in names if _NAME.fullmatch(name))
        above = os.path.dirname(directory)
        if directory in (root, above):
            return
        directory = above


def _names(path: str, env_file: str) -> bool | None:
    """Tell whether the compose file *path* names *env_file*; None if nobody can say."""
    try:
        data = files.read_regular(path)
        if data is None or b"env_file" not in data:
            return False
        documents = list(yaml.load_all(data, _Loader))  # a SafeLoader
    except (DevkeysError, yaml.YAMLError, ValueError, TypeError, RecursionError):
        return None
    values = [value for document in documents for value in _env_files(document)]
    if not all(isinstance(value, str) and "$" not in value for value in values):
        return None
    wanted = os.path.realpath(env_file)
    here = os.path.dirname(path)
    return any(os.path.realpath(os.path.join(here, value)) == wanted for value in values)


class _Loader(yaml.SafeLoader):
    """YAML as compose writes it: with tags of its own, such as `!reset` and `!override`."""


def _plain(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    """Build what stands behind an unknown tag as if it had none."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_Loader.add_multi_constructor("!", _plain)


def _env_files(document: Any) -> Iterator[Any]:
    """Yield the paths behind every `env_file` of *document*: `.env`, a list, `- path: .env`."""
    waiting = [document]
    seen = set()
    while waiting:
        node = waiting.pop()
        # Anchors make a few lines into billions of nodes, and into circles.
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, dict):
            waiting += node.values()
            yield from _paths(node.get("env_file"))
        elif isinstance(node, list):
            waiting += node


def _paths(named: Any) -> Iterator[Any]:
    for item in named if isinstance(named, list) else [named]:
        path = item.get("path") if isinstance(item, dict) else item
        if path is not None:
            yield path
