"""`devkeys store recovery-key`: a second key to every file, printed once and kept by the user.

make -> prove -> print -> "is it kept?" -> every file is sealed to it -> the record names it
"""

import sys

from devkeys import ask, passphrase
from devkeys.errors import DevkeysError, StoreError, UsageError
from devkeys.flows.store import exportfile, finishing, installed
from devkeys.flows.store.exportfile import Target
from devkeys.lock import locked
from devkeys.session import Session
from devkeys.store import layout, recovery, rekeying

ABOUT = """\
A recovery key opens the store when its own key is gone: a deleted keychain item, a new machine
with nothing but a backup. It is printed once, and only its passphrase opens it. Keep the text
and the passphrase apart from this machine, in two places."""


def make(session: Session, *, to: str | None, place: str | None, yes: bool) -> None:
    """Make a recovery key, in place of an earlier one; print it, or write it to the file *to*.

    *place* is a file with its passphrase.
    """
    record = installed.existing(session)
    target = exportfile.look(to, replace=False) if to is not None else None
    if not yes and not ask.at_terminal():
        raise UsageError(
            "there is no terminal to ask whether the recovery key is kept; nothing was changed",
            hint="--yes says that it is",
        )
    ask.say(ABOUT)
    if target is not None:
        exportfile.warn_of_git(target, session, yes=yes)
    if record.recovery:
        ask.say("The one that was printed before will open nothing any more.")
    finishing.finish_rekey(session)
    found = installed.opened(session)
    made = recovery.make(passphrase.choose("the recovery key", place))
    _hand_out(made.text, target)
    if not yes and not _is_kept():
        if target is not None:
            ask.say(f"devkeys: {ask.plain(target.path)} opens nothing; remove it")
        raise UsageError(
            "the recovery key was not put to use; nothing was changed",
            hint="devkeys store recovery-key makes another",
        )
    with locked(layout.lock_path(session.data_dir)):
        rekeying.check_same(session.data_dir, found.record)
        with finishing.unfinished("devkeys store recovery-key"):
            count = recovery.change(session.data_dir, found.keys, made.recipient)
    ask.say(
        f"devkeys: the recovery key opens the store, {count} file{'s' * (count != 1)} of values; "
        "devkeys store recover uses it"
    )


def _hand_out(text: bytes, target: Target | None) -> None:
    if target is None:
        sys.stdout.buffer.write(text if text.endswith(b"\n") else text + b"\n")
        sys.stdout.buffer.flush()
        return

    def check(written: bytes) -> None:
        if written != text:
            raise StoreError(
                f"{target.path} does not read back as it was written", hint="check the disk"
            )

    exportfile.place(target, text, check)
    ask.say(f"devkeys: {ask.plain(target.path)} is the recovery key; move it off this machine")


def _is_kept() -> bool:
    answer = ask.line("Is it kept, and the passphrase too? Then type yes:")
    return answer.strip().lower() == "yes"


def remove(session: Session, *, yes: bool) -> None:
    """Let no recovery key open the store any more."""
    if not installed.existing(session).recovery:
        raise StoreError(
            "the store has no recovery key", hint="devkeys store recovery-key makes one"
        )
    installed.agreed(
        "Without a recovery key, losing the store's key loses every value for good. Remove it?",
        yes=yes,
    )
    finishing.finish_rekey(session)
    found = installed.opened(session)
    with locked(layout.lock_path(session.data_dir)):
        rekeying.check_same(session.data_dir, found.record)
        with finishing.unfinished("devkeys store repair"):
            recovery.change(session.data_dir, found.keys, "")
    ask.say("devkeys: no recovery key opens the store any more; earlier backups it still does")


def offer(session: Session) -> None:
    """Offer one to whoever has just made a store at a terminal."""
    ask.say(
        "devkeys: the store is new. Without a recovery key the loss of its key, a deleted keychain "
        "item or a lost file, is final: nobody opens the values again"
    )
    later = "devkeys: devkeys store recovery-key makes one later"
    if not ask.confirm("Make a recovery key now, a text to print or to keep elsewhere?"):
        ask.say(later)
        return
    try:
        make(session, to=None, place=None, yes=False)
    except DevkeysError as error:  # what init has still to do is not to suffer from it
        ask.say(f"devkeys: {ask.plain(str(error))}\n{later}")
