"""`devkeys store export`: the values in one encrypted file, for another machine or a backup.

choose -> open -> show -> passphrase or recipients -> encrypt -> write -> read back -> name

Never unencrypted. Consent, counters and kept values of providers stay: they are this machine's.
"""

import os
import sys
from collections.abc import Collection, Sequence
from functools import partial
from typing import NamedTuple

from devkeys import ask, files, passphrase
from devkeys.errors import DevkeysError, StoreError, UsageError
from devkeys.flows.store import exportfile
from devkeys.flows.store.collecting import Trouble, chosen, collect
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import bundle, envelope
from devkeys.store.bundle import Bundle

STDOUT = "-"
SHORT = 12  # characters; fewer can be tried out by whoever has the file
GUESSABLE = (
    f"It has fewer than {SHORT} characters. Whoever gets the file can try as many passphrases as "
    "they like; four or five words that nobody would say are hard to find."
)


class Lock(NamedTuple):
    """How the file is encrypted: *recipients*, or the *passphrase*, typed if that is None."""

    recipients: Sequence[str]
    passphrase_file: str | None


def export(
    session: Session,
    file: str,
    *,
    projects: Collection[str],
    profile: str | None,
    lock: Lock,
    armor: bool,
    force: bool,
    skip_unreadable: bool,
    with_names: bool,
    yes: bool,
) -> None:
    """Write what is stored of *projects* and *profile*, of all if none is named, into *file*."""
    target = _target(file, armor=armor, force=force)
    if lock.recipients:
        envelope.seal_for_others(b"", lock.recipients)  # a wrong one is said before all else
    pairs = chosen(session, projects, profile)
    made, troubles = collect(session, pairs)
    _check_troubles(troubles, skip=skip_unreadable)
    if not made.parts:
        raise DevkeysError("there is no value to export", hint="see devkeys list --all")
    plain = bundle.encode(made)
    if len(plain) > bundle.LIMIT:
        raise DevkeysError(
            f"the export would take {len(plain)} bytes; at most {bundle.LIMIT} are read again",
            hint="export the projects apart, with --project",
        )
    _show(made, troubles, with_names=with_names)
    if target is not None:
        exportfile.warn_of_git(target, session, yes=yes)
    _write(target, plain, lock, armor=armor)
    _tell(target, made, lock)


def recipients_in(path: str) -> list[str]:
    """Return the recipients that the file *path* lists, one a line."""
    data = files.read_regular(path)
    if data is None:
        raise UsageError(f"there is no file {path}", hint="name one with a recipient a line")
    lines = (line.strip() for line in data.decode(errors="replace").splitlines())
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise UsageError(f"{path} lists no recipient", hint="one a line: age1... or ssh-...")
    return found


def _target(file: str, *, armor: bool, force: bool) -> exportfile.Target | None:
    if file != STDOUT:
        return exportfile.look(file, replace=force)
    if os.isatty(1) and not armor:
        raise UsageError(
            "an encrypted file is no text for a terminal",
            hint="--armor makes it text; or redirect the output, or name a file",
        )
    return None


def _check_troubles(troubles: Sequence[Trouble], *, skip: bool) -> None:
    if not troubles or skip:
        return
    raise StoreError(
        "not everything can be read, and nothing was exported\n" + "\n".join(map(_line, troubles)),
        hint="devkeys store verify looks closer; --skip-unreadable exports the rest",
    )


def _line(trouble: Trouble) -> str:
    what = f", {trouble.what}" if trouble.what else ""
    return f"  {ask.plain(trouble.project)} ({trouble.profile}){what}: {ask.plain(trouble.why)}"


def _show(made: Bundle, troubles: Sequence[Trouble], *, with_names: bool) -> None:
    ask.say("The export holds")
    for part in made.parts:
        confirmed = ", to be confirmed at each use" if part.confirmed else ""
        more = f" and {in_number(len(part.former), 'earlier value')}" if part.former else ""
        count = in_number(len(part.values.values), "value")
        ask.say(f"  {ask.plain(part.project)} ({part.profile}): {count}{more}{confirmed}")
        if with_names:
            ask.say("\n".join(f"    {ask.plain(name)}" for name in sorted(part.values.values)))
    if troubles:
        ask.say("and not, as it cannot be read,\n" + "\n".join(map(_line, troubles)))
    ask.say("Consent, skips and what is kept of providers' values stay on this machine.")


def in_number(count: int, noun: str) -> str:
    """Return *count* things in words."""
    return f"{count} {noun}{'s' * (count != 1)}"


def _write(target: exportfile.Target | None, plain: bytes, lock: Lock, *, armor: bool) -> None:
    """Encrypt *plain* and put it in its place, after it was read back from there."""
    if lock.recipients:
        sealed = envelope.seal_for_others(plain, lock.recipients, armored=armor)
        check = partial(_check_same, sealed=sealed)
    else:
        word = _passphrase(lock.passphrase_file)
        sealed = envelope.seal_with(plain, word, armored=armor)
        check = partial(_check_opens, plain=plain, word=word)
    if target is not None:
        exportfile.place(target, sealed, check)
        return
    check(sealed)
    try:
        sys.stdout.buffer.write(sealed)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise DevkeysError(
            f"cannot write the export: {files.reason(error)}", hint="check what stdout leads to"
        ) from None


def _check_same(read: bytes, sealed: bytes) -> None:
    if read != sealed:
        raise _wrong()


def _check_opens(read: bytes, plain: bytes, word: Secret) -> None:
    try:
        same = envelope.unseal_with(read, word) == plain
    except envelope.DamagedError:
        same = False
    if not same:
        raise _wrong()


def _wrong() -> StoreError:
    return StoreError(
        "what was written does not read back as it was given; nothing was exported",
        hint="check the disk, or name a file on another one",
    )


def _passphrase(place: str | None) -> Secret:
    """Return the passphrase to encrypt with; one that is typed and short is asked for again."""
    try:
        word = passphrase.choose("the export", place)
        if _is_short(word):
            ask.say(GUESSABLE)
            word = word if place is not None else passphrase.choose("the export")
    except UsageError as error:
        hint = "--passphrase-file FILE names one, --recipient age1... needs none"
        raise UsageError(str(error), hint=hint) from None
    return word


def _is_short(word: Secret) -> bool:
    return len(word.reveal().decode(errors="replace")) < SHORT


def _tell(target: exportfile.Target | None, made: Bundle, lock: Lock) -> None:
    values = sum(len(part.values.values) for part in made.parts)
    projects = len({part.project for part in made.parts})
    count = f"{in_number(values, 'value')} of {in_number(projects, 'project')}"
    where = "stdout" if target is None else ask.plain(target.path)
    if lock.recipients:
        ask.say(
            f"devkeys: wrote {count} to {where}; only the recipients can see whether it opens: "
            "devkeys store import --dry-run --identity FILE, with their key"
        )
    else:
        ask.say(f"devkeys: wrote {count} to {where}, decrypted it again, and found them all")
    ask.say("devkeys: on the other machine: devkeys store import FILE; then remove the file")
