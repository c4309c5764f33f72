"""How it stands with providers: each looked at, all at once, no value read, nobody asked.

Only references that were agreed to are looked up. A provider that no reference leads to is
looked at as such.
"""

import os
import queue
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from devkeys import processes, references
from devkeys.errors import DevkeysError
from devkeys.flows.access import caller_of
from devkeys.flows.here import Here
from devkeys.keychain.state import probe
from devkeys.plan import AGREED, WANTED
from devkeys.plan import Variable as Planned
from devkeys.providers import DiagnosableProvider, Diagnosis, open_provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import LockedError, ProviderError, UnreachableError
from devkeys.providers.waiting import waiting_for
from devkeys.references import MalformedError, Reference
from devkeys.secret import Secret

# What tells that a provider is used on this machine: one of its programs, or a variable.
TRACES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "op": (("op",), ("OP_CONNECT_HOST",)),
    "bw": (("bw", "rbw"), ()),
    "pass": (("pass", "passage", "gopass"), ()),
    "keepassxc": (("keepassxc-cli",), ()),
    "vault": (("vault", "bao"), ("VAULT_ADDR", "BAO_ADDR")),
    "aws-sm": (("aws",), ("AWS_PROFILE", "AWS_ACCESS_KEY_ID")),
    "aws-ssm": (("aws",), ("AWS_PROFILE", "AWS_ACCESS_KEY_ID")),
    "sops": (("sops",), ()),
}
_PROGRAM = "devkeys-provider-"


class Use(NamedTuple):
    """One variable that a provider has: *readable* is None where that is not known."""

    name: str
    reference: str
    wanted: bool
    allowed: bool
    readable: bool | None = None


class Health(NamedTuple):
    """How it stands with one provider, and *seconds* that it took to say so.

    *diagnosis* is None if it was not asked, for nothing of it is allowed, or did not answer
    in time.
    """

    scheme: str
    uses: tuple[Use, ...]
    diagnosis: Diagnosis | None = None
    seconds: float = 0.0

    @property
    def title(self) -> str:
        """What users call the provider."""
        return references.describe(self.scheme).title

    @property
    def error(self) -> ProviderError | None:
        """What keeps it from being asked."""
        return self.diagnosis.error if self.diagnosis else None

    @property
    def works(self) -> bool:
        """Whether every wanted variable can be had of it, as far as that is known."""
        return self.error is None and all(
            use.allowed and use.readable is not False for use in self.uses if use.wanted
        )


def of_profile(
    here: Here, *, patience: float | None = None, among: Collection[str] | None = None
) -> list[Health]:
    """Look at the providers that this profile's references lead to.

    *among* are the only variables that matter, if not all; *patience* is how many seconds
    an answer may take, if not as long as the user's configuration has it.
    """
    plan = here.plan(here.project(), here.record)
    groups: dict[str, list[Use]] = {}
    for variable in plan.variables:
        if variable.reference is not None and (among is None or variable.name in among):
            scheme = references.scheme_of(variable.reference)
            groups.setdefault(scheme, []).append(_use(variable, variable.reference))
    allowed = {
        scheme: [parsed for use in uses if use.allowed and (parsed := _parsed(use.reference))]
        for scheme, uses in groups.items()
    }
    asked = {scheme: parsed for scheme, parsed in allowed.items() if parsed}
    answers = look_at(asked, caller_of(here), patience=patience)
    return [_health(scheme, uses, answers.get(scheme)) for scheme, uses in groups.items()]


def of_machine(here: Here) -> list[Health]:
    """Look at every provider that is found on this machine."""
    caller = caller_of(here)
    schemes = [*(scheme for scheme in TRACES if is_here(scheme, caller)), *_programs(caller)]
    answers = look_at({scheme: [] for scheme in schemes}, caller)
    found = [_health(scheme, (), answers.get(scheme)) for scheme in schemes]
    return [health for health in found if health.error is None or health.error.kind != "missing"]


def is_here(scheme: str, caller: Caller) -> bool:
    """Tell whether the provider of *scheme*, one of TRACES, is used on this machine."""
    programs, variables = TRACES[scheme]
    return caller.find(*programs) is not None or any(map(caller.environ.get, variables))


