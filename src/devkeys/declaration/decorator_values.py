"""Which decorators there are, and what the values of ours may be."""

import re

from devkeys.errors import DeclarationError

# Those of the header, which hold for the whole file.
ROOT = frozenset({"defaultSensitive", "defaultRequired"})
# Those of @env-spec and its first implementation that change nothing here.
PUBLISHED = frozenset(
    {
        "envFlag",
        "currentEnv",
        "generateTypes",
        "generateTsTypes",
        "import",
        "redactLogs",
        "preventLeaks",
        "plugin",
        "docs",
        "icon",
        "tag",
        "internal",
        "deprecated",
        "disable",
    }
)
OURS = frozenset(
    {
        "required",
        "optional",
        "sensitive",
        "public",
        "type",
        "example",
        "docsUrl",
        "owner",
        "rotate",
        "consumers",
        "kind",
        "generate",
        "verify",
        "permissions",
        "limit",
        "label",
        "as",
    }
)
KNOWN = ROOT | PUBLISHED | OURS
TYPES = frozenset(
    {
        "string",
        "number",
        "integer",
        "boolean",
        "enum",
        "email",
        "url",
        "ip",
        "port",
        "semver",
        "isoDate",
        "isoDateTime",
        "uuid",
        "md5",
        "duration",
        "object",
        "simple-object",
        "array",
        "record",
        "json",
        "base64",
        "hex",
    }
)

_FLAGS = frozenset({"required", "optional", "sensitive", "public"})
_BOOLEANS = frozenset({"", "true", "false"})
_TYPE = re.compile(r"([A-Za-z][\w-]*)(?:\(.*\))?", re.DOTALL)
_GENERATE = re.compile(r"uuid(?:\(\))?|(hex|base64|base64url|password)\((\d{1,4})\)")
_GENERATORS = "hex(32), base64(32), base64url(32), password(24) or uuid; from 8 to 1024"
_ROTATE = re.compile(r"[1-9]\d{0,3}[dwmy]")
_URL = re.compile(r"https?://\S+")
_CONSUMERS = re.compile(r"[^\s,]+(?:,[^\s,]+)*")


def check_value(decorator: tuple[str, str], where: str) -> tuple[str, str]:
    """Return *decorator*; raise DeclarationError if ours has a value that it cannot have."""
    name, value = decorator
    if name not in OURS:
        _check_root(decorator, where)
        return decorator
    if name in _FLAGS and value not in _BOOLEANS:
        # varlock's options: @sensitive={preventLeaks=false}
        wrong = "" if name == "sensitive" and value.startswith("{") else "true or false"
    elif name in _FLAGS:
        wrong = ""
    else:
        wrong = _wrong_value(name, value)
    if wrong:
        shown = f"@{name}={value}" if value else f"@{name}"
        raise DeclarationError(f"{where}: {shown} is not understood", hint=f"@{name} takes {wrong}")
    return decorator


def _wrong_value(name: str, value: str) -> str:
    """Return what @name takes if *value* is not that, else ""."""
    checks = {
        "type": (_is_type(value), f"one of {', '.join(sorted(TYPES))}"),
        "generate": (_is_generator(value), _GENERATORS),
        "rotate": (_ROTATE.fullmatch(value), "a time such as 90d, 12w, 6m or 1y"),
        "kind": (value in ("personal", "service"), "personal or service"),
        "as": (value == "file", "file"),
        "docsUrl": (_URL.fullmatch(value), "an http or https URL"),
        "consumers": (_CONSUMERS.fullmatch(value), "names with commas and no blanks between"),
    }
    right, takes = checks.get(name, (value.strip(), "a value"))
    return "" if right else takes


def _is_type(value: str) -> bool:
    found = _TYPE.fullmatch(value)
    return found is not None and found[1] in TYPES


def _is_generator(value: str) -> bool:
    found = _GENERATE.fullmatch(value)
    return found is not None and (not found[1] or 8 <= int(found[2]) <= 1024)


def _check_root(decorator: tuple[str, str], where: str) -> None:
    """Raise DeclarationError unless a decorator of the header has a value that it can have."""
    name, value = decorator
    if name not in ROOT or value in _BOOLEANS or value == "infer":
        return
    if not value.startswith("inferFromPrefix("):
        raise DeclarationError(
            f"{where}: @{name}={value} is not understood", hint=f"@{name} takes true or false"
        )


def is_true(value: str) -> bool:
    """Say whether the value of a flag means yes: `@sensitive`, `@sensitive={...}`."""
    return value != "false"
