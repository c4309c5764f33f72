"""What `run` gets from providers; imported only when there is a reference to be followed."""

from collections.abc import Mapping, Sequence

from devkeys import ask, fingerprint, keychain, providers
from devkeys.errors import DevkeysError
from devkeys.plan import Plan
from devkeys.project import config, find
from devkeys.project.find import Checkout
from devkeys.providers.caller import Caller
from devkeys.run import marker
from devkeys.run.outer import callers_environment
from devkeys.secret import Secret
from devkeys.session import Session

Answers = Mapping[str, Secret | DevkeysError | None]


def caller_of(session: Session, checkout: Checkout, *, limit: float) -> Caller:
    """Return who asks the providers of *checkout*, for at most *limit* seconds (0: for ever)."""
    environ = session.environ
    if marker.VARIABLE in environ:
        environ = callers_environment(session, fingerprint.tag_key(session.state_dir))
    return Caller(
        environ,
        session.home,
        checkout.directory,
        outside=None if checkout.root == session.home else checkout.root,
        limit=limit,
        interactive=ask.at_terminal(),
        credentials=config.read_user(session.config_dir).credentials,
        read_keychain=lambda service, account: keychain.read(service, account, limit=limit),
        own=(session.data_dir, session.state_dir),
    )


def ask_providers(
    session: Session, plan: Plan, references: Sequence[str], *, file: str | None
) -> Answers:
    """Return what the providers say of each of *references*, which were agreed to.

    *file* is the declaration file that was named, if one was.
    """
    checkout, _ = find.here(file, session.home)
    return providers.get_many(references, caller_of(session, checkout, limit=plan.wait))
