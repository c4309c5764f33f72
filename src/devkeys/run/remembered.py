"""Values of remote providers that are kept for a time, where the user wants that (`cache`).

look -> wait for whoever asks the same -> look again -> ask -> keep

Providers are imported only if one is asked. A kept value that still holds is used without
a word; an old one only where nobody answers, and said aloud. What a provider denies or no
longer has is forgotten at once.
"""

import time
from collections.abc import Iterable, Mapping, Sequence

from devkeys import fingerprint, references
from devkeys.errors import DevkeysError
from devkeys.opening import open_store, with_either
from devkeys.plan import Plan
from devkeys.run.outer import callers_environment
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import remote
from devkeys.store.remote import Kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from devkeys.run.asking import Answers
    from devkeys.store.identity import Identity

STALE = 7 * 86400  # seconds after which nobody's silence makes an old value good


class Memory:
    """What is kept for the plan's project and profile."""

    def __init__(self, session: Session, plan: Plan) -> None:
        self._session, self._plan = session, plan
        self._environ = callers_environment(session)
        self._contexts: dict[str, str] = {}
        self._kept: dict[tuple[str, str], Kept] = {}
        self._unread: str | None = None

    def load(self) -> None:
        """Read what is kept now; a file that cannot be read is none, and said aloud."""
        session, plan = self._session, self._plan
        self._kept = {}
        try:
            opened = open_store(session, confirm=plan.confirm)
            found = opened and with_either(session, opened, self._read)
        except DevkeysError as error:
            if str(error) != self._unread:  # three times it is looked at, in one run
                self._unread = str(error)
                _say(f"what is kept of remote values cannot be used: {error}")
            return
        self._kept = {(one.reference, one.context): one for one in found or ()}

    def _read(self, opened: "Identity") -> list[Kept]:
        plan = self._plan
        return remote.read(self._session.data_dir, plan.project, plan.profile, opened)

    def fresh(self, reference: str, *, since: float = 0.0) -> Secret | None:
        """Return the value that still holds and was taken after *since*; None without one."""
        one = self._find(reference)
        now = time.time()
        if one is None or not since <= one.taken <= now:
            return None
        return one.value if now < min(one.until, one.taken + self._plan.cache) else None

    def stale(self, reference: str) -> Kept | None:
        """Return what was kept, if it is not too old to be used where nobody answers."""
        one = self._find(reference)
        return one if one is not None and 0 <= time.time() - one.taken < STALE else None

    def _find(self, reference: str) -> Kept | None:
        return self._kept.get((reference, self._context(reference)))

    def _context(self, reference: str) -> str:
        """Return a digest of what decides which server and account *reference* is asked of."""
        scheme = references.scheme_of(reference)
        if scheme not in self._contexts:
            prefixes = references.describe(scheme).steered or (_prefix(scheme),)
            facts = [
                f"{name}={value}".encode("utf-8", "surrogateescape")
                for name, value in sorted(self._environ.items())
                if name.startswith(prefixes) and name not in _PASSING
            ]
            self._contexts[scheme] = fingerprint.digest(*facts)
        return self._contexts[scheme]

    def keep(self, values: Mapping[str, Secret], gone: Iterable[str]) -> None:
        """Keep *values*, taken now, and forget what is *gone* or too old for any use."""
        now = int(time.time())
        self.load()  # another profile's context may have been added meanwhile
        before = dict(self._kept)
        for reference in gone:
            self._kept.pop((reference, self._context(reference)), None)
        for reference, value in values.items():
            context = self._context(reference)
            until = now + self._plan.cache
            self._kept[reference, context] = Kept(reference, context, now, until, value)
        left = {key: one for key, one in self._kept.items() if now - one.taken < STALE}
        if left != before:
            self._write(left.values())

    def _write(self, kept: Iterable[Kept]) -> None:
        from devkeys.keep import opened_for

        session, plan = self._session, self._plan
        try:
            opened = opened_for(session, plan.project, plan.profile, confirm=plan.confirm)
            remote.write(session.data_dir, plan.project, plan.profile, opened, kept)
        except DevkeysError as error:
            _say(f"remote values could not be kept: {error}")


# A session's token changes and leads to the same vault.
_PASSING = frozenset(("BW_SESSION", "VAULT_TOKEN", "BAO_TOKEN", "AWS_SESSION_TOKEN"))


def _prefix(scheme: str) -> str:
    return scheme.upper().replace("-", "_").replace(".", "_") + "_"


def ask(
    session: Session, plan: Plan, asked: Sequence[str], *, file: str | None, refresh: bool
) -> "Answers":
    """Return what is kept of *asked*, and what the providers say of the rest.

    *refresh* asks them for all.
    """
    began = time.time() if refresh else 0.0
    memory = Memory(session, plan)
    memory.load()
    lasting = [one for one in asked if references.describe(references.scheme_of(one)).remote]
    answers = _recalled(memory, lasting, since=began)
    if len(answers) == len(asked):
        return answers
    from devkeys.run.asking import ask_providers
    from devkeys.run.turns import turn

    with turn(session, plan.project, plan.profile, doing="that asks for the same values"):
        if len(answers) < len(lasting):
            memory.load()  # whoever was waited for has kept what it got
            answers |= _recalled(memory, lasting, since=began)
        left = [one for one in asked if one not in answers]
        found = dict(ask_providers(session, plan, left, file=file)) if left else {}
        _note(memory, {one: found[one] for one in left if one in lasting})
    return {**answers, **_with_stale(memory, found)}


def _recalled(
    memory: Memory, asked: Sequence[str], *, since: float
) -> dict[str, Secret | DevkeysError | None]:
    values = {reference: memory.fresh(reference, since=since) for reference in asked}
    return {reference: value for reference, value in values.items() if value is not None}


def _note(memory: Memory, found: "Answers") -> None:
    from devkeys.providers.errors import DeniedError, RevokedError

    no = (DeniedError, RevokedError)
    values = {reference: one for reference, one in found.items() if isinstance(one, Secret)}
    gone = [r for r, answer in found.items() if answer is None or isinstance(answer, no)]
    if values or gone:
        memory.keep(values, gone)


def _with_stale(memory: Memory, found: "Answers") -> dict[str, Secret | DevkeysError | None]:
    """Put old values where nobody answered, and say so."""
    from devkeys.providers.errors import UnreachableError

    answers = dict(found)
    used: dict[str, list[str]] = {}
    for reference, answer in found.items():
        old = memory.stale(reference) if isinstance(answer, UnreachableError) else None
        if old is not None:
            answers[reference] = old.value
            when = f"taken {_age(time.time() - old.taken)} ago"
            used.setdefault(f"{answer}; OLD VALUES are used, {when}", []).append(reference)
    for reason, names in used.items():
        _say(f"{reason}: {', '.join(names)}")
    return answers


def _age(seconds: float) -> str:
    units = (("h", 3600), ("min", 60), ("s", 1))
    unit, size = next((pair for pair in units if seconds >= pair[1]), units[-1])
    return f"{seconds / size:.0f} {unit}"


def forget(session: Session, project: str, profile: str) -> None:
    """Forget all that is kept for one profile of a project: something was written there."""
    remote.forget(session.data_dir, project, profile)


def _say(text: str) -> None:
    from devkeys.ask import say

    say(f"devkeys: {text}")
