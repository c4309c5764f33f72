"""A consent record as text: one line per fact, each fact in JSON so that no byte breaks it."""

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from devkeys import atomic, files
from devkeys.consent import HEADER, path_of
from devkeys.errors import DevkeysError
from devkeys.lock import locked

PLANS_KEPT = 32  # branches and profiles of one repository that stay compiled
DIGITS = 15  # of a format's number; what is longer is damage
_FACTS = ("identity", "path", "remote", "project")


class Agreed(NamedTuple):
    """One thing that was agreed: what a variable may be, in one profile of one project.

    *details* say how (`secret`, `from op://...`, `@as=file`): a change of any is new.
    """

    relative: str
    profile: str
    name: str
    details: tuple[str, ...]


class Record(NamedTuple):
    """What the user agreed to for one repository.

    *identity* proves which repository this is, *path* is where it was last seen.
    *project* is the name that its values are stored under. *plans* maps a plan's location
    to its digest, oldest first.
    """

    identity: str
    path: str
    remote: str | None
    project: str
    agreed: frozenset[Agreed] = frozenset()
    plans: Mapping[str, str] = {}


class DamagedRecordError(DevkeysError):
    """A consent record that cannot be read; nothing counts as agreed."""


def read(data_dir: str, identity: str) -> Record | None:
    """Return the record of the repository *identity*, or None if nothing was agreed yet."""
    return _read_file(path_of(data_dir, identity))


def _read_file(path: str) -> Record | None:
    data = files.read_private(path)
    if data is None:
        return None
    if not data.startswith(HEADER):
        _check_format(path, data)
        raise _damaged(path)
    try:
        record = _parse(data)
        # One that was copied here would give this repository another one's values.
        belongs = os.path.basename(path_of("", record.identity)) == os.path.basename(path)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _damaged(path) from None
    if not belongs:
        raise _damaged(path)
    return record


def _check_format(path: str, data: bytes) -> None:
    kind, _, number = data.partition(b"\n")[0].decode("ascii", "replace").partition(" ")
    if kind == "devkeys-consent" and number.isdecimal() and len(number) <= DIGITS:
        raise DevkeysError(
            f"{path} was written by a newer devkeys (format {number})",
            hint="upgrade devkeys; the file was left as it is",
        )


def _damaged(path: str) -> DamagedRecordError:
    return DamagedRecordError(
        f"the consent record {path} is damaged",
        hint="devkeys deny removes it, devkeys allow then writes it anew; no value is lost",
    )


def _parse(data: bytes) -> Record:
    """Return the record that `_format` makes *data* of; raise one of many errors if it does not."""
    facts: dict[str, Any] = {}
    agreed = set()
    plans = {}
    for line in data.decode("ascii").splitlines()[1:]:
        word, _, rest = line.partition(" ")
        if word == "plan":
            location, _, digest = rest.partition(" ")
            plans[location] = digest
        elif word == "agreed":
            relative, profile, name, details = json.loads(rest)
            agreed.add(Agreed(relative, profile, name, tuple(details)))
        else:
            facts[word] = json.loads(rest)
    identity, path, remote, project = (facts[word] for word in _FACTS)
    texts = [identity, path, remote or "", project]
    texts += [text for fact in agreed for text in (*fact[:3], *fact.details)]
    record = Record(identity, path, remote, project, frozenset(agreed), plans)
    if not all(isinstance(text, str) for text in texts) or _format(record) != data:
        raise ValueError
    return record


def _format(record: Record) -> bytes:
    lines = [f"{word} {json.dumps(value)}" for word, value in zip(_FACTS, record[:4], strict=True)]
    lines += [f"agreed {json.dumps(list(fact))}" for fact in sorted(record.agreed)]
    lines += [f"plan {location} {digest}" for location, digest in record.plans.items()]
    return HEADER + "".join(line + "\n" for line in lines).encode("ascii")


def write(data_dir: str, record: Record) -> None:
    """Keep *record* in place of what was kept for its repository; only under its lock."""
    path = path_of(data_dir, record.identity)
    atomic.make_private_dir(os.path.dirname(path))
    atomic.remove_leftovers(path)
    atomic.write(path, _format(record))


def agree(data_dir: str, record: Record, facts: Iterable[Agreed]) -> Record:
    """Add *facts* to what was agreed for the record's repository, and keep it.

    Another project name than the kept one takes its place, and with it go the old plans.
    """
    path = path_of(data_dir, record.identity)
    atomic.make_private_dir(os.path.dirname(path))
    with locked(path + ".lock"):
        kept = _read_file(path) or record
        plans = kept.plans if kept.project == record.project else {}
        kept = record._replace(agreed=kept.agreed.union(facts), plans=plans)
        write(data_dir, kept)
    return kept


def remember_plan(data_dir: str, identity: str, location: str, digest: str) -> list[str]:
    """Note that the plan at *location* has *digest*; return the locations that fell out."""
    path = path_of(data_dir, identity)
    with locked(path + ".lock"):
        kept = _read_file(path)
        if kept is None:
            return []
        plans = {known: value for known, value in kept.plans.items() if known != location}
        plans[location] = digest
        dropped = list(plans)[:-PLANS_KEPT]
        write(
            data_dir,
            kept._replace(plans={k: v for k, v in plans.items() if k not in dropped}),
        )
    return dropped


def forget_plans(data_dir: str, identity: str) -> list[str]:
    """Forget all plans of a repository; return their locations, to be deleted."""
    path = path_of(data_dir, identity)
    atomic.make_private_dir(os.path.dirname(path))
    with locked(path + ".lock"):
        kept = _read_file(path)
        if kept is None or not kept.plans:
            return []
        write(data_dir, kept._replace(plans={}))
    return list(kept.plans)


def withdraw(
    data_dir: str, identity: str, relative: str | None, *, profile: str | None = None
) -> list[str]:
    """Forget what was agreed for *relative*, or for all of the repository (None).

    With *profile*, only what was agreed for that one. Return the locations of the plans to
    be deleted. The name stays bound to the repository, so that its values are found again
    when it is allowed again.
    """
    path = path_of(data_dir, identity)
    atomic.make_private_dir(os.path.dirname(path))
    with locked(path + ".lock"):
        try:
            kept = _read_file(path)
        except DamagedRecordError:
            atomic.remove(path)
            return []
        if kept is None:
            return []
        rest = frozenset(
            fact
            for fact in kept.agreed
            if relative not in (None, fact.relative) or profile not in (None, fact.profile)
        )
        write(data_dir, kept._replace(agreed=rest, plans={}))
    return list(kept.plans)


def everything(data_dir: str) -> list[Record]:
    """Return every record that can be read, of all repositories."""
    folder = os.path.join(data_dir, "consent")
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:  # to take it for empty would make every name free
        raise DevkeysError(
            f"cannot read {folder}: {files.reason(error)}", hint="check its owner and its mode"
        ) from None
    records = []
    for name in names:
        if name.isalnum():
            try:
                record = _read_file(os.path.join(folder, name))
            except DevkeysError:
                continue
            if record is not None:
                records.append(record)
    return records
