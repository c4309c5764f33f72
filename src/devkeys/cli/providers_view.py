"""How `status --providers` shows how it stands with each provider: as text, and as data."""

from collections.abc import Sequence
from typing import Any

from devkeys import ask
from devkeys.cli.output import table
from devkeys.flows.diagnosis import Health, Use
from devkeys.plan import option
from devkeys.references import SCHEMES


def as_text(head: str, found: Sequence[Health], profile: str) -> str:
    """Return *found* in words below the line *head*."""
    parts = [head, ""]
    for health in found:
        parts.append(ask.plain(f"  {health.title}{_state(health)}"))
        if health.error is not None and health.error.hint:
            parts.append(ask.plain(f"    hint: {health.error.hint}"))
        if health.uses:
            rows = [(use.name, _readable(use, health), use.reference) for use in health.uses]
            parts.append(table([tuple(map(ask.plain, row)) for row in rows], indent="    "))
    if not found:
        parts.append("  no provider is found on this machine")
    if any(not use.allowed for health in found for use in health.uses):
        parts += ["", f"next: devkeys allow{option(profile)} shows what is asked for"]
    return "\n".join(parts)


def _state(health: Health) -> str:
    if health.diagnosis is None:
        return ": not asked, nothing of it is allowed yet"
    version, account = health.diagnosis.version, health.diagnosis.account
    words = f" {version.removeprefix(f'{health.title} ')}" if version else ""
    if health.error is not None:
        # Most errors begin with who it is that cannot be asked.
        words += ": " + str(health.error).removeprefix(f"{health.title}: ")
    elif account:
        words += f": signed in, {account}"
    else:
        # The environment and files are not installed by anybody.
        words += ": installed" if version or health.scheme not in SCHEMES else ": at hand"
    return f"{words} ({health.seconds:.1f} s)"


def _readable(use: Use, health: Health) -> str:
    if not use.allowed:
        return "not allowed yet"
    if use.readable is None or health.error is not None:
        return "unknown"
    return "can be read" if use.readable else "CANNOT BE READ"


def as_data(found: Sequence[Health]) -> dict[str, Any]:
    """Return *found* as `status --providers --json` adds it; see docs/json.md."""
    return {
        "providers": [_health(health) for health in found],
        "providers_work": all(health.works for health in found if health.uses),
    }


def _health(health: Health) -> dict[str, Any]:
    asked, error = health.diagnosis, health.error
    return {
        "scheme": health.scheme,
        "title": health.title,
        "installed": None if asked is None else error is None or error.kind != "missing",
        "version": asked.version if asked else None,
        "account": asked.account if asked else None,
        "error": None
        if error is None
        else {"kind": error.kind, "message": str(error), "hint": error.hint},
        "seconds": round(health.seconds, 3),
        "names": [use._asdict() for use in health.uses],
    }
