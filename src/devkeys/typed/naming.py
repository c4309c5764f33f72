"""Which of the names in a command are those of secrets: in any case, with `_`, `-` or neither."""

import re
from collections.abc import Collection

from devkeys.names import is_secret_name
from devkeys.typed.tables import PARTS, WORDS

_HUMPS = r"(?<=[a-z0-9])(?=[A-Z])"


def snake(name: str) -> str:
    """Return `API_KEY` for `apiKey`, `api-key` and `API_KEY`."""
    split = name if name.isupper() else re.sub(_HUMPS, "_", name)
    return split.replace("-", "_").strip("_").upper()


def is_secret(name: str, declared: Collection[str] = ()) -> bool:
    """Say whether *name* is that of a secret, or one of the *declared*."""
    if name in declared:
        return True
    lower = name.lower()
    # What no shell would see in the name is none: `initialIv`.
    seen = any(part in lower for part in PARTS) or "url" in lower or "uri" in lower
    if not seen and set(WORDS).isdisjoint(re.split("[-_]", lower)):
        return False
    return is_secret_name(snake(name))
