"""`init` offers what a team's password manager has, where somebody is signed in to one.

look around -> which one -> which item -> what it has -> link, copy or neither

Where none is installed, no program is started and no provider imported.
"""

from collections.abc import Mapping, Sequence

from devkeys import ask, references
from devkeys.consent.record import Record
from devkeys.errors import DevkeysError, UsageError
from devkeys.flows import diagnosis, importing
from devkeys.flows.access import caller_of
from devkeys.flows.entry import NAME
from devkeys.flows.here import Here
from devkeys.flows.importing import DROP, Options, remote
from devkeys.flows.importing.report import wrapped
from devkeys.flows.importing.source import Source
from devkeys.flows.linking import link
from devkeys.flows.needs import survey
from devkeys.references import Reference
from devkeys.secret import Secret

PATIENCE = 5.0  # seconds for all of them together
OFFERED = ("op", "bw", "vault", "aws-sm", "pass")  # what teams share values in
LINK, COPY, NEITHER = "link", "copy", "neither"


def offer(here: Here, record: Record) -> frozenset[str]:
    """Offer the providers that somebody is signed in to, if secrets lack values.

    Return the names that the profile's source is now known not to have.
    """
    wanted = [
        need.declared.name
        for need in survey(here, record).wanted
        if need.declared.secret and not need.exported
    ]
    signed_in = _signed_in(here) if wanted else {}
    scheme = _choose(signed_in, len(wanted)) if signed_in else None
    found = _look(here, scheme, wanted) if scheme else None
    if found is None:
        return frozenset()
    source, values = found
    lacking = [name for name in wanted if name not in values]
    answer = ask.choose(
        f"[l]ink the profile {here.profile} to it in devkeys.toml, for all who have this "
        "repository; [c]opy its values into your own store; or [n]either?",
        (LINK, COPY, NEITHER),
        default=NEITHER,
    )
    if answer == COPY:
        values = {name: value for name, value in values.items() if NAME.fullmatch(name)}
        importing.take_in(here, Source(b"", source, remote=values), Options(undeclared=DROP))
    if answer == LINK and link(here, source):
        return frozenset(lacking)
    return frozenset()


def _signed_in(here: Here) -> dict[str, str]:
    """Return the account of each provider that somebody is signed in to."""
    caller = caller_of(here)
    schemes = [scheme for scheme in OFFERED if diagnosis.is_here(scheme, caller)]
    answers = diagnosis.look_at({scheme: [] for scheme in schemes}, caller, patience=PATIENCE)
    return {
        scheme: found.account
        for scheme, (found, _) in answers.items()
        if found.account and found.error is None
    }


def _choose(signed_in: Mapping[str, str], count: int) -> str | None:
    """Return which of *signed_in* may have the values; None for none."""
    schemes = [scheme for scheme in OFFERED if scheme in signed_in]
    lines = [
        f"  {number} {references.describe(scheme).title} ({signed_in[scheme]})"
        for number, scheme in enumerate(schemes, start=1)
    ]
    secrets = "1 secret has" if count == 1 else f"{count} secrets have"
    ask.say("\n".join([f"{secrets} no value. Signed in here:", *map(ask.plain, lines)]))
    while True:
        answer = ask.line("Which of them has the values? (its number; Enter for none)").strip()
        if not answer:
            return None
        if answer in schemes:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= len(schemes):
            return schemes[int(answer) - 1]
        ask.say("please answer one of the numbers, or nothing")


def _look(
    here: Here, scheme: str, wanted: Sequence[str]
) -> tuple[str, Mapping[str, Secret]] | None:
    """Ask for an item until one has any of *wanted*; return it with its values, None for none."""
    example = remote.example_of(scheme)
    while True:
        answer = ask.line(f"Where? (an item or path such as {example}; Enter for none)").strip()
        if not answer:
            return None
        try:
            source = _source(answer, scheme)
            values = remote.ask_all(here, source)
        except DevkeysError as error:
            ask.say(f"devkeys: {error}")
            if error.hint:
                ask.say(f"devkeys: hint: {error.hint}")
            continue
        if values is None:
            ask.say(f"There is nothing at {source}.")
        elif _show(str(source), values, wanted):
            return str(source), values


def _source(answer: str, scheme: str) -> Reference:
    text = answer if "://" in answer else f"{scheme}://{answer}"
    source = references.parse_source(text)
    if source.scheme != scheme:
        raise UsageError(f"that is not in {references.describe(scheme).title}")
    return source


def _show(source: str, values: Mapping[str, Secret], wanted: Sequence[str]) -> bool:
    """Show which of *wanted* are in *values*, by name; tell whether any is."""
    has = [name for name in wanted if name in values]
    lacks = [name for name in wanted if name not in values]
    if not has:
        ask.say(f"{source} has none of the names that are wanted. It has")
        ask.say(wrapped([ask.plain(name) for name in values]) if values else "    nothing")
        return False
    ask.say(f"{source} has\n{wrapped(has)}")
    if lacks:
        ask.say(f"and has not\n{wrapped(lacks)}")
    return True
