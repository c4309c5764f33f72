"""Which compose files read a `.env`; the door of PyYAML."""

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

import yaml

from devkeys import files
from devkeys.errors import DevkeysError

_NAME = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml", re.ASCII)
_NULL = "tag:yaml.org,2002:null"
_TEXT = ("tag:yaml.org,2002:str", "!")  # compose has tags of its own, such as `!override`
LIMIT = 1 << 18  # bytes; 256 kB take PyYAML two seconds


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
        data = files.read_regular(path, limit=LIMIT)
        if data is None or b"env_file" not in data:
            return False
        # Not built into values: merge keys (`<<`) make a few lines into billions of pairs.
        named = [text for root in yaml.compose_all(data, yaml.SafeLoader) for text in _read(root)]
    except (DevkeysError, yaml.YAMLError, ValueError, RecursionError):
        return None
    if None in named or any(text and {"$", "\0"}.intersection(text) for text in named):
        return None
    wanted = os.path.realpath(env_file)
    here = os.path.dirname(path)
    return any(os.path.realpath(os.path.join(here, text or "")) == wanted for text in named)


def _read(root: yaml.Node | None) -> Iterator[str | None]:
    """Yield the text behind every `env_file` below *root*; None for what is no text."""
    waiting = [root]
    seen = set()
    while waiting:
        node = waiting.pop()
        # An anchor's node stands wherever it is named, even inside itself.
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            waiting += [value for _, value in node.value]
            for key, value in node.value:
                if key.value == "env_file":
                    yield from _texts(value)
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _texts(node: yaml.Node) -> Iterator[str | None]:
    """Yield the paths of `.env`, of a list of such, of `- path: .env`; nothing for an empty one."""
    for item in node.value if isinstance(node, yaml.SequenceNode) else [node]:
        paths = [item]
        if isinstance(item, yaml.MappingNode):
            paths = [value for key, value in item.value if key.value == "path"] or [item]
        for path in paths:
            if path.tag != _NULL:
                is_text = isinstance(path, yaml.ScalarNode) and path.tag.startswith(_TEXT)
                yield path.value if is_text else None
