"""The tree that a decrypted file is, and places in it."""

import re
from typing import Any

from devkeys.providers import exact_json
from devkeys.providers.errors import DeniedError

_STRAY = re.compile(r"~(?![01])")
_NUMBER = re.compile("0|[1-9][0-9]{0,8}")


def parts(fragment: str) -> list[str]:
    """Return the names that lead to a value; raise DeniedError for `~` that is no escape."""
    if _STRAY.search(fragment):
        raise DeniedError(
            f"in #{fragment} a ~ stands for nothing", hint="write ~0 for it, and ~1 for a slash"
        )
    return [part.replace("~1", "/").replace("~0", "~") for part in fragment.split("/")]


def find(tree: Any, names: list[str]) -> Any:
    """Return what is at *names* in *tree*, None if nothing is."""
    for name in names:
        if isinstance(tree, dict):
            tree = tree.get(name)
        elif isinstance(tree, list) and _NUMBER.fullmatch(name) and int(name) < len(tree):
            tree = tree[int(name)]
        else:
            return None
    return tree


def value(found: Any, place: str) -> bytes | None:
    """Return what was found as a value; raise DeniedError if it is none."""
    if isinstance(found, dict | list):
        raise DeniedError(
            f"{place} is a list or a map, not a value", hint="name a key in it, after a slash"
        )
    if isinstance(found, str) and "\ufffd" in found:
        raise DeniedError(
            f"{place} is no text in UTF-8, and sops cannot show it as JSON",
            hint="keep it in base64, or in a file of age",
        )
    try:
        return exact_json.value(found)
    except ValueError:
        pass
    raise DeniedError(f"{place} is no text", hint="encrypt it anew")


def index(tree: Any, names: list[str]) -> str:
    """Return *names* as `sops set` wants them; raise DeniedError where no value can stand.

    It takes what is between the quotes as it is: nothing in it can be escaped.
    """
    text = ""
    for count, name in enumerate(names):
        if re.search(r'["\\\[\]]', name) or not name:
            raise DeniedError(
                f"sops takes no key such as {name!r} on its command line",
                hint="set it with `sops edit`",
            )
        before = find(tree, names[:count])
        if isinstance(before, list):
            if not _NUMBER.fullmatch(name) or int(name) > len(before):
                raise DeniedError(
                    f"the list has no place {name}", hint="name one of it, or the next one"
                )
            text += f"[{name}]"
        elif before is None or isinstance(before, dict):
            text += f'["{name}"]'
        else:
            raise DeniedError(
                f"there is a value at {'/'.join(names[:count])}, so there is nothing below it",
                hint="choose another key",
            )
    if isinstance(find(tree, names), dict | list):
        raise DeniedError(
            f"{'/'.join(names)} is a list or a map, which a value would replace",
            hint="choose another key",
        )
    return text
