"""atuin's history: taken out so that neither a rebuild nor a synchronisation brings it back.

atuin deletes what a search finds, and the search would stand in the process list. So the commands
are first replaced by a word that nobody else uses, in the database; then atuin is told to delete
that word, and notes the deletion for the other machines.
"""

import os

from devkeys.history import Holds, Outcome, database, erasing, tools

_FORMAT = "atuin"


def scrub(path: str, holds: Holds) -> Outcome:
    """Take the commands that *holds* out of the history.db at *path*, and have atuin forget them.

    HistoryError as in `erasing.scrub`.
    """
    word = f"devkeys-removed-{os.urandom(8).hex()}"
    outcome = erasing.scrub(path, _FORMAT, holds, instead=word)
    if not outcome.removed:
        return outcome
    return outcome._replace(left=(*outcome.left, *_forgotten(path, word), _records(path)))


def _forgotten(path: str, word: str) -> tuple[str, ...]:
    """Have atuin delete *word*; return what is left to do, empty if it did."""
    words = ["search", "--delete", "--search-mode", "full-text", "--filter-mode", "global", word]
    program = tools.find("atuin")
    if program:
        # Outside of a shell with atuin there is no session, and any will do.
        environ = {"ATUIN_SESSION": os.urandom(16).hex()} | os.environ
        tools.ask([program, *words], environ=environ | {"ATUIN_DB_PATH": os.path.abspath(path)})
        marked = [entry for entry in database.entries(path, _FORMAT) if word.encode() in entry.text]
        if not marked:
            return ()
    why = "did not delete it" if program else "is not on PATH"
    comes_back = "a rebuild or a synchronisation may bring it back"
    step = f"where atuin is, type: atuin {' '.join(words)}"
    return (f"{path}: the command is gone, but atuin {why}, and {comes_back}; {step}",)


def _records(path: str) -> str:
    records = os.path.join(os.path.dirname(path), "records.db")
    return (
        f"{records}, and atuin's server if you synchronise, keep an encrypted copy; the key to it "
        f"is in {os.path.join(os.path.dirname(path), 'key')}"
    )
