"""`devkeys set NAME --to REF`: a value goes to a provider, and not into the store.

refuse -> ask -> write -> read back -> forget what was kept -> say what is still to be done
"""

import shlex
from collections.abc import Sequence

from devkeys import ask, references
from devkeys.consent.asks import reference_of
from devkeys.declaration.classify import Variable
from devkeys.errors import DevkeysError, UsageError
from devkeys.flows import entry
from devkeys.flows.access import access, caller_of
from devkeys.flows.assign import mention_consent, understand, value_of
from devkeys.flows.here import Here
from devkeys.plan import DEFAULT_PROFILE, option
from devkeys.plan.compile import Project, overlay_of
from devkeys.providers import Answer, WritableProvider, open_provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import ProviderError
from devkeys.references import MalformedError, Reference
from devkeys.run import remembered
from devkeys.secret import Secret
from devkeys.whereabouts import Notes


def write_value(here: Here, words: Sequence[str], specification: str | None, to: str) -> None:
    """Write what `set *words*` says to the reference *to*; see `assign.set_value`.

    Whatever speaks against it is said before the value is asked for.
    """
    project = here.project()
    wish = understand(project, words, specification)
    name = wish.variable.name
    reference = _parse(to, name)
    caller = caller_of(here)
    provider = _writable(here, reference, name, caller)
    value, source = value_of(wish)
    _check(value, name)
    with access(here, reference.scheme, caller):
        try:
            provider.set(reference, value)
        finally:  # whatever became of it, what was kept of it may be old now
            remembered.forget(here.session, here.plan(project, here.record).project, here.profile)
        _read_back(provider, reference, value, name)
    if source == entry.GENERATED:
        ask.say(f"devkeys: generated {name} and wrote it to {reference}")
    else:
        ask.say(f"devkeys: wrote {name} to {reference}")
    _say_what_is_left(here, project, wish.variable, str(reference))


def _parse(text: str, name: str) -> Reference:
    try:
        return references.parse(text)
    except MalformedError as error:
        try:
            references.parse_source(text)
        except MalformedError:
            raise error from None
        raise UsageError(
            f"{text} holds many values, and {name} is one",
            hint=f"--to {shlex.quote(references.join(text, name))}",
        ) from None


def _writable(here: Here, reference: Reference, name: str, caller: Caller) -> WritableProvider:
    """Return the provider of *reference*; raise unless it can be written to."""
    provider = open_provider(reference.scheme, caller)
    if not isinstance(provider, WritableProvider):
        raise UsageError(
            f"devkeys cannot write to {reference.scheme}:// references; nothing was changed",
            hint=f"put the value there by hand; devkeys set {name} keeps one in your own store",
        )
    with access(here, reference.scheme, caller):
        provider.check_writable(reference)
    return provider


def _check(value: Secret, name: str) -> None:
    if b"\0" in value.reveal():
        raise UsageError(
            f"the value of {name} contains a NUL byte, which no environment can hold",
            hint="encode it, for instance with base64; nothing was changed",
        )


def _read_back(provider: WritableProvider, reference: Reference, value: Secret, name: str) -> None:
    """Raise unless *value* is at *reference* now."""
    found: Answer
    try:
        found = provider.get_many([reference]).get(reference)
    except ProviderError as error:
        found = error
    if isinstance(found, ProviderError):
        raise DevkeysError(
            f"{name} was written to {reference}, but cannot be read back: {found}",
            hint=found.hint,
        )
    if found != value:
        raise DevkeysError(
            f"what was written to {reference} does not read back as it was given",
            hint="keep the value where you have it, and look at what is there now",
        )


def _say_what_is_left(here: Here, project: Project, variable: Variable, reference: str) -> None:
    """Say what keeps `run` from giving commands what was written."""
    name, record = variable.name, here.record
    own = reference_of(variable, project.source)
    if own != reference:
        path = project.path
        if here.profile != DEFAULT_PROFILE:
            path = overlay_of(path, here.profile)
        instead = f" instead of {own}" if own else ""
        ask.say(
            f"devkeys: hint: write {name}={reference} into {path}, so that devkeys run reads "
            f"it there{instead}"
        )
    kept = Notes(here.session.data_dir, here.plan(project, record)).of(name)
    if kept is not None:
        ask.say(
            f"devkeys: hint: the value that is stored for {kept[0]} comes before it; "
            f"devkeys unset{option(here.profile)} {name} takes that away"
        )
    if own == reference:
        mention_consent(here, project, record, name)
