"""Print which of its variables this program received, without showing a secret."""

import os

NAMES = ("LLM_API_KEY", "LLM_BASE_URL", "LLM_MODEL", "SESSION_SECRET")
SECRET = ("LLM_API_KEY", "SESSION_SECRET")


def shown(name: str) -> str:
    """Return what may be seen of the variable *name*."""
    value = os.environ.get(name)
    if value is None:
        return "(not given)"
    return f"({len(value)} characters, hidden)" if name in SECRET else value


for name in NAMES:
    print(f"{name:15} {shown(name)}")