def _programs(caller: Caller) -> list[str]:
    """Return the schemes of third parties' programs on PATH."""
    schemes: dict[str, None] = {}
    for directory in caller.environ.get("PATH", os.defpath).split(os.pathsep):
        try:
            names = sorted(os.listdir(directory)) if os.path.isabs(directory) else []
        except OSError:
            continue
        for name in names:
            scheme = name.removeprefix(_PROGRAM)
            if name.startswith(_PROGRAM) and scheme not in references.SCHEMES:
                known = _parsed(f"{scheme}://x") is not None and caller.find(name) is not None
                schemes |= {scheme: None} if known else {}
    return list(schemes)


def _use(variable: Planned, reference: str) -> Use:
    wanted, allowed = bool(variable.flags & WANTED), bool(variable.flags & AGREED)
    return Use(variable.name, reference, wanted, allowed)


def _parsed(text: str) -> Reference | None:
    try:
        return references.parse(text)
    except MalformedError:
        return None


def _health(scheme: str, uses: Sequence[Use], answer: tuple[Diagnosis, float] | None) -> Health:
    if answer is None:
        return Health(scheme, tuple(uses))
    diagnosis, seconds = answer
    readable = {str(reference): found for reference, found in diagnosis.readable.items()}
    seen = [
        use._replace(readable=readable.get(use.reference) if _parsed(use.reference) else False)
        if use.allowed
        else use
        for use in uses
    ]
    return Health(scheme, tuple(seen), diagnosis, seconds)


def look_at(
    asked: Mapping[str, Sequence[Reference]], caller: Caller, *, patience: float | None = None
) -> dict[str, tuple[Diagnosis, float]]:
    """Return what each provider of *asked*, by its scheme, says of itself, and how long it took.

    One that takes longer than *patience* is left out.
    """
    if patience is not None:
        caller = caller._replace(limit=patience)
    caller = caller._replace(interactive=False, read_keychain=_reader(caller))
    done: queue.SimpleQueue[tuple[str, Diagnosis, float] | Exception] = queue.SimpleQueue()

    def work(scheme: str, group: Sequence[Reference]) -> None:
        began = time.monotonic()
        try:
            done.put((scheme, _diagnose(scheme, group, caller), time.monotonic() - began))
        except Exception as error:  # noqa: BLE001  # a fault of ours: the main thread raises it
            done.put(error)

    # Daemons: neither a library that hangs nor Ctrl-C has to wait for them.
    for scheme, group in asked.items():
        threading.Thread(
            target=work, args=(scheme, list(dict.fromkeys(group))), daemon=True
        ).start()
    titles = [references.describe(scheme).title for scheme in asked]
    with waiting_for(", ".join(titles), limit=caller.limit):
        return _collect(done, len(asked), patience)


def _collect(
    done: "queue.SimpleQueue[tuple[str, Diagnosis, float] | Exception]",
    count: int,
    patience: float | None,
) -> dict[str, tuple[Diagnosis, float]]:
    # What has a limit of its own says so itself, a moment later.
    until = None if patience is None else time.monotonic() + patience + 1
    found: dict[str, tuple[Diagnosis, float]] = {}
    try:
        while len(found) < count:
            left = None if until is None else max(0.0, until - time.monotonic())
            try:
                answer = done.get(timeout=left)
            except queue.Empty:
                break
            if isinstance(answer, Exception):
                raise answer
            found[answer[0]] = answer[1:]
    finally:
        if len(found) < count:
            processes.end_children()
    return found


def _diagnose(scheme: str, asked: Sequence[Reference], caller: Caller) -> Diagnosis:
    try:
        provider = open_provider(scheme, caller)
        if isinstance(provider, DiagnosableProvider):
            return provider.diagnose(asked)
        return Diagnosis()
    except ProviderError as error:
        return Diagnosis(error=error)
    except DevkeysError as error:
        return Diagnosis(error=UnreachableError(str(error), hint=error.hint))


def _reader(caller: Caller) -> Callable[[str, str], Secret | None]:
    """Return the caller's way to the keychain, which opens none that is locked."""

    def read(service: str, account: str) -> Secret | None:
        state = probe()
        if state.kind == "absent":
            return None
        if state.kind in ("unlocked", "present"):
            return caller.read_keychain(service, account)
        raise LockedError(
            f"its credential is in the keychain, which is {state.kind}",
            hint="unlock the keychain",
        )

    return read
