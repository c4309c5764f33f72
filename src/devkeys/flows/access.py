"""Asking one provider from a flow: by one devkeys at a time, and with a word if it takes long."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from devkeys import references
from devkeys.flows.here import Here
from devkeys.providers.caller import Caller
from devkeys.providers.waiting import waiting_for
from devkeys.run import asking
from devkeys.run.turns import turn


def caller_of(here: Here) -> Caller:
    """Return who asks: the user in the project of *here*, for as long as the user waits."""
    return asking.caller_of(here.session, here.checkout, limit=here.project().user.wait)


@contextmanager
def access(here: Here, scheme: str, caller: Caller) -> Iterator[None]:
    """Have the provider of *scheme* to oneself, if it prompts; say that it is waited for."""
    known = references.describe(scheme)
    with ExitStack() as stack:
        if known.prompts:
            stack.enter_context(turn(here.session, scheme, doing=f"that asks {known.title}"))
        stack.enter_context(waiting_for(known.title, limit=caller.limit))
        yield
