"""`devkeys doctor --fix`: what is to be done, each step shown and asked before it is done.

What is only in one place is brought into the store before anything is taken away.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from devkeys import ask
from devkeys.errors import DevkeysError, UsageError
from devkeys.flows.doctor import remedies
from devkeys.flows.doctor.report import frame, hide, short
from devkeys.flows.doctor.scope import Scope
from devkeys.scan.finding import Finding
from devkeys.scan.search import Search


class Step(NamedTuple):
    """One thing to do: a *question* of yes or no, *details* about it, and how it is done.

    *do* yields what there is to say of it afterwards.
    """

    question: str
    details: tuple[str, ...]
    do: Callable[[], Iterator[str]]


def steps(asked: Scope, findings: Sequence[Finding], search: Search, *, yes: bool) -> list[Step]:
    """Return what can be done about *findings*, in the order in which it is safe.

    With *yes* no step asks anything while it is done.
    """
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        if finding.remedy is not None:
            groups.setdefault((finding.remedy.action, finding.remedy.path), []).append(finding)
    return [
        _step(action, remedies.Job(path, tuple(groups[action, path]), asked, search, yes))
        for action, path in sorted(groups, key=lambda group: remedies.ORDER.index(group[0]))
    ]


def _step(action: str, job: remedies.Job) -> Step:
    where = short(job.path, frame(job.asked))
    if os.path.islink(job.path):
        where += f", a link to {short(os.path.realpath(job.path), frame(job.asked))}"
    where = ask.plain(hide(where, job.search.hits))
    details = tuple(dict.fromkeys(finding.what for finding in job.found))
    remedy = remedies.REMEDIES[action]
    return Step(remedy.question.format(where), details, lambda: _shown(remedy.do(job), job))


def _shown(said: Iterable[str], job: remedies.Job) -> Iterator[str]:
    """Yield what was *said*, without a value that a file's name holds."""
    return (hide(line, job.search.hits) for line in said)


def carry_out(todo: Sequence[Step], *, yes: bool) -> None:
    """Do each of *todo* that the user agrees to; what fails is said, and the rest goes on."""
    if not yes and not ask.at_terminal():
        raise UsageError(
            "there is nobody to ask whether to go on",
            hint="devkeys doctor --fix --yes does every step; without --fix it shows them",
        )
    for number, step in enumerate(todo, 1):
        ask.say(f"\nStep {number} of {len(todo)}")
        for detail in step.details:
            ask.say(f"  {ask.plain(detail)}")
        if yes:
            ask.say(f"{step.question} yes")
        elif not ask.confirm(step.question):
            continue
        _do(step)


def _do(step: Step) -> None:
    try:
        for said in step.do():
            for line in said.splitlines():
                ask.say(f"  {ask.plain(line)}")
    except DevkeysError as error:
        ask.say(f"devkeys: error: {ask.plain(str(error))}")
        if error.hint:
            ask.say(f"devkeys: hint: {ask.plain(error.hint)}")
