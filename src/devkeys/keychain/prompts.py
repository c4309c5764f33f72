"""Let the Secret Service show its own dialogs, and wait for what the user does with them.

Not on the way of `run` unless the item is locked. keyring is not asked to do this: it looks
into the default collection only, so that a locked item elsewhere would be "not there".
"""

from devkeys.errors import KeychainError
from devkeys.keychain import wire
from devkeys.keychain.dbus import BUS, Bus
from devkeys.keychain.errors import KeychainLockedError
from devkeys.keychain.secretservice import ROOT, SECRETS, SERVICE
from devkeys.keychain.waiting import LIMIT, Patience
from devkeys.keychain.writer import Writer

_PROMPT = "org.freedesktop.Secret.Prompt"
_NONE = "/"


def unlock(bus: Bus, path: str, *, limit: float = LIMIT) -> None:
    """Unlock the item or collection *path*; the service asks its user where it has to.

    Raise KeychainLockedError if that was dismissed, KeychainTimeoutError after *limit* seconds
    without a terminal.
    """
    bus.patience = Patience(limit, locked=True)
    body = Writer()
    body.paths([path])
    reply = bus.answer(bus.send((SECRETS, ROOT, SERVICE, "Unlock"), "ao", bytes(body.data)), "aoo")
    unlocked = reply.paths()
    prompt = reply.path()
    reply.done()
    if prompt == _NONE and path not in unlocked:
        raise _locked()
    complete(bus, prompt, limit=limit)


def complete(bus: Bus, prompt: str, *, limit: float = LIMIT) -> None:
    """Show the prompt with the path *prompt*, `/` for none, and wait until it is completed."""
    if prompt == _NONE:
        return
    bus.patience = Patience(limit, locked=True)
    _listen(bus, f"path='{prompt}',interface='{_PROMPT}',member='Completed'")
    _listen(bus, f"sender='{BUS}',member='NameOwnerChanged',arg0='{SECRETS}'")
    body = Writer()
    body.string("")
    bus.answer(bus.send((SECRETS, prompt, _PROMPT, "Prompt"), "s", bytes(body.data)), "")
    while True:
        message = bus.signal()
        if message.member == "NameOwnerChanged":
            raise KeychainError(
                "the keychain's service went away while it asked",
                hint="start it again, then repeat the command",
            )
        if message.member == "Completed" and message.path == prompt:
            break
    if message.signature != "bv":
        raise wire.malformed("it is not of the expected type")
    if message.body.number():
        raise _locked()


def _listen(bus: Bus, rule: str) -> None:
    body = Writer()
    body.string(f"type='signal',{rule}")
    bus.send((BUS, "/org/freedesktop/DBus", BUS, "AddMatch"), "s", bytes(body.data))


def _locked() -> KeychainLockedError:
    return KeychainLockedError(
        "the keychain is locked, and its dialog was dismissed or could not be shown",
        hint="unlock it at the desktop (Passwords and Keys, KWallet), then try again",
    )
