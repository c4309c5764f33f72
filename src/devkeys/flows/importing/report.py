"""What became of each name of an imported file, in words and without values."""

import os
import textwrap
from collections.abc import Sequence

from devkeys import allow, ask
from devkeys.consent.record import Record
from devkeys.declaration.classify import holds_password
from devkeys.flows.here import Here
from devkeys.flows.importing import sorting
from devkeys.flows.importing.sorting import Found
from devkeys.flows.importing.source import Source

WIDTH = 96  # columns of the summary


def report(here: Here, record: Record, found: Sequence[Found], source: Source) -> None:
    """Say what became of all that was *found* in *source*."""
    project = allow.name_of(record, here.checkout)
    ask.say(f"devkeys: from {source.label} for {project} ({here.profile})")
    if not found:
        ask.say("  nothing: it holds no names")
    for fate in sorting.FATES:
        names = [one.name for one in found if one.fate == fate]
        if names:
            ask.say(f"  {fate}:\n{wrapped(names)}")
    for one in found:
        _remark(one)
    if any(one.fate == sorting.OTHER for one in found):
        ask.say("devkeys: hint: --overwrite takes the new values instead of the stored ones")
    if source.path and source.mode & 0o044 and os.name == "posix":
        ask.say(f"devkeys: {source.path} can be read by other users (mode {source.mode:04o})")


def _remark(one: Found) -> None:
    if one.fate not in (sorting.STORED, sorting.LATER):
        return
    if b"${" in one.value.reveal():
        ask.say(f"devkeys: {one.name} holds ${{...}}, which is stored as it stands, not filled")
    if one.kind == "setting" and holds_password(sorting.text_of(one.value)):
        ask.say(
            f"devkeys: {one.name} is declared as a setting, and its value holds a password; "
            "write @sensitive above it"
        )


def wrapped(names: Sequence[str]) -> str:
    """Return *names* as an indented paragraph."""
    indent = "    "
    return textwrap.fill(
        ", ".join(names),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
    )
