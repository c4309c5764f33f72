"""What `init` says of the providers that the declared references lead to."""

from devkeys import ask
from devkeys.flows import diagnosis
from devkeys.flows.diagnosis import Health
from devkeys.flows.here import Here
from devkeys.flows.status import survey
from devkeys.plan import option
from devkeys.whereabouts import REFERENCE, SOURCE

PATIENCE = 5.0  # seconds


def are_providers_ready(here: Here) -> bool:
    """Say who is signed in, or what is to be done; tell whether commands can get the values.

    Names that the environment or the store has a value for need no provider.
    """
    rows = survey(here).rows
    names = {row.declared.name for row in rows if row.place in (REFERENCE, SOURCE)}
    if not names:
        return True
    found = diagnosis.of_profile(here, patience=PATIENCE, among=names)
    answers = [_say(health) for health in found]
    ready = all(answers)
    if not ready:
        ask.say(
            f"devkeys: not ready yet; devkeys status{option(here.profile)} --providers tests "
            "it again"
        )
    return ready


def _say(health: Health) -> bool:
    if health.diagnosis is None:
        if not any(use.allowed for use in health.uses):
            return True  # it is for `allow` to say
        ask.say(f"devkeys: {health.title} did not answer within {PATIENCE:g} s")
        return True
    if health.error is not None:
        ask.say(f"devkeys: {ask.plain(str(health.error))}")
        if health.error.hint:
            ask.say(f"devkeys: hint: {health.error.hint}")
        return False
    if health.diagnosis.account:
        ask.say(f"devkeys: {health.title}: signed in, {ask.plain(health.diagnosis.account)}")
    lacking = [use for use in health.uses if use.wanted and use.readable is False]
    for use in lacking:
        ask.say(f"devkeys: {use.name} cannot be read at {ask.plain(use.reference)}")
    return not lacking
