"""Telling by its command line whether a program talks to its user or runs a script."""

from collections.abc import Sequence

# Options that take no word of their own, among those that are written with two dashes.
_ALONE = frozenset(
    (
        "--login",
        "--no-config",
        "--no-history",
        "--no-rcs",
        "--no-std-lib",
        "--noediting",
        "--noprofile",
        "--norc",
        "--posix",
        "--private",
        "--restricted",
        "--verbose",
    )
)
# What makes a program do something else than to read lines, by the letters of short options.
_BATCH = {"python": "cm", "node": "ep", "psql": "cfl", "mysql": "e"}
# Of these a word that is no option names a database, or a key.
_NAMES_NO_SCRIPT = frozenset(("sqlite3", "psql", "mysql", "redis-cli"))
_TAKES_A_WORD = {"python": "WX", "node": "rC", "fish": "Cdfo", "nushell": "emI"}


def is_interactive(program: str, words: Sequence[str]) -> bool:
    """Tell by the *words* it was started with whether a *program* reads lines from its user.

    Where they do not tell, it does: to name one too many is the smaller mistake.
    """
    batch = _BATCH.get(program, "c")
    takes = _TAKES_A_WORD.get(program, "oO")
    after_option = False
    for word in words[1:]:
        if word == "--interactive":
            return True
        if word.startswith("--") and len(word) > 2:
            if word.partition("=")[0] in ("--command", "--commands", "--eval", "--execute"):
                return program == "nushell" and word.startswith("--execute")
            after_option = "=" not in word and word not in _ALONE
        elif word[:1] in ("-", "+") and len(word) > 1 and word != "--":
            if word[0] == "-" and "i" in word and program not in ("redis-cli", "psql", "mysql"):
                return True
            if word[0] == "-" and any(letter in batch for letter in word[1:]):
                return False
            after_option = word[-1] in takes
        elif after_option or word in ("-", "--") or program in _NAMES_NO_SCRIPT:
            after_option = False
        else:
            return False
    return True
