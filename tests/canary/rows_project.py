"""Rows of the table: import, init, run, allow, deny, skip, forget."""

from canary.playing import Scenario
from canary.situations import (
    broken_dotenv,
    damaged,
    fresh,
    locked,
    open_to_all,
    refusing,
    too_large,
    typed_dotenv,
    with_broken_dotenv,
    with_dotenv,
    without_values,
)
from canary.stage import Stage
from canary.watching import DATA, ENVIRONMENT, Allowed
from canary.ways import (
    AS_PATH,
    FULL,
    MANAGERS,
    MEMORY,
    PROVIDER,
    RUN,
)
from command import DEVKEYS

IMPORT = (
    Scenario(
        "import-stdin", ("import", "-", "--yes"), text=True, given=typed_dotenv, keychain=True
    ),
    Scenario("import-file", ("import", ".env"), before=with_dotenv),
    Scenario("import-remove", ("import", ".env", "--remove"), before=with_dotenv),
    Scenario(
        "import-overwrite", ("import", "-", "--overwrite", "--yes"), text=True, given=typed_dotenv
    ),
    Scenario("import-provider", ("import", "fake://", "--yes"), 2, others=PROVIDER),
    Scenario(
        "import-undeclared",
        ("import", "-", "--undeclared", "declare"),
        text=True,
        given=lambda stage: b"OTHER_KEY" + stage.typed.dotenv.removeprefix(b"SPARE_KEY"),
    ),
    Scenario("import-broken", ("import", "-", "--yes"), 2, given=broken_dotenv),
    Scenario("import-broken-file", ("import", ".env"), 2, before=with_broken_dotenv),
    Scenario("import-wrong", ("import", "{canary}"), 2, allowed=(AS_PATH,)),
    Scenario(
        "import-full-disk",
        ("import", "-", "--yes"),
        3,
        text=True,
        given=typed_dotenv,
        strace=(FULL,),
    ),
    Scenario("init", ("init", "--yes", "--from", "-"), 3, before=fresh, given=Stage.dotenv),
    Scenario("init-dotenv", ("init", "--yes"), before=with_dotenv),
    Scenario(
        "init-prompt",
        ("init",),
        typed=(
            ("Allow", "y\r"),
            ("PLAIN_KEY (1", ""),
            ("PLAIN_KEY:", "{canary}\r"),
            ("QUOTED_KEY:", "\x03"),
        ),
        before=fresh,
        code=130,
        others=MANAGERS,
    ),
)
RUNS = (
    Scenario("run", ("run", "--", "true"), allowed=RUN, keychain=True, others=PROVIDER),
    Scenario(
        "run-only",
        ("run", "--only", "PEM_KEY", "--", "true"),
        allowed=(Allowed(ENVIRONMENT, "true", frozenset(["PEM_KEY"])),),
    ),
    Scenario("run-clean", ("run", "--clean", "--", "true"), allowed=RUN, others=PROVIDER),
    Scenario(
        "run-output",
        ("run", "--only", "PEM_KEY", "--", "env"),
        allowed=(Allowed(ENVIRONMENT, "env"), Allowed(DATA, "stdout")),
    ),
    Scenario(
        "run-nested",
        ("run", "--", *DEVKEYS, "run", "--", "true"),
        keychain=True,
        allowed=(*RUN, Allowed(ENVIRONMENT, "devkeys")),
        others=PROVIDER,
    ),
    Scenario(
        "run-shell",
        ("run", "--", "sh", "-c", 'echo "$PEM_KEY" | cat'),
        allowed=(Allowed(ENVIRONMENT, "sh"), MEMORY),
        others=PROVIDER | {"sh", "cat"},
    ),
    Scenario(
        "run-fails",
        ("run", "--", "false"),
        1,
        allowed=(Allowed(ENVIRONMENT, "false"), MEMORY),
        others=PROVIDER,
    ),
    Scenario(
        "run-not-found",
        ("run", "--", "no-such-program"),
        127,
        "not found",
        allowed=(MEMORY,),
        others=PROVIDER,
    ),
    Scenario("run-missing", ("run", "--", "true"), 125, before=without_values, others=PROVIDER),
    Scenario(
        "run-too-large", ("run", "--", "true"), 125, before=too_large, allowed=RUN, others=PROVIDER
    ),
    Scenario("run-damaged", ("run", "--", "true"), 125, before=damaged, others=PROVIDER),
    Scenario("run-open-to-all", ("run", "--", "true"), 125, before=open_to_all, others=PROVIDER),
    Scenario("run-refused", ("run", "--", "true"), 125, before=refusing, others=PROVIDER),
    Scenario(
        "run-locked", ("run", "--", "true"), 125, before=locked, only="keychain", others=PROVIDER
    ),
    Scenario(
        "run-no-memory",
        ("run", "--", "true"),
        125,
        strace=("--inject=memfd_create:error=ENOSYS",),
        others=PROVIDER,
    ),
    Scenario(
        "run-memory-unsealed",
        ("run", "--", "true"),
        None,
        strace=("--inject=fcntl:error=EPERM",),
        allowed=RUN,
        others=PROVIDER,
    ),
    Scenario("run-wrong-option", ("run", "--{canary}", "--", "true"), 125),
    Scenario(
        "run-wrong-profile",
        ("run", "-p", "{canary}", "--", "true"),
        None,
        allowed=(AS_PATH,),
    ),
    Scenario("run-wrong-name", ("run", "--only", "{canary}", "--", "true"), 125),
)
CONSENT = (
    Scenario("allow", ("allow", "--yes"), before=fresh),
    Scenario("allow-show", ("allow", "--show")),
    Scenario("deny", ("deny",)),
    Scenario("skip", ("skip", "SPARE_KEY")),
    Scenario("skip-wrong", ("skip", "{canary}"), 2),
    Scenario("forget", ("forget", "--yes"), keychain=True),
    Scenario("forget-all", ("forget", "--all", "--yes"), keychain=True),
    Scenario("forget-refused", ("forget",), 2),
)
