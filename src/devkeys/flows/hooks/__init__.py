"""`devkeys hook install` and `uninstall`: a copy of the shell's file, and the line that loads it.

startup   which file a shell reads, and what the line is
lines     the line in the file's bytes
rcfile    reading and replacing the user's file
state     what there is of it
"""

import os

from devkeys import ask, hookfiles
from devkeys.errors import DevkeysError, UsageError
from devkeys.flows.hooks import lines, rcfile, startup
from devkeys.flows.hooks.state import State, known, state
from devkeys.session import Session
from devkeys.shells import running

LEFT = (
    "devkeys set NAME asks for a value without showing it, devkeys run -- COMMAND gives it to one "
    "command, devkeys get NAME --reveal | COMMAND pours it into one"
)
# Why there is nothing for these; each was tried or is said so in its manual.
NO_MECHANISM = {
    "tcsh": "it records every line, also one that begins with a blank, and asks nobody",
    "csh": "it records every line, also one that begins with a blank, and asks nobody",
    "ksh": "it writes every line to its file at once, also one that begins with a blank",
    "mksh": "it asks nobody; it has no history file unless HISTFILE names one, and does not "
    "record a line that begins with a blank",
    "cmd": "it keeps no history on the disk",
    "sh": "it has nothing that could be asked about a line",
    "dash": "it keeps no history on the disk",
    "ash": "it has nothing that could be asked about a line",
}


def shell_of(word: str | None) -> str:
    """Return the shell that *word* names, or that is running, as hookfiles.FILES has it."""
    shell = word or running()
    if shell is None:
        raise UsageError("which shell this is cannot be told", hint=f"name it: {_names()}")
    name = known(shell)
    if name is not None:
        return name
    if shell in NO_MECHANISM:
        raise UsageError(f"there is no hook for {shell}: {NO_MECHANISM[shell]}", hint=LEFT)
    raise UsageError(f"there is no hook for {shell}", hint=f"there is one for {_names()}; {LEFT}")


def _names() -> str:
    return ", ".join(hookfiles.FILES)


def install(session: Session, shell: str, *, yes: bool) -> None:
    """Copy the file of *shell* and, if the user agrees, add the line that loads it."""
    hookfiles.read(shell)
    found = state(session, shell)
    file, line = ask.plain(found.file), startup.line_of(shell, found.copy)
    if found.by_hand and not found.lines:
        ask.say(f"devkeys: {file}:{found.by_hand[0]} loads the hook already, by hand")
        return
    if found.lines == (line,):
        renewed = hookfiles.keep(session.data_dir, shell)
        ask.say(f"devkeys: the hook is in {file} already" + (", its copy was renewed" * renewed))
        return
    try:
        _add(session, found, line, yes=yes)
    except UsageError:
        raise
    except DevkeysError as error:
        hookfiles.keep(session.data_dir, shell)
        raise DevkeysError(
            f"{error}; it was left as it is",
            hint=f"add this line by hand:\n{line}{os.fsdecode(lines.MARK)}",
        ) from None


def _add(session: Session, found: State, line: str, *, yes: bool) -> None:
    file = ask.plain(found.file)
    before = rcfile.read(found.file)
    rcfile.check_end(found.file, before)
    rcfile.check_owner(found.file, before)
    ask.say(f"{file} gets the line\n  {ask.plain(line + lines.MARK.decode())}")
    remark = startup.remark(found.shell, session.environ)
    if remark:
        ask.say(f"devkeys: {ask.plain(remark)}")
    if not yes and not _agreed("Add it?", "install"):
        raise UsageError("nothing was changed")
    hookfiles.keep(session.data_dir, found.shell)
    data = lines.add(lines.take(before.data, found.shell), os.fsencode(line))
    rcfile.replace(found.file, before, data)
    ask.say(
        f"devkeys: installed. Shells that start from now on have the hook; devkeys hook uninstall "
        f"{found.shell} takes it away"
    )


def uninstall(session: Session, shell: str, *, yes: bool) -> None:
    """Take the line and the copy of *shell*'s hook away, if the user agrees."""
    found = state(session, shell)
    file = ask.plain(found.file)
    if found.lines:
        before = rcfile.read(found.file)
        shown = "\n".join(f"  {ask.plain(line)}" for line in found.lines)
        ask.say(f"{file} loses the line\n{shown}")
        if not yes and not _agreed("Take it away?", "uninstall"):
            raise UsageError("nothing was changed")
        take_line(found, before)
    elif found.trouble:
        ask.say(f"devkeys: {ask.plain(found.trouble)}")
    copied = hookfiles.drop(session.data_dir, shell)
    for number in found.by_hand:
        ask.say(f"devkeys: {file}:{number} loads the hook by hand, and is left as it is")
    if found.lines or copied:
        ask.say(
            "devkeys: taken away. A shell that is open keeps the hook until it ends; "
            "DEVKEYS_HOOK=off there turns it off"
        )
    elif not found.by_hand:
        ask.say(f"devkeys: there is no hook in {file}")


def take_line(found: State, before: rcfile.Content) -> None:
    """Take our lines out of the start-up file; fish's own for us goes when nothing is left."""
    try:
        rcfile.check_owner(found.file, before)
    except DevkeysError as error:
        hint = "take the line away by hand; it does nothing where devkeys is gone"
        raise DevkeysError(f"{error}; it was left as it is", hint=hint) from None
    data = lines.take(before.data, found.shell)
    if data or found.shell != "fish" or os.path.islink(found.file):
        rcfile.replace(found.file, before, data)
    else:
        os.unlink(found.file)


def _agreed(question: str, command: str) -> bool:
    if not ask.at_terminal():
        raise UsageError(
            "there is no terminal to ask at; nothing was changed",
            hint=f"devkeys hook {command} --yes does it without asking",
        )
    return ask.confirm(question, default=True)
