"""What `run` gets from providers; imported only when there is a reference to be followed."""

from collections.abc import Mapping, Sequence

from devkeys import ask, keychain, providers, references
from devkeys.errors import DevkeysError
from devkeys.plan import Plan
from devkeys.project import find, user
from devkeys.project.find import Checkout
from devkeys.providers.caller import Caller
from devkeys.run.outer import callers_environment
from devkeys.run.turns import turn
from devkeys.secret import Secret
from devkeys.session import Session

Answers = Mapping[str, Secret | DevkeysError | None]


def caller_of(session: Session, checkout: Checkout, *, limit: float) -> Caller:
    """Return who asks the providers of *checkout*, for at most *limit* seconds (0: for ever)."""
    return Caller(
        callers_environment(session),
        session.home,
        checkout.directory,
        outside=None if checkout.root == session.home else checkout.root,
        limit=limit,
        interactive=ask.at_terminal(),
        credentials=user.read(session.config_dir).credentials,
        read_keychain=lambda service, account: keychain.read(service, account, limit=limit),
        own=(session.data_dir, session.state_dir),
    )


def ask_providers(
    session: Session, plan: Plan, asked: Sequence[str], *, file: str | None
) -> Answers:
    """Return what the providers say of each of *asked*, references that were agreed to.

    *file* is the declaration file that was named, if one was. Each provider is asked once,
    and one after the other, so that no two of them prompt at the same time.
    """
    checkout, _ = find.here(file, session.home)
    caller = caller_of(session, checkout, limit=plan.wait)
    answers: dict[str, Secret | DevkeysError | None] = {}
    groups: dict[str, list[str]] = {}
    for reference in asked:
        groups.setdefault(references.scheme_of(reference), []).append(reference)
    for scheme, group in groups.items():
        known = references.describe(scheme)
        if known.prompts:
            with turn(session, scheme, doing=f"that asks {known.title}"):
                answers |= providers.get_many(group, caller)
        else:
            answers |= providers.get_many(group, caller)
    return answers
