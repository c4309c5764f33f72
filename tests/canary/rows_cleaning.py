"""Rows of the table: doctor, hook, completion, and what is no command."""

from canary.playing import Scenario
from canary.situations import (
    damaged,
    typed_line,
    typed_value,
    with_leaks,
    with_rcfile,
)
from canary.ways import (
    GIT,
    LOOKED_AT,
    RCFILE,
)

DOCTOR = (
    Scenario(
        "doctor", ("doctor",), 1, before=with_leaks, allowed=(LOOKED_AT,), others=GIT, keychain=True
    ),
    Scenario(
        "doctor-json",
        ("doctor", "--json", "--home"),
        1,
        before=with_leaks,
        allowed=(LOOKED_AT,),
        others=GIT,
    ),
    Scenario(
        "doctor-sarif",
        ("doctor", "--sarif"),
        1,
        before=with_leaks,
        allowed=(LOOKED_AT,),
        others=GIT,
    ),
    Scenario(
        "doctor-git",
        ("doctor", "--git-history"),
        1,
        before=with_leaks,
        allowed=(LOOKED_AT,),
        others=GIT,
    ),
    Scenario(
        "doctor-fix",
        ("doctor", "--fix", "--yes"),
        1,
        before=with_leaks,
        allowed=(LOOKED_AT, *RCFILE),
        others=GIT,
    ),
    Scenario(
        "doctor-value",
        ("doctor", "--value-from-stdin"),
        1,
        before=with_leaks,
        allowed=(LOOKED_AT,),
        given=typed_value,
        others=GIT,
    ),
    Scenario(
        "doctor-accept",
        ("doctor", "--accept", "all"),
        0,
        before=with_leaks,
        allowed=(LOOKED_AT,),
        others=GIT,
    ),
    Scenario("doctor-damaged", ("doctor",), 1, before=damaged, others=GIT),
    Scenario("doctor-wrong", ("doctor", "--explain", "{canary}"), 2),
    Scenario("doctor-wrong-name", ("doctor", "--name", "{canary}"), 3),
)
SHELLS = (
    Scenario("hook-check", ("hook", "check", "bash"), 1, given=typed_line),
    Scenario("hook-check-wrong", ("hook", "check", "{canary}"), 1, given=typed_line),
    Scenario(
        "hook-install", ("hook", "install", "bash", "--yes"), before=with_rcfile, allowed=RCFILE
    ),
    Scenario("hook-wrong", ("hook", "{canary}"), 2),
    Scenario("completion", ("completion", "bash")),
    Scenario(
        "complete",
        (),
        env={"_DEVKEYS_COMPLETE": "complete_bash", "COMP_WORDS": "devkeys get ", "COMP_CWORD": "2"},
    ),
    Scenario("no-command", ("{canary}",), 2),
    Scenario("no-option", ("--{canary}",), 2),
    Scenario(
        "full-output", ("status", "--json"), strace=("--inject=write:error=ENOSPC:when=1",), code=3
    ),
)
