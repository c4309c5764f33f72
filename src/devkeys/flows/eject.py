"""`devkeys eject`: the way out, this project's stored values in a plain `.env`.

choose -> quote -> show -> ask twice -> ignore -> write -> tell

References are not followed: that would copy the team's password manager into a file, and they
stay in the declaration file. What the environment holds is not written, and the store keeps all.
"""

import os
import shlex
from collections.abc import Collection, Mapping

from devkeys import allow, ask
from devkeys.declaration.filling import differing, fill
from devkeys.declaration.quoting import Quoted, UnfitError, quote
from devkeys.errors import DevkeysError, UsageError
from devkeys.flows import plainfile
from devkeys.flows.departing import Chosen, choose
from devkeys.flows.here import Here
from devkeys.flows.init import dotenv_of
from devkeys.flows.plainfile import Target
from devkeys.plan import option
from devkeys.plan.compile import Project
from devkeys.project.find import working_directory

RISK = (
    "It will be plain text: whoever reads the disk, a backup of it, or an image that is made of "
    "this directory has the keys."
)


def eject(here: Here, *, to: str | None, skip: Collection[str], yes: bool) -> None:
    """Write the project's values into the file *to*, all but those of *skip*, asking twice."""
    if not yes and not ask.at_terminal():
        raise UsageError(
            "there is no terminal to ask at; nothing was written",
            hint="--yes writes the values into a plain file without asking",
        )
    record = here.record
    if record is None:
        raise DevkeysError(
            f"nothing is stored for {here.checkout.directory}",
            hint="devkeys list --all shows what is stored",
        )
    project = here.project()
    target = plainfile.look(_path(here, project, to), here.session)
    fill(target.data or b"", {}, path=target.path)  # an error if it is no text
    chosen = choose(here, project, record, target.data or b"")
    name = allow.name_of(record, here.checkout)
    quoted = _quoted(chosen, skip, name, here.profile)
    values = {name: value.reveal() for name, value in chosen.values.items() if name in quoted}
    before = target.data or b""
    new = dict.fromkeys(differing(before, values)) if before else dict.fromkeys(values)
    data = fill(before, {name: quoted[name] for name in new}, path=target.path)
    _show(here, name, target, chosen, quoted, new)
    if new:
        _confirm(name, yes=yes)
        _write(target, data, values, new)
    _tell(here, target)


def _path(here: Here, project: Project, to: str | None) -> str:
    path = dotenv_of(here) if to is None else os.path.join(working_directory(), to)
    read = {os.path.realpath(known) for known, _ in project.inputs}
    if os.path.realpath(path) in read:
        raise UsageError(
            f"{path} is what devkeys reads, and belongs into git; no value is written there",
            hint="name another file: --to FILE",
        )
    return path


def _quoted(chosen: Chosen, skip: Collection[str], project: str, profile: str) -> dict[str, Quoted]:
    """Return how each value is written; raise if any cannot be that is not to be skipped."""
    strange = [name for name in skip if name not in chosen.values]
    if strange:
        raise UsageError(
            f"nothing would be written for {', '.join(map(ask.plain, strange))}",
            hint="leave out --skip for it",
        )
    if not chosen.values:
        raise DevkeysError(
            f"nothing is stored for {ask.plain(project)} ({profile}) that could be written",
            hint=f"devkeys status{option(profile)} shows where its values come from",
        )
    quoted, unfit = {}, []
    for name, value in chosen.values.items():
        if name in skip:
            continue
        try:
            quoted[name] = quote(name, value.reveal())
        except UnfitError as error:
            unfit.append((name, str(error)))
    if unfit:
        raise DevkeysError(
            "no .env file can hold these as they are; nothing was written\n"
            + "\n".join(f"  {ask.plain(name)}: {why}" for name, why in unfit),
            hint=f"{' '.join(f'--skip {ask.plain(name)}' for name, _ in unfit)} writes the others; "
            f"devkeys get{option(profile)} {ask.plain(unfit[0][0])} --reveal gives the value as "
            "it is",
        )
    return quoted


def _show(
    here: Here,
    project: str,
    target: Target,
    chosen: Chosen,
    quoted: Mapping[str, Quoted],
    new: Collection[str],
) -> None:
    """Say what is going to be written, and what is not; names only."""
    title = f"{ask.plain(project)} ({here.profile})"
    same = [name for name in quoted if name not in new]
    if new:
        ask.say(f"devkeys eject writes {_count(new)} of {title} into {ask.plain(target.path)}:")
        _list("", new)
    if same:
        ask.say(f"{ask.plain(target.path)} has {_count(same)} of {title} already:")
        _list("", same)
    _show_special(chosen, quoted, new)
    if new:
        _show_file(target)


def _show_special(chosen: Chosen, quoted: Mapping[str, Quoted], new: Collection[str]) -> None:
    _list("left out:", [name for name in chosen.values if name not in quoted])
    _list("not declared any more:", [name for name in chosen.undeclared if name in new])
    _list("meant as files (@as=file), of which it gets the content:", chosen.paths)
    _list(
        "read differently by a shell that loads the file than by python-dotenv:",
        [name for name in new if not quoted[name].portable],
    )
    _list(
        "not written, they stay references:", [f"{n} ({r})" for n, r in chosen.references.items()]
    )
    _list("not written, as it was not agreed to (devkeys allow):", chosen.disagreed)
    _list("not written, as the store has nothing:", chosen.unknown)


def _show_file(target: Target) -> None:
    if target.data is not None:
        ask.say("The file is there already; what else stands in it stays.")
    if target.open_to_others:
        ask.say(f"Its mode, {target.mode:04o}, loses the rights of others.")
    if not target.ignored:
        ask.say("A line for it is added to .gitignore first.")
    ask.say(RISK)


def _list(title: str, names: Collection[str]) -> None:
    if names:
        lines = ([f"  {title}"] if title else []) + [
            f"  {'  ' if title else ''}{ask.plain(name)}" for name in names
        ]
        ask.say("\n".join(lines))


def _count(names: Collection[str]) -> str:
    return "1 value" if len(names) == 1 else f"{len(names)} values"


def _confirm(project: str, *, yes: bool) -> None:
    if yes:
        return
    if not ask.confirm("Write them there?"):
        raise UsageError("nothing was written")
    if ask.line(f"Type {ask.plain(project)} to go on:") != project:
        raise UsageError(f"that is not {ask.plain(project)}; nothing was written")


def _write(target: Target, data: bytes, values: Mapping[str, bytes], new: Collection[str]) -> None:
    ignoring = plainfile.cover(target)
    if ignoring:
        ask.say(f"devkeys: added {os.path.basename(target.path)} to {ignoring}")
    for left in plainfile.write(target, data, values):
        ask.say(f"devkeys: {left}")
    ask.say(f"devkeys: wrote {_count(new)} into {ask.plain(target.path)}, and read them back")


def _tell(here: Here, target: Target) -> None:
    path, profile = ask.plain(target.path), option(here.profile)
    ask.say(
        f"devkeys: the store still has the values; devkeys forget{profile} removes them for good\n"
        f"devkeys: devkeys doctor reports secrets in {path} from now on (env/plain-text); "
        f"devkeys import{profile} {shlex.quote(path)} --remove takes them in again"
    )
