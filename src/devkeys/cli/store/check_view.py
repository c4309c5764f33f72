"""How `store verify` and `repair` show what was found."""

import typer

from devkeys import ask
from devkeys.cli.output import emit, emit_json
from devkeys.errors import FOUND
from devkeys.flows.store.checking import Look


def show(found: Look, *, as_json: bool) -> None:
    """Print *found*; end with FOUND if anything is wrong, or could not be looked at."""
    if as_json:
        emit_json(_as_data(found))
    else:
        emit("\n".join(_as_text(found)))
    if found.faults or found.unopened:
        raise typer.Exit(FOUND)


def _as_text(found: Look) -> list[str]:
    lines = [ask.plain(f"wrong: {fault.what}{_mendable(fault.remedy)}") for fault in found.faults]
    if found.unopened:
        lines.append(ask.plain(f"the values were not looked at: {found.unopened}"))
    values = f"{found.values} value{'s' * (found.values != 1)}"
    profiles = f"{found.profiles} profile{'s' * (found.profiles != 1)}"
    whole = not (lines or found.unopened)
    lines.append(ask.plain(f"store: {found.path}, {values} in {profiles}"))
    if whole:
        lines.append("every file can be read, and is the one that belongs there")
    elif any(fault.remedy for fault in found.faults):
        lines.append("next: devkeys store repair shows what it would do, and asks")
    return lines


def _mendable(remedy: str) -> str:
    return "" if remedy else " (nothing here mends it)"


def _as_data(found: Look) -> dict[str, object]:
    return {
        "store": found.path,
        "profiles": found.profiles,
        "values": found.values,
        "unopened": found.unopened or None,
        "faults": [
            {
                "path": fault.path,
                "what": fault.what,
                "remedy": fault.remedy or None,
                "project": fault.project or None,
                "profile": fault.profile or None,
            }
            for fault in found.faults
        ],
    }
