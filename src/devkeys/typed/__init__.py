"""What was typed at a prompt: whether it holds a secret that must not stay in the history.

The shell's own hook (`shell/`) tells at once, by built-ins, that a command cannot hold one:
nearly all cannot. What is left comes here. `suspicion.py` says what the shells look for, and a
test holds them to: whatever is found here, they suspect.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from devkeys.scan import rules
from devkeys.typed.assignments import secret_given
from devkeys.typed.inputs import secret_on_input
from devkeys.typed.options import secret_option
from devkeys.typed.programs import secret_for_a_program
from devkeys.typed.values import TooMany
from devkeys.typed.wording import shown_name

# How a user records one command on purpose, in the words of each shell.
ON_PURPOSE = re.compile(r"\s*(?:var |\$)?DEVKEYS_HOOK *= *['\"]?off['\"]?(?:[ ;]|$)")


class Found(NamedTuple):
    """What was found: *what* in words, never its value; *name* is a variable's, if it has one."""

    what: str
    name: str | None = None


def judge(text: str, shell: str, declared: Collection[str]) -> Found | None:
    """Return the secret that *text*, typed in *shell*, holds; None if it may be recorded.

    *declared* are names of secrets that would not be taken for such by their names.
    """
    if ON_PURPOSE.match(text):
        return None
    try:
        return _judge(text, shell, declared)
    except TooMany:
        return Found("more than can be looked at")


def _judge(text: str, shell: str, declared: Collection[str]) -> Found | None:
    name = secret_given(text, shell, declared)
    if name is not None:
        shown = shown_name(name)
        return Found(f"the value of {shown or 'a variable'}", shown)
    what = secret_option(text) or secret_for_a_program(text) or secret_on_input(text)
    if what is not None:
        return Found(what)
    rule = rules.first(text)
    return Found(rule.title) if rule else None
