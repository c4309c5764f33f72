"""What rows of `devkeys store` have in common.

The passphrases are in the files `phrase` (the store's), `chosen` (a new one) and `wrong`.
"""

from canary.playing import Scenario

PHRASE = {"DEVKEYS_PASSPHRASE_FILE": "../phrase"}
WRONG = {"DEVKEYS_PASSPHRASE_FILE": "../wrong"}
ON_3 = {"DEVKEYS_PASSPHRASE_FD": "3"}
OWN_PROMPT, NEW_PROMPT, AGAIN = "passphrase of the store:", "new passphrase", "once more:"
NEW = ((NEW_PROMPT, "{chosen}\r"), (AGAIN, "{chosen}\r"))
OLD = (OWN_PROMPT, "{phrase}\r")
THREE_WRONG = ((OWN_PROMPT, "{wrong}\r"),) * 3
CHOSEN = "--passphrase-file ../chosen"
# Without the system calls that keep keys, as in a container; with no room for another.
REFUSED = "--inject=add_key,keyctl:error=EPERM"
NO_ROOM = "--inject=add_key:error=EDQUOT"


def of_store(name: str, words: str, *more: object, **options: object) -> Scenario:
    """Make a row of `devkeys store WORDS`, headless unless it says that it is about keychains."""
    if not options.get("keychain"):
        options.setdefault("only", "headless")
    return Scenario(name, ("store", *words.split()), *more, **options)  # type: ignore[arg-type]
