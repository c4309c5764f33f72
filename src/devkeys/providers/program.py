"""Any other `NAME://...`: an executable `devkeys-provider-NAME` on PATH; see docs/providers.md.

One process for all references. They and a value to be written go through stdin, for argv and
the environment can be read by every process of the user.
"""

import base64
import json
from collections.abc import Mapping, Sequence

from devkeys.errors import UsageError
from devkeys.providers import Answer, Diagnosis, child
from devkeys.providers.caller import Caller
from devkeys.providers.errors import ProgramMissingError, ProviderError, UnreachableError
from devkeys.providers.program_answers import (
    ABSENT,
    Answers,
    ImproperError,
    UnsupportedError,
    read,
)
from devkeys.references import SCHEMES, Reference
from devkeys.secret import Secret

PROTOCOL = 1


class Program:
    """The program that reads references of *scheme*.

    It has the methods of every protocol; whether it can write, list or be looked at is known
    only by asking it: what it cannot is a UsageError.
    """

    def __init__(self, scheme: str, caller: Caller) -> None:
        self._scheme = scheme
        self._caller = caller
        self._name = f"devkeys-provider-{scheme}"

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Ask the program, once, for all of *asked*."""
        if not asked:
            return {}
        try:
            answers = self._ask("get", asked)
        except UnsupportedError:
            raise self._improper("it does not know the action get") from None
        return {reference: self._answer(answers, reference) for reference in asked}

    def _answer(self, answers: Answers, reference: Reference) -> Answer:
        outcome = answers.outcomes[str(reference)]
        if isinstance(outcome, bytes):
            return Secret(outcome)
        return outcome if isinstance(outcome, ProviderError) else None

    def check_writable(self, reference: Reference) -> None:
        """Raise UsageError if the program does not write, ProviderError if it could not now."""
        self._change("writable", reference)

    def set(self, reference: Reference, secret: Secret) -> None:
        """Have the program put *secret* there."""
        self._change("set", reference, secret.reveal())

    def delete(self, reference: Reference) -> bool:
        """Have the program take the value away; False if there was none."""
        return self._change("delete", reference)

    def _change(self, action: str, reference: Reference, value: bytes | None = None) -> bool:
        try:
            outcome = self._ask(action, [reference], value).outcomes[str(reference)]
        except UnsupportedError:
            raise UsageError(
                f"{self._name} cannot {'delete' if action == 'delete' else 'write'}",
                hint=f"change the value where {self._scheme}:// leads, by its own means",
            ) from None
        if isinstance(outcome, ProviderError):
            raise outcome
        return outcome is not ABSENT

    def get_all(self, source: Reference) -> Mapping[str, Secret] | None:
        """Return all values at *source*; UsageError if the program cannot list."""
        try:
            answers = self._ask("list", [source])
        except UnsupportedError:
            raise UsageError(
                f"{self._name} cannot read all values of an item at once",
                hint="write a reference for each variable",
            ) from None
        outcome = answers.outcomes.get(str(source))
        if isinstance(outcome, ProviderError):
            raise outcome
        if outcome is ABSENT:
            return None
        return {name: Secret(value) for name, value in answers.named.items()}

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return what the program says of itself; nothing if it does not know how."""
        try:
            answers = self._ask("check", asked)
        except UnsupportedError:
            return Diagnosis()
        except ProviderError as error:
            return Diagnosis(error=error)
        outcomes = {reference: answers.outcomes[str(reference)] for reference in asked}
        errors = [outcome for outcome in outcomes.values() if isinstance(outcome, ProviderError)]
        readable = {
            one: outcome if isinstance(outcome, bool) else None for one, outcome in outcomes.items()
        }
        return Diagnosis(answers.version, answers.account, readable, errors[0] if errors else None)

    def _ask(self, action: str, asked: Sequence[Reference], value: bytes | None = None) -> Answers:
        """Return what the program answers; raise UnsupportedError or a ProviderError."""
        texts = [str(reference) for reference in asked]
        request = {
            "protocol": PROTOCOL,
            "action": action,
            "references": texts,
            "interactive": self._caller.interactive and action != "check",
        }
        if value is not None:
            request["value"] = base64.b64encode(value).decode()
        done = child.run(self._call(request), self._caller)
        if done.code != 0:
            raise self._improper(f"it ended with code {done.code}")
        try:
            return read(done.output, action, texts, scheme=self._scheme, sent=value or b"")
        except ImproperError as error:
            raise self._improper(str(error)) from None
        except UnsupportedError as error:
            if error.protocols and PROTOCOL not in error.protocols:
                raise self._other_protocol(error.protocols) from None
            raise

    def _call(self, request: Mapping[str, object]) -> child.Call:
        program = self._caller.find(self._name)
        if program is None:
            raise self._missing()
        environ = self._caller.environment(self._scheme)
        return child.Call([program], environ, json.dumps(request).encode() + b"\n")

    def _missing(self) -> ProgramMissingError:
        from difflib import get_close_matches

        near = " or ".join(f"{one}://" for one in get_close_matches(self._scheme, SCHEMES, n=2))
        guess = f"did you mean {near}? else " if near else ""
        return ProgramMissingError(
            f"{self._scheme}:// is asked through {self._name}, which is not on PATH",
            hint=f"{guess}install the program {self._name}, or take the reference out: "
            f"{self._scheme}:// is none of devkeys' own",
        )

    def _improper(self, why: str) -> UnreachableError:
        return UnreachableError(
            f"{self._name} gave no proper answer: {why}",
            hint=f"give {self._name} a request by hand, as docs/providers.md shows",
        )

    def _other_protocol(self, protocols: tuple[int, ...]) -> UnreachableError:
        newer = min(protocols) > PROTOCOL
        return UnreachableError(
            f"{self._name} speaks the protocol {', '.join(map(str, protocols))}, "
            f"this devkeys {PROTOCOL}",
            hint=f"update {'devkeys' if newer else self._name}",
        )
